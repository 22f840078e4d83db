/** Which kind of device sent a message, judged by what only that kind has. */
import type { Kind } from './types.ts'

const PARAMETERS: readonly (readonly [Kind, readonly number[]])[] = [
  ['thermostat', [2, 7, 26, 27, 31]],
  ['relay', [68, 70, 71]],
  ['voltage_relay', [119]],
]

/** The kind that sends these parameters; undefined if they fit none or several. */
export function kindOf(parameters: { has(id: number): boolean }): Kind | undefined {
  const [first, second] = PARAMETERS.filter(([, ids]) => ids.some((id) => parameters.has(id)))
  return second === undefined ? first?.[0] : undefined
}

const SETPOINT_FIELDS = ['t.5', 'm.0', 'm.2', 'm.5', 'f.16']
const RELAY_FIELDS = ['m.1', 'f.2', 'f.10']

/** The kind that sends this telemetry; undefined if it does not show. */
export function kindOfTelemetry(fields: { has(field: string): boolean }): Kind | undefined {
  if (fields.has('u.15')) return 'voltage_relay'
  if (SETPOINT_FIELDS.some((field) => fields.has(field))) return 'thermostat'
  return RELAY_FIELDS.every((field) => fields.has(field)) ? 'relay' : undefined
}
