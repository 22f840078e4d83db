/** What is shown of one device: its state, made again from the facts whenever they may have changed. */
import type { Clock } from '../../core/clock.ts'
import { lookAtLock } from '../facts/lock.ts'
import { type Moment, momentOf } from '../facts/moment.ts'
import type { DeviceState, Finding } from '../ports.ts'
import type { Facts } from './facts.ts'
import type { CommandOutcome } from './outcome.ts'
import { featuresOf, sameState, stateOf } from './state.ts'

export interface ShowingOptions {
  readonly clock: Clock
  readonly facts: Facts
  /** The state differs from the one shown last. */
  readonly onState: () => void
}

export class Showing {
  readonly #options: ShowingOptions
  #state: DeviceState

  constructor(options: ShowingOptions) {
    this.#options = options
    this.#state = stateOf(options.facts, momentOf(options.clock))
  }

  get state(): DeviceState {
    return this.#state
  }

  /** The device has answered something. */
  changed(): void {
    const { clock, facts } = this.#options
    const time = momentOf(clock)
    facts.lastSeen = time.now
    facts.clock.note(time.now)
    lookAtLock(facts)
    facts.profile.grow(featuresOf(facts, time))
    this.#show(time)
  }

  /** The device has published something. */
  published(): void {
    const { clock, facts } = this.#options
    facts.lastPublished = clock.now()
    this.changed()
  }

  /** Shows the result of the last command. */
  told(outcome: CommandOutcome): void {
    const { facts } = this.#options
    const { outcome: before } = facts
    facts.outcome = outcome
    // Of most commands nothing is shown, nor was of the one before.
    if ([before, outcome].some(({ refusal, rounding }) => refusal || rounding)) this.show()
  }

  /** Shows what is unusual; null while nobody watches the device. */
  found(findings: readonly Finding[] | null): void {
    const { clock, facts } = this.#options
    if (facts.findings === findings) return
    facts.findings = findings
    facts.profile.grow(featuresOf(facts, momentOf(clock)))
    this.show()
  }

  /** Shows the present state; calls `onState` only when it differs from the last one. */
  show(): void {
    this.#show(momentOf(this.#options.clock))
  }

  #show(time: Moment): void {
    const { facts, onState } = this.#options
    const state = stateOf(facts, time)
    if (sameState(this.#state, state)) return
    this.#state = state
    onState()
  }
}
