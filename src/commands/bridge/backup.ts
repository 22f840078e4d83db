/** Backup and restore for whoever has the machine; the bridge may run meanwhile. */
import { existsSync } from 'node:fs'
import { loadEffective } from '../../app/settings/kept.ts'
import { BridgeError } from '../../core/errors.ts'
import { Backups, type BackupsOptions } from '../../store/backup/index.ts'
import { applyStaged } from '../../store/backup/staged.ts'
import type { Store } from '../../store/store.ts'
import type { StoredAuditEntry } from '../../store/tables/audit.ts'
import { readVersion } from '../../version.ts'
import type { CommandInput } from '../command.ts'
import { UsageError } from '../command.ts'
import { writeNew } from '../console/new-file.ts'
import { openTheStore, storeExists, systemUser, type Tools, toolsFor } from '../console/tools.ts'
import { askPassphrase, choosePassphrase } from '../keys/transfer.ts'

/** Only tests take a cost of their own. @throws UsageError, BridgeError */
export async function backup(input: CommandInput, cost?: BackupsOptions['cost']): Promise<number> {
  const { tools, path } = await prepared(input, 'backup')
  if (!storeExists(tools.settings)) {
    throw new BridgeError('BAD_REQUEST', 'Nothing is remembered here yet, so there is nothing to back up.')
  }
  const passphrase = await choosePassphrase(tools, input.options)
  const bytes = await withStore(tools, async (store) => {
    const made = await backupsOf(tools, store, cost).make(passphrase)
    try {
      await writeNew(path, made.content)
    } finally {
      made.discard()
    }
    store.audit.add([entry(tools, 'backup')])
    return made.size
  })
  tools.terminal.out(`Everything that is remembered is in ${path}, encrypted (${Math.ceil(bytes / 1024)} KiB).`)
  tools.terminal.out(`To bring it back, here or on another machine: thermo2mqtt restore --file=${path}`)
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
    `The backup of ${created.slice(0, 16).replace('T', ' ')} UTC is whole: ${devices} devices, ${keys} keys, users ${users.join(', ') || 'none'}.`,
  )
  const applied = applyStaged(tools.settings.data_dir, tools.logger)
  tools.terminal.out(
    applied
      ? 'It is in force. What was remembered before is in the folder before-restore, beside it.'
      : 'It takes the place of what is remembered now when the bridge starts next.',
  )
  for (const note of tools.notes.splice(0)) tools.terminal.err(note)
  return 0
}

async function prepared(input: CommandInput, word: string): Promise<{ tools: Tools; path: string }> {
  const path = input.options.file
  if (!path) throw new UsageError(`${word} needs the file: thermo2mqtt ${word} --file=<path>`)
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

function backupsOf({ settings, clock, logger }: Tools, { vault }: Store, cost?: BackupsOptions['cost']): Backups {
  return new Backups({ dataDir: settings.data_dir, vault, clock, logger, version: readVersion(), cost })
}

/** What is done on the machine stands in the audit log as well. */
function entry({ clock }: Tools, action: string): StoredAuditEntry {
  const base = { at: clock.now(), who: systemUser(), via: 'machine', address: null, action } as const
  return { ...base, target: null, details: null, outcome: 'ok' }
}
