import type { Clock, Timer } from '../core/clock.ts'
import { asBridgeError, BridgeError } from '../core/errors.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { Devices, DeviceView } from '../devices/ports.ts'
import { HistoryClock } from './clock.ts'
import { energyOf } from './energy.ts'
import { LONGEST_HOLD, seriesOf } from './query.ts'
import { bucketed, lasting, NOTHING, sameValues, valuesOf } from './samples.ts'
import {
  type EnergyQuestion,
  type EnergyUse,
  HISTORY_STEPS,
  type History,
  type HistoryMemory,
  type HistoryQuestion,
  type HistorySample,
  type HistorySeries,
  type HistoryStep,
  type HistoryValues,
  type Tariff,
} from './types.ts'

export interface HistoryOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly devices: Pick<Devices, 'events' | 'list'>
  /** Whether to record; earlier records can be queried in any case. */
  readonly enabled: boolean
  /** Milliseconds for which the longest samples are kept. */
  readonly keep: number
  readonly tariff: Tariff
  /** Called at the start, and every minute while it throws; meanwhile there is no history. */
  readonly open: () => HistoryMemory
}

/** Milliseconds between two commits, since commits wear out flash memory; a crash loses no more than this. */
const COMMIT_EVERY = 60_000
/** Seconds after which an unchanged value is recorded again, to distinguish it from silence. */
const NOTE_AGAIN = 4 * 60
/** Devices per commit, and milliseconds between commits for other work. */
const DEVICES_AT_ONCE = 50
const PAUSE = 20
/** The most samples kept per device while the store can't be written. */
const MOST_PENDING = 120
/**
 * Milliseconds between two searches for old samples, and the most samples to drop per device: a wrong clock must not delete
 * everything.
 */
const PRUNE_EVERY = 3_600_000
const MOST_PRUNED = 1_000

const HOUR = 3_600
/** A little more than a day, so that the last day is always complete; a month of 31 days. */
const KEPT = { 10: 26 * HOUR, 300: 31 * 24 * HOUR } as const

interface Track {
  readonly serial: string
  last: HistoryValues
  /** Unix seconds of the last sample. */
  lastAt: number
  readonly pending: HistorySample[]
  /** Unix seconds up to which the longer samples have been made. */
  readonly made: Record<HistoryStep, number>
}

/**
 * Records device states: at most one sample in ten seconds, and only if something has changed; samples of five minutes and of
 * an hour are made from these. Samples wait in memory for the commit once a minute. A store that can't be written stops only
 * the history.
 */
export class HistoryRecorder implements History {
  readonly #options: HistoryOptions
  readonly #tracks = new Map<string, Track>()
  /** Devices that were forgotten while the store could not be written. */
  readonly #forgotten = new Set<string>()
  readonly #kept: Readonly<Record<HistoryStep, number>>
  #memory: HistoryMemory | undefined
  #time: HistoryClock
  #timer: Timer | undefined
  #prunedAt = Number.NEGATIVE_INFINITY
  #failing = false
  #unsubscribe: readonly (() => void)[] = []

  constructor(options: HistoryOptions) {
    this.#options = options
    const longest = options.keep / 1000
    this.#kept = { 10: Math.min(KEPT[10], longest), 300: Math.min(KEPT[300], longest), 3600: longest }
    this.#time = new HistoryClock(options.clock, Number.NEGATIVE_INFINITY)
  }

  get recording(): boolean {
    return this.#options.enabled && this.#memory !== undefined && !this.#failing
  }

  start(): void {
    this.#unsubscribe = [this.#options.devices.events.on('removed', ({ serial }) => this.#forget(serial))]
    this.#open()
  }

