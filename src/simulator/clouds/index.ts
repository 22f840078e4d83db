/** Virtual clouds, with their users, devices and faults. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { type Asked, readAsked } from '../network/asked.ts'
import { type Address, MovableServer } from '../network/server.ts'
import { HTML } from '../quirks.ts'
import { randomKey } from '../random.ts'
import { Accounts, type CloudAccount, type CloudDevice, isLogin, readLogin } from './accounts.ts'
import { type CloudFault, type CloudQuirks, type CloudRoute, NO_CLOUD_QUIRKS, takeFault } from './quirks.ts'

export interface CloudOptions {
  readonly vendor: 'terneo' | 'welrok'
  readonly clock: Clock
  readonly random: () => number
  readonly accounts: readonly CloudAccount[]
  /** Records a page; default 10. */
  readonly pageSize?: number
  readonly host?: string
  readonly port?: number
  readonly quirks?: Partial<CloudQuirks>
  /** How many requests are remembered; default 1000. */
  readonly logSize?: number
}

export interface CloudRequest {
  /** Unix ms of the injected clock. */
  readonly at: number
  readonly method: string
  /** With the query. */
  readonly path: string
  /** 0 when no answer was given. */
  readonly status: number
}

interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const detail = (status: number, text: string, headers?: Record<string, string>): Answer => ({
  status,
  body: { detail: text },
  ...(headers ? { headers } : {}),
})

/** The cloud of Terneo or Welrok, limited to logging in and listing devices: it behaves like a Django REST service. */
export class VirtualCloud {
  readonly vendor: 'terneo' | 'welrok'
  readonly quirks: CloudQuirks
  readonly requests: CloudRequest[] = []
  readonly #clock: Clock
  readonly #random: () => number
  readonly #accounts: Accounts
  readonly #pageSize: number
  readonly #logSize: number
  readonly #server: MovableServer

