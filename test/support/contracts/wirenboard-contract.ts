/**
 * A controller by Wiren Board's conventions that trusts nobody: collects what they do not allow in what is published. It knows
 * nothing of how the bridge makes it: the rules are those of github.com/wirenboard/conventions.
 */
import { isObject, type JsonObject, parseJson } from '../../../src/core/json.ts'

const NAME = /^[a-z0-9]+(_[a-z0-9]+)*$/
const DEVICE_META = ['driver', 'title']
const CONTROL_META = ['type', 'units', 'max', 'min', 'precision', 'order', 'readonly', 'hidden', 'title', 'enum']
const TYPES = ['switch', 'alarm', 'pushbutton', 'range', 'rgb', 'text', 'unixtime', 'w1-id', 'value']
/** The conventions' own list ("Units"). */
const UNITS =
  'mm/h,m/s,W,kWh,V,mV,m^3/h,m^3,Gcal/h,cal,Gcal,Ohm,mOhm,bar,mbar,s,min,h,m,g,kg,mol,cd,%, RH,deg C,%,ppm,ppb,A,mA,deg,rad,lx,dB,Hz,rpm,Pa,var,VA,kvarh'
const LEGACY = ['type', 'order', 'readonly', 'min', 'max', 'units', 'precision']
const ERROR = /^(?!.*(.).*\1)[rwp]+$/

interface Control {
  meta: JsonObject | undefined
  value: string | undefined
  error: string | undefined
  readonly legacy: Map<string, string>
}

interface Device {
  meta: JsonObject | undefined
  error: string | undefined
  readonly controls: Map<string, Control>
}

export class WirenBoardController {
  readonly errors: string[] = []
  readonly devices = new Map<string, Device>()
  readonly #late: boolean

  /** @param late it came when much was retained already, which does not come in the order in which it was published */
  constructor({ late = false } = {}) {
    this.#late = late
  }

