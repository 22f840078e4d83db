import type { Logger } from '../../core/logging/logger.ts'
import { SEALED_COLUMNS } from '../database/migrations.ts'
import type { SqliteFile } from '../database/sqlite.ts'
import type { RecordId, Vault } from './vault.ts'

export interface SealedOptions {
  readonly vault: Vault
  readonly logger: Logger
}

/** The vault for the repositories: secrets that do not open are reported. */
export class Sealed {
  readonly #vault: Vault
  readonly #logger: Logger
  readonly #reported = new Set<string>()

  constructor(options: SealedOptions) {
    this.#vault = options.vault
    this.#logger = options.logger
  }

  seal(secret: string, record: RecordId): Buffer {
    return this.#vault.seal(secret, record)
  }

  /**
   * The secret; undefined if it can't be read. Secrets of another master key were counted at the start; anything else is
   * damage and is reported once per record.
   */
  open(sealed: Buffer, record: RecordId): string | undefined {
    const secret = this.#vault.open(sealed, record)
    if (secret === undefined) this.#report(sealed, record)
    return secret
  }

  #report(sealed: Buffer, record: RecordId): void {
    if (!sealed.subarray(0, this.#vault.header.length).equals(this.#vault.header)) return
    const name = record.join('/')
    if (this.#reported.has(name)) return
    this.#reported.add(name)
    this.#logger.error(
      { record: name },
      'A stored secret is damaged or was moved from another record; it is not used, and is replaced when the cloud provides it again',
    )
  }
}

/** Reports once, at the start, how many secrets the present master key can't open. Changes nothing. */
export function reportForeign(file: SqliteFile, vault: Vault, keyPath: string, logger: Logger): void {
  const counts = SEALED_COLUMNS.map(({ table, column, what }) => {
    const row = file.get<{ count: number }>(
      `SELECT count(*) AS count FROM ${table} WHERE substr(${column}, 1, ${vault.header.length}) != ?`,
      vault.header,
    )
    return { what, count: row?.count ?? 0 }
  }).filter(({ count }) => count > 0)
  if (counts.length === 0) return
  const list = counts.map(({ what, count }) => `${count} ${what}`).join(', ')
  logger.error(
    { path: file.path, master_key: keyPath, unreadable: Object.fromEntries(counts.map((c) => [c.what, c.count])) },
    `The master key ${keyPath} does not open what is stored in ${file.path}: ${list}. They were encrypted with another key. Nothing was changed. Restore the right key file and restart; otherwise the bridge signs in again and fetches each device key again from the cloud`,
  )
}
