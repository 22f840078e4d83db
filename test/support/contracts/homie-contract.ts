/**
 * A controller that trusts nobody: takes what is published, in its order, and collects what Homie 5 does not allow. It knows
 * nothing of how the bridge makes it: the rules are those of the convention (homieiot.github.io, 5.0).
 */
import { isObject, type JsonObject, parseJson } from '../../../src/core/json.ts'

const ID = /^[a-z0-9-]+$/
const STATES = ['init', 'ready', 'disconnected', 'sleeping', 'lost']
/** "This value may only change when the device $state is either …". */
const MAY_CHANGE = ['init', 'disconnected', 'lost']
const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal']
const DEVICE_KEYS = ['homie', 'version', 'nodes', 'name', 'type', 'children', 'root', 'parent', 'extensions']
const NODE_KEYS = ['name', 'type', 'properties']
const PROPERTY_KEYS = ['name', 'datatype', 'format', 'settable', 'retained', 'unit']
const FLOAT = /^-?(\d+(\.\d*)?|\.\d+)([eE]-?\d+)?$/
const INTEGER = /^-?\d+$/
const DATETIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/

export interface Property {
  readonly datatype: string
  readonly format: string | undefined
  readonly settable: boolean
  readonly retained: boolean
}

export interface HomieDevice {
  state: string | undefined
  text: string | undefined
  description: JsonObject
  readonly properties: Map<string, Property>
  readonly values: Map<string, string>
  readonly alerts: Map<string, string>
}

export class HomieController {
  readonly errors: string[] = []
  readonly devices = new Map<string, HomieDevice>()
  readonly logs: string[] = []
  readonly #top: string
  #snapshot = false

  constructor(domain = 'homie') {
    this.#top = `${domain}/5/`
  }

