/** The contents of a file of exported keys. They are checked even though the file opened with the right passphrase. */
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import { readSerial } from '../../core/serial.ts'
import type { DeviceRecord } from '../../store/tables/devices.ts'
import type { StoredKey } from '../../store/tables/keys.ts'

export interface KeyExport {
  /** ISO time. */
  readonly exported: string
  readonly keys: readonly StoredKey[]
  readonly devices: readonly DeviceRecord[]
}

const KEY = /^[\x20-\x7e]{16}$/
const ACCOUNT = /^[A-Za-z0-9_-]{1,64}$/
const HOST = /^[A-Za-z0-9_.:-]{1,253}$/
const WORD = /^[A-Za-z0-9_]{1,64}$/
const SOURCE = /^(beacon|account:[A-Za-z0-9_-]{1,64})$/
const LONGEST_NAME = 256

/** @throws BridgeError `BAD_REQUEST` if anything in it is not what this version writes */
export function readExport(value: unknown): KeyExport {
  if (!isObject(value) || !Array.isArray(value.keys) || !Array.isArray(value.devices)) throw odd('its lists')
  const { exported } = value
  return {
    exported: typeof exported === 'string' ? exported : '',
    keys: value.keys.map(keyOf),
    devices: value.devices.map(deviceOf),
  }
}

function keyOf(value: unknown): StoredKey {
  if (!isObject(value)) throw odd('a key')
  const { source, key, firstSeen, lastAccepted } = value
  const serial = readSerial(value.serial)
  if (serial === undefined || !matches(ACCOUNT, source) || !matches(KEY, key)) throw odd('a key')
  if (!isTime(firstSeen) || !(lastAccepted === null || isTime(lastAccepted))) throw odd('the times of a key')
  return { serial, source, key, firstSeen, lastAccepted }
}

function deviceOf(value: unknown): DeviceRecord {
  const serial = isObject(value) ? readSerial(value.serial) : undefined
  if (!isObject(value) || serial === undefined) throw odd('a device')
  const { counterBase } = value
  const host = matches(HOST, value.host) ? value.host : null
  return {
    serial,
    hw: shortText(value.hw),
    name: shortText(value.name),
    host,
    port: host !== null && isPort(value.port) ? value.port : null,
    counterBase: counterBase === '2000' || counterBase === 'unix' ? counterBase : null,
    learned: numbersOf(value.learned),
    features: wordsOf(value.features, WORD),
    // That the other machine's configuration named it does not matter here.
    sources: wordsOf(value.sources, SOURCE),
  }
}

/** The devices to save: new ones, and those with new information. What is known here stays. */
export function mergeDevices(here: readonly DeviceRecord[], there: readonly DeviceRecord[]): DeviceRecord[] {
  const known = new Map(here.map((device) => [device.serial, device]))
  return there.map((device) => {
    const own = known.get(device.serial)
    if (!own) return device
    const { host, port } = own.host === null ? device : own
    return {
      ...own,
      hw: own.hw ?? device.hw,
      name: own.name ?? device.name,
      host,
      port,
      counterBase: own.counterBase ?? device.counterBase,
      learned: { ...device.learned, ...own.learned },
      features: [...new Set([...own.features, ...device.features])],
    }
  })
}

const matches = (pattern: RegExp, value: unknown): value is string => typeof value === 'string' && pattern.test(value)

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const isPort = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535

const shortText = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME ? value : null

function wordsOf(value: unknown, pattern: RegExp): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => matches(pattern, item)) : []
}

function numbersOf(value: unknown): Record<string, number> {
  const object: JsonObject = isObject(value) ? value : {}
  return Object.fromEntries(
    Object.entries(object).filter(
      (entry): entry is [string, number] =>
        WORD.test(entry[0]) && typeof entry[1] === 'number' && Number.isFinite(entry[1]),
    ),
  )
}

function odd(what: string): BridgeError {
  return new BridgeError(
    'BAD_REQUEST',
    `The file opens, but ${what} in it is not what this version of thermo2mqtt writes. Nothing was changed.`,
  )
}
