/**
 * Serves the page and the API below a path of their origin: the prefix that a proxy adds to each path, and the
 * addresses in answers.
 */
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { App } from '../app.ts'
import { DOCS } from '../routing.ts'

/** The path below which the sender of a request finds page and API; empty for the root of the origin. */
export type BaseOf = (request: FastifyRequest) => string

/**
 * Removes the base path from request addresses. Requests without it are accepted too: some proxies remove it
 * themselves.
 */
export function withoutBase(base: string): (request: Pick<IncomingMessage, 'url'>) => string {
  return ({ url = '/' }) => {
    if (!url.startsWith(base)) return url
    const rest = url.slice(base.length)
    if (rest === '' || rest.startsWith('?')) return `/${rest}`
    return rest.startsWith('/') ? rest : url
  }
}

/**
 * Addresses from which relative links would go wrong, and their correction: only the browser knows everything before
 * the path.
 */
const ELSEWHERE: Readonly<Record<string, string>> = {
  [DOCS]: `${DOCS.slice(1)}/`,
  [`${DOCS}/static/index.html`]: '../',
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? ''

/** Redirects to the address with a slash at the end, so that the page's relative links work. */
export function leadToSlash(app: App, base: string): void {
  app.addHook('onRequest', async ({ method, url, originalUrl }, reply) => {
    if (method !== 'GET' && method !== 'HEAD') return
    const atBase = base !== '' && pathOf(originalUrl) === base
    const to = atBase ? `${base.slice(base.lastIndexOf('/') + 1)}/` : ELSEWHERE[pathOf(url)]
    if (to !== undefined) return reply.redirect(to)
  })
}
