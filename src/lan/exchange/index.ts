/** One request to a device and its answer: sloppy HTTP, pauses, retries. */
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

/** A meaningful reply: data, or one of the answers to a write. */
export type Reply = JsonObject | 'block' | 'success'

export interface ExchangerOptions {
  /** Undefined: any device may answer. */
  readonly serial: string | undefined
  readonly address: Address
  readonly client: HttpClient
  readonly clock: Clock
  readonly lines: Lines
  /** Milliseconds for one exchange; a device that has proved slow gets up to three times as long. */
  readonly timeout: number
  /** Milliseconds for the first exchange, if that may take longer. */
  readonly patience?: number | undefined
  /** Milliseconds between the end of one exchange and the start of the next. */
  readonly minSpacing: number
  readonly random: () => number
  readonly signal?: AbortSignal
  /** Called after each exchange with its duration and failure. */
  readonly onExchange?: ((exchange: ExchangeNote) => void) | undefined
  /** The known dialect of the device; null or undefined: the dialect of its first answer. */
  readonly dialect?: () => Dialect | null
}

/** Fields found only in device data; a reply without them does not reveal the dialect. */
const TELLING = ['sn', 'deviceId', 'par', 'telemetry']

/** One request and its answer, or the lack of one. */
export interface ExchangeNote {
  readonly operation: 'read' | 'write'
  readonly seconds: number
  /** null: the device gave a useful answer, including a refusal. */
  readonly failure: ErrorCode | null
}

export interface RequestOptions {
  /** Called for each attempt, since a signature is valid only for a moment. */
  readonly body: () => string
  /** A write must not be repeated blindly when its reply was lost. */
  readonly write?: boolean
  readonly path?: string
  /** The contents of the reply do not matter, only that there is one, even if empty. */
  readonly anyReply?: boolean
}

const BUSY_RETRIES = 4
/** Milliseconds before the first retry of a busy device; doubles each time. */
const BUSY_PAUSE = 500
/** From this many empty replies in a row, over all requests, the device counts as hung. */
const WEDGED_AFTER = 3
/** The factor by which an exchange with a slow device may take longer: owners see 5 to 7 s on poor Wi-Fi. */
const SLOWEST = 3
/** The share of extra time that remains after each faster answer of a slow device. */
const CALMING = 0.9

/** Spaced exchanges with one device, retried where that does no harm. The caller ensures one at a time. */
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

  /** The serial as the device itself writes it, and expects it. */
  get spelling(): string | undefined {
    return this.#spelling ?? this.#options.serial
  }

  /** Milliseconds until the device may be asked again. */
  get pause(): number {
    return this.#options.lines.pause(this.address)
  }

  /** Whether the device has stopped answering while its web server still runs. */
  get wedged(): boolean {
    return this.#emptyInARow >= WEDGED_AFTER
  }

  /**
   * Whether the last answer came from another device, made no sense or was missing: the device may have moved or be
   * offline.
   */
  get doubtful(): boolean {
    return this.#doubtful
  }

  /** The format of the device's messages; null while unknown. */
  get dialect(): Dialect | null {
    return this.#options.dialect?.() ?? this.#answeredIn
  }

  /** Continues at another address, about which nothing is known yet. */
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
        throw badReply(address, 'is not JSON', { details: { reason: 'no_thermostat' } })
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

  /** Waits for a turn at the device's address at that time; signatures are made for that address. */
  async #line(): Promise<{ address: Address; leave: (pause: number) => void }> {
    const { lines, signal } = this.#options
    for (;;) {
      const { address } = this
      const leave = await lines.take(address, signal)
      if (address === this.address) return { address, leave }
      leave(0)
    }
  }

  /** The reply; its duration is reported to the statistics. */
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
      // It accepted the connection, so it is there.
      if (failure === 'DEVICE_TIMEOUT' && error instanceof ExchangeError && error.mayHaveActed)
        this.#wait(2 * this.#patience)
      throw error
    } finally {
      onExchange?.({ operation, seconds: (clock.monotonic() - begun) / 1000, failure })
    }
  }

  /** Sets the time for the next exchange, within bounds, and hardly below that of this one. */
  #wait(patience: number): void {
    const { timeout } = this.#options
    const least = Math.max(timeout, CALMING * this.#patience)
    this.#patience = Math.min(Math.max(patience, least), SLOWEST * timeout)
  }

  /** A D2W does not identify itself, so only its format can show that it is not the expected device. */
  #checkDialect(address: Address, dialect: Dialect): void {
    if (this.dialect !== null && this.dialect !== dialect) throw otherKind(address)
    this.#answeredIn = dialect
  }

  /** A connection closed without an answer counts as an empty reply: hung units do either. */
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
