/**
 * From the entries of a command to one write, in the words of the device. Pure: the device's facts and the time come from its
 * context.
 */
import type { Datapoint } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'
import { ALWAYS, readLabel } from '../../protocol/values.ts'
import { AwayPlans } from '../away/plans.ts'
import type { PutBack } from '../boost/facts.ts'
import { type BoostContext, type BoostPlan, BoostPlans } from '../boost/plans.ts'
import { Draft, type DraftContext } from '../plan/draft.ts'
import { sensorOf } from '../plan/limits.ts'
import type { Entry } from './parse.ts'

/** What planning needs to know: facts, the time, and what earlier commands have decided. */
export interface CommandContext extends DraftContext, BoostContext {}

/** The result of planning one command. */
export interface PlannedCommand extends Pick<Draft, 'changes' | 'askedBy' | 'rounded' | 'decided'>, BoostPlan {
  /**
   * °C of the setpoint in force once the command is done; undefined when the command does not touch it, null when nobody knows
   * it.
   */
  readonly setpoint: number | null | undefined
}

/**
 * Plans `entries`.
 * @throws BridgeError `OUT_OF_RANGE`, `BAD_REQUEST`, `UNKNOWN_KEY` for a parameter that this unit does not have
 */
export function planCommand(entries: readonly Entry[], context: CommandContext): PlannedCommand {
  const planner = new Planner(context)
  for (const [datapoint, value] of entries) planner.apply(datapoint, value)
  return planner.result()
}

/** Plans putting values back after a boost; empty when an earlier command has decided about that boost. */
export function planPutBack({ values, boost, next }: PutBack, context: CommandContext): PlannedCommand {
  if (context.boost !== boost) return new Planner(context).result()
  const planner = new Planner({ ...context, boost: next })
  planner.putBack(values)
  return planner.result()
}

/** Builds one command, key by key, on top of what the device says and what earlier commands have decided. */
class Planner {
  readonly #draft: Draft
  readonly #away: AwayPlans
  readonly #boost: BoostPlans

  constructor(context: CommandContext) {
    this.#draft = new Draft(context)
    this.#away = new AwayPlans(this.#draft, context.times)
    this.#boost = new BoostPlans(this.#draft, context)
  }

  apply(datapoint: Datapoint, value: unknown): void {
    const { key } = datapoint
    if (this.#away.takes(key, value) || this.#boost.takes(datapoint, value)) return
    switch (key) {
      case 'mode':
        this.#mode(readLabel('mode', value, this.#modes()))
        break
      case 'preset':
        this.#preset(readLabel('preset', value, ['none', 'away', 'boost']))
        break
      case 'target_temperature':
        this.#target(value)
        break
      case 'load_control':
        this.#loadControl(readLabel('load_control', value, ['by_setpoint', 'always_on', 'always_off']))
        break
      default:
        this.#draft.write(key, value, key)
    }
  }

  putBack(values: PutBack['values']): void {
    this.#draft.putBack(values)
  }

  /** @throws BridgeError for what only the whole command shows: times of away, a boost, both locks */
  result(): PlannedCommand {
    this.#away.plan(this.#boost.beginning)
    const boost = this.#boost.result()
    this.#guardLocks()
    this.#decideMode()
    const { changes, askedBy, rounded, decided } = this.#draft
    return { changes, askedBy, rounded, decided, ...boost, setpoint: this.#setpoint() }
  }

  /** Decides the mode in force now: the telemetry tells it only later, and the next command may come before that. */
  #decideMode(): void {
    const draft = this.#draft
    if (['away', 'timer'].includes(String(draft.value('operating_mode')))) return
    const program = draft.value('program')
    if (program === 'schedule' && draft.writes('temporary_setpoint')) draft.decide('operating_mode', 'temporary')
    else if (draft.writes('program')) draft.decide('operating_mode', program)
  }

  /** °C in force once the command is done; undefined when the command does not touch it, null when the schedule decides it. */
  #setpoint(): number | null | undefined {
    const draft = this.#draft
    const key = this.#keyInForce()
    if (!draft.writes(key) && !draft.decided.has('operating_mode')) return undefined
    const scheduled = key === 'temporary_setpoint' && draft.value('operating_mode') === 'schedule'
    return scheduled ? null : (draft.number(key) ?? null)
  }

  /** The key of the setpoint in force: that of the timer, away, schedule or manual mode. */
  #keyInForce(): string {
    const draft = this.#draft
    const sensor = sensorOf('control', draft)
    const mode = draft.value('operating_mode')
    if (mode === 'timer') return 'timer_setpoint'
    if (mode === 'away') return `away_${sensor}_setpoint`
    return draft.value('program') === 'schedule' ? 'temporary_setpoint' : `manual_${sensor}_setpoint`
  }

  /** Refuses a command after which the device would accept no command at all. */
  #guardLocks(): void {
    const draft = this.#draft
    const touched = draft.decided.has('lan_lock') || draft.decided.has('cloud_lock')
    if (touched && draft.value('lan_lock') === true && draft.value('cloud_lock') === true) {
      throw new BridgeError(
        'BAD_REQUEST',
        'With both locks on, the device accepts no commands from any network, and only its own keys can undo that. If you want this, set both locks at the device itself.',
      )
    }
  }

  /**
   * The possible modes. Whether heat or cool follows from the installed load, so that a page can't turn a heating cable into a
   * cooler.
   */
  #modes() {
    return this.#draft.value('cooling') === true
      ? (['off', 'cool', 'auto'] as const)
      : (['off', 'heat', 'auto'] as const)
  }

  #mode(mode: 'off' | 'heat' | 'cool' | 'auto'): void {
    this.#draft.write('power_off', mode === 'off', 'mode')
    if (mode !== 'off') this.#draft.write('program', mode === 'auto' ? 'schedule' : 'manual', 'mode')
  }

  #preset(preset: 'none' | 'away' | 'boost'): void {
    if (preset === 'away') this.#away.begin('preset')
    else if (preset === 'boost') this.#boost.begin()
    else {
      this.#away.clear('preset')
      this.#boost.clear()
    }
  }

  /**
   * Written as a temporary setpoint, since the device knows always on and always off in no other mode (Welrok OZ, "Parameters
   * list").
   */
  #loadControl(wanted: 'by_setpoint' | 'always_on' | 'always_off'): void {
    const draft = this.#draft
    const scheduled =
      draft.value('program') === 'schedule' && !['away', 'timer'].includes(String(draft.value('operating_mode')))
    if (wanted === 'by_setpoint') {
      // Choosing the schedule again ends a temporary setpoint.
      if (scheduled) draft.write('program', 'schedule', 'load_control')
    } else if (scheduled) {
      draft.write('temporary_setpoint', wanted === 'always_on' ? ALWAYS : -ALWAYS, 'load_control')
    } else {
      throw new BridgeError(
        'BAD_REQUEST',
        `load_control can be ${wanted} only in auto, without away or boost, because it replaces the setpoint of the schedule. Set mode to auto and preset to none first, or in the same command.`,
      )
    }
  }

  /** Sets the setpoint in force; ends away. */
  #target(value: unknown): void {
    this.#away.plan(this.#boost.beginning)
    this.#away.giveWay('target_temperature', `away_${sensorOf('control', this.#draft)}_setpoint`)
    this.#draft.write(this.#keyInForce(), value, 'target_temperature')
  }
}
