import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import type { Logger } from '../../core/logging/logger.ts'
import type { App } from '../app.ts'
import { HttpError } from '../errors.ts'
import type { Ingress } from './ingress.ts'

export interface OwnHostsOptions {
  /** Names in addition to the bridge's own; `*.home.example` means any subdomain, `*` any name. */
  readonly hosts: readonly string[]
  /** The certificate of the API, PEM: its names are the bridge's. */
  readonly cert?: string | undefined
  /** By which name Home Assistant is asked for is its own business. */
  readonly ingress: Ingress
  readonly logger: Logger
  /** The name of this machine. */
  readonly machine?: string | undefined
}

/** Nobody can register a name in these domains: they mean this machine or its network. */
const PRIVATE = ['localhost', 'local', 'lan', 'internal', 'home.arpa']
/** How many names are reported in the log. */
const MOST_TOLD = 8

/** The name in a Host header, in lower case, without port, brackets and final dot. */
function nameIn(host: string): string {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.trim()) ?? []
  return (bracketed ?? plain).replace(/\.$/, '').toLowerCase()
}

/**
 * Whether the name can mean the bridge. An address always can, and so can a name without a dot, such as that of a
 * container: a foreign page has its own name, which it could only point here (DNS rebinding).
 */
export function isOwnHost(
  host: string,
  { hosts, cert, machine = hostname() }: Omit<OwnHostsOptions, 'logger' | 'ingress'>,
): boolean {
  const name = nameIn(host)
  if (name === '') return false
  if (isIP(name) !== 0 || !name.includes('.') || name === machine.toLowerCase()) return true
  if (PRIVATE.some((domain) => name.endsWith(`.${domain}`))) return true
  if (hosts.some((own) => own === '*' || own === name || (own.startsWith('*.') && name.endsWith(own.slice(1)))))
    return true
  return cert !== undefined && new X509Certificate(cert).checkHost(name) !== undefined
}

/**
 * Refuses requests that reached the bridge under a foreign name. For a trusted proxy, the host it reports is checked
 * too. `/healthz` reveals nothing, so monitors may use any name for it.
 */
export function refuseForeignHosts(app: App, options: OwnHostsOptions): void {
  const told = new Set<string>()
  const known = new Set<string>()
  app.addHook('onRequest', async (request) => {
    if (options.ingress.isFrom(request.raw)) return
    // HTTP/1.0 requests may lack a Host header; no browser uses HTTP/1.0.
    const asked = [request.headers.host, request.host].filter((host): host is string => Boolean(host))
    for (const host of asked) {
      if (known.has(host) || request.routeOptions.url === '/healthz') continue
      if (!isOwnHost(host, options)) throw foreign(nameIn(host), told, options.logger)
      if (known.size < 64) known.add(host)
    }
  })
}

function foreign(name: string, told: Set<string>, logger: Logger): HttpError {
  const shown = /^[\w.-]{1,253}$/.test(name) ? name : 'that name'
  const remedy = `If it is a name of this bridge, add it to api.hosts (T2M_API_HOSTS=${shown === name ? shown : 'its.name'}) and restart the bridge.`
  if (told.size < MOST_TOLD && !told.has(shown)) {
    told.add(shown)
    logger.warn({ host: shown }, `A request under an unknown host name was refused. ${remedy}`)
  }
  return new HttpError(421, `This bridge is not known as ${shown}. ${remedy}`)
}
