import type { Clock, Timer } from '../../core/clock.ts'
import type { EventBus, Unsubscribe } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { maskSecrets } from '../../core/logging/secrets.ts'
import type { BridgeEvent, DeviceEvents, EventHistory, LoggedEvent } from '../ports.ts'
import { type Entry, folded } from './fold.ts'

/**
 * Milliseconds to gather events before a commit: they come in bursts, such as when a router restarts, and each commit waits
 * for the disk.
 */
const WRITE_AFTER = 500
/** Milliseconds until the next try with a store that failed. */
const TRY_AGAIN = 60_000
/** The most events that wait, which only a failing store makes them do. */
const MAX_WAITING = 500

/** Where events are kept; the store satisfies it. The store limits how many it keeps. */
export interface EventMemory {
  /** @param folded one entry for the newest of a device and the next; undefined when they stay apart */
  add(events: readonly Entry[], folded: (last: Entry, now: Entry) => Entry | undefined): void
  page(limit: number, before: number | null, serial?: string): LoggedEvent[]
}

export interface EventLogOptions {
  readonly events: Pick<EventBus<DeviceEvents>, 'on'>
  readonly memory: EventMemory
  readonly clock: Clock
  readonly logger: Logger
}

/** Keeps every event of every type, and every command. A failing store keeps nobody from hearing the events. */
export class EventLog implements EventHistory {
  readonly #options: EventLogOptions
  #waiting: Entry[] = []
  #timer: Timer | undefined
  #unsubscribe: readonly Unsubscribe[] = []
  #failing = false

  constructor(options: EventLogOptions) {
    this.#options = options
  }

  start(): void {
    const { events } = this.#options
    const take = (event: BridgeEvent) => this.#take(event)
    this.#unsubscribe = [events.on('event', take), events.on('logged', take)]
  }

  /** Writes the waiting events, and keeps no more. */
  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#write()
    this.#timer?.cancel()
  }

  page(limit: number, before: number | null, serial?: string): LoggedEvent[] {
    this.#write()
    return this.#options.memory.page(limit, before, serial)
  }

  #take({ type, serial, account, message, details }: BridgeEvent): void {
    const { clock } = this.#options
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift()
    const masked = details === undefined ? null : Object.fromEntries(Object.entries(Object(maskSecrets(details))))
    const about = { serial: serial ?? null, account: account ?? null }
    this.#waiting.push({ at: clock.now(), type, ...about, message, details: masked })
    this.#timer ??= clock.timer(WRITE_AFTER, () => this.#write())
  }

  #write(): void {
    const { clock, logger, memory } = this.#options
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#waiting.length === 0) return
    try {
      memory.add(this.#waiting, folded)
      this.#waiting = []
      this.#failing = false
    } catch (err) {
      if (!this.#failing) logger.error({ err }, 'Events can’t be stored now; the bridge tries again every minute')
      this.#failing = true
      this.#timer = clock.timer(TRY_AGAIN, () => this.#write())
    }
  }
}
