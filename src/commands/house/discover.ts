import { loadEffective } from '../../app/settings/kept.ts'
import { modelNamed, unlockBoth, unlockLan } from '../../catalog/index.ts'
import type { Settings } from '../../config/index.ts'
import type { Lock } from '../../lan/types.ts'
import type { Store } from '../../store/store.ts'
import type { CommandInput } from '../command.ts'
import { countOption } from '../command.ts'
import { configuredKeys, openTheStore, storeExists, type Tools, table, toolsFor, whyClosed } from '../console/tools.ts'
import { untilSignal } from '../running/process.ts'
import { type Heard, listen } from './listen.ts'

/** Lists the devices that broadcast on the network, with their locks and what those mean. */
export async function discover(input: CommandInput): Promise<number> {
  const seconds = countOption(input.options, 'seconds', 30, 3600)
  const tools = toolsFor(input, await loadEffective(input.clock, { flags: input.flags, env: input.env }))
  const { terminal, settings } = tools
  const { host, port } = settings.discovery
  const store = openIfThere(tools)
  const stop = new AbortController()
  void untilSignal(input.signals).then(() => stop.abort())
  terminal.err(
    `Listening on UDP ${host}:${port} for ${seconds} s; devices broadcast a few times a minute. Ctrl+C stops earlier.`,
  )
  try {
    const { devicePort } = input
    const heard = await listen({ tools, duration: seconds * 1000, devicePort, signal: stop.signal })
    const lines = heard.length > 0 ? describe(heard, keyholder(settings, store), devicePort) : nothingHeard(settings)
    for (const line of lines) terminal.out(line)
    for (const note of tools.notes) terminal.err(note)
  } finally {
    store?.close()
  }
  return 0
}

/** Without a store, the devices can still be listed. */
function openIfThere(tools: Tools): Store | undefined {
  if (!storeExists(tools.settings)) return undefined
  try {
    return openTheStore(tools)
  } catch (error) {
    tools.terminal.err(`Keys in the store can't be looked up: ${whyClosed(error)}`)
    return undefined
  }
}

/** Returns where the key for a serial comes from; undefined if there is none. */
function keyholder(settings: Settings, store: Store | undefined): (serial: string) => string | undefined {
  const configured = configuredKeys(settings)
  return (serial) => {
    if (configured.has(serial)) return 'config'
    const sources = store?.keys.of(serial).map(({ source }) => source) ?? []
    return sources.length > 0 ? sources.join(', ') : undefined
  }
}

const HEADINGS = ['SERIAL', 'HW', 'ADDRESS', 'WI-FI', 'CONNECTION', 'LOCK', 'KEY FROM']

/** What a lock means, without and with a key. @param hw the device's model in its beacons */
function meaningOf(lock: Lock, keyHeld: boolean, hw: string | null): string {
  const model = modelNamed(hw) ?? null
  switch (lock) {
    case 'none':
      return 'none: commands work without a key. Anybody on this network can send them.'
    case 'cloud':
      return 'cloud: commands from this network work without a key; the cloud can’t change anything.'
    case 'both':
      return `both: nothing on any network can change it, with or without a key. Unlock it ${unlockBoth(model)}.`
    case 'lan':
      return keyHeld
        ? 'lan, with a key: commands are signed. Nothing to do.'
        : `lan, without a key: it can be read but not controlled. Add the cloud account that owns it and run "thermo2mqtt login", or set its totp_key in the configuration. Or unlock it ${unlockLan(model)}.`
  }
}

function describe(
  heard: readonly Heard[],
  keyOf: (serial: string) => string | undefined,
  devicePort: number,
): string[] {
  const rows = heard.map(({ beacon, host, address, lock }) => [
    beacon.serial,
    beacon.hw ?? '?',
    address && devicePort !== 80 ? `${address.host}:${address.port}` : host,
    beacon.wifi === null ? '?' : `${beacon.wifi} dBm`,
    beacon.connection ?? '?',
    lock ?? '?',
    keyOf(beacon.serial) ?? '-',
  ])
  const meanings = new Set(
    heard.flatMap(({ beacon, lock }) => (lock ? [meaningOf(lock, keyOf(beacon.serial) !== undefined, beacon.hw)] : [])),
  )
  const problems = heard.flatMap(({ beacon, problem }) => (problem ? [`${beacon.serial}: ${problem}`] : []))
  return [
    ...table([HEADINGS, ...rows]),
    ...section('Locks', [...meanings].sort()),
    ...section('Some details could not be determined', problems),
  ]
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)]

function nothingHeard({ discovery: { host, port } }: Settings): string[] {
  return [
    'No device was heard. What to check:',
    '  - Are the devices on and connected to this Wi-Fi? Some broadcast only every half minute: try --seconds=90.',
    '  - Broadcasts stay within one network: this machine and the devices must be on the same network, without a VLAN, guest network or "client isolation" between them. Otherwise set the host of each device in the configuration (devices).',
    '  - In Docker, only a container on the host network receives them (network_mode: host).',
    `  - A firewall on this machine must let UDP ${port} in.`,
    ...(port === 23500 ? [] : [`  - discovery.port is ${port}, but devices send only to 23500.`]),
    ...(host === '0.0.0.0' ? [] : [`  - discovery.host is ${host}; on most systems only 0.0.0.0 receives broadcasts.`]),
  ]
}