  /** @param retained the flag with which it was published; undefined when that can't be told */
  hear(topic: string, payload: string, retained?: boolean): void {
    if (!topic.startsWith(this.#top)) return
    const [id = '', ...path] = topic.slice(this.#top.length).split('/')
    const complain = (what: string) => this.errors.push(`${topic}: ${what}`)
    if (!ID.test(id)) complain('bad device id')
    for (const part of path) if (!/^\$?[a-z0-9-]+$/.test(part)) complain('bad id')
    if (path.at(-1) === 'set' && path.length === 3) return
    if (path[0] === '$log') {
      if (retained === true || path.length !== 2 || !LEVELS.includes(path[1] ?? '')) complain('bad log')
      this.logs.push(payload)
      return
    }
    if (retained === false) complain('not retained')
    this.#retained(id, path, payload, complain)
  }

  /** What was retained before the controller came, which arrives in any order. */
  find(topic: string, payload: string): void {
    this.#snapshot = true
    this.hear(topic, payload, true)
    this.#snapshot = false
  }

  /** What can be said only when everything has been heard. */
  finish(): readonly string[] {
    for (const [id, device] of this.devices) {
      const { root, children } = device.description
      if (device.state === undefined) this.errors.push(`${id}: something is left of a device that has no $state`)
      if (root === undefined) {
        for (const child of Array.isArray(children) ? children.map(String) : []) {
          if (this.devices.get(child)?.description.root !== id) this.errors.push(`${id}: ${child} is no child of it`)
        }
      } else {
        const named = this.devices.get(String(root))?.description.children
        if (!Array.isArray(named) || !named.includes(id)) this.errors.push(`${id}: its root does not know it`)
      }
    }
    return this.errors
  }

  #retained(id: string, path: readonly string[], payload: string, complain: (what: string) => void): void {
    const device = this.devices.get(id) ?? newDevice()
    this.devices.set(id, device)
    const [first = '', second = ''] = path
    if (path.length === 1 && first === '$state') this.#state(device, payload, complain)
    else if (path.length === 1 && first === '$description') this.#description(device, payload, complain)
    else if (path.length === 2 && first === '$alert' && !second.startsWith('$')) keep(device.alerts, second, payload)
    else if (path.length === 2 && !first.startsWith('$') && !second.startsWith('$')) {
      this.#value(device, `${first}/${second}`, payload, complain)
    } else complain('no topic of the convention')
    const left = device.values.size + device.alerts.size
    if (device.state === undefined && device.text === undefined && left === 0) this.devices.delete(id)
  }

  #state(device: HomieDevice, payload: string, complain: (what: string) => void): void {
    if (payload !== '' && !STATES.includes(payload)) complain(`${payload} is no state`)
    device.state = payload === '' ? undefined : payload
    if (payload !== 'ready' || this.#snapshot) return
    if (device.text === undefined) complain('ready without a description')
    for (const key of device.values.keys())
      if (!device.properties.has(key)) complain(`ready, but ${key} is not described`)
  }

  #description(device: HomieDevice, payload: string, complain: (what: string) => void): void {
    if (payload === device.text) return
    if (payload === '') {
      if (device.state !== undefined) complain('cleared while $state is there')
      device.text = undefined
      device.properties.clear()
      return
    }
    if (!this.#snapshot && !MAY_CHANGE.includes(device.state ?? '')) complain(`changed while ${device.state}`)
    const description = parseJson(payload)
    if (!isObject(description)) {
      complain('no JSON object')
      return
    }
    const before = device.description.version
    if (typeof before === 'number' && !(Number(description.version) > before)) complain('the version has not risen')
    device.text = payload
    device.description = description
    device.properties.clear()
    checkDescription(description, complain, device.properties)
  }

  #value(device: HomieDevice, key: string, payload: string, complain: (what: string) => void): void {
    keep(device.values, key, payload)
    const property = device.properties.get(key)
    if (payload === '' || !property) {
      if (payload !== '' && device.text !== undefined && device.state === 'ready') complain('not described')
      return
    }
    if (!property.retained) complain('retained, though it is described as not')
    const wrong = wrongPayload(payload, property)
    if (wrong) complain(`${JSON.stringify(payload)} ${wrong}`)
  }
}

const newDevice = (): HomieDevice => ({
  state: undefined,
  text: undefined,
  description: {},
  properties: new Map(),
  values: new Map(),
  alerts: new Map(),
})

function keep(map: Map<string, string>, key: string, payload: string): void {
  if (payload === '') map.delete(key)
  else map.set(key, payload)
}

const filled = (value: unknown): value is string => typeof value === 'string' && value !== ''
const optional = (value: unknown, fits: (value: unknown) => boolean) => value === undefined || fits(value)
const ids = (value: unknown) => Array.isArray(value) && value.every((id) => typeof id === 'string' && ID.test(id))
const boolean = (value: unknown) => typeof value === 'boolean'

function unknownKeys(object: JsonObject, allowed: readonly string[], complain: (what: string) => void): void {
  for (const key of Object.keys(object)) if (!allowed.includes(key)) complain(`key ${key}`)
}

function checkDescription(all: JsonObject, complain: (what: string) => void, into: Map<string, Property>): void {
  unknownKeys(all, DEVICE_KEYS, complain)
  if (!/^5\.\d+$/.test(String(all.homie))) complain('homie')
  if (!Number.isSafeInteger(all.version)) complain('version')
  if (!optional(all.name, filled) || !optional(all.type, filled)) complain('name or type')
  if (!optional(all.children, ids) || !optional(all.extensions, Array.isArray)) complain('children or extensions')
  for (const key of ['root', 'parent']) if (!optional(all[key], (id) => ids([id]))) complain(key)
  if (all.root === undefined && all.parent !== undefined) complain('a parent without a root')
  for (const [nodeId, node] of Object.entries(isObject(all.nodes) ? all.nodes : {})) {
    if (!ID.test(nodeId) || !isObject(node)) {
      complain(`node ${nodeId}`)
      continue
    }
    unknownKeys(node, NODE_KEYS, complain)
    if (!optional(node.name, filled)) complain(`${nodeId}: name`)
    for (const [id, property] of Object.entries(isObject(node.properties) ? node.properties : {})) {
      const here = (what: string) => complain(`${nodeId}/${id}: ${what}`)
      if (ID.test(id) && isObject(property)) into.set(`${nodeId}/${id}`, checkProperty(property, here))
      else here('bad property')
    }
  }
}

function checkProperty(property: JsonObject, complain: (what: string) => void): Property {
  unknownKeys(property, PROPERTY_KEYS, complain)
  const { name, datatype, format, settable, retained, unit } = property
  if (!optional(name, filled) || !optional(unit, filled) || !optional(format, filled)) complain('not a text')
  if (!optional(settable, boolean) || !optional(retained, boolean)) complain('not a boolean')
  const text = filled(format) ? format : undefined
  const wrong = wrongFormat(String(datatype), text)
  if (wrong) complain(wrong)
  return { datatype: String(datatype), format: text, settable: settable === true, retained: retained !== false }
}

function wrongFormat(datatype: string, format: string | undefined): string | undefined {
  switch (datatype) {
    case 'integer':
    case 'float': {
      if (format === undefined) return undefined
      const parts = format.split(':')
      const number = datatype === 'integer' ? INTEGER : FLOAT
      if (parts.length < 2 || parts.length > 3 || !parts.every((part) => part === '' || number.test(part)))
        return 'format'
      const [min = '', max = '', step = '1'] = parts
      return (min !== '' && max !== '' && Number(min) > Number(max)) || !(Number(step) > 0) ? 'range' : undefined
    }
    case 'enum': {
      const values = format?.split(',') ?? []
      return values.length === 0 || values.includes('') || new Set(values).size < values.length ? 'enum' : undefined
    }
    case 'boolean':
      return format === undefined || format.split(',').length === 2 ? undefined : 'boolean format'
    case 'string':
    case 'datetime':
    case 'duration':
      return format === undefined ? undefined : 'format of a type that has none'
    case 'json':
      return undefined
    default:
      return `datatype ${datatype}`
  }
}

/** Why the convention does not allow the payload for this property; undefined when it does. */
export function wrongPayload(payload: string, { datatype, format = ':' }: Property): string | undefined {
  switch (datatype) {
    case 'integer':
    case 'float': {
      if (!(datatype === 'integer' ? INTEGER : FLOAT).test(payload)) return `is no ${datatype}`
      const [min = '', max = ''] = format.split(':')
      const number = Number(payload)
      return (min !== '' && number < Number(min)) || (max !== '' && number > Number(max))
        ? `is not in ${format}`
        : undefined
    }
    case 'boolean':
      return payload === 'true' || payload === 'false' ? undefined : 'is no boolean'
    case 'enum':
      return format.split(',').includes(payload) ? undefined : `is none of ${format}`
    case 'datetime':
      return DATETIME.test(payload) ? undefined : 'is no time'
    default:
      return undefined
  }
}
