/** What a thermostat tells its link, and which claims about the device it believes. */
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

/** The owner of a link. It is asked anew each time. */
export function linkOwner(facts: Known, clearance: Clearance): LinkOwner {
  const { serial, profile, readings } = facts
  /** The model; null while it is not certain. */
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
 * An `hw` that can be believed; null in place of one that can't. Anybody on the LAN can send a beacon, so an `hw` of another
 * kind than the ids of the device's parameters have shown is not believed.
 */
export function believable<Hw extends string | null | undefined>(
  hw: Hw,
  parameters: { has(id: number): boolean },
): Hw | null {
  const named = hw ? modelNamed(hw)?.kind : undefined
  const shown = kindOf(parameters)
  return named && shown && named !== shown ? null : hw
}
