import type { Clock } from '../../core/clock.ts'
import type { BridgeError } from '../../core/errors.ts'
import type { ShownBoost } from '../boost/types.ts'
import { ClockOffset } from '../clock/offset.ts'
import type { DeviceTimes } from '../clock/times.ts'
import type { DeviceEnergy } from '../energy/energy.ts'
import type { Disputes } from '../facts/disputes.ts'
import type { LockWatch } from '../facts/lock-watch.ts'
import type { Profile } from '../facts/profile.ts'
import type { Readings } from '../facts/readings.ts'
import type { DeviceAddress } from '../link/link.ts'
import type { DeviceHealth, DeviceState } from '../ports.ts'
import type { Poller } from '../reading/poller.ts'
import type { NextChange } from '../schedule/schedules.ts'
import type { CommandOutcome } from './outcome.ts'
import { featuresOf, sameState, stateOf } from './state.ts'

export interface ShowingOptions {
  readonly clock: Clock
  readonly serial: string
  readonly readings: Readings
  readonly profile: Profile
  readonly energy: DeviceEnergy | undefined
  readonly times: () => DeviceTimes | null
  readonly nextChange: () => NextChange | null
  /** The boost by the bridge's own timer. */
  readonly boost: () => ShownBoost | null
  /** Where else something answers as this device; null for nowhere. */
  readonly rival: () => DeviceAddress | null
  /** Why its parameters can't be read, though it answers; null while they can. */
  readonly unreadable: () => BridgeError | null
  readonly lock: LockWatch
  readonly disputes: Pick<Disputes, 'relayProven'>
  readonly keySource: (serial: string) => string | null
  /** The state differs from the one shown last. */
  readonly onState: () => void
}

/** What is shown of one device: its state, made anew from what it said, and how it is doing. */
export class Showing {
  readonly #options: ShowingOptions
  readonly #clockOffset = new ClockOffset()
  #state: DeviceState
  #outcome: CommandOutcome = { refusal: null, rounding: null }
  #lastSeen: number | null = null
  #lastPublished: number | null = null

  constructor(options: ShowingOptions) {
    this.#options = options
    this.#state = this.#make()
  }

  get state(): DeviceState {
    return this.#state
  }

  /** The device has said something. */
  changed(): void {
    const { clock, energy, lock, profile, readings, times } = this.#options
    this.#lastSeen = clock.now()
    lock.look()
    profile.grow(featuresOf(readings, times() !== null, energy))
    this.show()
  }

  /** The device has said something without being asked. */
  published(): void {
    this.#lastPublished = this.#options.clock.now()
    this.changed()
  }

  /** What came of the last command. */
  told(outcome: CommandOutcome): void {
    this.#outcome = outcome
    this.show()
  }

  /** Shows what there is now; says so only when it differs. */
  show(): void {
    const state = this.#make()
    if (sameState(this.#state, state)) return
    this.#state = state
    this.#options.onState()
  }

  health({ failures, error }: Pick<Poller, 'failures' | 'error'>): DeviceHealth {
    const { keySource, profile, rival, serial, times, unreadable } = this.#options
    return {
      lastSeen: this.#lastSeen,
      lastPublished: this.#lastPublished,
      failures,
      error: (error ?? unreadable())?.body() ?? null,
      keySource: keySource(serial),
      clockOffset: times()?.error ?? null,
      counterBase: profile.identity.counterBase,
      rival: rival()?.host ?? null,
    }
  }

  #make(): DeviceState {
    const { disputes, energy, lock, nextChange, profile, readings, rival } = this.#options
    const times = this.#options.times()
    return stateOf(readings, {
      boostMinutes: profile.boostMinutes,
      boostSetpoint: profile.boostSetpoint,
      boost: this.#options.boost(),
      nextChange: nextChange(),
      times,
      clockOffset: this.#clockOffset.take(times?.error ?? null),
      addressConflict: rival() !== null,
      settingsUnreadable: this.#options.unreadable() !== null,
      lockAlarm: lock.alarm,
      relayProven: disputes.relayProven,
      energy,
      ...this.#outcome,
    })
  }
}
