/** The rows of a device on every way that leads to them, for the walk of `rows.test.ts`. */
import {
  type Datapoint,
  isMirror,
  type Model,
  type ParameterRow,
  platformOf,
  type Scale,
  type WireType,
} from '../../../src/catalog/index.ts'
import { labelOf } from '../../../src/catalog/locales/index.ts'
import { isObject, type JsonObject } from '../../../src/core/json.ts'
import { encodeValue } from '../../../src/protocol/values.ts'
import type { VirtualUnit } from '../../../src/simulator/index.ts'
import { render } from '../../support/contracts/ha-template.ts'

/** Each of a pair keeps to its half, since a device refuses an upper limit that is not above the lower one. */
const LOWER: Readonly<Record<string, string>> = {
  floor_setpoint_min: 'floor_setpoint_max',
  air_setpoint_min: 'air_setpoint_max',
  floor_limit_min: 'floor_limit_max',
  warning_temperature_min: 'warning_temperature_max',
  voltage_min: 'voltage_max',
}

/** The rows that decide what others mean are walked by themselves, and so are those that follow from others. */
const APART = new Set([
  'program',
  'power_off',
  'control_type',
  'temporary_setpoint',
  'away_start',
  'away_end',
  'away_start_utc',
  'away_end_utc',
  'timer_end',
  'timer_setpoint',
  'lan_lock',
  'cloud_lock',
])

/** The rows that can be set whatever the others say. */
export function plainRows(model: Model, unit: VirtualUnit): readonly ParameterRow[] {
  return model.parameters.filter(
    ({ access, key, limits, id }) =>
      access === 'write' && !APART.has(key) && !limits && unit.parameter(id) !== undefined,
  )
}

/** Min, max, and a step within each; every label; both booleans. As many as the longest enum needs, over and over. */
export function valuesOf(row: ParameterRow, rows: readonly ParameterRow[]): readonly (number | string | boolean)[] {
  const { scale, key, step = 1 } = row
  switch (scale.as) {
    case 'boolean':
      return [true, false]
    case 'enum':
      return [...new Set(Object.values(scale.labels))]
    case 'timeOfDay':
      return ['00:00', '23:59', '06:30']
    default: {
      const { min = 0, max = 0 } = row
      const upper = rows.find((other) => other.key === LOWER[key])
      const lower = rows.find((other) => LOWER[other.key] === key)
      const half = (a: number, b: number) => Math.round((a + b) / 2)
      const to = upper ? Math.min(max, half(min, upper.max ?? max) - step) : max
      const from = lower ? Math.max(min, half(lower.min ?? min, max) + step) : min
      // As much as the device can hold of it.
      const tidy = (value: number) => Number(encodeValue(row, row.wire, Number(value.toFixed(6)))[0]?.value)
      return [tidy(from), tidy(to), tidy(from + step), tidy(to - step)]
    }
  }
}

/** What the wire may hold for a value, by the codec that is tested by itself. */
export function rawsOf(unit: VirtualUnit, row: ParameterRow, value: unknown): readonly string[] {
  const type = unit.device.parameterList().find(([id]) => id === row.id)?.[1] ?? row.wire
  return encodeValue(row, type as WireType, value, {}).map(({ raw }) => raw)
}

/** Two raw values of a field, or all that an enum has. */
const telemetryRaws = (scale: Scale): readonly string[] =>
  scale.as === 'enum' ? Object.keys(scale.labels) : scale.as === 'boolean' ? ['0', '1'] : ['7', '23']

/** How many rounds it takes to have seen every raw value. */
export const telemetryRounds = ({ telemetry }: Model): number =>
  Math.max(...telemetry.map(({ scale }) => telemetryRaws(scale).length))

/** The fields that the unit does not send of itself, though its document has them. */
export function missingTelemetry(unit: VirtualUnit, model: Model): readonly string[] {
  const { reply } = unit.device.handle({ cmd: 4 })
  const groups = isObject(reply) && isObject(reply.telemetry) ? reply.telemetry : {}
  const has = (field: string) => {
    if (model.dialect === 'list') return isObject(reply) && field in reply
    const [name = '', number = ''] = field.split('.')
    const group = groups[name]
    return isObject(group) && number in group
  }
  return model.telemetry.flatMap(({ field, documents }) =>
    documents.includes(model.document) && !has(field) ? [field] : [],
  )
}

