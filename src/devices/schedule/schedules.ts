/** The weekly schedules of one device: read from time to time, written day by day. */
import type { Clock } from '../../core/clock.ts'
import { asBridgeError, type BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Period, Week } from '../../protocol/schedule.ts'
import type { DeviceClock } from '../clock/facts.ts'
import type { Readings } from '../facts/readings.ts'
import type { Way } from '../link/way.ts'
import type { Weeks } from './facts.ts'
import { needsWeek, parseScheduleCommand, planDays } from './plans.ts'
import type { ScheduleKind, ScheduleResult } from './types.ts'
import { writeDays } from './writes.ts'

const MINUTE = 60_000

/** Schedules may also be changed at the device or by its app. */
const READ_EVERY = 60 * MINUTE

/** The same while the device does something other than the schedule that was read. */
const READ_DOUBTFUL_EVERY = 10 * MINUTE

/** From so many days on, it is cheaper to read first which of them differ. */
const DAYS_WORTH_A_LOOK = 3

export interface SchedulesOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly way: Pick<Way, 'any'>
  readonly facts: {
    readonly serial: string
    readonly readings: Readings
    readonly clock: Pick<DeviceClock, 'times'>
    readonly weeks: Weeks
  }
  /** What is shown of the schedules has changed. */
  readonly onChange: () => void
  /** Somebody else than the bridge has changed a schedule that was read before. */
  readonly onForeign?: ((kind: ScheduleKind) => void) | undefined
}

export class Schedules {
  readonly #options: SchedulesOptions
  /** When each schedule is to be read next, on the monotonic clock; an absent one is due now. */
  readonly #due = new Map<ScheduleKind, number>()
  readonly #readAt = new Map<ScheduleKind, number>()
  readonly #failures = new Map<ScheduleKind, number>()
  /** The schedules that the bridge may have changed since they were last read. */
  readonly #ours = new Set<ScheduleKind>()
  #reading = false
  #commands = 0
  /** Settles with the last command given; the next command begins after it. */
  #writing: Promise<unknown> = Promise.resolve()

  constructor(options: SchedulesOptions) {
    this.#options = options
  }

