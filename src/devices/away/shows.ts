/** Away, as the state shows it. */
import type { JsonValue } from '../../core/json.ts'
import type { DeviceClock } from '../clock/facts.ts'
import type { Moment } from '../facts/moment.ts'
import type { Readings } from '../facts/readings.ts'
import { isWithoutEnd, localTime } from './facts.ts'

interface Known {
  readonly readings: Readings
  readonly clock: Pick<DeviceClock, 'times'>
}

/**
 * Away in local time, whatever the device counts in. The end is null where the device holds the one that stands for none. On a
 * unit that holds the times twice, the pair that the device goes by takes precedence.
 */
export function shows({ readings, clock }: Known, { now }: Moment): Record<string, JsonValue> {
  const { rows, values } = readings
  const { away } = rows.model
  if (!away) return {}
  const times = clock.times(now)
  const utc = away.start === 'away_start_utc'
  const own = { start: values.get(away.start), end: values.get(away.end), zone: utc ? 'utc' : 'device' } as const
  const local = { start: values.get('away_start'), end: values.get('away_end'), zone: 'device' } as const
  const { start, end, zone } = [own.start, own.end].some((value) => typeof value === 'string') ? own : local
  const endless = isWithoutEnd({ start, end }, zone)
  return {
    away_start: localTime(start, zone, times),
    away_end: endless ? null : localTime(end, zone, times),
    ...(utc && endless ? { [away.end]: null } : {}),
  }
}
