/** The file for people who help: what the bridge knows and has seen, without revealing people or places. */
import type { Clock } from '../../core/clock.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { type PersonalKind, Pseudonyms } from '../../core/logging/pseudonyms.ts'
import { maskSecrets, type SecretValues } from '../../core/logging/secrets.ts'
import type { Accounts, Bridge, Devices } from '../../devices/ports.ts'
import type { Check } from '../types.ts'
import { accountJson, deviceJson } from './devices.ts'
import type { Housekeeping } from './housekeeping.ts'

const NOTE =
  'Passwords, keys, tokens and codes are masked. Serial numbers, names of devices, accounts and users, addresses, hosts and mail addresses are replaced consistently. Still, look through the file before you share it.'

/** How many of the latest events are included. */
const EVENTS = 200
/** How many events are searched for names. */
const MOST_EVENTS = 20_000

/**
 * Raw values unknown to the catalog can be anything, even the name of a Wi-Fi network, so only numbers and the like are
 * shown.
 */
const PLAIN = /^[-+\d.,:; ]*$/

export interface DiagnosticsOptions {
  readonly devices: Devices
  readonly accounts: Accounts
  readonly bridge: Bridge
  readonly housekeeping: Housekeeping
  readonly system: () => unknown
  readonly readiness: () => Readonly<Record<string, Check>>
  /** Prometheus' text. */
  readonly metrics: () => Promise<string>
  readonly secrets: SecretValues
  readonly clock: Clock
  readonly version: string
}

/** @throws BridgeError `INTERNAL`, but never for a part that fails: its error appears in its place */
export async function diagnosticsOf(options: DiagnosticsOptions): Promise<Record<string, unknown>> {
  const { bridge, housekeeping, clock, version } = options
  const { settings, log } = housekeeping.diagnostics
  const parts: Record<string, () => unknown> = {
    bridge: () => ({ ...bridge.info(), version, accounts: undefined, ...runtime() }),
    parts: options.system,
    readiness: options.readiness,
    settings,
    accounts: () => options.accounts.list().map(accountJson),
    devices: () => options.devices.list().map(deviceOf),
    keys: () => housekeeping.keys().map(({ masked: _masked, ...key }) => key),
    events: () => housekeeping.events.page(EVENTS, null),
    metrics: async () => metricsOf(await options.metrics()),
    problems: () => log().problems.map(lineOf),
    log: () => log().recent.map(lineOf),
  }
  const made = new Date(clock.now()).toISOString()
  const shown: Record<string, unknown> = { made, note: NOTE }
  const pseudonyms = pseudonymsOf(options)
  for (const [name, part] of Object.entries(parts)) shown[name] = pseudonyms.apply(maskSecrets(await said(part)))
  return scrubbed(shown, options.secrets)
}

/** If one part is broken, such as the store, the rest is needed all the more. */
async function said(part: () => unknown): Promise<unknown> {
  try {
    return await part()
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}

const runtime = () => ({
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
  memory: process.memoryUsage.rss(),
})

function deviceOf(view: Parameters<typeof deviceJson>[0]) {
  const json = deviceJson(view)
  const { unknown } = json.state
  if (typeof unknown !== 'object' || unknown === null) return json
  const plain = Object.entries(unknown).map(([key, value]) => {
    const text = String(value)
    return [key, PLAIN.test(text) ? text : `[${text.length} characters]`]
  })
  return { ...json, state: { ...json.state, unknown: Object.fromEntries(plain) } }
}

/** Device names appear there with escaped quotes, in which form they would not be found. */
function metricsOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.map((line) => line.replace(/\bname="(?:[^"\\]|\\.)*"/, 'name="…"'))
}

const lineOf = (line: string): unknown => parseJson(line) ?? line

function pseudonymsOf({ devices, accounts, housekeeping }: DiagnosticsOptions): Pseudonyms {
  const pseudonyms = new Pseudonyms()
  const add = (kind: PersonalKind, texts: Iterable<string | null | undefined>) => {
    for (const text of texts) pseudonyms.add(kind, text)
  }
  const views = devices.list()
  for (const { serial, name, room, address } of views) {
    pseudonyms.add('serial', serial)
    // Default names contain the beginning of the serial.
    pseudonyms.alias(serial.slice(0, 12), serial)
    pseudonyms.add('device', name)
    pseudonyms.add('room', room)
    pseudonyms.add('address', address?.host)
  }
  // An id that is just the name of its service reveals nobody.
  for (const { id, provider } of accounts.list()) if (id !== provider) pseudonyms.add('account', id)
  for (const { serial } of orNothing(housekeeping.keys)) pseudonyms.add('serial', serial)
  for (const personal of orNothing(() => [housekeeping.diagnostics.personal()])) {
    add('user', personal.users ?? [])
    add('address', personal.hosts ?? [])
    add('device', personal.names ?? [])
  }
  // Former names, and forgotten devices, appear in the events.
  for (const { type, details } of orNothing(() => housekeeping.events.page(MOST_EVENTS, null))) {
    // So do users and tokens that are gone.
    if (isObject(details?.by)) add('user', [textOrNull(details.by.name)])
    const kind = FORMER[type]
    if (kind) add(kind, [details?.name, details?.room, details?.before].map(textOrNull))
  }
  return pseudonyms
}

/** The kinds of events whose `name`, `room` and `before` are names of the past. */
const FORMER: Readonly<Record<string, PersonalKind>> = {
  device_renamed: 'device',
  device_forgotten: 'device',
  device_room: 'room',
  room_renamed: 'room',
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** The file may be needed because the store can't be read; the store's own part reports that. */
function orNothing<Item>(list: () => readonly Item[]): readonly Item[] {
  try {
    return list()
  } catch {
    return []
  }
}

/** Removes known secrets by value, wherever they appear. */
function scrubbed(shown: Record<string, unknown>, secrets: SecretValues): Record<string, unknown> {
  const clean: unknown = parseJson(secrets.scrub(JSON.stringify(shown)))
  return Object.fromEntries(Object.entries(Object(clean)))
}
