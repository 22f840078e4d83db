import type { Clock } from '../../core/clock.ts'
import { asBridgeError, type BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { deviceTimeToIso } from '../../protocol/epoch.ts'
import { ALWAYS, DAYS, LOOKS_ALWAYS, type Period, type Week, withAlways } from '../../protocol/schedule.ts'
import type { DeviceTimes } from '../clock/times.ts'
import type { Profile } from '../facts/profile.ts'
import type { Readings } from '../facts/readings.ts'
import type { DeviceLink } from '../link/link.ts'
import { sensorOf } from '../plan/limits.ts'
import { type Place, periodsOf, placeIn, type WeekPeriod } from './place.ts'
import { needsWeek, parseScheduleCommand, planDays } from './plans.ts'
import { periodOfWeek, weekOf } from './shows.ts'
import type { DeviceSchedule, ScheduleKind, ScheduleResult, ScheduleView, ScheduleWeek } from './types.ts'
import { writeDays } from './writes.ts'

const MINUTE = 60_000

/** Schedules are changed at the device and by its app as well. */
const READ_EVERY = 60 * MINUTE

/** The same when the device does something other than the schedule that was read. */
const READ_DOUBTFUL_EVERY = 10 * MINUTE

/** The telemetry has sixteenths of a degree, and some units whole ones. */
const TOLERANCE = 0.5

/** From as many days on it is cheaper to look first which of them differ. */
const DAYS_WORTH_A_LOOK = 3

/** Under this name it is remembered that the device says always on by a plain 127. */
const ALWAYS_PLAIN = 'schedule_always_plain'

/** A schedule as it was read. */
interface Read {
  readonly week: Week
  readonly periods: readonly WeekPeriod[]
  readonly shown: ScheduleWeek
}

/** The next period, for the state. */
export interface NextChange {
  /** ISO, UTC. */
  readonly at: string | null
  /** °C; null for a load that is then always on or off. */
  readonly temperature: number | null
}

export interface SchedulesOptions {
  readonly serial: string
  readonly clock: Clock
  readonly logger: Logger
  readonly readings: Readings
  readonly profile: Pick<Profile, 'learned' | 'learn'>
  readonly link: () => DeviceLink
  /** The device's clock; null while it is not known. */
  readonly times: () => DeviceTimes | null
  /** Whether commands wait for the device. */
  readonly busy: () => boolean
  /** What is shown of the schedules has changed. */
  readonly onChange: () => void
}

/** The weekly schedules of one device: read now and then, written day by day. */
export class Schedules {
  readonly #options: SchedulesOptions
  readonly #read = new Map<ScheduleKind, Read>()
  /** When each is to be read next, on the monotonic clock; absent means now. */
  readonly #due = new Map<ScheduleKind, number>()
  readonly #readAt = new Map<ScheduleKind, number>()
  readonly #failures = new Map<ScheduleKind, number>()
  #reading = false
  #commands = 0
  /** Ends with the last command given; the next begins after it. */
  #writing: Promise<unknown> = Promise.resolve()
  #shown: DeviceSchedule = { floor: null, air: null }

  constructor(options: SchedulesOptions) {
    this.#options = options
  }

  /** Made anew only when it changes. */
  get shown(): DeviceSchedule {
    return this.#shown
  }

  /** After each poll: reads one that is due, unless commands wait. Never rejects. */
  async readDue(): Promise<void> {
    this.#forgetForeign()
    this.#doubt()
    const now = this.#options.clock.monotonic()
    const due = this.#kinds().find((kind) => (this.#due.get(kind) ?? now) <= now)
    if (!due || this.#reading || this.#commands > 0 || this.#options.busy()) return
    this.#reading = true
    await this.#tryToRead(due).finally(() => {
      this.#reading = false
    })
  }

  /** Reads all of them now. Never rejects: a unit can be without one that its model has. */
  async readAll(): Promise<void> {
    this.#forgetForeign()
    for (const kind of this.#kinds()) await this.#tryToRead(kind)
  }

  /** The device has published one. While days are written it may be from before. */
  published(kind: ScheduleKind, week: Week): void {
    if (this.#commands === 0 && this.#kinds().includes(kind)) this.#took(kind, week)
  }

  view(): ScheduleView {
    const kind = this.#kindInForce()
    const place = this.#place()
    const [local] = this.#options.times()?.locals ?? []
    if (!place) return { ...this.#shown, now: null }
    return {
      ...this.#shown,
      now: {
        kind,
        followed: this.#followed(),
        local_time: local ? deviceTimeToIso(Math.floor(local.local), 'device') : null,
        period: periodOfWeek(place.period),
        next: { ...periodOfWeek(place.next), at: isoOf(place) },
      },
    }
  }

  /** For the state; null unless a period of the schedule comes next. */
  nextChange(): NextChange | null {
    const { values } = this.#options.readings
    if (values.get('program') !== 'schedule' || values.get('power_off') === true) return null
    const place = this.#place()
    if (!place) return null
    const { temperature } = place.next
    return { at: isoOf(place), temperature: Math.abs(temperature) >= ALWAYS ? null : temperature }
  }

  /**
   * Checks all of `command`, then writes its days one by one. Commands follow one another.
   * @param dryRun looks at what the device holds, and writes nothing: `written` is what would be
   * @throws BridgeError of `parseScheduleCommand` and `planDays`, before anything is written; of `writeDays`
   */
  write(command: unknown, dryRun = false): Promise<ScheduleResult> {
    this.#commands++
    const result = this.#writing
      .then(() => this.#write(command, dryRun))
      .finally(() => {
        this.#commands--
      })
    this.#writing = result.catch(() => undefined)
    return result
  }

  async #write(command: unknown, dryRun: boolean): Promise<ScheduleResult> {
    const { readings, link } = this.#options
    const requests = parseScheduleCommand(command, readings)
    // What can be refused at once costs no request.
    if (!this.#kinds().some((kind) => needsWeek(requests, kind))) planDays(requests, new Map(), readings)
    const weeks = new Map<ScheduleKind, Week>()
    for (const kind of new Set(requests.map((request) => request.kind))) {
      const days = requests.filter((request) => request.kind === kind).length
      if (dryRun || days >= DAYS_WORTH_A_LOOK || needsWeek(requests, kind)) weeks.set(kind, await this.#readNow(kind))
    }
    const { days, rounded } = planDays(requests, weeks, readings)
    const like = ({ kind, day, periods }: (typeof days)[number]) => isSame(weeks.get(kind)?.[day], periods)
    const unchanged = days.filter(like).map(({ kind, day }) => ({ kind, day }))
    const changed = days.filter((day) => !like(day))
    if (dryRun) {
      const written = changed.map(({ kind, day }) => ({ kind, day }))
      return { schedule: this.view(), written, unchanged, rounded }
    }
    try {
      const written = await writeDays(
        changed,
        link,
        (kind, week) => this.#took(kind, week),
        () => this.#options.profile.learned[ALWAYS_PLAIN] === 1,
      )
      return { schedule: this.view(), written, unchanged, rounded }
    } catch (error) {
      // What the days that failed look like now is not known.
      for (const { kind } of changed) this.#due.delete(kind)
      throw error
    }
  }

  #kinds(): readonly ScheduleKind[] {
    return this.#options.readings.rows.model.schedules
  }

  /** The schedule that the control type goes by. */
  #kindInForce(): ScheduleKind {
    return this.#kinds().length > 1 ? sensorOf('control', this.#options.readings) : 'floor'
  }

  #followed(): boolean {
    const { values } = this.#options.readings
    return values.get('operating_mode') === 'schedule' && values.get('power_off') !== true
  }

  #place(): Place | null {
    const { readings, times } = this.#options
    const read = this.#read.get(this.#kindInForce())
    if (!read) return null
    const known = times()
    const aheadThen = (utc: number, now: number) => known?.aheadThen(utc, now) ?? now
    return placeIn(read.periods, known?.locals ?? [], readings.number('schedule_period'), this.#followed(), aheadThen)
  }

  /** A device that is not where its schedule says has been given another one. */
  #doubt(): void {
    const kind = this.#kindInForce()
    const readAt = this.#readAt.get(kind)
    if (readAt === undefined || !this.#followed() || this.#fits()) return
    this.#due.set(kind, Math.min(this.#due.get(kind) ?? 0, readAt + READ_DOUBTFUL_EVERY))
  }

  /** Whether period and setpoint in force are those of the schedule as far as it is known. */
  #fits(): boolean {
    const place = this.#place()
    if (!place) return true
    const { readings } = this.#options
    const setpoint = readings.targetTemperature()
    const { temperature } = place.period
    const comparable = setpoint !== null && Math.abs(temperature) < ALWAYS && readings.value('preheat_active') !== true
    return place.agreed && (!comparable || Math.abs(setpoint - temperature) <= TOLERANCE)
  }

  /** Drops what was read while the device was taken for another model. */
  #forgetForeign(): void {
    const foreign = [...this.#read.keys()].filter((kind) => !this.#kinds().includes(kind))
    for (const kind of foreign) this.#read.delete(kind)
    if (foreign.length > 0) this.#show()
  }

  async #readNow(kind: ScheduleKind): Promise<Week> {
    return this.#took(kind, await this.#options.link().readWeek(kind))
  }

  async #tryToRead(kind: ScheduleKind): Promise<void> {
    try {
      await this.#readNow(kind)
    } catch (thrown) {
      this.#failed(kind, asBridgeError(thrown))
    }
  }

  #failed(kind: ScheduleKind, error: BridgeError): void {
    const { clock, logger, serial } = this.#options
    const failures = (this.#failures.get(kind) ?? 0) + 1
    this.#failures.set(kind, failures)
    // An answer without a schedule will be no other in a minute; an air sensor may be missing.
    const pause = error.code === 'DEVICE_BAD_REPLY' ? READ_EVERY : Math.min(READ_EVERY, MINUTE * 2 ** failures)
    this.#due.set(kind, clock.monotonic() + pause)
    if (failures === 1) logger.debug({ err: error, serial, kind }, 'the schedule could not be read; tried again later')
  }

  /** Returns what the week that was read means. */
  #took(kind: ScheduleKind, read: Week): Week {
    const week = this.#meant(read)
    const now = this.#options.clock.monotonic()
    this.#failures.delete(kind)
    this.#readAt.set(kind, now)
    this.#due.set(kind, now + READ_EVERY)
    const before = this.#read.get(kind)
    if (before && JSON.stringify(before.week) === JSON.stringify(week)) return week
    this.#read.set(kind, { week, periods: periodsOf(week), shown: weekOf(week) })
    this.#show()
    return week
  }

  /** Learns on the way by which number the device says always on and always off. */
  #meant(week: Week): Week {
    const { profile, readings } = this.#options
    if (!readings.rows.model.onOffSetpoints) return week
    const shown = DAYS.flatMap((day) => week[day]).map(({ temperature }) => Math.abs(temperature))
    if (shown.includes(LOOKS_ALWAYS)) profile.learn(ALWAYS_PLAIN, 1)
    else if (shown.includes(ALWAYS)) profile.learn(ALWAYS_PLAIN, 0)
    return withAlways(week)
  }

  #show(): void {
    this.#shown = { floor: this.#read.get('floor')?.shown ?? null, air: this.#read.get('air')?.shown ?? null }
    this.#options.onChange()
  }
}

function isSame(a: readonly Period[] | undefined, b: readonly Period[]): boolean {
  return (
    a?.length === b.length &&
    a.every(({ time, temperature }, i) => time === b[i]?.time && temperature === b[i].temperature)
  )
}

const isoOf = ({ nextAt }: Place): string | null => (nextAt === null ? null : deviceTimeToIso(nextAt, 'utc'))
