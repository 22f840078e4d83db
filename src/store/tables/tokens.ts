import type { Clock } from '../../core/clock.ts'
import type { SqliteFile } from '../database/sqlite.ts'

type Scope = 'read' | 'control' | 'admin'

/** A long-lived token of a program. Times are Unix ms. */
export interface StoredApiToken {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly created: number
  readonly createdBy: string
  /** Id of the user who made it; null for one who is no user of the bridge. */
  readonly maker: number | null
  readonly expires: number | null
  readonly lastUsed: number | null
}

type NewToken = Pick<StoredApiToken, 'id' | 'name' | 'scopes' | 'createdBy' | 'expires'> & {
  readonly maker?: number | null
}

interface Row {
  readonly id: string
  readonly name: string
  readonly scopes: string
  readonly created: number
  readonly created_by: string
  readonly maker: number | null
  readonly expires: number | null
  readonly last_used: number | null
}

const SELECT = 'SELECT id, name, scopes, created, created_by, maker, expires, last_used FROM api_tokens'

/** API tokens by the SHA-256 hash of their 256 random bits, which need no slower hash. */
export class TokenRepository {
  readonly #file: SqliteFile
  readonly #clock: Clock

  constructor(file: SqliteFile, clock: Clock) {
    this.#file = file
    this.#clock = clock
  }

  /** The oldest first, including expired ones. */
  list(): StoredApiToken[] {
    return this.#file.all<Row>(`${SELECT} ORDER BY created, id`).map(tokenOf)
  }

  get(id: string): StoredApiToken | undefined {
    return this.#file.all<Row>(`${SELECT} WHERE id = ?`, id).map(tokenOf)[0]
  }

  byHash(hash: Buffer): StoredApiToken | undefined {
    return this.#file.all<Row>(`${SELECT} WHERE hash = ?`, hash).map(tokenOf)[0]
  }

  add(token: NewToken, hash: Buffer): void {
    this.#file.run(
      'INSERT INTO api_tokens (id, name, hash, scopes, created, created_by, maker, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ...[token.id, token.name, hash, token.scopes.join(' ')],
      ...[this.#clock.now(), token.createdBy, token.maker ?? null, token.expires],
    )
  }

  used(id: string, at: number): void {
    this.#file.run('UPDATE api_tokens SET last_used = ? WHERE id = ?', at, id)
  }

  /** False when there was none. */
  remove(id: string): boolean {
    return this.#file.run('DELETE FROM api_tokens WHERE id = ?', id) > 0
  }
}

const isScope = (text: string): text is Scope => text === 'read' || text === 'control' || text === 'admin'

function tokenOf(row: Row): StoredApiToken {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes.split(' ').filter(isScope),
    created: row.created,
    createdBy: row.created_by,
    maker: row.maker,
    expires: row.expires,
    lastUsed: row.last_used,
  }
}
