import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'
import { type Asked, readAsked } from '../network/asked.ts'
import { type Address, MovableServer } from '../network/server.ts'
import { type CloudRequest, faulty } from './index.ts'
import type { CloudFault } from './quirks.ts'

/** A device as a virtual service lists it. */
export interface ServiceDevice {
  readonly serial: string
  readonly name: string
  readonly key: string
}

/** What every service keeps of an account. */
export interface ServiceAccount {
  password: string
  devices: readonly ServiceDevice[]
}

/** An undocumented answer; `redirect` sends to another address. */
export type ServiceFault = CloudFault | { readonly redirect: string }

/** A fault that waits for a request to a step, such as `login` or `code`. */
export interface ServiceFaultOn {
  readonly on: string
  readonly fault: ServiceFault
}

export interface ServiceOptions {
  /** The service's own clock, used for its `Date` header, codes and tokens. */
  readonly clock: Clock
  readonly random: () => number
  readonly host?: string
  readonly port?: number
}

export interface ServiceAnswer {
  readonly status: number
  /** Text is sent as HTML, undefined as an empty body. */
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The common part of the virtual services: accounts, and a server that fails on demand and remembers requests. */
export abstract class VirtualService<Account extends ServiceAccount = ServiceAccount> {
  /** Used up one by one, each by the first request to its step. */
  readonly faults: ServiceFaultOn[] = []
  /** Happens to every request to its step until taken away again. */
  fault: ServiceFaultOn | undefined
  /** How a successful login's answer is corrupted: its token is left out, or 1 MB long. */
  token: 'good' | 'missing' | 'huge' = 'good'
  readonly requests: CloudRequest[] = []
  /** Every token, key, link, secret and code that was given out, to check for leaks. */
  readonly issued = new Set<string>()
  /** By user. */
  protected readonly accounts = new Map<string, Account>()
  protected readonly clock: Clock
  protected readonly random: () => number
  readonly #server: MovableServer

  constructor(options: ServiceOptions) {
    this.clock = options.clock
    this.random = options.random
    this.#server = new MovableServer({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 }, this.listener)
  }

  /** Its address, without a final slash. */
  get url(): string {
    const { host, port } = this.#server.address
    return `http://${host}:${port}`
  }

  start(): Promise<Address> {
    return this.#server.open()
  }

  stop(): Promise<void> {
    return this.#server.close()
  }

  /** Lists another key for a serial from now on. */
  setKey(serial: string, key: string): void {
    for (const account of this.accounts.values()) {
      account.devices = account.devices.map((device) => (device.serial === serial ? { ...device, key } : device))
    }
  }

  changePassword(user: string, password: string): void {
    const account = this.accounts.get(user)
    if (account) account.password = password
    this.revokeTokens()
  }

  abstract revokeTokens(): void

  /** How many requests came to a step. */
  asked(step: string): number {
    return this.requests.filter(({ path }) => this.stepOf(new URL(path, this.url).pathname) === step).length
  }

  /** Answers requests, for use with another server. */
  get listener(): RequestListener {
    return (request, response) => this.#serve(request, response)
  }

  /** The name of the step that a path belongs to. */
  protected abstract stepOf(pathname: string): string | undefined

  protected abstract answer(asked: Asked): ServiceAnswer

  protected issue(secret: string): string {
    this.issued.add(secret)
    return secret
  }

  /** The token of a successful login, corrupted as set in `token`; undefined if left out. */
  protected spoilt(token: string): string | undefined {
    if (this.token === 'missing') return undefined
    return this.token === 'huge' ? 'x'.repeat(1_000_000) : token
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    readAsked(request, 'http://service.invalid', (asked) => this.#respond(asked, response))
  }

  #respond(asked: Asked, response: ServerResponse): void {
    const fault = this.#takeFault(this.stepOf(asked.url.pathname))
    if (fault === 'cut' || fault === 'no-answer') {
      this.#log(asked, 0)
      if (fault === 'cut') response.destroy()
      return
    }
    const { status, body, headers } = fault === undefined ? this.answer(asked) : faultAnswer(fault)
    this.#log(asked, status)
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
      'content-length': Buffer.byteLength(text),
      date: new Date(this.clock.now()).toUTCString(),
      ...headers,
    })
    response.end(text)
  }

  #takeFault(step: string | undefined): ServiceFault | undefined {
    const index = this.faults.findIndex(({ on }) => on === step)
    if (index >= 0) return this.faults.splice(index, 1)[0]?.fault
    return this.fault?.on === step ? this.fault?.fault : undefined
  }

  #log({ method, url }: Asked, status: number): void {
    this.requests.push({ at: this.clock.now(), method, path: url.pathname + url.search, status })
    if (this.requests.length > 1000) this.requests.shift()
  }
}

function faultAnswer(fault: Exclude<ServiceFault, 'cut' | 'no-answer'>): ServiceAnswer {
  if (typeof fault !== 'object' || !('redirect' in fault)) return faulty(fault)
  return { status: 302, body: undefined, headers: { location: fault.redirect } }
}

export const NOT_FOUND: ServiceAnswer = { status: 404, body: '<html><body><h1>Not Found</h1></body></html>' }

/** The JSON object of a request's body; undefined when it is none. */
export function jsonOf(asked: Asked): JsonObject | undefined {
  if (!/^application\/json\b/i.test(asked.contentType)) return undefined
  const body = parseJson(asked.text)
  return isObject(body) ? body : undefined
}

/** So many decimal digits. */
export function randomDigits(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 10)).join('')
}

/** A list of devices a page of which is `size` long, with the number of the page that follows. */
export function pageOf<Item>(list: readonly Item[], url: URL, size: number): { items: readonly Item[]; next?: number } {
  const page = Math.max(1, Number(url.searchParams.get('page') ?? '1') || 1)
  const items = list.slice((page - 1) * size, page * size)
  return { items, ...(page * size < list.length ? { next: page + 1 } : {}) }
}
