/** From a command, in the words of the state, to its entries: known, settable keys in the order in which they apply. */
import type { Datapoint } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { Readings } from '../facts/readings.ts'

/** A key of a command with what was asked for it. */
export type Entry = readonly [datapoint: Datapoint, value: unknown]

const MAX_KEYS = 64

/** Preset and mode decide what a setpoint means, so they come first, whatever their order in the command. */
const FIRST = ['power_off', 'cooling', 'control_type', 'program', 'mode', 'boost_minutes', 'preset']
/** The limits that setpoints have to lie within. */
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
export function parseCommand(command: unknown, readings: Readings): readonly Entry[] {
  if (!isObject(command)) throw new BridgeError('BAD_REQUEST', 'A command must be a JSON object of keys and values.')
  const keys = Object.keys(command)
  if (keys.length === 0) throw new BridgeError('BAD_REQUEST', 'The command is empty. It needs at least one key.')
  if (keys.length > MAX_KEYS)
    throw new BridgeError('BAD_REQUEST', `A command can't contain more than ${MAX_KEYS} keys.`)
  const entries = keys.map((key) => [writable(key, readings), plain(key, command[key])] as const)
  return entries.sort(([a], [b]) => rank(a.key) - rank(b.key))
}

/** Refuses nested values: no key takes them, and deep nesting can't even be shown in a message. */
function plain(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  throw new BridgeError('BAD_REQUEST', `${key} must be a number, a text, true, false or null, not nested.`)
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
