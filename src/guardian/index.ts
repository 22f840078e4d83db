/** The guardian: watches the history of every device, learns what is usual, and tells what is not. */
import type { Clock, Timer } from '../core/clock.ts'
import { asBridgeError } from '../core/errors.ts'
import type { Unsubscribe } from '../core/events.ts'
import type { Logger } from '../core/logging/logger.ts'
import { inSlices } from '../core/slices.ts'
import type { Devices, Finding } from '../devices/ports.ts'
import type { History } from '../history/types.ts'
import { presentOf, sampleOf } from './inputs.ts'
import { Watch } from './watch.ts'

export interface GuardianOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly devices: Pick<Devices, 'events' | 'get' | 'serials'>
  readonly history: Pick<History, 'recording' | 'now' | 'query'>
  /** Seconds for which the history is kept. */
  readonly keep: number
  /** Takes everything that is unusual about a device now; null while nobody knows. */
  readonly tell: (serial: string, findings: readonly Finding[] | null) => void
}

/** Seconds of a sample, and of the history from which it learns after a start: five minutes are kept for a little longer. */
const STEP = 300
const LEARNS_FROM = 30 * 86_400
/** Milliseconds between two devices while their past is learned from, so that a start does not keep a small machine busy. */
const PAUSE = 250
/** How many samples make a past. */
const PAST = 24

/**
 * Every five minutes, it gives each device's new samples to its watch. After a start it learns from the past first, so that it
 * keeps nothing itself: what it knows follows from the history.
 */
export class Guardian {
  readonly #options: GuardianOptions
  readonly #watches = new Map<string, Watch>()
  /** How often devices have stopped answering since their last sample. */
  readonly #drops = new Map<string, number>()
  #timer: Timer | undefined
  #listening: readonly Unsubscribe[] = []
  #stopped = false
  #failing = false

  constructor(options: GuardianOptions) {
    this.#options = options
  }

  /** Begins with what is in the history now. */
  start(): void {
    const { events } = this.#options.devices
    this.#listening = [
      events.on('availability', ({ serial, online }) => {
        if (!online) this.#drops.set(serial, (this.#drops.get(serial) ?? 0) + 1)
      }),
      events.on('removed', ({ serial }) => {
        this.#watches.delete(serial)
        this.#drops.delete(serial)
      }),
    ]
    void this.#round()
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    for (const end of this.#listening) end()
  }

  /** Never rejects. */
  async #round(): Promise<void> {
    const { clock, devices, history } = this.#options
    for (const serial of devices.serials()) {
      if (this.#stopped) return
      // Without a history nobody knows, and the history says so itself.
      const taken = history.recording ? await this.#look(serial) : this.#blind(serial)
      if (taken >= PAST) await this.#wait(PAUSE)
    }
    if (!this.#stopped) this.#timer = clock.timer(STEP * 1000, () => void this.#round())
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#timer = this.#options.clock.timer(ms, resolve)
    })
  }

  #blind(serial: string): number {
    this.#options.tell(serial, null)
    return 0
  }

  /** Takes in the samples of a device since the last look; returns how many there were. */
  async #look(serial: string): Promise<number> {
    const { clock, devices, logger, tell } = this.#options
    try {
      const samples = await this.#samples(serial)
      const view = devices.get(serial)
      if (!view || this.#stopped) return 0
      const watch = this.#watchOf(serial)
      const drops = this.#drops.get(serial) ?? 0
      // It has only just stopped answering, so that belongs to the last sample.
      const [past, present] = [presentOf(view, 0), presentOf(view, drops)]
      const last = samples.at(-1)
      await inSlices(clock, samples, (sample) => {
        watch.take(sampleOf(sample, STEP), sample === last ? present : past)
      })
      if (samples.length > 0) this.#drops.delete(serial)
      if (devices.get(serial)) tell(serial, watch.findings)
      this.#failing = false
      return samples.length
    } catch (err) {
      const message = `The history can't be read, so nothing unusual is found for now. ${asBridgeError(err).message}`
      if (!this.#failing) logger.warn({ err, serial }, message)
      this.#failing = true
      return 0
    }
  }

  #watchOf(serial: string): Watch {
    const known = this.#watches.get(serial)
    if (known) return known
    const watch = new Watch()
    this.#watches.set(serial, watch)
    return watch
  }

  async #samples(serial: string) {
    const { history, keep } = this.#options
    const to = Math.floor(history.now() / STEP) * STEP
    const oldest = to - Math.floor((Math.min(LEARNS_FROM, keep) - 2 * STEP) / STEP) * STEP
    const from = Math.max(oldest, this.#watches.get(serial)?.end ?? 0)
    return from < to ? (await history.query(serial, { from, to, step: STEP })).samples : []
  }
}
