import type { Clock } from '../../core/clock.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import type { SqliteFile } from '../database/sqlite.ts'
import type { Sealed } from '../secrets/sealed.ts'
import type { RecordId } from '../secrets/vault.ts'
import { endSessions } from './sessions-of-users.ts'

type Role = 'look' | 'control' | 'administer'

/** Somebody who may sign in. */
export interface StoredUser {
  readonly id: number
  readonly name: string
  /** The hash with its parameters; null when the configuration sets the password. */
  readonly password: string | null
  /** Whether the bridge made the password, so that its owner must choose another one. */
  readonly passwordMade: boolean
  /** Whether a code is asked for. */
  readonly totp: boolean
  readonly role: Role
  /** Unix ms. */
  readonly created: number
}

export interface UserRepositoryOptions {
  readonly file: SqliteFile
  readonly sealed: Sealed
  readonly clock: Clock
  readonly secrets: SecretValues
}

interface Row {
  readonly id: number
  readonly name: string
  readonly password: string | null
  readonly password_made: number
  readonly totp_active: number
  readonly role: Role
  readonly created: number
}

const COLUMNS = 'id, name, password, password_made, totp_active, role, created'
/** In one statement with the change: of two administrators who demote each other at once, one stays. */
const OTHER_ADMINISTRATOR = "EXISTS (SELECT 1 FROM users WHERE role = 'administer' AND id <> ?)"
/** How many addresses are remembered for each user. */
const MAX_ADDRESSES = 32

/** The users, with their second factors. Names are case-insensitive. */
export class UserRepository {
  readonly #file: SqliteFile
  readonly #sealed: Sealed
  readonly #clock: Clock
  readonly #secrets: SecretValues

  constructor({ file, sealed, clock, secrets }: UserRepositoryOptions) {
    this.#file = file
    this.#sealed = sealed
    this.#clock = clock
    this.#secrets = secrets
  }

  list(): StoredUser[] {
    return this.#file.all<Row>(`SELECT ${COLUMNS} FROM users ORDER BY name`).map(userOf)
  }

  get(id: number): StoredUser | undefined {
    return this.#file.all<Row>(`SELECT ${COLUMNS} FROM users WHERE id = ?`, id).map(userOf)[0]
  }

  byName(name: string): StoredUser | undefined {
    return this.#file.all<Row>(`SELECT ${COLUMNS} FROM users WHERE name = ?`, name).map(userOf)[0]
  }

  /** False when the name is taken. @param made whether the bridge made the password */
  add(name: string, password: string | null, made = false, role: Role = 'administer'): boolean {
    const sql =
      'INSERT INTO users (name, password, password_made, role, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING'
    return this.#file.run(sql, name, password, Number(made), role, this.#clock.now()) > 0
  }

  /** False, and nothing changed, when nobody would be left who administers. */
  setRole(id: number, role: Role): boolean {
    const sql = `UPDATE users SET role = ? WHERE id = ? AND (? = 'administer' OR ${OTHER_ADMINISTRATOR})`
    return this.#file.run(sql, role, id, role, id) > 0
  }

  /** @param made whether the bridge made it */
  setPassword(id: number, password: string | null, made = false): void {
    this.#file.run('UPDATE users SET password = ?, password_made = ? WHERE id = ?', password, Number(made), id)
  }

  /** Base32; undefined if there is none or the present master key does not open it. */
  totpSecret(id: number): string | undefined {
    const row = this.#file.get<{ totp_sealed: Buffer | null }>('SELECT totp_sealed FROM users WHERE id = ?', id)
    const secret = row?.totp_sealed ? this.#sealed.open(row.totp_sealed, recordId(id)) : undefined
    this.#secrets.remember(secret)
    return secret
  }

  /** Stores a secret whose codes are not asked for yet. */
  setTotpSecret(id: number, secret: string): void {
    this.#secrets.remember(secret)
    const sealed = this.#sealed.seal(secret, recordId(id))
    this.#file.run('UPDATE users SET totp_sealed = ?, totp_active = 0, totp_step = 0 WHERE id = ?', sealed, id)
  }

  /** From now on codes are asked for. @param recovery hashes of the recovery codes, replacing any earlier ones */
  activateTotp(id: number, recovery: readonly Buffer[]): void {
    this.#file.transaction(() => {
      this.#file.run('UPDATE users SET totp_active = 1 WHERE id = ?', id)
      this.#file.run('DELETE FROM recovery_codes WHERE user_id = ?', id)
      for (const hash of recovery) this.#file.run('INSERT INTO recovery_codes (user_id, hash) VALUES (?, ?)', id, hash)
    })
  }

  clearTotp(id: number): void {
    this.#file.transaction(() => {
      this.#file.run('UPDATE users SET totp_sealed = NULL, totp_active = 0, totp_step = 0 WHERE id = ?', id)
      this.#file.run('DELETE FROM recovery_codes WHERE user_id = ?', id)
    })
  }

  /** True for the first use of this step or a later one: a code is accepted once, in whatever process. */
  useTotpStep(id: number, step: number): boolean {
    return this.#file.run('UPDATE users SET totp_step = ? WHERE id = ? AND totp_step < ?', step, id, step) > 0
  }

  /** The last used step, 0 if none. */
  totpStep(id: number): number {
    return this.#file.get<{ totp_step: number }>('SELECT totp_step FROM users WHERE id = ?', id)?.totp_step ?? 0
  }

  /** True once per code. */
  useRecoveryCode(id: number, hash: Buffer): boolean {
    return this.#file.run('DELETE FROM recovery_codes WHERE user_id = ? AND hash = ?', id, hash) > 0
  }

  recoveryCodesLeft(id: number): number {
    const sql = 'SELECT count(*) AS count FROM recovery_codes WHERE user_id = ?'
    return this.#file.get<{ count: number }>(sql, id)?.count ?? 0
  }

  /** Whether this user has signed in from there before. */
  knows(id: number, address: string): boolean {
    return this.#file.get('SELECT 1 FROM user_addresses WHERE user_id = ? AND address = ?', id, address) !== undefined
  }

  signedInFrom(id: number, address: string): void {
    this.#file.transaction(() => {
      this.#file.run(
        'INSERT OR REPLACE INTO user_addresses (user_id, address, last_used) VALUES (?, ?, ?)',
        id,
        address,
        this.#clock.now(),
      )
      this.#file.run(
        `DELETE FROM user_addresses WHERE user_id = ? AND address NOT IN
          (SELECT address FROM user_addresses WHERE user_id = ? ORDER BY last_used DESC LIMIT ${MAX_ADDRESSES})`,
        id,
        id,
      )
    })
  }

  /**
   * With everything that belongs to the user: sessions, second factor, API tokens. False, and nothing removed, when nobody would
   * be left who administers.
   */
  remove(id: number): boolean {
    return this.#file.transaction(() => {
      if (!this.#file.get(`SELECT 1 WHERE ${OTHER_ADMINISTRATOR}`, id)) return false
      endSessions(this.#file, 'user_removed', this.#clock.now(), 'user_id = ?', id)
      for (const table of ['recovery_codes', 'user_addresses']) {
        this.#file.run(`DELETE FROM ${table} WHERE user_id = ?`, id)
      }
      this.#file.run('DELETE FROM api_tokens WHERE maker = ?', id)
      return this.#file.run('DELETE FROM users WHERE id = ?', id) > 0
    })
  }
}

const recordId = (id: number): RecordId => ['users', String(id)]

function userOf({ id, name, password, password_made: made, totp_active: active, role, created }: Row): StoredUser {
  return { id, name, password, passwordMade: made === 1, totp: active === 1, role, created }
}
