/** `thermo2mqtt keys`: lists, moves and removes stored keys. */
import { loadEffective } from '../../app/settings/kept.ts'
import { Keyring } from '../../cloud/account/keyring.ts'
import { maskedKey } from '../../core/logging/secrets.ts'
import type { Store } from '../../store/store.ts'
import type { CommandInput } from '../command.ts'
import { UsageError } from '../command.ts'
import { askBridge } from '../console/ask-bridge.ts'
import { configuredKeys, openTheStore, storeExists, type Tools, table, toolsFor } from '../console/tools.ts'
import { exportKeys, importKeys } from './transfer.ts'

/**
 * Lists the stored keys, moves them between machines, and makes the bridge forget a device.
 * @param workFactor of an exported file; only tests set it
 */
export async function keys(input: CommandInput, workFactor?: number): Promise<number> {
  const { flags, env, options, words } = input
  const [word, serial] = words
  const transfer = word === 'export' || word === 'import'
  for (const name of ['file', 'passphrase-file']) {
    if (!transfer && options[name] !== undefined) throw new UsageError(`--${name} is for keys export and keys import.`)
  }
  const tools = toolsFor(input, await loadEffective(input.clock, { flags, env }))
  if (word === 'export') await exportKeys(tools, options, workFactor)
  else if (word === 'import') await importKeys(tools, options)
  else if (word === 'forget') await forget(tools, serial ?? '')
  else list(tools)
  return 0
}

function list(tools: Tools): void {
  const store = storeExists(tools.settings) ? openTheStore(tools) : undefined
  try {
    const rows = rowsOf(tools, store)
    for (const note of tools.notes) tools.terminal.err(note)
    if (rows.length === 0) tools.terminal.out('No keys are stored. An account provides them: thermo2mqtt login')
    for (const line of rows.length === 0 ? [] : table([HEAD, ...rows])) tools.terminal.out(line)
  } finally {
    store?.close()
  }
}

const HEAD = ['SERIAL', 'NAME', 'KEY', 'SOURCE', 'SINCE', 'LAST ACCEPTED', 'USED']

function rowsOf(tools: Tools, store: Store | undefined): string[][] {
  const { settings, clock, logger, secrets } = tools
  const configured = configuredKeys(settings)
  const names = new Map(store?.devices.load().flatMap(({ serial, name }) => (name ? [[serial, name]] : [])))
  for (const { serial, name } of settings.devices) if (name) names.set(serial, name)
  const nobody = { refreshKeys: async () => [] }
  const ring = store && new Keyring({ configured, keys: store.keys, source: nobody, clock, logger, secrets })
  const rowOf = (serial: string, key: string, source: string, rest: readonly string[]) => [
    serial,
    names.get(serial) ?? '-',
    maskedKey(key),
    source,
    ...rest,
  ]
  const given = [...configured].map(([serial, key]) => rowOf(serial, key, 'config (override)', ['-', '-', 'yes']))
  const held = (store?.keys.present() ?? []).map(({ serial, source, key, firstSeen, lastAccepted }) => {
    const used = ring?.get(serial)
    const accepted = lastAccepted === null ? 'never' : time(lastAccepted)
    return rowOf(serial, key, source, [time(firstSeen), accepted, used?.source === source ? 'yes' : 'no'])
  })
  return [...given, ...held].sort(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0))
}

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16)}Z`

/** The running bridge does this, because the device's topics and Home Assistant entities must go too. */
async function forget(tools: Tools, serial: string): Promise<void> {
  await askBridge(tools, 'forget', { serial })
  tools.terminal.out(
    `${serial} and its keys are forgotten. If an account still lists it, it returns at the next sync; if it still broadcasts, it is found again, without its key.`,
  )
}
