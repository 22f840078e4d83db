import type { Clock } from '../../core/clock.ts'
import type { SqliteFile, SqlValue } from '../database/sqlite.ts'

/** A sign-in of a user, from its first tokens until it ends. Times are Unix ms. */
export interface StoredUserSession {
  readonly id: string
  readonly userId: number
  readonly userName: string
  /** Whether the bridge made the user's password, so that the user must choose another one. */
  readonly passwordMade: boolean
  /** What the user may do now. */
  readonly role: 'look' | 'control' | 'administer'
  readonly created: number
  readonly lastUsed: number
  readonly expires: number
  readonly address: string
  readonly userAgent: string
  readonly accessExpires: number
  /** Whether the user has chosen to stay signed in. */
  readonly stays: boolean
}

/** Why a session ended. */
type Ending =
  | 'signed_out'
  | 'ended'
  | 'ended_by_administrator'
  | 'password_changed'
  | 'password_reset'
  | 'user_removed'
  | 'reused'
  | 'idle'

type NewSession = Pick<StoredUserSession, 'id' | 'userId' | 'address' | 'userAgent'> & { readonly stays?: boolean }

interface Hashes {
  readonly access: Buffer
  readonly accessExpires: number
  readonly refresh: Buffer
  readonly expires: number
}

interface Row {
  readonly id: string
  readonly user_id: number
  readonly name: string
  readonly password_made: number
  readonly role: StoredUserSession['role']
  readonly created: number
  readonly last_used: number
  readonly expires: number
  readonly address: string
  readonly user_agent: string
  readonly access_expires: number
  readonly stays: number
}

const SELECT = `SELECT s.id, s.user_id, u.name, u.password_made, u.role, s.created, s.last_used, s.expires, s.address, s.user_agent, s.access_expires, s.stays
  FROM user_sessions s JOIN users u ON u.id = s.user_id`
/** How many sessions a user can have; the least recently used one makes room. */
const MAX_SESSIONS = 100
/** Why sessions ended is remembered for so many, the latest. */
const MAX_ENDED = 1_000

/** Ends the sessions that a condition names, and remembers why. @returns how many */
export function endSessions(file: SqliteFile, why: Ending, at: number, where: string, ...values: SqlValue[]): number {
  return file.transaction(() => {
    const remember = `INSERT OR REPLACE INTO ended_sessions (id, family, reason, at)
      SELECT id, family, ?, ? FROM user_sessions WHERE ${where}`
    if (file.run(remember, why, at, ...values) === 0) return 0
    file.run(
      `DELETE FROM ended_sessions WHERE id NOT IN (SELECT id FROM ended_sessions ORDER BY at DESC LIMIT ${MAX_ENDED})`,
    )
    return file.run(`DELETE FROM user_sessions WHERE ${where}`, ...values)
  })
}

/** The sessions of all users. Tokens are stored as SHA-256 hashes: reading the file does not allow signing in. */
export class UserSessionRepository {
  readonly #file: SqliteFile
  readonly #clock: Clock

  constructor(file: SqliteFile, clock: Clock) {
    this.#file = file
    this.#clock = clock
  }

  /** Active sessions, the most recently used first. */
  list(): StoredUserSession[] {
    const sql = `${SELECT} WHERE s.expires > ? ORDER BY s.last_used DESC, s.id`
    return this.#file.all<Row>(sql, this.#clock.now()).map(sessionOf)
  }

  get(id: string): StoredUserSession | undefined {
    return this.#file.all<Row>(`${SELECT} WHERE s.id = ? AND s.expires > ?`, id, this.#clock.now()).map(sessionOf)[0]
  }

  /** By the hash of its access token, expired or not. */
  byAccess(hash: Buffer): StoredUserSession | undefined {
    return this.#file.all<Row>(`${SELECT} WHERE s.access = ?`, hash).map(sessionOf)[0]
  }

  add(session: NewSession, family: Buffer, hashes: Hashes): void {
    const { id, userId, address, userAgent, stays = true } = session
    const now = this.#clock.now()
    this.#file.transaction(() => {
      this.#file.run(
        `INSERT INTO user_sessions (id, user_id, family, access, access_expires, refresh, expires, created, last_used, address, user_agent, stays)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ...[id, userId, family, hashes.access, hashes.accessExpires, hashes.refresh, hashes.expires],
        ...[now, now, address, userAgent, Number(stays)],
      )
      const beyond = `user_id = ? AND id NOT IN
        (SELECT id FROM user_sessions WHERE user_id = ? ORDER BY id = ? DESC, last_used DESC LIMIT ${MAX_SESSIONS})`
      endSessions(this.#file, 'idle', now, beyond, userId, userId, id)
    })
  }

  refreshHashes(id: string): { readonly family: Buffer; readonly refresh: Buffer } | undefined {
    const sql = 'SELECT family, refresh FROM user_sessions WHERE id = ? AND expires > ?'
    return this.#file.get<{ family: Buffer; refresh: Buffer }>(sql, id, this.#clock.now())
  }

  /** Replaces `old` with new hashes; false if `old` is no longer in force. */
  rotate(id: string, old: Buffer, hashes: Hashes, from: { address: string; userAgent: string }): boolean {
    const changed = this.#file.run(
      `UPDATE user_sessions SET access = ?, access_expires = ?, refresh = ?, expires = ?, last_used = ?, address = ?, user_agent = ?
        WHERE id = ? AND refresh = ?`,
      ...[hashes.access, hashes.accessExpires, hashes.refresh, hashes.expires],
      ...[this.#clock.now(), from.address, from.userAgent, id, old],
    )
    return changed > 0
  }

  /** False when there was none. */
  remove(id: string, why: Ending): boolean {
    return endSessions(this.#file, why, this.#clock.now(), 'id = ?', id) > 0
  }

  /** Why a session ended, and the hash of its family; undefined while it goes on, or if it is not known any more. */
  endingOf(id: string): { readonly family: Buffer; readonly reason: Ending } | undefined {
    const sql = `SELECT family, reason FROM ended_sessions WHERE id = ?
      UNION ALL SELECT family, 'idle' FROM user_sessions WHERE id = ? AND expires <= ?`
    return this.#file.get<{ family: Buffer; reason: Ending }>(sql, id, id, this.#clock.now())
  }

  /** Ends all sessions of a user but one; returns the ids of those ended. */
  removeOthers(userId: number, except: string | null, why: Ending): string[] {
    return this.#file.transaction(() => {
      const ids = this.#file.all<{ id: string }>('SELECT id FROM user_sessions WHERE user_id = ?', userId)
      const others = ids.map(({ id }) => id).filter((id) => id !== except)
      for (const id of others) this.remove(id, why)
      return others
    })
  }

  /** Forgets expired sessions. */
  prune(): void {
    endSessions(this.#file, 'idle', this.#clock.now(), 'expires <= ?', this.#clock.now())
  }
}

function sessionOf(row: Row): StoredUserSession {
  return {
    id: row.id,
    userId: row.user_id,
    userName: row.name,
    passwordMade: row.password_made === 1,
    role: row.role,
    created: row.created,
    lastUsed: row.last_used,
    expires: row.expires,
    address: row.address,
    userAgent: row.user_agent,
    accessExpires: row.access_expires,
    stays: row.stays === 1,
  }
}
