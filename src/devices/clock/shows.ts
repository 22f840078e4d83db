/** The clock of a device, as the state shows it. */
import type { JsonValue } from '../../core/json.ts'
import type { Moment } from '../facts/moment.ts'
import type { DeviceClock } from './facts.ts'
import { isWrong } from './offset.ts'

interface Known {
  readonly clock: Pick<DeviceClock, 'times' | 'offset'>
}

export function shows({ clock: { offset } }: Known): Record<string, JsonValue> {
  return { clock_offset: offset, clock_wrong: isWrong(offset) }
}

export function has({ clock }: Known, { now }: Moment): readonly string[] {
  return clock.times(now) ? ['clock_offset', 'clock_wrong'] : []
}
