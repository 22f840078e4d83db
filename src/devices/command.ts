/**
 * From commands, in the words of the state, to one write, in the words of the device. Pure: what it needs to know of the
 * device stands in its readings.
 */
import type { Datapoint, WireType } from '../catalog/index.ts'
import { BridgeError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import { ALWAYS, type Encoded, encodeValue, readBounded, readLabel } from '../protocol/values.ts'
import { type LimitSource, sensorOf, setpointBounds } from './limits.ts'
import type { Readings } from './readings.ts'
import type { DeviceTimes } from './times.ts'

export interface CommandContext {
  readonly readings: Readings
  /** Raw values that this unit is known to take where its document names others, by parameter key. */
  readonly learned: Readonly<Record<string, number>>
  readonly boostMinutes: number
  /** The device's clock; null while it is not known. */
  readonly times: DeviceTimes | null
  /** What the commands before this one, in the same write, have decided, by key. */
  readonly decided: ReadonlyMap<string, unknown>
}

/** One parameter to be written; `raws` are alternatives, the first to be tried first. */
export interface PlannedChange {
  readonly id: number
  readonly type: WireType
  readonly raws: readonly string[]
}

/** What a command comes to. */
export interface PlannedCommand {
  readonly changes: ReadonlyMap<number, PlannedChange>
  /** For each parameter, the key of the command that asked for it. */
  readonly askedBy: ReadonlyMap<number, string>
  readonly rounded: Readonly<Record<string, { readonly asked: number; readonly set: number }>>
  readonly boostMinutes: number | undefined
  /** The setpoint in force once the command is done, in °C. */
  readonly setpoint: number | undefined
  /** What holds once it is done, by key, with what the commands before it decided. */
  readonly decided: ReadonlyMap<string, unknown>
}

const MAX_KEYS = 64

/** Preset and mode decide what a setpoint means, so they come first whatever the order in the command. */
const FIRST = ['power_off', 'control_type', 'program', 'mode', 'preset']
const LAST = 'target_temperature'

const rank = (key: string): number => (FIRST.includes(key) ? FIRST.indexOf(key) : key === LAST ? 99 : 50)

/**
 * The entries of a command, in the order in which they are to be applied.
 * @throws BridgeError `BAD_REQUEST`, `UNKNOWN_KEY`, `READ_ONLY`
 */
export function parseCommand(command: unknown, readings: Readings): readonly (readonly [Datapoint, unknown])[] {
  if (!isObject(command)) throw new BridgeError('BAD_REQUEST', 'A command must be a JSON object of keys and values.')
  const keys = Object.keys(command)
  if (keys.length === 0) throw new BridgeError('BAD_REQUEST', 'The command is empty: name at least one key.')
  if (keys.length > MAX_KEYS) throw new BridgeError('BAD_REQUEST', `A command can't name more than ${MAX_KEYS} keys.`)
  const entries = keys.map((key) => [writable(key, readings), plain(key, command[key])] as const)
  return entries.sort(([a], [b]) => rank(a.key) - rank(b.key))
}

/** No key takes anything nested, and what is nested deep enough can't even be shown in a message. */
function plain(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  throw new BridgeError('BAD_REQUEST', `${key} takes a number, a text, true, false or null, nothing nested.`)
}

function writable(key: string, { rows }: Readings): Datapoint {
  const datapoint = rows.byKey.get(key)
  if (!datapoint) {
    throw new BridgeError(
      'UNKNOWN_KEY',
      `${rows.model.name} has no "${key.slice(0, 60)}". Its state lists the keys it has.`,
    )
  }
  if (datapoint.access === 'read') throw new BridgeError('READ_ONLY', `${key} can be read but not set.`)
  return datapoint
}

/**
 * What `entries` come to.
 * @throws BridgeError `OUT_OF_RANGE`, `BAD_REQUEST`, `UNKNOWN_KEY` for a parameter that this unit does not have
 */
export function planCommand(
  entries: readonly (readonly [Datapoint, unknown])[],
  context: CommandContext,
): PlannedCommand {
  const planner = new Planner(context)
  for (const [datapoint, value] of entries) planner.apply(datapoint, value)
  planner.guardLocks()
  return planner.result()
}

class Planner {
  readonly #context: CommandContext
  readonly #changes = new Map<number, PlannedChange>()
  readonly #askedBy = new Map<number, string>()
  readonly #rounded: Record<string, { asked: number; set: number }> = {}
  /** The readings with this command's own decisions over them: limits depend on the control type, for one. */
  readonly #view: LimitSource
  /** What this command has already decided, over what the device last said. */
  readonly #decided: Map<string, unknown>
  #boostMinutes: number | undefined
  #setpoint: number | undefined

  constructor(context: CommandContext) {
    const { tenths, setpointStep } = context.readings
    this.#context = context
    this.#decided = new Map(context.decided)
    this.#view = { value: (key) => this.#current(key), tenths, setpointStep }
  }

  result(): PlannedCommand {
    return {
      changes: this.#changes,
      askedBy: this.#askedBy,
      rounded: this.#rounded,
      boostMinutes: this.#boostMinutes,
      setpoint: this.#setpoint,
      decided: this.#decided,
    }
  }

  apply(datapoint: Datapoint, value: unknown): void {
    switch (datapoint.key) {
      case 'mode':
        this.#mode(readLabel('mode', value, this.#modes()))
        break
      case 'preset':
        this.#preset(readLabel('preset', value, this.#presets()))
        break
      case 'target_temperature':
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
        this.#write(datapoint.key, value, datapoint.key)
    }
  }

  /** Refuses a command after which no command at all would be accepted any more. */
  guardLocks(): void {
    const touched = this.#decided.has('lan_lock') || this.#decided.has('cloud_lock')
    if (touched && this.#current('lan_lock') === true && this.#current('cloud_lock') === true) {
      throw new BridgeError(
        'BAD_REQUEST',
        'With both locks on, the device takes no commands from any network and only its own keys can undo that. Set both at the device (menu item bLc) if you mean it.',
      )
    }
  }

  #current(key: string): unknown {
    return this.#decided.has(key) ? this.#decided.get(key) : this.#context.readings.values.get(key)
  }

  /** heat and cool depend on the load that was installed, so that a page can't turn a heating cable into a cooler. */
  #modes() {
    return this.#current('cooling') === true ? (['off', 'cool', 'auto'] as const) : (['off', 'heat', 'auto'] as const)
  }

  #presets() {
    const { model } = this.#context.readings.rows
    return model.timer ? (['none', 'away', 'boost'] as const) : (['none', 'away'] as const)
  }

  #mode(mode: 'off' | 'heat' | 'cool' | 'auto'): void {
    this.#write('power_off', mode === 'off', 'mode')
    if (mode !== 'off') this.#write('program', mode === 'auto' ? 'schedule' : 'manual', 'mode')
  }

  #preset(preset: 'none' | 'away' | 'boost'): void {
    const { model } = this.#context.readings.rows
    const { away } = model
    // Only models with away have the key; this is for the compiler.
    if (!away) throw new BridgeError('UNKNOWN_KEY', `${model.name} has no presets.`)
    if (preset === 'none') {
      this.#write(away.start, null, 'preset')
      this.#write(away.end, null, 'preset')
      if (model.timer) this.#write('timer_end', null, 'preset')
      this.#decided.set('operating_mode', this.#current('program'))
      return
    }
    const times = this.#times()
    if (preset === 'boost') {
      this.#write('timer_end', times.boostEnd(this.#boostMinutes ?? this.#context.boostMinutes), 'preset')
      this.#decided.set('operating_mode', 'timer')
      return
    }
    const zone = model.timer ? 'utc' : 'device'
    this.#write(away.start, times.awayStart(zone), 'preset')
    this.#write(away.end, times.awayEnd(zone), 'preset')
    this.#decided.set('operating_mode', 'away')
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

  #times(): DeviceTimes {
    const { times } = this.#context
    if (times) return times
    throw new BridgeError(
      'DEVICE_UNREACHABLE',
      'The clock of the device is not known yet. Try again when it has been read.',
    )
  }

  /** The setpoint of whatever is in force: timer, away, the schedule's temporary one, or the manual one. */
  #target(value: unknown): void {
    const sensor = sensorOf('control', this.#view)
    const inForce = this.#current('operating_mode')
    const key =
      inForce === 'timer'
        ? 'timer_setpoint'
        : inForce === 'away'
          ? `away_${sensor}_setpoint`
          : this.#current('program') === 'schedule'
            ? 'temporary_setpoint'
            : `manual_${sensor}_setpoint`
    this.#write(key, value, 'target_temperature')
    const set = this.#decided.get(key)
    if (typeof set === 'number') this.#setpoint = set
  }

  #write(key: string, value: unknown, askedBy: string): void {
    const { readings, learned } = this.#context
    const row = readings.rows.parameterByKey.get(key)
    const type = row && readings.types.get(row.id)
    if (!row || type === undefined) {
      throw new BridgeError('UNKNOWN_KEY', `This unit has no ${key}, so ${askedBy} can't be set to that.`)
    }
    const bounds = row.limits ? setpointBounds(row.limits, this.#view) : { ...row, resolution: row.step }
    const encoded = preferred(encodeValue(row, type, value, bounds), learned[key])
    const first = encoded[0]
    if (!first) throw new BridgeError('INTERNAL', `Nothing to write for ${key}.`)
    this.#changes.set(row.id, { id: row.id, type, raws: encoded.map(({ raw }) => raw) })
    this.#askedBy.set(row.id, askedBy)
    this.#decided.set(key, first.value)
    if (typeof first.value === 'number') this.#tellRounded(askedBy, value, first.value)
  }

  #tellRounded(key: string, value: unknown, set: number): void {
    const asked = Number(value)
    if (asked !== set) this.#rounded[key] = { asked, set }
  }
}

function preferred(encoded: readonly Encoded[], raw: number | undefined): readonly Encoded[] {
  if (raw === undefined || encoded.length < 2) return encoded
  return [...encoded].sort((a, b) => Number(b.raw === String(raw)) - Number(a.raw === String(raw)))
}
