/** What a thermostat tells its link, and which claims about the device it believes. */
import { type Dialect, kindOf, type Model, modelNamed } from '../../catalog/index.ts'
import type { Clearance, LinkOwner } from '../link/link.ts'
import type { CounterBase } from '../ports.ts'
import { isCertain } from './model.ts'
import type { Profile } from './profile.ts'
import type { Readings } from './readings.ts'

interface Known {
  readonly serial: string
  readonly profile: Profile
  readonly readings: Readings
}

/** The owner of a link. It is asked anew each time. */
export class Owner implements LinkOwner {
  readonly serial: string
  readonly clearance: Clearance
  readonly #facts: Known

  constructor(facts: Known, clearance: Clearance) {
    this.serial = facts.serial
    this.clearance = clearance
    this.#facts = facts
  }

  get counterBase(): CounterBase | null {
    return this.#facts.profile.self.counterBase
  }

  get dialect(): Dialect | null {
    return this.model?.dialect ?? null
  }

  get model(): Model | null {
    return isCertain(this.#facts) ? this.#facts.readings.rows.model : null
  }

  onCounterBase(counterBase: CounterBase): void {
    this.#facts.profile.set({ counterBase })
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
