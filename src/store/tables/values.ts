import type { SecretValues } from '../../core/logging/secrets.ts'
import type { SqliteFile } from '../database/sqlite.ts'
import type { Sealed } from '../secrets/sealed.ts'

/** Small values by name. Plain and secret values have separate names. */
export class ValueRepository {
  readonly #file: SqliteFile
  readonly #sealed: Sealed
  readonly #secrets: SecretValues

  constructor(file: SqliteFile, sealed: Sealed, secrets: SecretValues) {
    this.#file = file
    this.#sealed = sealed
    this.#secrets = secrets
  }

  get(name: string): string | undefined {
    return this.#file.get<{ value: string }>('SELECT value FROM plain_values WHERE name = ?', name)?.value
  }

  set(name: string, value: string): void {
    this.#file.run('INSERT OR REPLACE INTO plain_values (name, value) VALUES (?, ?)', name, value)
  }

  /** Whether a secret with that name is stored, readable or not: the right key may make it readable again. */
  hasSecret(name: string): boolean {
    return this.#file.get('SELECT 1 FROM secret_values WHERE name = ?', name) !== undefined
  }

  /** Undefined if it was never set or can't be read. */
  getSecret(name: string): string | undefined {
    const row = this.#file.get<{ value_sealed: Buffer }>('SELECT value_sealed FROM secret_values WHERE name = ?', name)
    const value = row && this.#sealed.open(row.value_sealed, ['secret_values', name])
    this.#secrets.remember(value)
    return value
  }

  setSecret(name: string, value: string): void {
    this.#secrets.remember(value)
    const sealed = this.#sealed.seal(value, ['secret_values', name])
    this.#file.run('INSERT OR REPLACE INTO secret_values (name, value_sealed) VALUES (?, ?)', name, sealed)
  }

  /** Forgets the plain and the secret value of that name. */
  delete(name: string): void {
    if (this.get(name) === undefined && !this.hasSecret(name)) return
    this.#file.transaction(() => {
      this.#file.run('DELETE FROM plain_values WHERE name = ?', name)
      this.#file.run('DELETE FROM secret_values WHERE name = ?', name)
    })
  }
}
