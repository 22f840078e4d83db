/** The weekly schedules of one device, as far as they were read, and the device's place in them. */
import type { Shared } from '../../core/shared.ts'
import { ALWAYS, DAYS, LOOKS_ALWAYS, type Week, withAlways } from '../../protocol/schedule.ts'
import type { DeviceTimes } from '../clock/times.ts'
import type { Profile } from '../facts/profile.ts'
import type { Readings } from '../facts/readings.ts'
import { sensorOf } from '../plan/limits.ts'
import { type Place, periodsOf, placeIn, type WeekPeriod } from './place.ts'
import type { DeviceSchedule, ScheduleKind, ScheduleWeek } from './types.ts'
import { weekOf } from './words.ts'

/** The telemetry tells sixteenths of a degree, on some units whole degrees. */
const TOLERANCE = 0.5

/** The name under which the profile keeps that the device tells always on as a plain 127. */
const ALWAYS_PLAIN = 'schedule_always_plain'

/** A schedule as it was read. It is the same object for all devices with the same one. */
export interface Program {
  readonly week: Week
  readonly periods: readonly WeekPeriod[]
  readonly shown: ScheduleWeek
}

export interface WeeksOptions {
  readonly readings: Readings
  readonly profile: Pick<Profile, 'learned' | 'learn'>
  readonly programs: Shared<Program>
}

export class Weeks {
  readonly #options: WeeksOptions
  readonly #read = new Map<ScheduleKind, Program>()
  #shown: DeviceSchedule = { floor: null, air: null }

  constructor(options: WeeksOptions) {
    this.#options = options
  }

  /** The same object as long as it does not change. */
  get shown(): DeviceSchedule {
    return this.#shown
  }

  /** The kinds of schedule that the model has. */
  get kinds(): readonly ScheduleKind[] {
    return this.#options.readings.rows.model.schedules
  }

  /** The schedule that goes with the control type. */
  get inForce(): ScheduleKind {
    return this.kinds.length > 1 ? sensorOf('control', this.#options.readings) : 'floor'
  }

  /** Whether the schedule decides the setpoint at this moment. */
  get followed(): boolean {
    const { values } = this.#options.readings
    return values.get('operating_mode') === 'schedule' && values.get('power_off') !== true
  }

  /** Whether always on and always off were last told as a plain 127. */
  get alwaysPlain(): boolean {
    return this.#options.profile.learned[ALWAYS_PLAIN] === 1
  }

  /** Takes in a week that was read; returns what it means, and whether that has changed. */
  take(kind: ScheduleKind, read: Week): { readonly week: Week; readonly changed: boolean } {
    const week = this.#meant(read)
    const make = () => ({ week, periods: periodsOf(week), shown: weekOf(week) })
    const program = this.#options.programs.of(JSON.stringify(week), make)
    const changed = this.#read.get(kind) !== program
    if (changed) {
      this.#read.set(kind, program)
      this.#show()
    }
    return { week: program.week, changed }
  }

  /** Drops what was read while the device was taken for another model; returns whether there was anything. */
  forgetForeign(): boolean {
    const foreign = [...this.#read.keys()].filter((kind) => !this.kinds.includes(kind))
    for (const kind of foreign) this.#read.delete(kind)
    if (foreign.length > 0) this.#show()
    return foreign.length > 0
  }

  /** The period in force and the next one; null while the schedule is not known. @param times the device's clock */
  place(times: DeviceTimes | null): Place | null {
    const { readings } = this.#options
    const read = this.#read.get(this.inForce)
    if (!read) return null
    const aheadThen = (utc: number, now: number) => times?.aheadThen(utc, now) ?? now
    return placeIn(read.periods, times?.locals ?? [], readings.number('schedule_period'), this.followed, aheadThen)
  }

  /** Whether the period and setpoint in force match the schedule as far as it is known. */
  fits(times: DeviceTimes | null): boolean {
    const place = this.place(times)
    if (!place) return true
    const { readings } = this.#options
    const setpoint = readings.targetTemperature()
    const { temperature } = place.period
    const comparable = setpoint !== null && Math.abs(temperature) < ALWAYS && readings.value('preheat_active') !== true
    return place.agreed && (!comparable || Math.abs(setpoint - temperature) <= TOLERANCE)
  }

  /** What a week means. Also learns by which number the device tells always on and always off. */
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
  }
}
