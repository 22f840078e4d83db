import type { SecretValues } from '../../core/logging/secrets.ts'
import type { SqliteFile } from '../database/sqlite.ts'

type Via = 'session' | 'ingress' | 'token' | 'basic' | 'machine' | 'none'

/** One thing that somebody did or tried. */
export interface StoredAuditEntry {
  /** Unix ms. */
  readonly at: number
  readonly who: string | null
  /** How they came; `none` is nobody signed in. */
  readonly via: Via
  readonly address: string | null
  readonly action: string
  readonly target: string | null
  readonly details: string | null
  readonly outcome: string
}

interface Row extends StoredAuditEntry {
  readonly id: number
}

const COLUMNS = 'at, who, via, address, action, target, details, outcome'
const MAX_ENTRIES = 10_000
/** The limit for people who are not signed in: endless attempts must not displace the entries of users. */
const MAX_OF_STRANGERS = 2_000

/** The audit log. All entries pass the filter for secrets first. */
export class AuditRepository {
  readonly #file: SqliteFile
  readonly #secrets: SecretValues

  constructor(file: SqliteFile, secrets: SecretValues) {
    this.#file = file
    this.#secrets = secrets
  }

  /** In one commit; the oldest make room. */
  add(entries: readonly StoredAuditEntry[]): void {
    if (entries.length === 0) return
    this.#file.transaction(() => {
      for (const entry of entries) this.#add(entry)
      this.#bound("via = 'none'", MAX_OF_STRANGERS)
      this.#bound('1', MAX_ENTRIES)
    })
  }

  /** The newest first, only those with an id below `before`. */
  page(limit: number, before: number | null): Row[] {
    const sql = `SELECT id, ${COLUMNS} FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?`
    return this.#file.all<Row>(sql, before ?? Number.MAX_SAFE_INTEGER, limit)
  }

  #add(entry: StoredAuditEntry): void {
    const clean = (text: string | null) => text && this.#secrets.scrub(text)
    this.#file.run(
      `INSERT INTO audit (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[entry.at, clean(entry.who), entry.via, entry.address, entry.action],
      ...[clean(entry.target), clean(entry.details), entry.outcome],
    )
  }

  #bound(of: string, max: number): void {
    this.#file.run(
      `DELETE FROM audit WHERE ${of} AND id <= (SELECT id FROM audit WHERE ${of} ORDER BY id DESC LIMIT 1 OFFSET ${max})`,
    )
  }
}
