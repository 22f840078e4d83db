/** The page at `/`: built files, the same for everybody. What they show they have to ask for, signed in like anybody else. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { App } from '../../app.ts'
import { HttpError } from '../../errors.ts'

/** Where the build puts the page, for code that runs as it was written and for code that was built. */
export function builtPage(module = import.meta.url): string {
  return fileURLToPath(new URL(module.endsWith('.ts') ? '../../../../dist/web/' : '../../../web/', module))
}

const schema = { hide: true } as const
const config = { scope: 'open' } as const

/**
 * Serves the page from `folder`. Its own file is asked for anew each time; all others bear a hash of what is in them in
 * their names, so that a browser never has to ask for them again.
 */
export async function pageRoutes(app: App, folder: string): Promise<void> {
  const built = existsSync(`${folder}/index.html`)
  if (built) {
    await app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true, cacheControl: false })
  }
  app.get('/', { schema: { ...schema, summary: 'The page' }, config }, async (_request, reply) => {
    if (!built) throw new HttpError(404, 'The page was not built with this program; "npm run build" builds it.')
    return reply.header('cache-control', 'no-cache').sendFile('index.html')
  })
  if (!built) return
  app.get<{ Params: { '*': string } }>(
    '/assets/*',
    { schema: { ...schema, summary: 'Files of the page' }, config },
    async (request, reply) => {
      const path = `assets/${request.params['*']}`
      if (/^assets\/[\w.-]+$/.test(path)) reply.header('cache-control', 'public, max-age=31536000, immutable')
      return reply.sendFile(path)
    },
  )
}
