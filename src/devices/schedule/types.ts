/** The weekly schedules as MQTT and REST show them. */
import type { ScheduleKind } from '../../catalog/index.ts'
import type { Day } from '../../protocol/schedule.ts'

export type { ScheduleKind } from '../../catalog/index.ts'
export { DAYS, type Day, MAX_PERIODS } from '../../protocol/schedule.ts'

export const SCHEDULE_KINDS = ['floor', 'air'] as const satisfies readonly ScheduleKind[]

export interface SchedulePeriod {
  /** HH:MM in the device's local time; a period lasts until the next one begins, across midnight too. */
  readonly time: string
  /** °C, or `on` or `off` for a load that is always on or always off. */
  readonly temperature: number | 'on' | 'off'
}

export type ScheduleWeek = Readonly<Record<Day, readonly SchedulePeriod[]>>

/** null: the unit has no such schedule, or it has not been read yet. */
export type DeviceSchedule = Readonly<Record<ScheduleKind, ScheduleWeek | null>>

export interface PeriodOfWeek extends SchedulePeriod {
  readonly day: Day
}

/** Where the device is in its schedule. */
export interface ScheduleNow {
  /** The schedule that goes with the control type. */
  readonly kind: ScheduleKind
  /**
   * Whether the schedule decides the setpoint now. It does not while the device is off, in manual mode, away, boost or a
   * temporary setpoint.
   */
  readonly followed: boolean
  /** What the device's clock shows, ISO without a zone; null when the clock is not known. */
  readonly local_time: string | null
  readonly period: PeriodOfWeek
  /** The next period; `at` is when it begins in UTC, null when the clock does not tell it. */
  readonly next: PeriodOfWeek & { readonly at: string | null }
}

export interface ScheduleView extends DeviceSchedule {
  /** null while the schedule, or the device's place in it, is not known. */
  readonly now: ScheduleNow | null
}

export interface ScheduleDay {
  readonly kind: ScheduleKind
  readonly day: Day
}

/** A day that the device did not take, and why. */
export interface FailedDay extends ScheduleDay {
  readonly code: string
  readonly message: string
}

/** The result of a command of which every day is as asked. */
export interface ScheduleResult {
  readonly schedule: ScheduleView
  /** Written and read back. */
  readonly written: readonly ScheduleDay[]
  /** Days that were already as asked. */
  readonly unchanged: readonly ScheduleDay[]
  /** Temperatures that were rounded to what the device can hold, by `<kind>.<day>.<time>`. */
  readonly rounded: Readonly<Record<string, { readonly asked: number; readonly set: number }>>
}

export interface ScheduleOptions {
  /** Checks everything, and writes nothing. */
  readonly dryRun?: boolean
}