  /** @param retained the flag with which it was published; undefined when that can't be told */
  hear(topic: string, payload: string, retained?: boolean): void {
    if (!topic.startsWith('/devices/')) return
    const [name = '', ...path] = topic.slice('/devices/'.length).split('/')
    const complain = (what: string) => this.errors.push(`${topic}: ${what}`)
    if (path[0] === 'controls' && path[2] === 'on') return
    if (!NAME.test(name)) complain('bad name of a device')
    if (retained === false) complain('not retained')
    const device = this.devices.get(name) ?? { meta: undefined, error: undefined, controls: new Map() }
    this.devices.set(name, device)
    if (path[0] === 'controls') controlMessage(device, path.slice(1), payload, complain, this.#late)
    else if (path[0] === 'meta' && path.length === 1) device.meta = metaIn(payload, complain)
    else if (path[0] === 'meta' && path[1] === 'error') device.error = errorIn(payload, complain)
    else if (path[0] !== 'meta' || path.length !== 2) complain('no topic of the conventions')
    if (!device.meta && device.error === undefined && device.controls.size === 0) this.devices.delete(name)
  }

  /** What can be said only when everything has been heard. */
  finish(): readonly string[] {
    for (const [name, { meta, controls }] of this.devices) {
      const complain = (what: string) => this.errors.push(`${name}: ${what}`)
      if (!meta) complain('has no meta')
      else checkDevice(meta, complain)
      const orders = [...controls.values()].map((control) => control.meta?.order)
      if (new Set(orders).size < orders.length) complain('two controls in one place')
      for (const [key, control] of controls) checkControl(control, (what) => complain(`${key} ${what}`))
    }
    return this.errors
  }
}

function metaIn(payload: string, complain: (what: string) => void): JsonObject | undefined {
  if (payload === '') return undefined
  const meta = parseJson(payload)
  if (isObject(meta)) return meta
  complain('no JSON object')
  return {}
}

function errorIn(payload: string, complain: (what: string) => void): string | undefined {
  if (payload !== '' && !ERROR.test(payload)) complain(`${payload} is no error`)
  return payload === '' ? undefined : payload
}

function controlMessage(
  device: Device,
  path: readonly string[],
  payload: string,
  complain: (what: string) => void,
  late: boolean,
) {
  const [name = '', meta, field = ''] = path
  if (!NAME.test(name)) complain('bad name of a control')
  const control = device.controls.get(name) ?? {
    meta: undefined,
    value: undefined,
    error: undefined,
    legacy: new Map(),
  }
  device.controls.set(name, control)
  if (path.length === 1) {
    control.value = payload === '' ? undefined : payload
    if (!late && !control.meta && payload !== '') complain('a value before its meta')
  } else if (meta === 'meta' && path.length === 2) control.meta = metaIn(payload, complain)
  else if (meta === 'meta' && field === 'error') control.error = errorIn(payload, complain)
  else if (meta === 'meta' && LEGACY.includes(field) && path.length === 3) {
    if (payload === '') control.legacy.delete(field)
    else control.legacy.set(field, payload)
  } else complain('no topic of the conventions')
  const empty = !control.meta && control.value === undefined && control.error === undefined && control.legacy.size === 0
  if (empty) device.controls.delete(name)
}

const titles = (value: unknown) =>
  isObject(value) &&
  typeof value.en === 'string' &&
  Object.entries(value).every(([code, text]) => /^[a-z]{2}$/.test(code) && typeof text === 'string' && text !== '')

function checkDevice(meta: JsonObject, complain: (what: string) => void): void {
  for (const key of Object.keys(meta)) if (!DEVICE_META.includes(key)) complain(`key ${key}`)
  if (typeof meta.driver !== 'string' || !titles(meta.title)) complain('driver or title')
}

function checkControl({ meta, value, legacy }: Control, complain: (what: string) => void): void {
  if (!meta) {
    complain('has no meta')
    return
  }
  const { type, units, min, max, precision, order, readonly, hidden, title } = meta
  for (const key of Object.keys(meta)) if (!CONTROL_META.includes(key)) complain(`key ${key}`)
  if (!TYPES.includes(String(type))) complain(`type ${String(type)}`)
  if (units !== undefined && (type !== 'value' || !UNITS.split(/,(?! )/).includes(String(units)))) complain('units')
  for (const number of [min, max, precision]) if (number !== undefined && typeof number !== 'number') complain('number')
  if (typeof min === 'number' && typeof max === 'number' && min >= max) complain('range')
  if (precision !== undefined && !(Number(precision) > 0)) complain('precision')
  if (!Number.isInteger(order) || typeof readonly !== 'boolean' || !titles(title)) complain('order, readonly or title')
  if (hidden !== undefined && typeof hidden !== 'boolean') complain('hidden')
  if (meta.enum !== undefined && (!isObject(meta.enum) || (type !== 'value' && type !== 'text'))) complain('enum')
  if (isObject(meta.enum) && !Object.values(meta.enum).every(titles)) complain('titles of enum')
  for (const [field, text] of legacy) {
    const said = meta[field]
    const wanted = typeof said === 'boolean' ? String(Number(said)) : String(said)
    if (text !== wanted) complain(`meta/${field} says otherwise than meta`)
  }
  if (value !== undefined) checkValue(value, meta, complain)
}

function checkValue(value: string, meta: JsonObject, complain: (what: string) => void): void {
  const { type, min, max, precision } = meta
  if (type === 'pushbutton' || type === 'text') {
    if (isObject(meta.enum) && !(value in meta.enum)) complain(`${value} is not in its enum`)
  } else if (type === 'value') {
    const number = Number(value)
    if (!Number.isFinite(number)) complain(`${value} is no number`)
    if ((typeof min === 'number' && number < min) || (typeof max === 'number' && number > max))
      complain(`${value} is out of range`)
    const steps = number / Number(precision ?? 1)
    if (precision !== undefined && Math.abs(steps - Math.round(steps)) > 1e-6)
      complain(`${value} is finer than ${String(precision)}`)
  } else if (value !== '0' && value !== '1') complain(`${value} is neither 0 nor 1`)
}
