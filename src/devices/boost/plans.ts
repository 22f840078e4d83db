/**
 * What a command does about boosts. A device with a timer is told the end. For the others the bridge keeps the time: a boost
 * begins, gets another setpoint or end, or ends because a person asks for something else.
 */
import type { Datapoint } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'
import { readBounded } from '../../protocol/values.ts'
import { type DeviceTimes, requireTimes } from '../clock/times.ts'
import type { Draft } from '../plan/draft.ts'
import { setpointBounds } from '../plan/limits.ts'
import { BOOST_KEYS, type Boost } from './facts.ts'
import { before, boosted, boostKey, defaultSetpoint, found, restoring, withSetpoint } from './judgement.ts'

/** Keys that ask for something else than a boost: what the boost changed is put back before they are applied. */
const INSTEAD: ReadonlySet<string> = new Set(['mode', 'preset', 'program', 'power_off', 'control_type'])

/** What planning needs to know of boosts. */
export interface BoostContext {
  /** How long the next boost lasts. */
  readonly boostMinutes: number
  /** °C of the next boost timed by the bridge; null while nobody has set one. */
  readonly boostSetpoint: number | null
  /** The bridge-timed boost that runs, or that earlier commands begin. */
  readonly boost: Boost | null
  /** The device's clock; null while it is not known. */
  readonly times: DeviceTimes | null
  /** The host's wall clock in Unix ms, by which the bridge times boosts. */
  readonly now: number
}

/** What a command does about boosts. */
export interface BoostPlan {
  /** How long boosts last from now on; undefined leaves it unchanged. */
  readonly boostMinutes: number | undefined
  /** °C of the next boost; null takes it back, undefined leaves it unchanged. */
  readonly boostSetpoint: number | null | undefined
  /** The bridge-timed boost that runs once the command is done. */
  readonly boost: Boost | null
}

type Begun = Pick<Boost, 'key' | 'before' | 'period' | 'setpoints'>

export class BoostPlans {
  readonly #draft: Draft
  readonly #context: BoostContext
  #boost: Boost | null
  /** What to put back after the boost that this command begins. */
  #begun: Begun | undefined
  #asked: { readonly key: string; readonly value: unknown } | undefined
  #minutes: number | undefined
  #next: number | null | undefined

  constructor(draft: Draft, context: BoostContext) {
    this.#draft = draft
    this.#context = context
    this.#boost = context.boost
  }

  /** Whether the command begins a bridge-timed boost, or gives the running one another end. */
  get beginning(): boolean {
    return this.#begun !== undefined
  }

  /** Is told each key of a person's command. Takes those that are about boosts alone; returns whether it took this one. */
  takes({ key, min, max }: Pick<Datapoint, 'key' | 'min' | 'max'>, value: unknown): boolean {
    this.#giveWay(key, value)
    if (key === 'boost_minutes') {
      this.#minutes = readBounded(key, value, { min, max, resolution: 1 })
      this.#draft.tellRounded(key, value, this.#minutes)
    } else if (key === 'timer_setpoint' && this.#byBridge) {
      this.#next = value === null || value === '' ? null : this.#within(key, value)
      if (this.#next !== null) this.#asked = { key, value }
    } else if (key === 'target_temperature' && this.beginning) {
      this.#asked = { key, value }
    } else return false
    return true
  }

  /** @throws BridgeError `BAD_REQUEST` for a device that is off and times boosts itself */
  begin(): void {
    if (this.#byBridge) this.#begin()
    else this.#setTimer()
  }

  /** Clears the boost. A bridge-timed boost has already ended, in `takes`. */
  clear(): void {
    if (!this.#byBridge) this.#draft.write('timer_end', null, 'preset')
  }

  result(): BoostPlan {
    const boost = this.#boost
    const plan = { boostMinutes: this.#minutes, boostSetpoint: this.#next }
    if (this.#begun) return { ...plan, boost: this.#run(this.#begun) }
    if (!boost || !this.#asked) return { ...plan, boost }
    return { ...plan, boost: withSetpoint(boost, this.#write(boost.key)) }
  }

  get #byBridge(): boolean {
    return !this.#draft.readings.rows.model.timer
  }

  get #length(): number {
    return this.#minutes ?? this.#context.boostMinutes
  }

  /** Ends the running boost when a command asks for something else. */
  #giveWay(key: string, value: unknown): void {
    const boost = this.#boost
    if (!boost || this.beginning) return
    const draft = this.#draft
    if (INSTEAD.has(key)) {
      if (key === 'preset' && value === 'boost') return
      this.#boost = null
      draft.putBack(restoring(boost, draft))
    } else if (key === 'target_temperature' || (isBoostKey(key) && key === boostKey(draft))) {
      this.#boost = null
    }
  }

  #begin(): void {
    const draft = this.#draft
    const known = this.#boost
    const running = known && found(known, draft) !== 'changed' ? known : null
    this.#boost = running
    const { key, before: kept, period } = running ?? before(draft)
    // A setpoint that was sent without an answer may be in the device all the same, though nothing shows it yet.
    this.#begun = { key, before: kept, period, setpoints: known?.key === key ? known.setpoints : [] }
  }

  /**
   * Sets the device's timer. On a device that is off it would run out unseen, and nothing would switch the device off again.
   */
  #setTimer(): void {
    const draft = this.#draft
    if (draft.value('power_off') === true) {
      throw new BridgeError(
        'BAD_REQUEST',
        'preset can’t be boost while the device is off: its timer does not switch it on. Set mode first, or in the same command.',
      )
    }
    draft.write('timer_end', requireTimes(this.#context.times).boostEnd(this.#length), 'preset')
    draft.decide('operating_mode', 'timer')
  }

  #run(begun: Begun): Boost {
    const draft = this.#draft
    const setpoint = this.#write(begun.key)
    if (draft.value('power_off') === true) draft.write('power_off', false, 'preset')
    const { away } = draft.readings.rows.model
    if (away && draft.value('operating_mode') === 'away') {
      draft.write(away.start, null, 'preset')
      draft.write(away.end, null, 'preset')
      draft.decide('operating_mode', draft.value('program'))
    }
    const { now } = this.#context
    return boosted(begun, { now, minutes: this.#length, setpoint })
  }

  /** Writes the setpoint that was asked for, or else the default for boosts; returns it as the device will hold it. */
  #write(key: Boost['key']): number {
    const draft = this.#draft
    const usual = this.#boost?.setpoints.at(-1) ?? this.#next ?? this.#context.boostSetpoint ?? undefined
    const asked = this.#asked?.value ?? usual ?? defaultSetpoint(draft, draft.readings.targetTemperature())
    const { min, max } = setpointBounds('control', draft)
    // The limits may have moved since the default was set, so it is brought within them. Only a setpoint asked for now is
    // refused.
    const value = this.#asked || typeof asked !== 'number' ? asked : Math.min(max, Math.max(min, asked))
    const set = draft.write(key, value, this.#asked?.key ?? 'preset')
    return typeof set === 'number' ? set : min
  }

  #within(key: string, value: unknown): number {
    const set = readBounded(key, value, setpointBounds('control', this.#draft))
    this.#draft.tellRounded(key, value, set)
    return set
  }
}

const isBoostKey = (key: string): boolean => BOOST_KEYS.some((known) => known === key)
