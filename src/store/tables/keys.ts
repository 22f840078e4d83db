import type { Clock } from '../../core/clock.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import type { SqliteFile } from '../database/sqlite.ts'
import type { Sealed } from '../secrets/sealed.ts'
import type { RecordId } from '../secrets/vault.ts'

export interface StoredKey {
  readonly serial: string
  /** The account that gave it. */
  readonly source: string
  readonly key: string
  /** Unix ms at which this source first gave this key. */
  readonly firstSeen: number
  /** Unix ms of a write that the device accepted with this key; null when none is known. */
  readonly lastAccepted: number | null
  /** Whether the source has given another since, which the device has not accepted yet. */
  readonly former?: boolean
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
  readonly previous_sealed: Buffer | null
  readonly previous_seen: number | null
  readonly previous_accepted: number | null
}

const COLUMNS =
  'serial, source, key_sealed, first_seen, last_accepted, previous_sealed, previous_seen, previous_accepted'

/**
 * The devices' TOTP keys: one per serial and source, and the one before it for as long as the device has not accepted it: a
 * cloud may be ahead of the device for minutes, or behind it. A source that stops naming a device does not take its key away.
 */
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

  /** All at once for the start; later, when others have written, each when it is asked for, so that nothing is held up. */
  #begin(): void {
    this.#held.clear()
    this.#complete = this.#generation === undefined
    if (!this.#complete) return
    for (const key of this.all()) this.#held.set(key.serial, [...(this.#held.get(key.serial) ?? []), key])
  }

  /** Every readable key that its source gave last. */
  present(): StoredKey[] {
    return this.all().filter(({ former }) => !former)
  }

  /** Every readable key, former ones included. */
  all(): StoredKey[] {
    return this.#open(this.#file.all<Row>(`SELECT ${COLUMNS} FROM device_keys ORDER BY serial, source`))
  }

  /**
   * Takes over the keys a source gives now, in one commit. The key that it gave before stays as the former one. A record that
   * cannot be read (another master key) is replaced by the value given for that very record; records not named stay as they
   * are.
   * @returns the keys that are new or changed.
   */
  put(source: string, keys: Iterable<{ readonly serial: string; readonly key: string }>): KeyChange[] {
    return this.#file.transaction(() => {
      const changes: KeyChange[] = []
      for (const { serial, key } of keys) {
        const { present, former } = this.#from(serial, source)
        this.#secrets.remember(key)
        if (present?.key === key) continue
        // A cloud that goes back to a key which it gave before has not made a new one.
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
   * Takes over keys that another machine held, in one commit. Of two keys of one record the one that was seen new or
   * accepted last is the present one. Times from the future count as now, as such a key would win for ever.
   * @returns the keys that were taken.
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

  /** Notes that the device accepted this key, whichever sources gave it; a source's former key goes when its present one is. */
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

  /** Takes it back by itself when what was written is: then nothing that is held counts. */
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

/** Of two keys that are no longer given, the one that the device is likelier to hold. */
function betterOf(one: StoredKey | undefined, other: StoredKey | undefined): StoredKey | undefined {
  if (!one || !other) return one ?? other
  return (other.lastAccepted ?? 0) > (one.lastAccepted ?? 0) ? other : one
}

/** Unix ms at which a key was last known to be good. */
function newest({ firstSeen, lastAccepted }: Pick<StoredKey, 'firstSeen' | 'lastAccepted'>): number {
  return Math.max(firstSeen, lastAccepted ?? 0)
}

function recordId(serial: string, source: string): RecordId {
  return ['device_keys', serial, source]
}
