/** The weekly schedules, as the state and REST show them. */
import type { JsonValue } from '../../core/json.ts'
import { deviceTimeToIso } from '../../protocol/epoch.ts'
import { ALWAYS } from '../../protocol/schedule.ts'
import type { DeviceClock } from '../clock/facts.ts'
import type { Moment } from '../facts/moment.ts'
import type { Readings } from '../facts/readings.ts'
import type { Weeks } from './facts.ts'
import type { Place } from './place.ts'
import type { ScheduleView } from './types.ts'
import { periodOfWeek } from './words.ts'

interface Known {
  readonly readings: Readings
  readonly clock: Pick<DeviceClock, 'times'>
  readonly weeks: Pick<Weeks, 'place' | 'shown' | 'inForce' | 'followed'>
}

const isoOf = ({ nextAt }: Place): string | null => (nextAt === null ? null : deviceTimeToIso(nextAt, 'utc'))

/**
 * The next period: null unless the next change comes from the schedule. Its setpoint is null when the load is always on or off
 * then.
 */
export function shows({ readings, clock, weeks }: Known, { now }: Moment): Record<string, JsonValue> {
  const followed = readings.value('program') === 'schedule' && readings.value('power_off') !== true
  const place = followed ? weeks.place(clock.times(now)) : null
  const setpoint = place && Math.abs(place.next.temperature) < ALWAYS ? place.next.temperature : null
  return { schedule_next_change: place && isoOf(place), schedule_next_setpoint: setpoint }
}

export function has({ readings: { values } }: Pick<Known, 'readings'>): readonly string[] {
  return values.has('schedule_period') ? ['schedule_next_change', 'schedule_next_setpoint'] : []
}

/** All schedules, with the device's place in them. */
export function scheduleView({ clock, weeks }: Known, { now }: Moment): ScheduleView {
  const times = clock.times(now)
  const place = weeks.place(times)
  if (!place) return { ...weeks.shown, now: null }
  const [local] = times?.locals ?? []
  return {
    ...weeks.shown,
    now: {
      kind: weeks.inForce,
      followed: weeks.followed,
      local_time: local ? deviceTimeToIso(Math.floor(local.local), 'device') : null,
      period: periodOfWeek(place.period),
      next: { ...periodOfWeek(place.next), at: isoOf(place) },
    },
  }
}
