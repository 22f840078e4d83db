/**
 * From commands, in the words of the state, to one write, in the words of the device. Pure: what it needs to know of the
 * device stands in its readings.
 */
import type { Datapoint, WireType } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { PutBack } from '../boost/timer.ts'
import type { Boost } from '../boost/types.ts'
import type { DeviceTimes } from '../clock/times.ts'
import type { Readings } from '../facts/readings.ts'
import { Planner } from './planner.ts'

export interface CommandContext {
  readonly readings: Readings
  /** Raw values that this unit is known to take where its document names others, by parameter key. */
  readonly learned: Readonly<Record<string, number>>
  readonly boostMinutes: number
  /** The device's clock; null while it is not known. */
  readonly times: DeviceTimes | null
  /** The host's wall clock, Unix ms, by which the bridge's own timer is kept. */
  readonly now: number
  /** °C of the next boost by the bridge's own timer; null while nobody has set one. */
  readonly boostSetpoint: number | null
  /** The boost by the bridge's own timer that runs, or that the commands before this one begin. */
  readonly boost: Boost | null
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
  /** °C of the next boost; null takes it back, undefined leaves it. */
  readonly boostSetpoint: number | null | undefined
  /** The boost by the bridge's own timer that runs once the command is done. */
  readonly boost: Boost | null
  /** The setpoint in force once the command is done, in °C. */
  readonly setpoint: number | undefined
  /** What holds once it is done, by key, with what the commands before it decided. */
  readonly decided: ReadonlyMap<string, unknown>
}

const MAX_KEYS = 64

/** Preset and mode decide what a setpoint means, so they come first whatever the order in the command. */
const FIRST = ['power_off', 'cooling', 'control_type', 'program', 'mode', 'boost_minutes', 'preset']
/** What setpoints have to lie within. */
const LIMIT = /^(floor|air)_setpoint_(min|max)$/
const LAST = 'target_temperature'

function rank(key: string): number {
  if (LIMIT.test(key)) return -1
  if (FIRST.includes(key)) return FIRST.indexOf(key)
  return key === LAST ? FIRST.length + 1 : FIRST.length
}

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
  return planner.result()
}

/** What puts values back after a boost; nothing when a command before it has decided about that boost. */
export function planPutBack({ values, boost, then }: PutBack, context: CommandContext): PlannedCommand {
  if (context.boost !== boost) return new Planner(context).result()
  const planner = new Planner({ ...context, boost: then })
  planner.putBack(values)
  return planner.result()
}
