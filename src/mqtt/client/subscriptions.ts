/** The bridge's subscriptions, requested in portions that every broker accepts. */
import type { IClientSubscribeOptions } from 'mqtt'
import type { ProtocolVersion } from './target.ts'

/**
 * The most filters in one packet, and their bytes; some brokers accept no large packets, or only few filters at once.
 */
const MOST = 50
const MOST_BYTES = 4_096

export interface FilterOptions extends IClientSubscribeOptions {
  /**
   * Retained messages there are read once per run, after all other subscriptions: for thousands of topics that only the
   * bridge itself writes.
   */
  readonly readOnce?: boolean
  /** The bridge works without: that the broker refuses it is not reported. */
  readonly optional?: boolean
  /** Only where the broker does not send the bridge's own messages back, so not with MQTT 3.1.1. */
  readonly unechoed?: boolean
}

/** Subscribes to a portion; calls `done` with the refused filters. */
export type Subscribe = (
  filters: Readonly<Record<string, IClientSubscribeOptions>>,
  done: (refused: readonly string[]) => void,
) => void

export interface Connected {
  /** The broker still knows the previous session, and with it the subscriptions. */
  readonly resumed: boolean
  readonly version: ProtocolVersion
  readonly subscribe: Subscribe
  /** When all subscriptions except the read-once ones are confirmed. */
  readonly onReady: () => void
}

export class Subscriptions {
  readonly #filters = new Map<string, FilterOptions>()
  /** Filters confirmed at least once in this run. */
  readonly #read = new Set<string>()
  readonly #onRefused: (filters: readonly string[]) => void
  #connected: Connected | undefined
  #waiting = new Set<string>()
  #asking = false

  constructor(onRefused: (filters: readonly string[]) => void) {
    this.#onRefused = onRefused
  }

  add(filter: string, options: FilterOptions): void {
    this.#filters.set(filter, options)
    if (!this.#connected || (options.unechoed && this.#connected.version !== 5)) return
    this.#waiting.add(filter)
    // The filters of a thousand devices are added in one turn, and sent together.
    queueMicrotask(() => this.#next())
  }

  /** Whether it existed. */
  remove(filter: string): boolean {
    this.#waiting.delete(filter)
    this.#read.delete(filter)
    return this.#filters.delete(filter)
  }

  /** After every connect. */
  opened(connected: Connected): void {
    this.#connected = connected
    this.#asking = false
    const first: string[] = []
    const later: string[] = []
    for (const [filter, { readOnce, unechoed }] of this.#filters) {
      if (unechoed && connected.version !== 5) continue
      if (!readOnce) first.push(filter)
      else if (!connected.resumed || !this.#read.has(filter)) later.push(filter)
    }
    this.#waiting = new Set([...first, ...later])
    if (first.length === 0) connected.onReady()
    this.#next(first.length)
  }

  closed(): void {
    this.#connected = undefined
    this.#waiting.clear()
  }

  /** @param first how many of the waiting filters must be confirmed before `onReady` */
  #next(first = 0): void {
    const connected = this.#connected
    if (!connected || this.#asking) return
    const portion = this.#portion()
    const count = Object.keys(portion).length
    if (count === 0) return
    this.#asking = true
    connected.subscribe(portion, (refused) => {
      if (this.#connected !== connected) return
      this.#asking = false
      for (const filter of Object.keys(portion)) if (this.#filters.has(filter)) this.#read.add(filter)
      const missed = refused.filter((filter) => !this.#filters.get(filter)?.optional)
      if (missed.length > 0) this.#onRefused(missed)
      if (first > 0 && first <= count) connected.onReady()
      this.#next(first - count)
    })
  }

  #portion(): Record<string, IClientSubscribeOptions> {
    const portion: Record<string, IClientSubscribeOptions> = {}
    let bytes = 0
    let count = 0
    for (const filter of this.#waiting) {
      const options = this.#filters.get(filter)
      bytes += Buffer.byteLength(filter) + 3
      if (count > 0 && (count === MOST || bytes > MOST_BYTES)) break
      this.#waiting.delete(filter)
      if (!options) continue
      const { readOnce, optional: _optional, unechoed: _unechoed, ...asked } = options
      portion[filter] = readOnce && this.#read.has(filter) ? { ...asked, rh: 2 } : asked
      count++
    }
    return portion
  }
}