  constructor(options: CloudOptions) {
    this.vendor = options.vendor
    this.quirks = { ...NO_CLOUD_QUIRKS, faults: [], ...options.quirks }
    this.#clock = options.clock
    this.#random = options.random
    this.#accounts = new Accounts(options.accounts, options.random)
    this.#pageSize = options.pageSize ?? 10
    this.#logSize = options.logSize ?? 1000
    this.#server = new MovableServer(
      { host: options.host ?? '127.0.0.1', port: options.port ?? 0 },
      (request, response) => this.#serve(request, response),
    )
  }

  /** Its address, without a final slash. */
  get url(): string {
    const { host, port } = this.#server.address
    return `http://${host}:${port}`
  }

  /** Logins with wrong credentials since the start, those on a locked account included. */
  get failedLogins(): number {
    return this.#accounts.failedLogins
  }

  get logins(): number {
    return this.#accounts.logins
  }

  start(): Promise<Address> {
    return this.#server.open()
  }

  stop(): Promise<void> {
    return this.#server.close()
  }

  /** Refuses connections until `up`; the address stays. */
  down(): Promise<void> {
    return this.#server.close()
  }

  up(): Promise<Address> {
    return this.#server.open()
  }

  revokeTokens(): void {
    this.#accounts.revokeTokens()
  }

  /** Revokes the account's token too. */
  changePassword(email: string, password: string): void {
    this.#accounts.changePassword(email, password)
  }

  setDevices(email: string, devices: readonly CloudDevice[]): void {
    this.#accounts.setDevices(email, devices)
  }

  /** Lists another key for a serial from now on, which it returns. */
  rebind(sn: string, key: string = randomKey(this.#random)): string {
    this.#accounts.setKey(sn, key)
    return key
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    readAsked(request, this.url, (asked) => {
      if (this.quirks.slow === 0) this.#answer(asked, response)
      else this.#clock.timer(this.quirks.slow, () => this.#answer(asked, response))
    })
  }

  #answer(asked: Asked, response: ServerResponse): void {
    const { pathname } = asked.url
    const fault = takeFault(this.quirks, routeOf(pathname))
    if (fault === 'cut' || fault === 'no-answer') {
      this.#log(asked, 0)
      if (fault === 'cut') response.destroy()
      return
    }
    const answer = fault ? faulty(fault) : this.#route(asked)
    this.#log(asked, answer.status)
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
    response.writeHead(answer.status, {
      'content-type': typeof answer.body === 'string' ? 'text/html' : 'application/json',
      'content-length': Buffer.byteLength(text),
      ...answer.headers,
    })
    response.end(text)
  }

  #route(asked: Asked): Answer {
    const { pathname, search } = asked.url
    const route = routeOf(pathname)
    if (!route) return { status: 404, body: '<html><body><h1>Not Found</h1></body></html>' }
    if (!pathname.endsWith('/')) return { status: 301, body: '', headers: { location: `${pathname}/${search}` } }
    const method = route === 'login' ? 'POST' : 'GET'
    if (asked.method !== method) {
      return detail(405, `Method "${asked.method}" not allowed.`, { allow: `${method}, HEAD, OPTIONS` })
    }
    if (route === 'login') return this.#login(asked)
    const devices = this.#authenticate(asked.authorization)
    if ('status' in devices) return devices
    return route === 'devices' ? this.#page(asked.url, devices.list) : oneDevice(pathname, devices.list)
  }

  #login(asked: Asked): Answer {
    if (!/^application\/json\b/i.test(asked.contentType)) {
      return detail(415, `Unsupported media type "${asked.contentType}" in request.`)
    }
    const body = parseJson(asked.text)
    if (body === undefined) return detail(400, 'JSON parse error - Expecting value: line 1 column 1 (char 0)')
    if (!isObject(body)) return { status: 400, body: { non_field_errors: ['Invalid data. Expected a dictionary.'] } }
    const login = readLogin(body)
    if (!isLogin(login)) return { status: 400, body: login }
    const outcome = this.#accounts.login(login.email, login.password, this.quirks.lockAfter)
    if (outcome === 'locked') return detail(403, 'Account locked: too many login attempts.')
    if (outcome === 'wrong') {
      const text = 'Unable to log in with provided credentials.'
      return this.quirks.wrongCredentials === 400
        ? { status: 400, body: { non_field_errors: [text] } }
        : detail(this.quirks.wrongCredentials, text)
    }
    const token = this.quirks.omitToken ? {} : { access_token: outcome.token }
    return { status: 200, body: { ...token, user_name: outcome.userName, is_timezone_chosen: true } }
  }

  #authenticate(authorization: string | undefined): { list: readonly CloudDevice[] } | Answer {
    const challenge = { 'www-authenticate': 'Token' }
    if (authorization === undefined) {
      return detail(401, 'Authentication credentials were not provided.', challenge)
    }
    const token = /^Token ([0-9a-f]{40})$/.exec(authorization)?.[1]
    const list = token === undefined ? undefined : this.#accounts.devicesOf(token)
    return list ? { list } : detail(401, 'Invalid token.', challenge)
  }

  #page(url: URL, list: readonly CloudDevice[]): Answer {
    const wanted = url.searchParams.get('page') ?? '1'
    const pages = Math.max(Math.ceil(list.length / this.#pageSize), 1)
    const page = /^[1-9]\d{0,6}$/.test(wanted) ? Number(wanted) : 0
    if (page < 1 || page > pages) return detail(404, 'Invalid page.')
    const link = (to: number, origin: string) => `${origin}/api/device/${to === 1 ? '' : `?page=${to}`}`
    const following = page < pages ? page + 1 : this.quirks.nextLoop ? 1 : undefined
    const start = (page - 1) * this.#pageSize
    const body = {
      count: list.length,
      next: following === undefined ? null : link(following, this.quirks.nextOrigin ?? this.url),
      previous: page > 1 ? link(page - 1, this.url) : null,
      results: list.slice(start, start + this.#pageSize),
    }
    return { status: 200, body }
  }

  #log(asked: Asked, status: number): void {
    const path = asked.url.pathname + asked.url.search
    this.requests.push({ at: this.#clock.now(), method: asked.method, path, status })
    if (this.requests.length > this.#logSize) this.requests.shift()
  }
}

function routeOf(pathname: string): CloudRoute | undefined {
  if (/^\/api\/login\/?$/.test(pathname)) return 'login'
  if (/^\/api\/device\/?$/.test(pathname)) return 'devices'
  return /^\/api\/device\/[^/]+\/?$/.test(pathname) ? 'device' : undefined
}

function oneDevice(pathname: string, list: readonly CloudDevice[]): Answer {
  const id = pathname.split('/')[3]
  const found = list.find((device) => String(device.id) === id)
  if (!found) return detail(404, 'Not found.')
  return { status: 200, body: { data: { is_online: true }, ...found } }
}

export function faulty(fault: Exclude<CloudFault, 'cut' | 'no-answer'>): Answer {
  if (typeof fault === 'object') {
    const headers = fault.retryAfter === undefined ? undefined : { 'retry-after': fault.retryAfter }
    return detail(fault.status, 'Request was refused for now.', headers)
  }
  const json = { 'content-type': 'application/json' }
  switch (fault) {
    case 'bad-json':
      return { status: 200, body: '{"count":1,"results":[', headers: json }
    case 'wrong-shape':
      return { status: 200, body: ['nobody', 'expects', 1, null] }
    case 'empty':
      return { status: 200, body: '', headers: json }
    case 'bad-gateway':
      return { status: 502, body: HTML }
  }
}
