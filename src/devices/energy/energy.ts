/** Counts what the loads of all devices use, and keeps the counts on disk. */
import type { Clock, Timer } from '../../core/clock.ts'
import { asBridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Readings } from '../facts/readings.ts'
import { type DeviceEnergy, figureOf } from './facts.ts'
import { EnergyMeter, NOTHING_USED, type Usage } from './meter.ts'

export interface StoredEnergy extends Usage {
  readonly serial: string
}

/** What keeps the counts across restarts. */
export interface EnergyMemory {
  load(): readonly StoredEnergy[]
  /** Saves in one commit. */
  save(...records: readonly StoredEnergy[]): void
  /** Resolves when what was saved is on disk. Left out: it is on disk when `save` returns. */
  durable?(): Promise<void>
}

export interface EnergyOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Left out, nothing is kept. */
  readonly memory?: EnergyMemory | undefined
  /** Milliseconds between two polls of a device. */
  readonly pollInterval: number
  /** The load's power in W by serial, as the settings give it. */
  readonly figures: ReadonlyMap<string, number>
}

/** All devices are committed together, and not more often than this: each commit waits for the disk. */
const COMMIT_EVERY = 60_000

/** What all counts have in common. */
interface Counting {
  take(counter: Counter, readings: Readings, deviceTime: number | undefined): void
  reset(counter: Counter): Promise<void>
}

/** The count of one device. */
class Counter implements DeviceEnergy {
  readonly serial: string
  readonly ownFigure: number | undefined
  readonly meter: EnergyMeter
  readonly #counting: Counting
  committed: Usage | null
  /** On its way to the disk. */
  saving: Usage | null = null

  constructor(
    serial: string,
    ownFigure: number | undefined,
    meter: EnergyMeter,
    used: Usage | null,
    counting: Counting,
  ) {
    this.serial = serial
    this.ownFigure = ownFigure
    this.meter = meter
    this.committed = used
    this.#counting = counting
  }

  take(readings: Readings, deviceTime: number | undefined): void {
    this.#counting.take(this, readings, deviceTime)
  }

  reset(): Promise<void> {
    return this.#counting.reset(this)
  }
}

/**
 * Counts what the loads use. Only counts that are on disk are shown, so that no value after a crash is below one shown before.
 */
export class Energy {
  readonly #options: EnergyOptions
  readonly #counting: Counting = {
    take: (counter, readings, deviceTime) => this.#take(counter, readings, deviceTime),
    reset: (counter) => this.#reset(counter),
  }
  readonly #counters = new Map<string, Counter>()
  readonly #changed = new Set<Counter>()
  #committedAt = Number.NEGATIVE_INFINITY
  #timer: Timer | undefined
  #failing = false
  #stopped = false

  constructor(options: EnergyOptions) {
    this.#options = options
  }

  /** Resumes from the stored counts. */
  start(): void {
    for (const { serial, ...used } of this.#options.memory?.load() ?? []) this.#add(serial, used)
  }

  of(serial: string): DeviceEnergy {
    return this.#counters.get(serial) ?? this.#add(serial, null)
  }

  /** Stops counting a device: its count was deleted from the store and must not come back there. */
  forget(serial: string): void {
    const counter = this.#counters.get(serial)
    this.#counters.delete(serial)
    if (counter) this.#changed.delete(counter)
  }

  /** Commits what has been counted since the last commit; nothing is counted afterwards. */
  stop(): void {
    this.#stopped = true
    this.#commit()
  }

  #add(serial: string, used: Usage | null): Counter {
    const meter = new EnergyMeter({ interval: this.#options.pollInterval, ...(used ? { used } : {}) })
    const counter = new Counter(serial, this.#options.figures.get(serial), meter, used, this.#counting)
    this.#counters.set(serial, counter)
    return counter
  }

  #take(counter: Counter, readings: Readings, deviceTime: number | undefined): void {
    const load = readings.value('load')
    // A forgotten device may still be answering.
    const counts = !this.#stopped && this.#counters.get(counter.serial) === counter
    if (!counts || typeof load !== 'boolean') return
    const watts = figureOf(readings, counter.ownFigure)
    const counted = counter.meter.take({ at: this.#options.clock.monotonic(), deviceTime, load, watts })
    if (counted || counter.committed === null) this.#due(counter)
  }

  #due(counter: Counter): void {
    this.#changed.add(counter)
    const left = this.#committedAt + COMMIT_EVERY - this.#options.clock.monotonic()
    if (left <= 0) this.#commit()
    else this.#timer ??= this.#options.clock.timer(left, () => this.#commit())
  }

  /** Commits what is due. What can't be stored stays due: the next reading after a minute tries again. */
  #commit(): void {
    const { clock, logger } = this.#options
    this.#timer?.cancel()
    this.#timer = undefined
    this.#committedAt = clock.monotonic()
    try {
      this.#save([...this.#changed])
      this.#changed.clear()
      if (this.#failing) logger.info('The counted energy can be stored again.')
      this.#failing = false
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    const { logger } = this.#options
    if (!this.#failing) {
      logger.error(
        { err: error },
        `The counted energy can't be stored, so the values shown do not change. ${asBridgeError(error).message}`,
      )
    }
    this.#failing = true
  }

  #save(counters: readonly Counter[]): void {
    if (counters.length === 0) return
    const { memory } = this.#options
    memory?.save(...counters.map(({ serial, meter }) => ({ serial, ...meter.used })))
    for (const counter of counters) counter.saving = counter.meter.used
    const saved = counters.map((counter) => ({ counter, used: counter.meter.used }))
    const show = () => {
      // A count that was reset or saved again meanwhile is another object by now.
      for (const { counter, used } of saved) if (counter.saving === used) counter.committed = used
    }
    if (memory?.durable) memory.durable().then(show, (error: unknown) => this.#failed(error))
    else show()
  }

  async #reset(counter: Counter): Promise<void> {
    const { memory } = this.#options
    memory?.save({ serial: counter.serial, ...NOTHING_USED })
    counter.meter.reset(this.#options.clock.monotonic())
    counter.committed = NOTHING_USED
    counter.saving = null
    this.#changed.delete(counter)
    await memory?.durable?.()
  }
}
