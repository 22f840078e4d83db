import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { maskedKey, type SecretValues } from '../../core/logging/secrets.ts'
import { inSlices, portions } from '../../core/slices.ts'

/** The TOTP key of one device: 16 raw ASCII characters. */
export interface DeviceKey {
  readonly key: string
  /** The id of the account that gave it, or `config`. */
  readonly source: string
  /** When it was first seen, Unix ms. */
  readonly since: number
}

export interface HeldKey {
  readonly source: string
  readonly key: string
  readonly firstSeen: number
  readonly lastAccepted: number | null
}

/** What is known of a stored key, without the key itself. */
export interface KeyView {
  readonly serial: string
  /** The id of the account that gave it, or `config`. */
  readonly source: string
  /** When this source first provided it, Unix ms; null for a key from the settings. */
  readonly since: number | null
  /** When the device last accepted a write signed with it, Unix ms to the hour; null if none is known. */
  readonly lastAccepted: number | null
  /** Whether the device refused it and has not accepted it since. */
  readonly refused: boolean
  /** Whether this key signs commands. */
  readonly used: boolean
  /** Enough to tell two keys apart. */
  readonly masked: string
}

/** The keys from accounts. The store satisfies it. */
export interface KeyStore {
  of(serial: string): readonly HeldKey[]
  accepted(serial: string, key: string): void
}

/** A key that a source had not provided before. */
export interface KeyChange {
  readonly serial: string
  /** Whether it had provided another key for this serial. */
  readonly previous: boolean
}

/** Stores the keys of an account. The store satisfies it. */
export interface KeySink {
  put(source: string, keys: Iterable<{ readonly serial: string; readonly key: string }>): readonly KeyChange[]
}

/** Keys per commit: few enough not to delay anything. */
const AT_ONCE = 100

/** Stores the keys of a long list in batches. @returns the new ones */
export async function putKeys(
  sink: KeySink,
  clock: Clock,
  source: string,
  keys: readonly { readonly serial: string; readonly key: string }[],
): Promise<readonly KeyChange[]> {
  const changes: KeyChange[] = []
  await inSlices(clock, portions(keys, AT_ONCE), (some) => changes.push(...sink.put(source, some)))
  return changes
}

/** Can be asked for a newer key. `Clouds` satisfies it. */
export interface KeySource {
  /** @returns why some could not be asked, as sentences */
  refreshKeys(serial: string, sources: readonly string[]): Promise<readonly string[]>
  /** Asks the accounts that `refreshKeys` left out as unlikely. */
  refreshOthers?(serial: string, sources: readonly string[]): Promise<readonly string[]>
}

export interface KeyringOptions {
  /** Keys from the configuration by serial; they override keys from clouds. */
  readonly configured: ReadonlyMap<string, string>
  readonly keys: KeyStore
  readonly source: KeySource
  readonly clock: Clock
  readonly logger: Logger
  readonly secrets: SecretValues
}

/** How often it is saved that a key is still accepted, at most, to spare the disk. */
const ACCEPTED_MS = 3_600_000

/**
 * Which key signs for which device. Of several keys, the one that was last new or accepted; a refused key ranks behind
 * the others until a device accepts it.
 */
export class Keyring {
  readonly #configured: ReadonlyMap<string, string>
  readonly #keys: KeyStore
  readonly #source: KeySource
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #started: number
  readonly #rejected = new Map<string, ReadonlySet<string>>()
  /** When a key from the settings was last accepted; for keys from accounts the store has that. */
  readonly #accepted = new Map<string, number>()
  /** The key last accepted, and when that was saved: until it is due again, the result of a command need not wait for the store. */
  readonly #noted = new Map<string, { readonly key: string; readonly at: number }>()
  /** The keys as last read: a broken store must not prevent commands from being signed. */
  readonly #read = new Map<string, readonly HeldKey[]>()
  readonly #unasked = new Map<string, readonly string[]>()
  #storeFails = false

  constructor(options: KeyringOptions) {
    this.#configured = options.configured
    this.#keys = options.keys
    this.#source = options.source
    this.#clock = options.clock
    this.#logger = options.logger
    this.#started = options.clock.now()
    for (const key of options.configured.values()) options.secrets.remember(key)
  }

