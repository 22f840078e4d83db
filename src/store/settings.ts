import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type JsonValue, parseJson } from '../core/json.ts'
import type { SecretValues } from '../core/logging/secrets.ts'
import type { SqliteFile } from './database/sqlite.ts'
import { openSqlite } from './open.ts'
import { loadMasterKey } from './secrets/master-key.ts'
import { Sealed } from './secrets/sealed.ts'
import { type RecordId, Vault } from './secrets/vault.ts'
import { DATABASE, type StoreOptions } from './store.ts'
import { SessionRepository } from './tables/sessions.ts'
import { ValueRepository } from './tables/values.ts'

/** A value as it is to be kept. */
export interface SettingToKeep {
  readonly value: JsonValue
  readonly secret: boolean
}

/** Changes by key; null removes a value. */
export type SettingChanges = ReadonlyMap<string, SettingToKeep | null>

interface Row {
  readonly key: string
  readonly value: string | null
  readonly value_sealed: Buffer | null
}

const COLUMNS = 'key, value, value_sealed'

/** The settings of the page, just as keys and values; their meaning does not matter here. */
class SettingsRepository {
  readonly #file: SqliteFile
  readonly #sealed: Sealed
  readonly #secrets: SecretValues

  constructor(file: SqliteFile, sealed: Sealed, secrets: SecretValues) {
    this.#file = file
    this.#sealed = sealed
    this.#secrets = secrets
  }

  /** Every value by key; undefined for one that can't be read now, but stays stored. */
  all(): Map<string, unknown> {
    const rows = this.#file.all<Row>(`SELECT ${COLUMNS} FROM settings ORDER BY key`)
    return new Map(rows.map((row) => [row.key, this.#valueOf(row)]))
  }

  /** All changes or none. The previous values can be restored until `confirm`. */
  change(changes: SettingChanges): void {
    this.#file.transaction(() => {
      for (const [key, next] of changes) {
        // Of several changes in a row, the first records the values that the bridge ran with.
        this.#file.run(
          `INSERT INTO settings_before (${COLUMNS}) SELECT wanted.key, value, value_sealed
             FROM (SELECT ? AS key) AS wanted LEFT JOIN settings USING (key) WHERE true ON CONFLICT (key) DO NOTHING`,
          key,
        )
        this.#put(key, next)
      }
    })
  }

  /** Whether something was changed that the bridge has not run with yet. */
  get unconfirmed(): boolean {
    return this.#file.get('SELECT 1 FROM settings_before LIMIT 1') !== undefined
  }

  /** The bridge runs with the changes. */
  confirm(): void {
    if (this.unconfirmed) this.#file.run('DELETE FROM settings_before')
  }

  /** Undoes all changes since the last `confirm`. */
  undo(): void {
    this.#file.transaction(() => {
      this.#file.run('DELETE FROM settings WHERE key IN (SELECT key FROM settings_before)')
      this.#file.run(
        `INSERT INTO settings (${COLUMNS}) SELECT ${COLUMNS} FROM settings_before
           WHERE value IS NOT NULL OR value_sealed IS NOT NULL`,
      )
      this.#file.run('DELETE FROM settings_before')
    })
  }

  #valueOf({ key, value, value_sealed: sealed }: Row): unknown {
    if (sealed === null) return parseJson(value ?? '')
    const json = this.#sealed.open(sealed, recordId(key))
    const secret = json === undefined ? undefined : parseJson(json)
    if (typeof secret === 'string') this.#secrets.remember(secret)
    return secret
  }

  #put(key: string, next: SettingToKeep | null): void {
    this.#file.run('DELETE FROM settings WHERE key = ?', key)
    if (next === null) return
    const { value, secret } = next
    const json = JSON.stringify(value)
    if (secret && typeof value === 'string') this.#secrets.remember(value)
    this.#file.run(
      `INSERT INTO settings (${COLUMNS}) VALUES (?, ?, ?)`,
      key,
      secret ? null : json,
      secret ? this.#sealed.seal(json, recordId(key)) : null,
    )
  }
}

const recordId = (key: string): RecordId => ['settings', key]

/** What an account is signed in with; see `SessionRepository.put`. */
export interface TriedSession {
  readonly account: string
  readonly provider: string
  readonly identity: string
  readonly session: JsonValue
}

export interface OpenedSettings {
  readonly settings: SettingsRepository
  /** All changes or none, and with them the session with which a new or changed account was tried. */
  change(changes: SettingChanges, session?: TriedSession): void
  /** A secret that is kept by name. */
  secretOf(name: string): string | undefined
  /** Forgets the session of a removed account. */
  forgetSession(account: string): void
  close(): void
  /** Resolves when the changes are on the disk, also after `close`. @throws BridgeError `INTERNAL` */
  durable(): Promise<void>
}

/**
 * Opens the store only for its settings, beside the bridge or before it; undefined if there is no store yet. `close` it before
 * awaiting anything else.
 * @throws BridgeError like `openStore`
 */
export function openSettings(options: StoreOptions): OpenedSettings | undefined {
  const { dataDir, keyFile, clock, logger, secrets, evenUnwritable } = options
  const path = join(dataDir, DATABASE)
  if (!existsSync(path)) return undefined
  const master = loadMasterKey({ dataDir, keyFile, clock, logger, secrets })
  const file = openSqlite({ path, clock, logger, evenUnwritable, free: true })
  const sealed = new Sealed({ vault: new Vault(master.key), logger })
  const settings = new SettingsRepository(file, sealed, secrets)
  const sessions = new SessionRepository(file, sealed, clock)
  return {
    settings,
    change: (changes, tried) =>
      file.transaction(() => {
        settings.change(changes)
        if (tried) sessions.put(tried.account, tried.provider, tried.identity, tried.session)
      }),
    secretOf: (name) => new ValueRepository(file, sealed, secrets).getSecret(name),
    forgetSession: (account) => sessions.delete(account),
    close: () => file.close(),
    durable: () => file.durable(),
  }
}
