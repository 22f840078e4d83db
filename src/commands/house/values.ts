/** `thermo2mqtt list`, `get` and `set`: the everyday things, asked of the running bridge. */
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'
import { type CommandInput, short, UsageError } from '../command.ts'
import { table } from '../console/tools.ts'
import { type Rest, withRest } from './rest.ts'

interface Device {
  readonly serial: string
  readonly name: string
  readonly online: boolean
  readonly state: JsonObject
  /** As REST has it. */
  readonly json: JsonObject
}

export async function list(input: CommandInput): Promise<number> {
  const devices = await withRest(input, ['read'], devicesOf)
  if (input.options.json !== undefined) return print(input, { devices: devices.map(({ json }) => json) })
  if (devices.length === 0)
    input.terminal.err('The bridge knows no thermostat yet. "thermo2mqtt discover" listens for them.')
  const degrees = (value: unknown) => (typeof value === 'number' ? `${value} °C` : '')
  const rows = devices.map(({ serial, name, online, state }) => [
    ...[name, serial, online ? 'online' : 'offline', degrees(state.current_temperature)],
    ...[degrees(state.target_temperature), textOf(state.mode ?? ''), textOf(state.action ?? '')],
  ])
  const head = ['name', 'serial', 'state', 'now', 'target', 'mode', 'action']
  for (const line of devices.length === 0 ? [] : table([head, ...rows])) input.terminal.out(line)
  return 0
}

export async function get(input: CommandInput): Promise<number> {
  const [wanted = '', key] = input.words
  const { state, json } = await withRest(input, ['read'], async (rest) => deviceNamed(await devicesOf(rest), wanted))
  const asJson = input.options.json !== undefined
  if (key === undefined) {
    if (asJson) return print(input, json)
    for (const line of table(Object.entries(state).map(([name, value]) => [name, textOf(value)])))
      input.terminal.out(line)
    return 0
  }
  const value = Object.hasOwn(state, key) ? state[key] : undefined
  if (value === undefined) {
    const known = Object.keys(state).join(', ')
    throw new UsageError(`${wanted} does not show "${short(key)}", only: ${known}.`)
  }
  input.terminal.out(asJson ? JSON.stringify(value) : textOf(value))
  return 0
}

export async function set(input: CommandInput): Promise<number> {
  const [wanted = '', ...pairs] = input.words
  const command = Object.fromEntries(pairs.map(pairOf))
  const { name, result } = await withRest(input, ['read', 'control'], async (rest) => {
    const { serial, name } = deviceNamed(await devicesOf(rest), wanted)
    return { name, result: await rest('PATCH', `/api/v1/devices/${encodeURIComponent(serial)}/state`, command) }
  })
  if (input.options.json !== undefined) return print(input, result)
  const { rounded, state } = result
  const shown = isObject(state) ? state : {}
  for (const key of Object.keys(command)) {
    const { asked, set } = isObject(rounded) && isObject(rounded[key]) ? rounded[key] : {}
    const note = asked === undefined ? '' : ` (rounded from ${textOf(asked)})`
    const value = set ?? (Object.hasOwn(shown, key) ? shown[key] : command[key])
    input.terminal.out(`${name}: ${key} is ${textOf(value)}${note}`)
  }
  return 0
}

function print({ terminal }: CommandInput, value: JsonObject): number {
  terminal.out(JSON.stringify(value, null, 2))
  return 0
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '-' : JSON.stringify(value)

/** A value that is no JSON is a text. @throws UsageError */
function pairOf(text: string): [string, unknown] {
  const [, key = '', value = ''] = /^([a-z0-9_]+)=(.*)$/s.exec(text) ?? []
  if (key === '') throw new UsageError(`"${short(text)}" is not <key>=<value>, as in target_temperature=22.5.`)
  return [key, parseJson(value) ?? (value === 'null' ? null : value)]
}

async function devicesOf(rest: Rest): Promise<Device[]> {
  const { devices } = await rest('GET', '/api/v1/devices')
  return (Array.isArray(devices) ? devices : []).filter(isObject).map((json) => ({
    serial: String(json.serial),
    name: String(json.name),
    online: json.online === true,
    state: isObject(json.state) ? json.state : {},
    json,
  }))
}

/** By serial, by name, or by the beginning of the serial. @throws UsageError if that is none or several */
function deviceNamed(devices: readonly Device[], wanted: string): Device {
  const same = (a: string, b: string) => a.localeCompare(b, undefined, { sensitivity: 'base' }) === 0
  const ways = [
    (device: Device) => device.serial === wanted,
    (device: Device) => same(device.name, wanted),
    (device: Device) => wanted.length >= 4 && device.serial.toLowerCase().startsWith(wanted.toLowerCase()),
  ]
  for (const fits of ways) {
    const [found, other] = devices.filter(fits)
    if (found && !other) return found
    if (found && other) {
      throw new UsageError(`"${short(wanted)}" can be ${found.serial} and ${other.serial}. Give the serial.`)
    }
  }
  throw new BridgeError(
    'UNKNOWN_DEVICE',
    `The bridge knows no "${short(wanted)}". "thermo2mqtt list" lists the thermostats.`,
  )
}