/** The true answer to `{"cmd":4}`, but each field that has a row of its own holds another of its raw values. */
export function telemetryWith(unit: VirtualUnit, model: Model, round: number) {
  const { reply } = unit.device.handle({ cmd: 4 })
  if (!isObject(reply)) throw new Error('no telemetry')
  const rows = model.telemetry.filter((row) => !isMirror(row))
  const raws = new Map(
    rows.map(({ field, scale }) => {
      const all = telemetryRaws(scale)
      return [field, all[round % all.length] ?? '']
    }),
  )
  if (model.dialect === 'list') return { raws, text: JSON.stringify({ ...reply, ...Object.fromEntries(raws) }) }
  const groups: Record<string, JsonObject> = {}
  for (const [name, group] of Object.entries(isObject(reply.telemetry) ? reply.telemetry : {})) {
    if (isObject(group)) groups[name] = group
  }
  for (const { field, scale } of rows) {
    const [name = '', number = ''] = field.split('.')
    const raw = raws.get(field)
    groups[name] = { ...groups[name], [number]: scale.as === 'boolean' ? raw === '1' : Number(raw) }
  }
  return { raws, text: JSON.stringify({ ...reply, telemetry: groups }) }
}

const climateFields: Readonly<Record<string, string>> = {
  mode: 'mode_state_template',
  preset: 'preset_mode_value_template',
  action: 'action_template',
  current_temperature: 'current_temperature_template',
  target_temperature: 'temperature_state_template',
  humidity: 'current_humidity_template',
}

/** What Home Assistant is to show of a value. */
function expected(row: Datapoint, value: unknown): string {
  if (row.type === 'timeOfDay' && row.access === 'write') return value === null ? '' : String(value)
  if (value === null) return 'None'
  if (row.type === 'enum') return labelOf(row, String(value), 'en')
  return typeof value === 'boolean' ? (value ? 'ON' : 'OFF') : String(value)
}

/** What is wrong with what Home Assistant makes of a row by the discovery document; empty when nothing is. */
export function entityErrors(row: Datapoint, components: JsonObject, state: JsonObject, stateTopic: string): string[] {
  const errors: string[] = []
  const value = state[row.key]
  const climate = isObject(components.climate) ? components.climate : undefined
  const inClimate = climateFields[row.key]
  if (climate && inClimate && inClimate in climate) {
    const shown = render(String(climate[inClimate]), { value_json: state })
    if (shown !== (value === null ? 'None' : String(value))) errors.push(`climate shows ${shown}, not ${String(value)}`)
  }
  const platform = platformOf(row)
  if (platform === undefined || platform === 'climate') return errors
  const component = components[row.key]
  // One that has not shown itself yet; that none stays so, the end of the walk tells.
  if (!isObject(component)) return errors
  if (component.platform !== platform) errors.push(`its platform is ${String(component.platform)}`)
  if (component.state_topic !== stateTopic) errors.push(`its state topic is ${String(component.state_topic)}`)
  const shown = render(String(component.value_template), { value_json: state })
  if (shown !== expected(row, value)) errors.push(`its entity shows ${shown}, not ${expected(row, value)}`)
  const { options } = component
  if (Array.isArray(options) && value !== null && !options.includes(shown)) errors.push(`${shown} is no option`)
  return errors
}

/** What Home Assistant publishes, and where, when somebody chooses `value`. */
export function haCommand(row: { readonly key: string }, components: JsonObject, value: unknown) {
  const component = components[row.key]
  if (!isObject(component) || component.command_topic === undefined) return undefined
  const { payload_on: on, payload_off: off, command_template: template } = component
  const typed =
    typeof template === 'string' ? render(template, { value: labelOf(row, String(value), 'en') }) : String(value)
  const payload = typeof value === 'boolean' ? String(value ? on : off) : typed
  return { topic: `/${String(component.command_topic)}`, payload }
}
