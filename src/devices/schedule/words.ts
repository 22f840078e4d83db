/** Schedules of the protocol in the words that people see. */
import { ALWAYS, type Period, type Week } from '../../protocol/schedule.ts'
import type { WeekPeriod } from './place.ts'
import type { PeriodOfWeek, SchedulePeriod, ScheduleWeek } from './types.ts'

function periodOf({ time, temperature }: Period): SchedulePeriod {
  return { time, temperature: Math.abs(temperature) < ALWAYS ? temperature : temperature > 0 ? 'on' : 'off' }
}

export const periodOfWeek = (period: WeekPeriod): PeriodOfWeek => ({ day: period.day, ...periodOf(period) })

export function weekOf({ monday, tuesday, wednesday, thursday, friday, saturday, sunday }: Week): ScheduleWeek {
  return {
    monday: monday.map(periodOf),
    tuesday: tuesday.map(periodOf),
    wednesday: wednesday.map(periodOf),
    thursday: thursday.map(periodOf),
    friday: friday.map(periodOf),
    saturday: saturday.map(periodOf),
    sunday: sunday.map(periodOf),
  }
}
