/** Turns a planned write into messages to publish (vendors' documents, "MQTT", control topics). Pure. */
import type { Model, ScheduleKind } from '../../catalog/index.ts'
import type { PlannedChange } from '../../devices/link/link.ts'
import { OBJECT_PREFIX, objectOfList } from '../../protocol/d2w.ts'
import type { ParameterList } from '../../protocol/replies.ts'
import type { EncodedDay } from '../../protocol/schedule.ts'
import type { Form } from '../topics.ts'

/** One parameter as it is written now, with one of its raw values. */
export interface Row extends Pick<PlannedChange, 'id' | 'type'> {
  readonly raw: string
}

export interface Command {
  /** The last level of the topic. */
  readonly name: string
  readonly payload: string
}

/** What is known of the device that determines the form of commands. */
export interface Situation {
  readonly serial: string
  readonly model: Model
  readonly form: Form
  /** The names under which it has published in this run. */
  readonly publishes: ReadonlySet<string>
  /** As last read; null before. */
  readonly parameters: ParameterList | null
  /** The operating mode in force, `m.1`; undefined while unknown. */
  readonly operatingMode: string | undefined
}

const ID = {
  mode: 2,
  controlType: 3,
  manualAir: 4,
  manualFloor: 5,
  brightness: 23,
  temporary: 29,
  powerOff: 125,
} as const

const NAMES: Readonly<Record<number, string>> = {
  [ID.mode]: 'mode',
  [ID.brightness]: 'bright',
  [ID.powerOff]: 'powerOff',
}

/** Topic names for commands, of all models. */
const COMMANDS = [
  ...['setTemp', 'bright', 'powerOff', 'mode', 'typeCtrl', 'maxFlrTmp', 'minFlrTmp', 'parameters'],
  ...['schedule', 'api'],
]

export const isCommand = (name: string): boolean => COMMANDS.includes(name)

/** These models accept any parameters in one message, in the format of the local API, and all requests of that API. */
const TAKE_ANY: readonly string[] = ['az', 'oz', 'ms', 'd2w']

/**
 * Only these models publish these names. This identifies them if nothing else does: no beacon arrives from another network.
 */
const TELLING = ['parameters', 'schedule']

/** Whether it accepts whole writes, and answers requests on `set/api` on `get/api`. */
export const hasApi = (model: Model | null, { form, publishes }: Pick<Situation, 'form' | 'publishes'>): boolean =>
  form === 'levels' && (TAKE_ANY.includes(model?.id ?? '') || TELLING.some((name) => publishes.has(name)))

const SCHEDULE = '0'
const INT16 = 3

/** What to publish, in this order; null when the device has no topic for all of it. */
export function commandsFor(rows: readonly Row[], situation: Situation): readonly Command[] | null {
  const { model } = situation
  if (hasApi(model, situation)) return [inOne(rows, situation)]
  // Every thermostat has a topic for each of a few parameters.
  if (model.kind !== 'thermostat') return null
  const commands: Command[] = []
  // The mode decides what a setpoint is for, so it goes first.
  for (const row of [...rows].sort((a, b) => rank(a) - rank(b))) {
    const name = row.id === setpointInForce(rows, situation) ? 'setTemp' : NAMES[row.id]
    if (name === undefined) return null
    commands.push({ name, payload: name === 'setTemp' ? degreesOf(row) : row.raw })
  }
  return commands
}

/** What to publish for one day of a schedule; null when the device has no topic for it. By the documents AZ and OZ have one. */
export function commandForDay(kind: ScheduleKind, day: EncodedDay, situation: Situation): Command | null {
  const { model } = situation
  if (!hasApi(model, situation) || !model.schedules.includes(kind)) return null
  const [sn, days] = [JSON.stringify(situation.serial), JSON.stringify(day)]
  return { name: 'schedule', payload: `{"sn":${sn},"${kind === 'air' ? 'ttAir' : 'tt'}":${days}}` }
}

const rank = ({ id }: Row): number => (id === ID.mode ? 0 : id === ID.powerOff ? 1 : 2)

function inOne(rows: readonly Row[], { serial, model }: Situation): Command {
  const list = rows.map(({ id, type, raw }) => [id, type, raw] as const)
  const object = model.dialect === 'object'
  const par = object ? objectOfList(list) : JSON.stringify(list)
  return { name: 'parameters', payload: `{${object ? OBJECT_PREFIX : ''}"sn":${JSON.stringify(serial)},"par":${par}}` }
}

/**
 * The parameter that `setTemp` sets: that of the mode in force, which these rows may change. null where that is not known, or
 * where the documents do not say that `setTemp` does it.
 */
export function setpointInForce(rows: readonly Row[], { parameters, operatingMode }: Situation): number | null {
  const written = rows.find(({ id }) => id === ID.mode)?.raw
  const scheduled = written === undefined ? ['0', '5'].includes(operatingMode ?? '') : written === SCHEDULE
  if (scheduled) return ID.temporary
  if (written === undefined && operatingMode !== '3') return null
  const control = parameters?.get(ID.controlType)?.value
  return control === undefined ? null : control === '0' ? ID.manualFloor : ID.manualAir
}

function degreesOf({ type, raw }: Row): string {
  return type === INT16 ? (Number(raw) / 10).toFixed(1) : raw
}
