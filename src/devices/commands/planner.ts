import type { Datapoint } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'
import { ALWAYS, type Encoded, encodeValue, readBounded, readLabel } from '../../protocol/values.ts'
import { AwayPlanner, timesOf } from '../away/plans.ts'
import { AWAY_KEYS } from '../away/times.ts'
import type { Shown } from '../boost/judgement.ts'
import { BoostPlanner } from '../boost/plans.ts'
import { sensorOf, setpointBounds } from '../facts/limits.ts'
import type { CommandContext, PlannedChange, PlannedCommand } from './command.ts'

/** Puts one command together, key by key, on top of what the device says and what was decided before. */
export class Planner {
  readonly #context: CommandContext
  readonly #changes = new Map<number, PlannedChange>()
  readonly #askedBy = new Map<number, string>()
  readonly #rounded: Record<string, { asked: number; set: number }> = {}
  /** What this command has already decided, over what the device last said. */
  readonly #decided: Map<string, unknown>
  /** The readings with those decisions over them: limits depend on the control type, for one. */
  readonly #shown: Shown
  readonly #boost: BoostPlanner
  readonly #away: AwayPlanner
  #boostMinutes: number | undefined
  #setpoint: number | undefined

  constructor(context: CommandContext) {
    const { readings } = context
    this.#context = context
    this.#decided = new Map(context.decided)
    const { tenths, setpointStep } = readings
    const shown: Shown = {
      value: (key) => this.#current(key),
      number: (key) => this.#number(key),
      tenths,
      setpointStep,
    }
    this.#shown = shown
    const write = (key: string, value: unknown, askedBy: string) => this.#write(key, value, askedBy)
    const decide = (key: string, value: unknown) => this.#decided.set(key, value)
    this.#away = new AwayPlanner({ context, shown, write, decide, boosting: () => this.#boost.beginning })
    this.#boost = new BoostPlanner({
      context,
      shown,
      write,
      putBack: (values) => this.putBack(values),
      decide,
      tellRounded: (key, asked, set) => this.#tellRounded(key, asked, set),
    })
  }

  /** @throws BridgeError of what can only be told from the whole command: times of away, a boost, both locks */
  result(): PlannedCommand {
    this.#away.plan()
    const boost = this.#boost.result(this.#boostMinutes ?? this.#context.boostMinutes)
    this.#guardLocks()
    return {
      changes: this.#changes,
      askedBy: this.#askedBy,
      rounded: this.#rounded,
      boostMinutes: this.#boostMinutes,
      boostSetpoint: boost.next,
      boost: boost.boost,
      setpoint: boost.setpoint ?? this.#setpoint,
      decided: this.#decided,
    }
  }

  apply(datapoint: Datapoint, value: unknown): void {
    const { key } = datapoint
    const away = AWAY_KEYS.get(key)
    if (away) {
      this.#away.ask(away.end, { key, value })
      return
    }
    this.#boost.hear(key, value)
    switch (key) {
      case 'mode':
        this.#mode(readLabel('mode', value, this.#modes()))
        break
      case 'preset':
        this.#preset(readLabel('preset', value, ['none', 'away', 'boost']))
        break
      case 'target_temperature':
        this.#away.plan()
        this.#target(value)
        break
      case 'boost_minutes':
        this.#boostMinutes = readBounded('boost_minutes', value, { ...datapoint, resolution: 1 })
        this.#tellRounded('boost_minutes', value, this.#boostMinutes)
        break
      case 'load_control':
        this.#loadControl(readLabel('load_control', value, ['by_setpoint', 'always_on', 'always_off']))
        break
      default:
        if (key === 'timer_setpoint' && this.#ownTimer) this.#boost.ask(key, value)
        else this.#write(key, value, key)
    }
  }

  /** Writes values as they were once read; a setpoint that the limits no longer allow as near to it as they do. */
  putBack(values: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(values)) this.#write(key, value, 'preset', true)
  }

  /** Whether the bridge times boosts, since the device has no timer. */
  get #ownTimer(): boolean {
    return !this.#context.readings.rows.model.timer
  }

  /** Refuses a command after which no command at all would be accepted any more. */
  #guardLocks(): void {
    const touched = this.#decided.has('lan_lock') || this.#decided.has('cloud_lock')
    if (touched && this.#current('lan_lock') === true && this.#current('cloud_lock') === true) {
      throw new BridgeError(
        'BAD_REQUEST',
        'With both locks on, the device takes no commands from any network and only its own keys can undo that. Set both at the device itself if you mean it.',
      )
    }
  }

  #current(key: string): unknown {
    return this.#decided.has(key) ? this.#decided.get(key) : this.#context.readings.values.get(key)
  }

  #number(key: string): number | undefined {
    const value = this.#current(key)
    return typeof value === 'number' ? value : undefined
  }

  /** heat and cool depend on the load that was installed, so that a page can't turn a heating cable into a cooler. */
  #modes() {
    return this.#current('cooling') === true ? (['off', 'cool', 'auto'] as const) : (['off', 'heat', 'auto'] as const)
  }

  #mode(mode: 'off' | 'heat' | 'cool' | 'auto'): void {
    this.#write('power_off', mode === 'off', 'mode')
    if (mode !== 'off') this.#write('program', mode === 'auto' ? 'schedule' : 'manual', 'mode')
  }

  #preset(preset: 'none' | 'away' | 'boost'): void {
    if (preset === 'none') {
      this.#away.clear('preset')
      if (!this.#ownTimer) this.#write('timer_end', null, 'preset')
    } else if (preset === 'away') {
      this.#away.begin('preset')
    } else if (this.#ownTimer) {
      this.#boost.begin(this.#away.keys)
    } else {
      this.#guardTimer()
      const end = timesOf(this.#context).boostEnd(this.#boostMinutes ?? this.#context.boostMinutes)
      this.#write('timer_end', end, 'preset')
      this.#decided.set('operating_mode', 'timer')
    }
  }

  /** The timer of a device that is off would run out unseen; and nothing would switch the device off again afterwards. */
  #guardTimer(): void {
    if (this.#current('power_off') !== true) return
    throw new BridgeError(
      'BAD_REQUEST',
      'preset can’t be boost while the device is off: its timer does not switch it on. Set mode first, or in the same command.',
    )
  }

  /** As a temporary setpoint, since the device knows these words in no other mode (Welrok OZ, "Parameters list"). */
  #loadControl(wanted: 'by_setpoint' | 'always_on' | 'always_off'): void {
    const scheduled =
      this.#current('program') === 'schedule' && !['away', 'timer'].includes(String(this.#current('operating_mode')))
    if (wanted === 'by_setpoint') {
      // Choosing the schedule anew is what ends a temporary setpoint.
      if (scheduled) this.#write('program', 'schedule', 'load_control')
    } else if (scheduled) {
      this.#write('temporary_setpoint', wanted === 'always_on' ? ALWAYS : -ALWAYS, 'load_control')
    } else {
      throw new BridgeError(
        'BAD_REQUEST',
        `load_control can be ${wanted} only in auto, without away or boost: the device knows it only in place of the schedule's setpoint. Set mode to auto and preset to none first, or in the same command.`,
      )
    }
  }

  /** The setpoint of whatever is in force: timer, the schedule's temporary one, or the manual one. It ends away. */
  #target(value: unknown): void {
    if (this.#boost.beginning) {
      this.#boost.ask('target_temperature', value)
      return
    }
    const sensor = sensorOf('control', this.#shown)
    this.#away.giveWay('target_temperature', `away_${sensor}_setpoint`)
    const key =
      this.#current('operating_mode') === 'timer'
        ? 'timer_setpoint'
        : this.#current('program') === 'schedule'
          ? 'temporary_setpoint'
          : `manual_${sensor}_setpoint`
    const set = this.#write(key, value, 'target_temperature')
    if (typeof set === 'number') this.#setpoint = set
  }

  /** Returns what the device will hold. */
  #write(key: string, value: unknown, askedBy: string, back = false): unknown {
    const { readings, learned } = this.#context
    const known = readings.rows.parameterByKey.get(key)
    const row = known && readings.rowOf(known)
    const type = row && readings.types.get(row.id)
    if (!row || type === undefined) {
      throw new BridgeError('UNKNOWN_KEY', `This unit has no ${key}, so ${askedBy} can't be set to that.`)
    }
    const bounds = row.limits ? setpointBounds(row.limits, this.#shown) : { ...row, resolution: row.step }
    const most = learned[learnedMax(key)]
    const within =
      back && row.limits && typeof value === 'number'
        ? clamp(value, bounds)
        : most !== undefined && Number(value) > most && Number(value) <= (row.max ?? most)
          ? most
          : value
    const encoded = preferred(encodeValue(row, type, within, bounds), learned[key])
    const first = encoded[0]
    if (!first) throw new BridgeError('INTERNAL', `Nothing to write for ${key}.`)
    this.#changes.set(row.id, { id: row.id, type, raws: encoded.map(({ raw }) => raw) })
    this.#askedBy.set(row.id, askedBy)
    this.#decided.set(key, first.value)
    if (!back && typeof first.value === 'number') this.#tellRounded(askedBy, value, first.value)
    return first.value
  }

  #tellRounded(key: string, value: unknown, set: number): void {
    const asked = Number(value)
    if (asked !== set) this.#rounded[key] = { asked, set }
  }
}

/** Under this name it is remembered that a unit takes less than the maximum of its row. */
export const learnedMax = (key: string): string => `${key}_max`

function clamp(value: number, { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined }) {
  return Math.min(max ?? value, Math.max(min ?? value, value))
}

function preferred(encoded: readonly Encoded[], raw: number | undefined): readonly Encoded[] {
  if (raw === undefined || encoded.length < 2) return encoded
  return [...encoded].sort((a, b) => Number(b.raw === String(raw)) - Number(a.raw === String(raw)))
}
