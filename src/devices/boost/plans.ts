import { readBounded } from '../../protocol/values.ts'
import type { CommandContext } from '../commands/command.ts'
import { setpointBounds } from '../facts/limits.ts'
import { before, boosted, boostKey, defaultSetpoint, found, restoring, type Shown, withSetpoint } from './judgement.ts'
import { BOOST_KEYS, type Boost } from './types.ts'

/** Keys that say what is to hold instead: what a boost has changed is put back before they are applied. */
const INSTEAD: ReadonlySet<string> = new Set(['mode', 'preset', 'program', 'power_off', 'control_type'])

interface AwayKeys {
  readonly start: string
  readonly end: string
}

interface BoostPlannerOptions {
  readonly context: CommandContext
  /** The readings with the command's decisions over them. */
  readonly shown: Shown
  /** Returns what the device will hold. */
  readonly write: (key: string, value: unknown, askedBy: string) => unknown
  readonly putBack: (values: Readonly<Record<string, unknown>>) => void
  readonly decide: (key: string, value: unknown) => void
  readonly tellRounded: (key: string, asked: unknown, set: number) => void
}

interface BoostPlan {
  /** What runs once the command is done. */
  readonly boost: Boost | null
  /** °C of boosts from now on; null takes it back, undefined leaves it. */
  readonly next: number | null | undefined
  /** °C in force by the boost; undefined when the command does not touch it. */
  readonly setpoint: number | undefined
}

/**
 * The part of a command that is about a boost by the bridge's own timer: one to begin, one that runs and gets another
 * setpoint or end, and one that ends because a person asks for something else.
 */
export class BoostPlanner {
  readonly #options: BoostPlannerOptions
  #boost: Boost | null
  /** What there is to put back after the boost that the command begins. */
  #begun: (Pick<Boost, 'key' | 'before' | 'period' | 'setpoints'> & { readonly away: AwayKeys }) | undefined
  #asked: { readonly key: string; readonly value: unknown } | undefined
  #next: number | null | undefined

  constructor(options: BoostPlannerOptions) {
    this.#options = options
    this.#boost = options.context.boost
  }

  /** Whether the command begins a boost, or gives the one that runs another end. */
  get beginning(): boolean {
    return this.#begun !== undefined
  }

  /** A person's command names this key. */
  hear(key: string, value: unknown): void {
    const boost = this.#boost
    if (!boost || this.beginning) return
    const { shown, putBack } = this.#options
    if (INSTEAD.has(key)) {
      if (key === 'preset' && value === 'boost') return
      this.#boost = null
      putBack(restoring(boost, shown))
    } else if (key === 'target_temperature' || (isBoostKey(key) && key === boostKey(shown))) {
      this.#boost = null
    }
  }

  begin(away: AwayKeys): void {
    const { shown } = this.#options
    const known = this.#boost
    const running = known && found(known, shown) !== 'changed' ? known : null
    this.#boost = running
    const begun = running ?? before(shown, away)
    // One that was sent without an answer may be in the device all the same, though nothing shows it yet.
    const setpoints = known?.key === begun.key ? known.setpoints : []
    this.#begun = { key: begun.key, before: begun.before, period: begun.period, setpoints, away }
  }

  /** A setpoint for the boost that begins or runs; as `timer_setpoint` also for those to come, until null takes it back. */
  ask(key: 'timer_setpoint' | 'target_temperature', value: unknown): void {
    if (key === 'timer_setpoint') {
      this.#next = value === null || value === '' ? null : this.#within(key, value)
      if (this.#next === null) return
    }
    this.#asked = { key, value }
  }

  result(minutes: number): BoostPlan {
    if (this.#begun) return this.#begin(minutes)
    const boost = this.#boost
    if (!boost || !this.#asked) return { boost, next: this.#next, setpoint: undefined }
    const setpoint = this.#write(boost.key)
    return { boost: withSetpoint(boost, setpoint), next: this.#next, setpoint }
  }

  #begin(minutes: number): BoostPlan {
    const { shown, context, write, decide } = this.#options
    const begun = this.#begun ?? { ...before(shown, null), setpoints: [], away: null }
    const { key, away } = begun
    const setpoint = this.#write(key)
    if (shown.value('power_off') === true) write('power_off', false, 'preset')
    if (away && shown.value('operating_mode') === 'away') {
      write(away.start, null, 'preset')
      write(away.end, null, 'preset')
      decide('operating_mode', shown.value('program'))
    }
    const { now } = context
    return { boost: boosted(begun, { now, minutes, setpoint }), next: this.#next, setpoint }
  }

  /** Writes the setpoint that was asked for, or else the one for boosts; returns it as the device will hold it. */
  #write(key: Boost['key']): number {
    const { shown, context, write } = this.#options
    const running = this.#boost?.setpoints.at(-1)
    const usual = running ?? this.#next ?? context.boostSetpoint ?? undefined
    const asked = this.#asked?.value ?? usual ?? defaultSetpoint(shown, context.readings.targetTemperature())
    const { min, max } = setpointBounds('control', shown)
    // Limits may have moved since the usual one was set; only what is asked for now is refused.
    const value = this.#asked || typeof asked !== 'number' ? asked : Math.min(max, Math.max(min, asked))
    const set = write(key, value, this.#asked?.key ?? 'preset')
    return typeof set === 'number' ? set : min
  }

  #within(key: string, value: unknown): number {
    const set = readBounded(key, value, setpointBounds('control', this.#options.shown))
    this.#options.tellRounded(key, value, set)
    return set
  }
}

const isBoostKey = (key: string): boolean => BOOST_KEYS.some((known) => known === key)
