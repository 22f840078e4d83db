/** What a thermostat is to its link, and what it believes of those who speak of it. */
import { kindOf, type Model, modelNamed } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'
import type { CounterBase } from '../ports.ts'
import type { Clearance, LinkOwner } from './link.ts'

export interface OwnerOptions {
  readonly serial: string
  readonly counterBase: () => CounterBase | null
  /** null while it is not certain. */
  readonly model: () => Model | null
  readonly clearance: Clearance
  readonly onCounterBase: (base: CounterBase) => void
}

/** The owner of a link, asked anew each time. */
export function linkOwner({ serial, counterBase, model, clearance, onCounterBase }: OwnerOptions): LinkOwner {
  return {
    serial,
    clearance,
    get counterBase() {
      return counterBase()
    },
    get dialect() {
      return model()?.dialect ?? null
    },
    get model() {
      return model()
    },
    onCounterBase,
  }
}

/** Why nothing can be said to a device of which no address is known. */
export function unlocated(): BridgeError {
  return new BridgeError(
    'DEVICE_UNREACHABLE',
    'The address of this device is not known yet: no beacon of it was heard. Check that it is on and in this network, or set its host under devices.',
  )
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
