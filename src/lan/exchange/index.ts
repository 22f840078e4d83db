import { type Clock, sleep } from '../../core/clock.ts'
import { asBridgeError, type ErrorCode } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Dialect } from '../../protocol/d2w.ts'
import { dialectOf } from '../../protocol/d2w.ts'
import { parseReply, type Refusal, serialOf } from '../../protocol/replies.ts'
import type { Address } from '../types.ts'
import { badReply, busy, ExchangeError, otherDevice, otherKind, wedged } from './errors.ts'
import type { HttpClient } from './http.ts'
import type { Lines } from './lines.ts'

/** A reply that says something: data, or one of the answers to a write. */
export type Reply = JsonObject | 'block' | 'success'

export interface ExchangerOptions {
  /** Undefined: whoever answers is welcome. */
  readonly serial: string | undefined
  readonly address: Address
  readonly client: HttpClient
  readonly clock: Clock
  readonly lines: Lines
  /** Milliseconds for one exchange; a device that has shown that it needs longer is given up to three times as long. */
  readonly timeout: number
  /** Milliseconds for the first exchange, where that may take longer. */
  readonly patience?: number | undefined
  /** Milliseconds between the end of one exchange and the start of the next. */
  readonly minSpacing: number
  readonly random: () => number
  readonly signal?: AbortSignal
  /** Told of each exchange how long it took, and how it failed. */
  readonly onExchange?: ((exchange: ExchangeNote) => void) | undefined
  /** The dialect that the device is known to speak; null or undefined: the one that it answers in first. */
  readonly dialect?: () => Dialect | null
}

/** What only a device's own data has; without any of it a reply says nothing of the dialect. */
const TELLING = ['sn', 'deviceId', 'par', 'telemetry']

/** One request and its answer, or the lack of one. */
export interface ExchangeNote {
  readonly operation: 'read' | 'write'
  readonly seconds: number
  /** null: the device answered something of use, a refusal included. */
  readonly failure: ErrorCode | null
}

export interface RequestOptions {
  /** Called for each attempt, since a signature is made for a moment. */
  readonly body: () => string
  /** A write must not be repeated blindly when its reply was lost. */
  readonly write?: boolean
  readonly path?: string
  /** What the reply says does not matter, only that there is one, be it empty. */
  readonly anyReply?: boolean
}

const BUSY_RETRIES = 4
/** Milliseconds before the first retry of a busy device; doubles each time. */
const BUSY_PAUSE = 500
/** So many empty replies in a row, over all requests, are no accident any more. */
const WEDGED_AFTER = 3
/** So many times as long as an exchange may take it may take at a device that is slow: owners see 5 to 7 s on poor Wi-Fi. */
const SLOWEST = 3
/** What is left of the patience with a slow device after each answer that came sooner. */
const CALMING = 0.9

/** Spaced exchanges with one device, retried as far as that can't do harm. One at a time: the caller sees to that. */
export class Exchanger {
  address: Address
  readonly #options: ExchangerOptions
  /** Milliseconds for the next exchange. */
  #patience: number
  #emptyInARow = 0
  #doubtful = false
  #answeredIn: Dialect | null = null
  #spelling: string | undefined

  constructor(options: ExchangerOptions) {
    this.#options = options
    this.address = options.address
    this.#patience = options.patience ?? options.timeout
  }

  /** The serial as the device itself writes it, which is how it wants to be called. */
  get spelling(): string | undefined {
    return this.#spelling ?? this.#options.serial
  }

  /** Milliseconds until the device may be asked again. */
  get pause(): number {
    return this.#options.lines.pause(this.address)
  }

  /** Whether the device has stopped answering, with its web server still there. */
  get wedged(): boolean {
    return this.#emptyInARow >= WEDGED_AFTER
  }

  /** Whether the last answer was that of somebody else, made no sense or was none: the device may be elsewhere, or not at all. */
  get doubtful(): boolean {
    return this.#doubtful
  }

  /** How the device writes its messages; null while that is not known. */
  get dialect(): Dialect | null {
    return this.#options.dialect?.() ?? this.#answeredIn
  }

  /** Goes on at another address, where nothing is known yet. */
  move(address: Address): void {
    this.address = address
    this.#answeredIn = null
    this.#emptyInARow = 0
    this.#patience = this.#options.timeout
    this.#doubtful = false
  }

