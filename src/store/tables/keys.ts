import type { Clock } from '../../core/clock.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import type { SqliteFile } from '../database/sqlite.ts'
import type { Sealed } from '../secrets/sealed.ts'
import type { RecordId } from '../secrets/vault.ts'

export interface StoredKey {
  readonly serial: string
  /** The account that provided it. */
  readonly source: string
  readonly key: string
  /** When this source first provided this key, Unix ms. */
  readonly firstSeen: number
  /** When the device last accepted a write signed with this key, Unix ms; null if none is known. */
  readonly lastAccepted: number | null
  /** Whether the source has since provided another key that the device has not accepted yet. */
  readonly former?: boolean
}

/** A key that was new to `replace`. */
export interface KeyChange {
  readonly serial: string
  /** Whether the source had provided another key for this serial before. */
  readonly previous: boolean
}

interface Row {
  readonly serial: string
  readonly source: string
  readonly key_sealed: Buffer
  readonly first_seen: number
  readonly last_accepted: number | null
  readonly previous_sealed: Buffer | null
  readonly previous_seen: number | null
  readonly previous_accepted: number | null
}

const COLUMNS =
  'serial, source, key_sealed, first_seen, last_accepted, previous_sealed, previous_seen, previous_accepted'

/**
 * The devices' TOTP keys: one per serial and source, plus the previous one until the device has accepted the new one: a cloud
 * may be minutes ahead of the device, or behind it. A source that no longer lists a device does not remove its key.
 */
export class KeyRepository {
  readonly #file: SqliteFile
  readonly #sealed: Sealed
  readonly #clock: Clock
  readonly #secrets: SecretValues
  /** Cached in memory while nobody else writes: views of all devices ask all the time. */
  readonly #held = new Map<string, readonly StoredKey[]>()
  /** Whether the cache contains all devices. */
  #complete = false
  #generation: number | undefined

  constructor(file: SqliteFile, sealed: Sealed, clock: Clock, secrets: SecretValues) {
    this.#file = file
    this.#sealed = sealed
    this.#clock = clock
    this.#secrets = secrets
  }

  /** Every readable key of one device, former ones included. */
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

  /** All at once at the start; later, after writes by others, each on demand, so that nothing is delayed. */
  #begin(): void {
    this.#held.clear()
    this.#complete = this.#generation === undefined
    if (!this.#complete) return
    for (const key of this.all()) this.#held.set(key.serial, [...(this.#held.get(key.serial) ?? []), key])
  }

  /** The latest readable key of every source. */
  present(): StoredKey[] {
    return this.all().filter(({ former }) => !former)
  }

  /** Every readable key, former ones included. */
  all(): StoredKey[] {
    return this.#open(this.#file.all<Row>(`SELECT ${COLUMNS} FROM device_keys ORDER BY serial, source`))
  }

