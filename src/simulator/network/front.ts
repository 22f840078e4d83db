import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import { isObject, parseJson } from '../../core/json.ts'
import type { Outcome } from '../device/index.ts'
import { BUSY, type Quirks, takeInjected } from '../quirks.ts'
import { readBody } from './asked.ts'
import { Replies } from './replies.ts'

/** One request as the device saw it. */
export interface LoggedRequest {
  /** Unix ms of the injected clock. */
  readonly at: number
  readonly path: string
  /** The parsed body, or its text when it was no JSON. */
  readonly body: unknown
  readonly write: boolean
  readonly signed: boolean
  readonly accepted: boolean
  /** Why it was not accepted; empty when it was. */
  readonly reason: string
}

/** Longest body that a device reads. */
const LONGEST_BODY = 8192

export interface FrontOptions {
  readonly clock: Clock
  readonly device: { handle(body: unknown): Outcome }
  readonly quirks: Quirks
  /** How many requests are remembered. */
  readonly logSize: number
  /** Called when a request asks for a restart, after it was answered. */
  readonly onRestart: () => void
}

/** The web server of a device: one request at a time, with consequences if it is hurried. */
export class Front {
  /** What the device was asked, oldest first, bounded. */
  readonly requests: LoggedRequest[] = []
  /** Gives no more answers until the power is cut. */
  wedged = false
  readonly #clock: Clock
  readonly #device: FrontOptions['device']
  readonly #quirks: Quirks
  readonly #logSize: number
  readonly #onRestart: () => void
  readonly #replies: Replies
  readonly #listeners = new Set<(request: LoggedRequest) => void>()
  #inFlight = false
  #lastEnd = Number.NEGATIVE_INFINITY
  #fastRequests = 0

  constructor(options: FrontOptions) {
    this.#clock = options.clock
    this.#device = options.device
    this.#quirks = options.quirks
    this.#logSize = options.logSize
    this.#onRestart = options.onRestart
    this.#replies = new Replies(options.clock, options.quirks)
  }

  onRequest(listener: (request: LoggedRequest) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** The state after a restart: ready, whatever it was doing. */
  reset(): void {
    this.wedged = false
    this.#fastRequests = 0
    this.#inFlight = false
    this.#lastEnd = Number.NEGATIVE_INFINITY
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const busy = this.#busy()
    if (!busy) {
      this.#inFlight = true
      response.once('close', () => {
        this.#inFlight = false
        this.#lastEnd = this.#clock.monotonic()
      })
    }
    readBody(request, LONGEST_BODY, (text) => {
      if (this.#quirks.latency === 0 || busy) this.#answer(request, response, text, busy)
      else this.#clock.timer(this.#quirks.latency, () => this.#answer(request, response, text, busy))
    })
  }

  /** Why the unit is busy for this request; undefined if it is not. */
  #busy(): string | undefined {
    if (this.#inFlight) return 'busy with another request'
    const pause = this.#clock.monotonic() - this.#lastEnd
    const { wedgeAfter, fast, minSpacing } = this.#quirks
    if (wedgeAfter > 0 && pause < fast && ++this.#fastRequests >= wedgeAfter) this.wedged = true
    if (pause < minSpacing) return 'too soon after the last request'
    if (this.#quirks.busyNext > 0) {
      this.#quirks.busyNext--
      return 'busy with itself'
    }
    return undefined
  }

  #answer(request: IncomingMessage, response: ServerResponse, text: string, busy: string | undefined): void {
    const path = request.url ?? '/'
    const body: unknown = parseJson(text)
    const write = isObject(body) && (body.cmd === undefined || body.cmd === 5 || body.cmd === 6)
    const log = { path, body: body ?? text, write, signed: isObject(body) && body.auth !== undefined }
    const close = this.#quirks.closeConnections
    if (this.wedged) {
      this.#log({ ...log, accepted: false, reason: 'wedged' })
      this.#replies.plain(response, '', { close })
    } else if (busy) {
      this.#log({ ...log, accepted: false, reason: busy })
      this.#replies.plain(response, BUSY, { close })
    } else if (request.method === 'POST' && path === '/api.cgi') {
      this.#api(response, log, body)
    } else if (request.method === 'POST' && path === '/test.cgi') {
      this.#test(response, log, body)
    } else {
      this.#log({ ...log, accepted: false, reason: 'no such page' })
      this.#replies.plain(response, '<html><body>404</body></html>', { status: 404, type: 'text/html', close })
    }
  }

  #api(response: ServerResponse, log: Omit<LoggedRequest, 'at' | 'accepted' | 'reason'>, body: unknown): void {
    const handle = (): unknown => {
      const outcome = this.#device.handle(body)
      this.#log({ ...log, accepted: outcome.accepted, reason: outcome.reason })
      return outcome.reply
    }
    const drop = log.write ? this.#quirks.dropWrites.shift() : undefined
    if (drop) {
      if (drop === 'applied') handle()
      else this.#log({ ...log, accepted: false, reason: 'lost' })
      response.destroy()
      return
    }
    if (isObject(body) && this.#quirks.deafTo.some((cmd) => cmd === body.cmd)) {
      this.#log({ ...log, accepted: false, reason: 'deaf to it' })
      this.#replies.plain(response, '', { close: this.#quirks.closeConnections })
      return
    }
    const injected = takeInjected(this.#quirks.injectReplies, log.write, isObject(body) ? body.cmd : undefined)
    if (injected === undefined) {
      this.#replies.plain(response, JSON.stringify(handle()), { close: this.#quirks.closeConnections })
      return
    }
    let answered = false
    const truth = (): unknown => {
      answered = true
      return handle()
    }
    this.#replies.injected(response, injected, truth, this.#quirks.slowInterval)
    if (!answered) this.#log({ ...log, accepted: false, reason: 'injected reply' })
  }

  #test(response: ServerResponse, log: Omit<LoggedRequest, 'at' | 'accepted' | 'reason'>, body: unknown): void {
    const cmd = isObject(body) ? body.cmd : undefined
    const known = cmd === 'restart' || cmd === 'blink'
    this.#log({ ...log, write: false, accepted: known, reason: known ? '' : 'no such command' })
    this.#replies.plain(response, known ? '{"success":"true"}' : '{}')
    if (cmd === 'restart') this.#onRestart()
  }

  #log(entry: Omit<LoggedRequest, 'at'>): void {
    const request = { at: this.#clock.now(), ...entry }
    this.requests.push(request)
    if (this.requests.length > this.#logSize) this.requests.shift()
    for (const listener of this.#listeners) listener(request)
  }
}
