/** What a thermostat is to its link, and what it believes of those who speak of it. */
import { kindOf, modelNamed } from '../../catalog/index.ts'
import type { Clearance, LinkOwner } from '../link/link.ts'
import { isCertain } from './model.ts'
import type { Profile } from './profile.ts'
import type { Readings } from './readings.ts'

interface Known {
  readonly serial: string
  readonly profile: Profile
  readonly readings: Readings
}

/** The owner of a link, asked anew each time. */
export function linkOwner(facts: Known, clearance: Clearance): LinkOwner {
  const { serial, profile, readings } = facts
  /** null while it is not certain. */
  const model = () => (isCertain(facts) ? readings.rows.model : null)
  return {
    serial,
    clearance,
    get counterBase() {
      return profile.identity.counterBase
    },
    get dialect() {
      return model()?.dialect ?? null
    },
    get model() {
      return model()
    },
    onCounterBase: (counterBase) => profile.set({ counterBase }),
  }
}

/**
 * Anybody on the LAN can send a beacon: an `hw` of another kind than the device has shown to be, by the ids of its
 * parameters, is not believed and comes to null.
 */
export function believable<Hw extends string | null | undefined>(
  hw: Hw,
  parameters: { has(id: number): boolean },
): Hw | null {
  const named = hw ? modelNamed(hw)?.kind : undefined
  const shown = kindOf(parameters)
  return named && shown && named !== shown ? null : hw
}
