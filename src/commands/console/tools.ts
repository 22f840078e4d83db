import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { fromSettings, type LoadedSettings, type Settings, SettingsError, secretsOf } from '../../config/index.ts'
import type { Clock } from '../../core/clock.ts'
import { asBridgeError } from '../../core/errors.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { createLogger, type Logger } from '../../core/logging/logger.ts'
import { SecretValues } from '../../core/logging/secrets.ts'
import { openStore, type Store } from '../../store/store.ts'
import type { CommandInput } from '../command.ts'
import type { Terminal } from './terminal.ts'

/** What a command that inspects the bridge or works for it needs. */
export interface Tools {
  readonly settings: Settings
  readonly loaded: LoadedSettings
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly secrets: SecretValues
  /** Collects problems in `notes`; nothing goes to the terminal by itself. */
  readonly logger: Logger
  readonly notes: string[]
  /** Masks secrets, whoever wrote the line. */
  readonly terminal: Terminal
}

export function toolsFor({ clock, terminal }: CommandInput, loaded: LoadedSettings): Tools {
  const secrets = new SecretValues()
  for (const secret of secretsOf(loaded.settings)) secrets.remember(secret)
  const notes: string[] = []
  const logger = createLogger({
    level: 'warn',
    secrets,
    write: (line) => {
      const entry = parseJson(line)
      if (isObject(entry) && typeof entry.msg === 'string') notes.push(entry.msg)
    },
  })
  return {
    settings: loaded.settings,
    loaded,
    clock,
    random: Math.random,
    secrets,
    logger,
    notes,
    terminal: {
      out: (line) => terminal.out(secrets.scrub(line)),
      err: (line) => terminal.err(secrets.scrub(line)),
      ask: (question, hidden) => terminal.ask(question, hidden),
    },
  }
}

/** Whether the bridge or a login has created a store. */
export function storeExists({ data_dir }: Settings): boolean {
  return existsSync(join(data_dir, 'thermo2mqtt.db'))
}

/** @throws BridgeError `INTERNAL`; SettingsError for an invalid key file */
export function openTheStore({ settings, clock, logger, secrets }: Tools): Store {
  const keyFile = settings.store.key_file ?? undefined
  return fromSettings(() => openStore({ dataDir: settings.data_dir, keyFile, clock, logger, secrets }))
}

/** Why the store did not open, for commands that continue without it. */
export function whyClosed(error: unknown): string {
  return error instanceof SettingsError ? error.message : asBridgeError(error).message
}

/** Keys from the configuration by serial. */
export function configuredKeys({ devices }: Settings): ReadonlyMap<string, string> {
  return new Map(devices.flatMap(({ serial, totp_key: key }) => (key === null ? [] : [[serial, key]])))
}

/** Rows as aligned columns. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** Who runs the command, for the audit log. */
export function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a user id without a name.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