  get(serial: string): DeviceKey | undefined {
    const configured = this.#configured.get(serial)
    if (configured !== undefined) return { key: configured, source: 'config', since: this.#started }
    const held = this.#ranked(serial)[0]
    return held && { key: held.key, source: held.source, since: held.firstSeen }
  }

  /** Every key stored for a device, starting with the one that signs. */
  of(serial: string): KeyView[] {
    const configured = this.#configured.get(serial)
    const view = (key: string, used: boolean) => ({ serial, used, masked: maskedKey(key) })
    const own =
      configured === undefined
        ? []
        : [
            {
              ...view(configured, true),
              source: 'config',
              since: null,
              lastAccepted: this.#accepted.get(serial) ?? null,
              refused: this.#rejected.get(serial)?.has(configured) ?? false,
            },
          ]
    const held = this.#ranked(serial).map((one, index) => ({
      ...view(one.key, configured === undefined && index === 0),
      source: one.source,
      since: one.firstSeen,
      lastAccepted: one.lastAccepted,
      refused: this.#isRejected(serial, one),
    }))
    return [...own, ...held]
  }

  /** The devices with a key in the settings. */
  get configured(): readonly string[] {
    return [...this.#configured.keys()]
  }

  /**
   * Looks for a key other than `rejected`: another stored key, otherwise one from a cloud. It asks first the accounts
   * that the key came from, then the others, since the device may have been bound to another account; each at most once
   * a minute per device. `unasked` then tells which could not be asked.
   * @returns whether `get` now has a key that was not refused. Never rejects.
   */
  async refresh(serial: string, rejected: string | undefined): Promise<boolean> {
    const configured = this.#configured.get(serial)
    if (configured !== undefined) {
      if (configured === rejected) this.#rejected.set(serial, new Set([rejected]))
      return configured !== rejected
    }
    if (rejected !== undefined) this.#reject(serial, rejected)
    if (this.#hasUntried(serial)) return true
    const sources = this.#held(serial).map(({ source }) => source)
    const unasked = [...(await this.#source.refreshKeys(serial, sources))]
    if (!this.#hasUntried(serial)) unasked.push(...((await this.#source.refreshOthers?.(serial, sources)) ?? []))
    this.#unasked.set(serial, unasked)
    return this.#hasUntried(serial)
  }

  /** Why accounts could not be asked for a newer key at the last `refresh`, as sentences; empty if all were asked. */
  unasked(serial: string): readonly string[] {
    return this.#unasked.get(serial) ?? []
  }

  /**
   * Must be called for each write that the device accepted. Never throws: the write was done, whatever happens to the
   * disk.
   */
  accepted(serial: string, key: string): void {
    const now = this.#clock.now()
    const refused = this.#rejected.delete(serial)
    this.#unasked.delete(serial)
    if (this.#configured.get(serial) === key) this.#accepted.set(serial, now)
    const noted = this.#noted.get(serial)
    if (!refused && noted?.key === key && now - noted.at < ACCEPTED_MS) return
    const ranked = this.#ranked(serial)
    const held = ranked.find((candidate) => candidate.key === key)
    const fresh = held?.lastAccepted != null && now - held.lastAccepted < ACCEPTED_MS
    if (held && (held !== ranked[0] || !fresh)) this.#stored(() => this.#keys.accepted(serial, key), undefined)
    if (!this.#storeFails) this.#noted.set(serial, { key, at: (fresh && held?.lastAccepted) || now })
  }

  #held(serial: string): readonly HeldKey[] {
    const held = this.#stored(() => this.#keys.of(serial), undefined)
    if (!held) return this.#read.get(serial) ?? []
    if (held.length > 0) this.#read.set(serial, held)
    else this.#read.delete(serial)
    return held
  }

  /** Reads from the store, or returns `otherwise` if that fails; the start of a failure is logged. */
  #stored<Result, Otherwise>(work: () => Result, otherwise: Otherwise): Result | Otherwise {
    try {
      const result = work()
      this.#storeFails = false
      return result
    } catch (error) {
      if (!this.#storeFails) this.#logger.error({ err: error }, 'The stored device keys can’t be used now')
      this.#storeFails = true
      return otherwise
    }
  }

  #hasUntried(serial: string): boolean {
    const first = this.#ranked(serial)[0]
    return first !== undefined && !this.#isRejected(serial, first)
  }

  #ranked(serial: string): readonly HeldKey[] {
    const rank = (held: HeldKey) => Math.max(held.firstSeen, held.lastAccepted ?? 0)
    return [...this.#held(serial)].sort(
      (a, b) => Number(this.#isRejected(serial, a)) - Number(this.#isRejected(serial, b)) || rank(b) - rank(a),
    )
  }

  #isRejected(serial: string, { key }: HeldKey): boolean {
    return this.#rejected.get(serial)?.has(key) ?? false
  }

  /** Only keys that are still stored are remembered. */
  #reject(serial: string, key: string): void {
    const rejected = new Set([...(this.#rejected.get(serial) ?? []), key])
    const held = this.#held(serial).map((candidate) => candidate.key)
    this.#rejected.set(serial, new Set(held.filter((candidate) => rejected.has(candidate))))
  }
}
