/** The page and the API below a path of their origin: what a proxy puts before each path, and where answers lead to. */
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import { DOCS } from '../routing.ts'

/** The path below which whoever sends a request finds page and API; empty when that is the root of the origin. */
export type BaseOf = (request: FastifyRequest) => string

/** Takes the base off the addresses of requests. Those that come without it are as good: some proxies take it off themselves. */
export function withoutBase(base: string): (request: Pick<IncomingMessage, 'url'>) => string {
  return ({ url = '/' }) => {
    if (!url.startsWith(base)) return url
    const rest = url.slice(base.length)
    if (rest === '' || rest.startsWith('?')) return `/${rest}`
    return rest.startsWith('/') ? rest : url
  }
}

/** Where relative addresses would lead astray, and what leads back: only the browser knows all that stands before the path. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  [DOCS]: `${DOCS.slice(1)}/`,
  [`${DOCS}/static/index.html`]: '../',
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''

/** Leads on to the address with a slash at its end, from which the page finds the rest. */
export function leadToSlash(app: App, base: string): void {
  app.addHook('onRequest', async ({ method, url, originalUrl }, reply) => {
    if (method !== 'GET' && method !== 'HEAD') return
    const atBase = base !== '' && pathOf(originalUrl) === base
    const to = atBase ? `${base.slice(base.lastIndexOf('/') + 1)}/` : ELSEWHERE[pathOf(url)]
    if (to !== undefined) return reply.redirect(to)
  })
}