  #open(): void {
    const { clock, devices, enabled, logger } = this.#options
    try {
      this.#memory = this.#options.open()
      this.#time = new HistoryClock(clock, this.#takeUp(this.#memory))
    } catch (err) {
      this.#memory?.close()
      this.#memory = undefined
      if (!this.#failing) logger.error({ err }, `No history is being recorded. ${asBridgeError(err).message}`)
      this.#failing = true
      this.#timer = clock.timer(COMMIT_EVERY, () => this.#open())
      return
    }
    if (this.#failing) logger.info('History is being recorded again.')
    this.#failing = false
    if (enabled) {
      const { events } = devices
      const take = (view: DeviceView) => this.#take(view)
      this.#unsubscribe = [...this.#unsubscribe, events.on('state', take), events.on('availability', take)]
      for (const view of devices.list()) take(view)
    }
    this.#timer = clock.timer(COMMIT_EVERY, () => this.#work(this.#chores()))
  }

  /** Commits waiting samples. Safe to call at any time. */
  stop(): void {
    for (const end of this.#unsubscribe) end()
    this.#unsubscribe = []
    this.#timer?.cancel()
    // From here on the devices' states are unknown.
    for (const track of this.#tracks.values()) this.#record(track, NOTHING)
    if (this.#memory) this.#try(() => this.#commit([...this.#tracks.values()]))
    this.#memory?.close()
    this.#memory = undefined
  }

  now(): number {
    return this.#time.now() / 1000
  }

  async query(serial: string, question: HistoryQuestion): Promise<HistorySeries> {
    const memory = this.#memory
    if (!memory) throw new BridgeError('INTERNAL', 'There is no history, since its database could not be opened.')
    const { made, pending } = this.#trackOf(serial)
    // A copy, because the minute's work may run in between.
    const source = { serial, memory, now: this.now(), kept: this.#kept, made: { ...made }, pending: [...pending] }
    return await seriesOf(source, question)
  }

  energy(question: EnergyQuestion): Promise<EnergyUse> {
    return energyOf(this, question, this.#options.tariff)
  }

  /** Continues after the stored samples. Returns Unix ms after the newest one. */
  #takeUp(memory: HistoryMemory): number {
    let newest = Number.NEGATIVE_INFINITY
    for (const step of HISTORY_STEPS) {
      for (const [serial, at] of memory.newest(step)) {
        this.#trackOf(serial).made[step] = at + step
        newest = Math.max(newest, at + HISTORY_STEPS[0])
      }
    }
    return newest * 1000
  }

  #trackOf(serial: string): Track {
    const known = this.#tracks.get(serial)
    if (known) return known
    const made = { 10: 0, 300: 0, 3600: 0 }
    const track = { serial, last: NOTHING, lastAt: 0, pending: [], made }
    this.#tracks.set(serial, track)
    return track
  }

  #take(view: DeviceView): void {
    this.#record(this.#trackOf(view.serial), view.online ? valuesOf(view.state) : NOTHING)
  }

  #record(track: Track, values: HistoryValues): void {
    if (sameValues(track.last, values)) return
    track.last = values
    this.#note(track)
  }

  #note(track: Track): void {
    const [step] = HISTORY_STEPS
    const now = Math.floor(this.now() / step) * step
    // The last value stays valid until the silence begins after it.
    const at = track.last === NOTHING && track.lastAt >= now ? now + step : Math.max(now, track.lastAt)
    if (track.pending.at(-1)?.at === at) track.pending.pop()
    if (track.pending.length >= MOST_PENDING) track.pending.shift()
    track.pending.push({ ...track.last, at, known: 0 })
    track.lastAt = at
  }

  #forget(serial: string): void {
    this.#tracks.delete(serial)
    this.#forgotten.add(serial)
    if (this.#memory) this.#try(() => this.#dropForgotten())
  }

  #dropForgotten(): void {
    for (const serial of this.#forgotten) {
      this.#memory?.forget(serial)
      this.#forgotten.delete(serial)
    }
  }

  /** Does the work piece by piece, then waits for the next minute. */
  #work(chores: Iterator<void>): void {
    const { clock } = this.#options
    let done = true
    this.#try(() => {
      done = chores.next().done === true
    })
    this.#timer = done
      ? clock.timer(COMMIT_EVERY, () => this.#work(this.#chores()))
      : clock.timer(PAUSE, () => this.#work(chores))
  }

  /** Samples that can't be stored now wait for the next minute, as far as there is room. */
  #try(work: () => void): void {
    const { logger } = this.#options
    try {
      work()
      if (this.#failing) logger.info('History is being recorded again.')
      this.#failing = false
    } catch (err) {
      if (!this.#failing) {
        logger.error({ err }, `No history is being recorded; everything else works. ${asBridgeError(err).message}`)
      }
      this.#failing = true
    }
  }

  *#chores(): Generator<void> {
    // Everything up to here is committed by the time the longer samples are made.
    const until = this.now()
    this.#dropForgotten()
    for (const track of this.#tracks.values()) {
      if (track.last !== NOTHING && until - track.lastAt >= NOTE_AGAIN) this.#note(track)
    }
    const waiting = [...this.#tracks.values()].filter(({ pending }) => pending.length > 0)
    yield* this.#eachSlice(waiting, (tracks) => this.#commit(tracks))
    for (const step of [300, 3_600] as const) {
      const whole = Math.floor(until / step) * step
      const due = [...this.#tracks.values()].filter(({ made }) => made[step] < whole)
      yield* this.#eachSlice(due, (tracks) => this.#lengthen(tracks, step, whole))
    }
    if (this.#options.clock.monotonic() - this.#prunedAt < PRUNE_EVERY) return
    this.#prunedAt = this.#options.clock.monotonic()
    yield* this.#eachSlice([...this.#tracks.values()], (tracks) => this.#prune(tracks, until))
  }

  *#eachSlice(tracks: readonly Track[], work: (slice: readonly Track[]) => void): Generator<void> {
    for (let first = 0; first < tracks.length; first += DEVICES_AT_ONCE) {
      // A device that was forgotten meanwhile must not return.
      work(tracks.slice(first, first + DEVICES_AT_ONCE).filter(({ serial }) => this.#tracks.has(serial)))
      yield
    }
  }

  #commit(tracks: readonly Track[]): void {
    const [step] = HISTORY_STEPS
    const rows = tracks.flatMap(({ serial, pending }) => pending.map((sample) => ({ serial, step, sample })))
    this.#memory?.write(rows)
    for (const { pending } of tracks) pending.length = 0
  }

  /** Making them again gives the same result, so a crash in between does no harm. */
  #lengthen(tracks: readonly Track[], step: 300 | 3_600, until: number): void {
    const memory = this.#memory
    if (!memory) return
    const rows = tracks.flatMap(({ serial, made }) => {
      const from = made[step]
      const shorter =
        step === 300
          ? lasting(memory.read(serial, 10, from - LONGEST_HOLD, until), until, LONGEST_HOLD)
          : memory.read(serial, 300, from, until)
      return bucketed(shorter, step, from, until).map((sample) => ({ serial, step, sample }))
    })
    memory.write(rows)
    for (const { made } of tracks) made[step] = until
  }

  #prune(tracks: readonly Track[], now: number): void {
    const serials = tracks.map(({ serial }) => serial)
    for (const step of HISTORY_STEPS) this.#memory?.prune(serials, step, now - this.#kept[step], MOST_PRUNED)
  }
}
