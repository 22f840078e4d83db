/** Boosts, as the state shows them. */
import type { JsonValue } from '../../core/json.ts'
import type { Moment } from '../facts/moment.ts'
import type { Profile } from '../facts/profile.ts'
import type { Readings } from '../facts/readings.ts'
import type { BoostFacts } from './facts.ts'
import { found } from './judgement.ts'

const MINUTE = 60_000

interface Known {
  readonly readings: Readings
  readonly profile: Pick<Profile, 'boostMinutes' | 'boostSetpoint'>
  readonly boost: BoostFacts
}

/** The keys that every thermostat has for which the bridge times boosts. */
const OWN_TIMER = ['boost_minutes', 'timer_end', 'timer_remaining', 'timer_setpoint']

/** Whether a bridge-timed boost holds, as far as the device has shown. */
export function holds({ boost: { running, seen }, readings }: Pick<Known, 'boost' | 'readings'>): boolean {
  return running !== null && (seen || found(running, readings) === 'boosted')
}

/** A bridge-timed boost is shown under the keys of a device that has its own timer. */
export function shows({ boost, profile, readings }: Known, { monotonic }: Moment): Record<string, JsonValue> {
  const length = { boost_minutes: profile.boostMinutes }
  if (readings.rows.model.timer) return length
  const running = holds({ boost, readings }) ? boost.running : null
  const left = Math.max(0, boost.deadline - monotonic)
  return {
    ...length,
    timer_end: running ? `${new Date(running.ends).toISOString().slice(0, 19)}Z` : null,
    // Whole minutes, because each change makes a new state.
    timer_remaining: running ? Math.ceil(left / MINUTE) * 60 : 0,
    timer_setpoint: running?.setpoints.at(-1) ?? profile.boostSetpoint,
  }
}

/** The boost keys of a unit, which follow from other keys that it has shown to have. */
export function has({ readings }: Pick<Known, 'readings'>): readonly string[] {
  const { rows, values } = readings
  if (rows.model.timer) return values.has('timer_end') ? ['boost_minutes'] : []
  return values.has('program') ? OWN_TIMER : []
}
