/** Backup and restore for whoever has access to the machine; the bridge may be running. */
import { existsSync } from 'node:fs'
import { loadEffective } from '../../app/settings/kept.ts'
import { BridgeError } from '../../core/errors.ts'
import { Backups, type BackupsOptions } from '../../store/backup/index.ts'
import { applyStaged } from '../../store/backup/staged.ts'
import type { Store } from '../../store/store.ts'
import type { StoredAuditEntry } from '../../store/tables/audit.ts'
import { readVersion } from '../../version.ts'
import type { CommandInput } from '../command.ts'
import { counted, UsageError } from '../command.ts'
import { writeNew } from '../console/new-file.ts'
import { openTheStore, storeExists, systemUser, type Tools, toolsFor } from '../console/tools.ts'
import { askPassphrase, choosePassphrase } from '../keys/transfer.ts'

/** Only tests set the work factor. @throws UsageError, BridgeError */
export async function backup(input: CommandInput, workFactor?: BackupsOptions['workFactor']): Promise<number> {
  const { tools, path } = await prepared(input, 'backup')
  if (!storeExists(tools.settings)) {
    throw new BridgeError('BAD_REQUEST', 'There is no data here yet, so there is nothing to back up.')
  }
  const passphrase = await choosePassphrase(tools, input.options)
  const bytes = await withStore(tools, async (store) => {
    const made = await backupsOf(tools, store, workFactor).make(passphrase)
    try {
      await writeNew(path, made.content)
    } finally {
      made.discard()
    }
    store.audit.add([entry(tools, 'backup')])
    return made.size
  })
  tools.terminal.out(`All data is in ${path}, encrypted (${Math.ceil(bytes / 1024)} KiB).`)
  tools.terminal.out(`To restore it, here or on another machine: thermo2mqtt restore --file=${path}`)
  return 0
}

/** @throws UsageError, BridgeError */
export async function restore(input: CommandInput): Promise<number> {
  const { tools, path } = await prepared(input, 'restore')
  if (!existsSync(path)) throw new UsageError(`--file: there is no ${path}.`)
  const passphrase = await askPassphrase(tools, input.options)
  const restored = await withStore(tools, async (store) => {
    return await backupsOf(tools, store).restoreFile(path, passphrase, entry(tools, 'restore'))
  })
  const { created, devices, keys, users } = restored
  tools.terminal.out(
    `The backup of ${created.slice(0, 16).replace('T', ' ')} UTC is whole: ${counted(devices, 'device')}, ${counted(keys, 'key')}, users ${users.join(', ') || 'none'}.`,
  )
  const applied = applyStaged(tools.settings.data_dir, tools.logger)
  tools.terminal.out(
    applied
      ? 'It is in force. The previous data is in the folder before-restore, beside it.'
      : 'It replaces the current data at the next start of the bridge.',
  )
  for (const note of tools.notes.splice(0)) tools.terminal.err(note)
  return 0
}

async function prepared(input: CommandInput, word: string): Promise<{ tools: Tools; path: string }> {
  const path = input.options.file
  if (!path) throw new UsageError(`${word} needs a file: thermo2mqtt ${word} --file=<path>`)
  const { flags, env } = input
  return { tools: toolsFor(input, await loadEffective(input.clock, { flags, env })), path }
}

async function withStore<Result>(tools: Tools, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = openTheStore(tools)
  try {
    return await work(store)
  } finally {
    store.close()
    for (const note of tools.notes.splice(0)) tools.terminal.err(note)
  }
}

function backupsOf(
  { settings, clock, logger }: Tools,
  { vault }: Store,
  workFactor?: BackupsOptions['workFactor'],
): Backups {
  return new Backups({ dataDir: settings.data_dir, vault, clock, logger, version: readVersion(), workFactor })
}

/** Changes made on the machine are in the audit log too. */
function entry({ clock }: Tools, action: string): StoredAuditEntry {
  const base = { at: clock.now(), who: systemUser(), via: 'machine', address: null, action } as const
  return { ...base, target: null, details: null, outcome: 'ok' }
}