  /** Called after each poll: reads a schedule that is due, unless commands wait. Never rejects. */
  async readDue(busy: boolean): Promise<void> {
    this.#forgetForeign()
    this.#doubt()
    const now = this.#options.clock.monotonic()
    const due = this.#weeks.kinds.find((kind) => (this.#due.get(kind) ?? now) <= now)
    if (!due || this.#reading || this.#commands > 0 || busy) return
    this.#reading = true
    await this.#tryToRead(due).finally(() => {
      this.#reading = false
    })
  }

  /** Reads all schedules now. Never rejects: a unit may lack one that its model has. */
  async readAll(): Promise<void> {
    this.#forgetForeign()
    for (const kind of this.#weeks.kinds) await this.#tryToRead(kind)
  }

  /** The bridge is about to change the schedules by other means than `write`. */
  ours(): void {
    for (const kind of this.#weeks.kinds) this.#ours.add(kind)
  }

  /** The device published a schedule. While days are being written it may be outdated. */
  published(kind: ScheduleKind, week: Week): void {
    if (this.#commands === 0 && this.#weeks.kinds.includes(kind)) this.#took(kind, week)
  }

  /**
   * Checks all of `command`, then writes its days one by one. Commands are carried out in turn.
   * @param dryRun reads what the device holds, and writes nothing: `written` holds what would be written
   * @throws BridgeError as `parseScheduleCommand` and `planDays` do, before anything is written; as `writeDays` does
   */
  write(command: unknown, dryRun: boolean): Promise<Omit<ScheduleResult, 'schedule'>> {
    this.#commands++
    const result = this.#writing
      .then(() => this.#write(command, dryRun))
      .finally(() => {
        this.#commands--
      })
    this.#writing = result.catch(() => undefined)
    return result
  }

  get #weeks(): Weeks {
    return this.#options.facts.weeks
  }

  async #write(command: unknown, dryRun: boolean): Promise<Omit<ScheduleResult, 'schedule'>> {
    const { facts, way } = this.#options
    const { readings, weeks } = facts
    const requests = parseScheduleCommand(command, readings)
    // What can be refused at once needs no request to the device.
    if (!weeks.kinds.some((kind) => needsWeek(requests, kind))) planDays(requests, new Map(), readings)
    const held = new Map<ScheduleKind, Week>()
    for (const kind of new Set(requests.map((request) => request.kind))) {
      const days = requests.filter((request) => request.kind === kind).length
      if (dryRun || days >= DAYS_WORTH_A_LOOK || needsWeek(requests, kind)) held.set(kind, await this.#readNow(kind))
    }
    const { days, rounded } = planDays(requests, held, readings)
    const like = ({ kind, day, periods }: (typeof days)[number]) => isSame(held.get(kind)?.[day], periods)
    const unchanged = days.filter(like).map(({ kind, day }) => ({ kind, day }))
    const changed = days.filter((day) => !like(day))
    if (dryRun) return { written: changed.map(({ kind, day }) => ({ kind, day })), unchanged, rounded }
    try {
      const took = (kind: ScheduleKind, week: Week) => this.#took(kind, week)
      const written = await writeDays(
        changed,
        () => way.any,
        took,
        () => weeks.alwaysPlain,
      )
      return { written, unchanged, rounded }
    } catch (error) {
      // Nobody knows what the failed days look like now.
      for (const { kind } of changed) {
        this.#due.delete(kind)
        this.#ours.add(kind)
      }
      throw error
    }
  }

  /** A device that is not at the place that its schedule says may have been given another schedule. */
  #doubt(): void {
    const { clock, facts } = this.#options
    const { inForce, followed } = this.#weeks
    const readAt = this.#readAt.get(inForce)
    if (readAt === undefined || !followed || this.#weeks.fits(facts.clock.times(clock.now()))) return
    this.#due.set(inForce, Math.min(this.#due.get(inForce) ?? 0, readAt + READ_DOUBTFUL_EVERY))
  }

  #forgetForeign(): void {
    if (this.#weeks.forgetForeign()) this.#options.onChange()
  }

  async #readNow(kind: ScheduleKind): Promise<Week> {
    return this.#took(kind, await this.#options.way.any.readWeek(kind))
  }

  async #tryToRead(kind: ScheduleKind): Promise<void> {
    try {
      await this.#readNow(kind)
    } catch (thrown) {
      this.#failed(kind, asBridgeError(thrown))
    }
  }

  #failed(kind: ScheduleKind, error: BridgeError): void {
    const { clock, logger, facts } = this.#options
    const failures = (this.#failures.get(kind) ?? 0) + 1
    this.#failures.set(kind, failures)
    // An answer without a schedule will not change within a minute; an air sensor may be missing.
    const pause = error.code === 'DEVICE_BAD_REPLY' ? READ_EVERY : Math.min(READ_EVERY, MINUTE * 2 ** failures)
    this.#due.set(kind, clock.monotonic() + pause)
    const log = { err: error, serial: facts.serial, kind }
    if (failures === 1) logger.debug(log, 'the schedule could not be read; the bridge tries again later')
  }

  /** Takes in the week that was read; returns what it means. */
  #took(kind: ScheduleKind, read: Week): Week {
    const { clock, onChange, onForeign } = this.#options
    const now = clock.monotonic()
    const foreign = this.#readAt.has(kind) && this.#commands === 0 && !this.#ours.has(kind)
    if (this.#commands === 0) this.#ours.delete(kind)
    this.#failures.delete(kind)
    this.#readAt.set(kind, now)
    this.#due.set(kind, now + READ_EVERY)
    const { week, changed } = this.#weeks.take(kind, read)
    if (changed) onChange()
    if (changed && foreign) onForeign?.(kind)
    return week
  }
}

function isSame(a: readonly Period[] | undefined, b: readonly Period[]): boolean {
  return (
    a?.length === b.length &&
    a.every(({ time, temperature }, i) => time === b[i]?.time && temperature === b[i].temperature)
  )
}
