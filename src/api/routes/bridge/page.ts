/**
 * The page at `/`: built files, the same for everybody. The page itself signs in and asks for its data like any client.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../../app.ts'
import { HttpError } from '../../errors.ts'
import { nothingHere } from '../../routing.ts'

/** The build's output folder of the page, for code running from source and for built code. */
export function builtPage(module = import.meta.url): string {
  return fileURLToPath(new URL(module.endsWith('.ts') ? '../../../../dist/web/' : '../../../web/', module))
}

const schema = { hide: true } as const
const config = { scope: 'open' } as const

/** Endings of the compressed copies that the build has put beside each file, the smallest first. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** Asked for at these addresses, by those who install the page like a program. */
const TO_INSTALL = [
  'manifest.webmanifest',
  'icon-192.png',
  'icon-512.png',
  'icon-maskable.png',
  'apple-touch-icon.png',
] as const

/**
 * Serves the page from `folder`. The HTML file is requested each time; all others but what the page is installed with have a hash of their contents in
 * their names, so browsers can cache them for good.
 */
export function pageRoutes(app: App, folder: string): void {
  const built = existsSync(`${folder}/index.html`)
  app.get('/', { schema: { ...schema, summary: 'The page' }, config }, async (request, reply) => {
    if (!built) throw new HttpError(404, 'The page has not been built. "npm run build" builds it.')
    return sendFile({ request, reply, folder, name: 'index.html', caching: 'no-cache' })
  })
  if (!built) return
  for (const name of TO_INSTALL) {
    app.get(
      `/${name}`,
      { schema: { ...schema, summary: 'What devices install the page with' }, config },
      async (request, reply) => sendFile({ request, reply, folder, name, caching: 'public, max-age=86400' }),
    )
  }
  app.get<{ Params: { '*': string } }>(
    '/assets/*',
    { schema: { ...schema, summary: 'Files of the page' }, config },
    async (request, reply) => {
      const name = request.params['*']
      if (!/^[\w.-]+$/.test(name)) throw nothingHere()
      const caching = 'public, max-age=31536000, immutable'
      return sendFile({ request, reply, folder, name: `assets/${name}`, caching })
    },
  )
}

interface Sending {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly folder: string
  /** Of a file in the folder. */
  readonly name: string
  readonly caching: string
}

/** In the smallest form that the browser takes. @throws HttpError 404; what the request asks of the file and can't be had */
async function sendFile({ request, reply, folder, name, caching }: Sending) {
  // Loaded with the first visitor: most of the time there is none.
  const { default: send } = await import('@fastify/send')
  const accepted = String(request.headers['accept-encoding'] ?? '')
  const [coding, ending = ''] =
    ENCODINGS.find(([coding, ending]) => takes(accepted, coding) && existsSync(`${folder}/${name}${ending}`)) ?? []
  const sent = await send(request.raw, name + ending, { root: folder, cacheControl: false, index: false })
  if (sent.type === 'error' && sent.statusCode !== 404) throw sent.metadata.error
  if (sent.type !== 'file') throw nothingHere()
  const vary = [reply.getHeader('vary'), 'accept-encoding'].flat().filter(Boolean).join(', ')
  reply.code(sent.statusCode).headers({ ...sent.headers, vary, 'cache-control': caching })
  if (coding) reply.headers({ 'content-type': typeOf(send, name), 'content-encoding': coding })
  return reply.send(sent.stream)
}

/** Whether a header `Accept-Encoding` names a coding, and not to refuse it. */
const takes = (accepted: string, coding: string): boolean =>
  accepted
    .toLowerCase()
    .split(',')
    .some((part) => {
      const [name, ...parameters] = part.split(';').map((text) => text.trim())
      return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
    })

function typeOf({ mime, isUtf8MimeType }: typeof import('@fastify/send'), name: string): string {
  const type = mime.getType(name) ?? 'application/octet-stream'
  return isUtf8MimeType(type) ? `${type}; charset=utf-8` : type
}
