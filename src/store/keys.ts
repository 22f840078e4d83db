import type { Clock } from '../core/clock.ts'
import type { SecretValues } from '../core/secrets.ts'
import type { Sealed } from './sealed.ts'
import type { SqliteFile } from './sqlite.ts'
import type { RecordId } from './vault.ts'

export interface StoredKey {
  readonly serial: string
  /** The account that gave it. */
  readonly source: string
  readonly key: string
  /** Unix ms at which this source first gave this key. */
  readonly firstSeen: number
  /** Unix ms of a write that the device accepted with this key; null when none is known. */
  readonly lastAccepted: number | null
}

/** A key that `replace` did not hold before. */
export interface KeyChange {
  readonly serial: string
  /** Whether the source had given another key for this serial before. */
  readonly previous: boolean
}

interface Row {
  readonly serial: string
  readonly source: string
  readonly key_sealed: Buffer
  readonly first_seen: number
  readonly last_accepted: number | null
}

const COLUMNS = 'serial, source, key_sealed, first_seen, last_accepted'

/** The devices' TOTP keys: one per serial and source. A source that stops naming a device does not take its key away. */
export class KeyRepository {
  readonly #file: SqliteFile
  readonly #sealed: Sealed
  readonly #clock: Clock
  readonly #secrets: SecretValues
  /** In memory, as long as nobody else writes: views of all devices ask all the time. */
  readonly #held = new Map<string, readonly StoredKey[]>()
  /** Whether those of all devices are there. */
  #complete = false
  #generation: number | undefined

  constructor(file: SqliteFile, sealed: Sealed, clock: Clock, secrets: SecretValues) {
    this.#file = file
    this.#sealed = sealed
    this.#clock = clock
    this.#secrets = secrets
  }

  /** Every readable key of one device. */
  of(serial: string): readonly StoredKey[] {
    const { generation } = this.#file
    if (generation !== this.#generation) this.#begin()
    this.#generation = generation
    const known = this.#held.get(serial)
    if (known || this.#complete) return known ?? []
    const held = this.#open(
      this.#file.all<Row>(`SELECT ${COLUMNS} FROM device_keys WHERE serial = ? ORDER BY source`, serial),
    )
    this.#held.set(serial, held)
    return held
  }

  /** All at once for the start; later, when others have written, each when it is asked for, so that nothing is held up. */
  #begin(): void {
    this.#held.clear()
    this.#complete = this.#generation === undefined
    if (!this.#complete) return
    for (const key of this.all()) this.#held.set(key.serial, [...(this.#held.get(key.serial) ?? []), key])
  }

  /** Every readable key. */
  all(): StoredKey[] {
    return this.#open(this.#file.all<Row>(`SELECT ${COLUMNS} FROM device_keys ORDER BY serial, source`))
  }

  /**
   * Takes over the keys a source gives now, in one commit. A record that cannot be read (another master key) is replaced
   * by the value given for that very record; records not named stay as they are.
   * @returns the keys that are new or changed.
   */
  put(source: string, keys: Iterable<{ readonly serial: string; readonly key: string }>): KeyChange[] {
    return this.#file.transaction(() => {
      const changes: KeyChange[] = []
      for (const { serial, key } of keys) {
        const held = this.of(serial).find((other) => other.source === source)?.key
        this.#secrets.remember(key)
        if (held === key) continue
        this.#write({ serial, source, key, firstSeen: this.#clock.now(), lastAccepted: null })
        changes.push({ serial, previous: held !== undefined })
      }
      return changes
    })
  }

  /**
   * Takes over keys that another machine held, in one commit. Of two keys of one record the one that was seen new or
   * accepted last stays. Times from the future count as now, as such a key would win for ever.
   * @returns the keys that were taken.
   */
  merge(keys: Iterable<StoredKey>): StoredKey[] {
    return this.#file.transaction(() => {
      const now = this.#clock.now()
      const taken: StoredKey[] = []
      for (const { serial, source, key, ...times } of keys) {
        const firstSeen = Math.min(times.firstSeen, now)
        const lastAccepted = times.lastAccepted === null ? null : Math.min(times.lastAccepted, now)
        const held = this.of(serial).find((other) => other.source === source)
        if (held && newest(held) >= newest({ firstSeen, lastAccepted })) continue
        this.#secrets.remember(key)
        this.#write({ serial, source, key, firstSeen, lastAccepted })
        taken.push({ serial, source, key, firstSeen, lastAccepted })
      }
      return taken
    })
  }

  /** Notes that the device accepted this key, whichever sources gave it. */
  accepted(serial: string, key: string): void {
    for (const held of this.of(serial)) {
      if (held.key !== key) continue
      const lastAccepted = this.#clock.now()
      this.#file.run(
        'UPDATE device_keys SET last_accepted = ? WHERE serial = ? AND source = ?',
        lastAccepted,
        serial,
        held.source,
      )
      this.#hold({ ...held, lastAccepted })
    }
  }

  #write(stored: StoredKey): void {
    const { serial, source, key, firstSeen, lastAccepted } = stored
    this.#file.run(
      `INSERT OR REPLACE INTO device_keys (${COLUMNS}) VALUES (?, ?, ?, ?, ?)`,
      serial,
      source,
      this.#sealed.seal(key, recordId(serial, source)),
      firstSeen,
      lastAccepted,
    )
    this.#hold(stored)
  }

  /** Takes it back by itself when what was written is: then nothing that is held counts. */
  #hold(stored: StoredKey): void {
    const others = this.of(stored.serial).filter(({ source }) => source !== stored.source)
    this.#held.set(
      stored.serial,
      [...others, stored].sort((a, b) => (a.source < b.source ? -1 : 1)),
    )
  }

  #open(rows: readonly Row[]): StoredKey[] {
    return rows.flatMap((row) => {
      const key = this.#sealed.open(row.key_sealed, recordId(row.serial, row.source))
      if (key === undefined) return []
      this.#secrets.remember(key)
      return [
        { serial: row.serial, source: row.source, key, firstSeen: row.first_seen, lastAccepted: row.last_accepted },
      ]
    })
  }
}

/** Unix ms at which a key was last known to be good. */
function newest({ firstSeen, lastAccepted }: Pick<StoredKey, 'firstSeen' | 'lastAccepted'>): number {
  return Math.max(firstSeen, lastAccepted ?? 0)
}

function recordId(serial: string, source: string): RecordId {
  return ['device_keys', serial, source]
}