  /** @throws ExchangeError `DEVICE_UNREACHABLE`, `DEVICE_TIMEOUT`, `DEVICE_BUSY`, `DEVICE_BAD_REPLY`, `DEVICE_WEDGED` */
  async request({ body, write = false, path = '/api.cgi', anyReply = false }: RequestOptions): Promise<Reply> {
    let busyReplies = 0
    let askAgain = !write && !this.wedged
    for (;;) {
      const { address, reply } = await this.#exchange(path, body, write)
      if (reply === 'busy') {
        if (busyReplies === BUSY_RETRIES) throw busy(address)
        await this.#waitOut(busyReplies++)
      } else if (reply === 'empty') {
        if (this.wedged) throw wedged(address)
        if (anyReply) return 'success'
        if (!askAgain) throw badReply(address, 'is empty', { empty: true })
        askAgain = false
      } else if (reply === 'not_json') {
        if (anyReply) return 'success'
        throw badReply(address, 'is no JSON', { details: { reason: 'no_thermostat' } })
      } else {
        return reply
      }
    }
  }

  async #exchange(
    path: string,
    body: () => string,
    write: boolean,
  ): Promise<{ address: Address; reply: Refusal | Reply }> {
    const { address, leave } = await this.#line()
    const reply = await this.#noted(address, path, body, write ? 'write' : 'read').finally(() =>
      leave(this.#options.minSpacing),
    )
    this.#emptyInARow = reply === 'empty' ? this.#emptyInARow + 1 : 0
    this.#doubtful = reply === 'not_json'
    if (typeof reply === 'string') return { address, reply }
    this.#doubtful = true
    const { serial } = this.#options
    const found = serialOf(reply)
    if (serial !== undefined && found !== undefined && found !== serial) throw otherDevice(address, serial, found)
    if (found !== undefined && typeof reply.sn === 'string') this.#spelling = reply.sn
    if (TELLING.some((key) => key in reply)) this.#checkDialect(address, dialectOf(reply))
    this.#doubtful = false
    return { address, reply }
  }

  /** The turn at the address, which is where the device is by then: what is signed is signed for that. */
  async #line(): Promise<{ address: Address; leave: (pause: number) => void }> {
    const { lines, signal } = this.#options
    for (;;) {
      const { address } = this
      const leave = await lines.take(address, signal)
      if (address === this.address) return { address, leave }
      leave(0)
    }
  }

  /** The reply, with what it took told to who counts. */
  async #noted(address: Address, path: string, body: () => string, operation: ExchangeNote['operation']) {
    const { client, clock, onExchange } = this.#options
    const text = body()
    const begun = clock.monotonic()
    let failure: ErrorCode | null = null
    try {
      const reply = parseReply(await this.#post(client, address, path, text))
      if (reply === 'busy') failure = 'DEVICE_BUSY'
      else if (reply === 'empty' || reply === 'not_json') failure = 'DEVICE_BAD_REPLY'
      this.#wait(2 * (clock.monotonic() - begun))
      return reply
    } catch (error) {
      failure = asBridgeError(error).code
      this.#doubtful = true
      // It has taken the connection, so it is there.
      if (failure === 'DEVICE_TIMEOUT' && error instanceof ExchangeError && error.mayHaveActed)
        this.#wait(2 * this.#patience)
      throw error
    } finally {
      onExchange?.({ operation, seconds: (clock.monotonic() - begun) / 1000, failure })
    }
  }

  /** Has the next exchange take so many milliseconds, within bounds, and hardly less than this one might. */
  #wait(patience: number): void {
    const { timeout } = this.#options
    const least = Math.max(timeout, CALMING * this.#patience)
    this.#patience = Math.min(Math.max(patience, least), SLOWEST * timeout)
  }

  /** D2W does not say who it is, so how it writes is all there is to tell that it is not what was expected. */
  #checkDialect(address: Address, dialect: Dialect): void {
    if (this.dialect !== null && this.dialect !== dialect) throw otherKind(address)
    this.#answeredIn = dialect
  }

  /** A connection that is closed without an answer is an empty reply: units in that state do either. */
  async #post(client: HttpClient, address: Address, path: string, body: string): Promise<string> {
    try {
      return await client.post(address, path, body, { patience: this.#patience })
    } catch (error) {
      if (error instanceof ExchangeError && error.empty) return ''
      throw error
    }
  }

  async #waitOut(retries: number): Promise<void> {
    const { clock, random, signal } = this.#options
    await sleep(clock, BUSY_PAUSE * 2 ** retries * (1 + random() / 4), signal)
  }
}