  /**
   * Stores the present keys of a source, in one commit. Its previous key stays as the former one. An unreadable record
   * (another master key) is replaced by the new value for that record; other records stay unchanged.
   * @returns the keys that are new or changed.
   */
  put(source: string, keys: Iterable<{ readonly serial: string; readonly key: string }>): KeyChange[] {
    return this.#file.transaction(() => {
      const changes: KeyChange[] = []
      for (const { serial, key } of keys) {
        const { present, former } = this.#from(serial, source)
        this.#secrets.remember(key)
        if (present?.key === key) continue
        // A cloud that returns to an earlier key has not created a new one.
        const back = former?.key === key
        const lastAccepted = back ? former.lastAccepted : null
        const given = { serial, source, key, firstSeen: this.#clock.now(), lastAccepted }
        this.#write(given, betterOf(present, back ? undefined : former))
        changes.push({ serial, previous: present !== undefined })
      }
      return changes
    })
  }

  /**
   * Imports keys from another machine, in one commit. Of two keys of one record, the one last new or accepted is the present
   * one. Future times count as now, since such a key would always win.
   * @returns the imported keys.
   */
  merge(keys: Iterable<StoredKey>): StoredKey[] {
    return this.#file.transaction(() => {
      const now = this.#clock.now()
      const taken: StoredKey[] = []
      for (const { serial, source, key, ...times } of keys) {
        const firstSeen = Math.min(times.firstSeen, now)
        const lastAccepted = times.lastAccepted === null ? null : Math.min(times.lastAccepted, now)
        const { present, former } = this.#from(serial, source)
        if (present && newest(present) >= newest({ firstSeen, lastAccepted })) continue
        this.#secrets.remember(key)
        // The device may not have it yet.
        const others = [present, former].filter((held) => held?.key !== key)
        this.#write({ serial, source, key, firstSeen, lastAccepted }, betterOf(others[0], others[1]))
        taken.push({ serial, source, key, firstSeen, lastAccepted })
      }
      return taken
    })
  }

  /**
   * Records that the device accepted this key, whichever sources provided it; a source's former key is removed once its
   * present one is accepted.
   */
  accepted(serial: string, key: string): void {
    const lastAccepted = this.#clock.now()
    for (const { source } of this.of(serial).filter((held) => held.key === key)) {
      const { present, former } = this.#from(serial, source)
      if (present?.key === key) this.#write({ ...present, lastAccepted }, undefined)
      else if (present && former) this.#write(present, { ...former, lastAccepted })
    }
  }

  #from(serial: string, source: string): { readonly present?: StoredKey; readonly former?: StoredKey } {
    const own = this.of(serial).filter((held) => held.source === source)
    const present = own.find((held) => !held.former)
    const former = own.find((held) => held.former)
    return { ...(present ? { present } : {}), ...(former ? { former } : {}) }
  }

  #write(present: StoredKey, former: StoredKey | undefined): void {
    const { serial, source } = present
    const record = recordId(serial, source)
    this.#file.run(
      `INSERT OR REPLACE INTO device_keys (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      serial,
      source,
      this.#sealed.seal(present.key, record),
      present.firstSeen,
      present.lastAccepted,
      former ? this.#sealed.seal(former.key, record) : null,
      former?.firstSeen ?? null,
      former?.lastAccepted ?? null,
    )
    const { former: _, ...given } = present
    this.#hold(serial, source, [given, ...(former ? [{ ...former, serial, source, former: true }] : [])])
  }

  /** Invalidates the cache if a write is rolled back. */
  #hold(serial: string, source: string, keys: readonly StoredKey[]): void {
    const others = this.of(serial).filter((held) => held.source !== source)
    const all = [...others, ...keys].sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : 0))
    this.#held.set(serial, all)
  }

  #open(rows: readonly Row[]): StoredKey[] {
    return rows.flatMap((row) => {
      const { serial, source } = row
      const opened = (sealed: Buffer | null, firstSeen: number, lastAccepted: number | null, former: boolean) => {
        const key = sealed ? this.#sealed.open(sealed, recordId(serial, source)) : undefined
        if (key === undefined) return []
        this.#secrets.remember(key)
        return [{ serial, source, key, firstSeen, lastAccepted, ...(former ? { former } : {}) }]
      }
      return [
        ...opened(row.key_sealed, row.first_seen, row.last_accepted, false),
        ...opened(row.previous_sealed, row.previous_seen ?? 0, row.previous_accepted, true),
      ]
    })
  }
}

/** Of two former keys, the one that the device more likely has. */
function betterOf(one: StoredKey | undefined, other: StoredKey | undefined): StoredKey | undefined {
  if (!one || !other) return one ?? other
  return (other.lastAccepted ?? 0) > (one.lastAccepted ?? 0) ? other : one
}

/** When a key was last known to be valid, Unix ms. */
function newest({ firstSeen, lastAccepted }: Pick<StoredKey, 'firstSeen' | 'lastAccepted'>): number {
  return Math.max(firstSeen, lastAccepted ?? 0)
}

function recordId(serial: string, source: string): RecordId {
  return ['device_keys', serial, source]
}
