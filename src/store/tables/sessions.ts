import type { Clock } from '../../core/clock.ts'
import type { JsonValue } from '../../core/json.ts'
import { parseJson } from '../../core/json.ts'
import type { SqliteFile } from '../database/sqlite.ts'
import type { Sealed } from '../secrets/sealed.ts'
import type { RecordId } from '../secrets/vault.ts'

interface Row {
  readonly identity: string
  readonly session_sealed: Buffer
}

/** What an account's login flow keeps across restarts (tokens, an unfinished login), sealed as one JSON value. */
export class SessionRepository {
  readonly #file: SqliteFile
  readonly #sealed: Sealed
  readonly #clock: Clock

  constructor(file: SqliteFile, sealed: Sealed, clock: Clock) {
    this.#file = file
    this.#sealed = sealed
    this.#clock = clock
  }

  /**
   * The data stored for this account under this identity; undefined if there is none, if the account was then configured for
   * another service or user, or if it can't be read. The caller knows which parts are secrets that the log must not show.
   */
  get(account: string, identity: string): unknown {
    const row = this.#file.get<Row>('SELECT identity, session_sealed FROM account_sessions WHERE account = ?', account)
    if (!row || row.identity !== identity) return undefined
    const json = this.#sealed.open(row.session_sealed, recordId(account))
    return json === undefined ? undefined : parseJson(json)
  }

  /** @param identity identifies the service and user of the session; stored readable, so pass a hash. */
  put(account: string, provider: string, identity: string, session: JsonValue): void {
    this.#file.run(
      'INSERT OR REPLACE INTO account_sessions (account, provider, identity, session_sealed, updated) VALUES (?, ?, ?, ?, ?)',
      account,
      provider,
      identity,
      this.#sealed.seal(JSON.stringify(session), recordId(account)),
      this.#clock.now(),
    )
  }

  delete(account: string): void {
    this.#file.run('DELETE FROM account_sessions WHERE account = ?', account)
  }
}

function recordId(account: string): RecordId {
  return ['account_sessions', account]
}
