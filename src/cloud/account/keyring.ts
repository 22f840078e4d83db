import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { maskedKey, type SecretValues } from '../../core/logging/secrets.ts'
import { inSlices, portions } from '../../core/slices.ts'

/** The TOTP key of one device: 16 raw ASCII characters. */
export interface DeviceKey {
  readonly key: string
  /** The id of the account that gave it, or `config`. */
  readonly source: string
  /** Unix ms at which it was first seen. */
  readonly since: number
}

export interface HeldKey {
  readonly source: string
  readonly key: string
  readonly firstSeen: number
  readonly lastAccepted: number | null
}

/** What is known of a key that is held, without the key. */
export interface KeyView {
  readonly serial: string
  /** The id of the account that gave it, or `config`. */
  readonly source: string
  /** Unix ms at which this source first gave it; null for one of the settings. */
  readonly since: number | null
  /** Unix ms of a write that the device accepted with it, to the hour; null when none is known. */
  readonly lastAccepted: number | null
  /** Whether the device refused it, and has not accepted it since. */
  readonly refused: boolean
  /** Whether it is the one that signs. */
  readonly used: boolean
  /** Enough to tell two keys apart. */
  readonly masked: string
}

/** The keys that accounts gave. The store satisfies it. */
export interface KeyStore {
  of(serial: string): readonly HeldKey[]
  accepted(serial: string, key: string): void
}

/** A key that a source had not given before. */
export interface KeyChange {
  readonly serial: string
  /** Whether it had given another key for this serial. */
  readonly previous: boolean
}

/** Where the keys an account gives are kept. The store satisfies it. */
export interface KeySink {
  put(source: string, keys: Iterable<{ readonly serial: string; readonly key: string }>): readonly KeyChange[]
}

/** Keys in a commit: so many hold up nothing. */
const AT_ONCE = 100

/** Puts the keys of a long list piece by piece. @returns those that are new */
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

/** Who can be asked for a newer key. `Clouds` satisfies it. */
export interface KeySource {
  /** @returns why some could not be asked, in sentences */
  refreshKeys(serial: string, sources: readonly string[]): Promise<readonly string[]>
  /** Asks those whom `refreshKeys` left out as unlikely. */
  refreshOthers?(serial: string, sources: readonly string[]): Promise<readonly string[]>
}

export interface KeyringOptions {
  /** Keys of the configuration by serial; they override whatever the clouds say. */
  readonly configured: ReadonlyMap<string, string>
  readonly keys: KeyStore
  readonly source: KeySource
  readonly clock: Clock
  readonly logger: Logger
  readonly secrets: SecretValues
}

/** That a key is still accepted is written down no more often than this, to spare the disk. */
const ACCEPTED_MS = 3_600_000

/**
 * Which key signs for which device. Of several, the one that was last seen new or accepted; one that the device refused
 * steps back behind the others until a device accepts it after all.
 */
export class Keyring {
  readonly #configured: ReadonlyMap<string, string>
  readonly #keys: KeyStore
  readonly #source: KeySource
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #started: number
  readonly #rejected = new Map<string, ReadonlySet<string>>()
  /** When a key of the settings was accepted last; those of accounts have that in the store. */
  readonly #accepted = new Map<string, number>()
  /** As they were read last: a store that breaks must not keep commands from being signed. */
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

  /** Every key held for a device, the one that signs first. */
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

  /** The devices of which the settings have a key. */
  get configured(): readonly string[] {
    return [...this.#configured.keys()]
  }

  /**
   * Looks for a key other than `rejected`: another one that is held, else one that a cloud gives now: first those it came
   * from, then the others, as the device may have been bound to another account; each is asked at most once a minute for each
   * device. `unasked` says afterwards who could not be asked.
   * @returns whether `get` has one now that was not refused. Never rejects.
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

  /** Why accounts could not be asked for a newer key at the last `refresh`, in sentences; empty when all were. */
  unasked(serial: string): readonly string[] {
    return this.#unasked.get(serial) ?? []
  }

  /** To be told of each write that the device accepted. Never throws: the write was done, whatever the disk says. */
  accepted(serial: string, key: string): void {
    this.#rejected.delete(serial)
    this.#unasked.delete(serial)
    if (this.#configured.get(serial) === key) this.#accepted.set(serial, this.#clock.now())
    const ranked = this.#ranked(serial)
    const held = ranked.find((candidate) => candidate.key === key)
    if (!held) return
    const fresh = held.lastAccepted !== null && this.#clock.now() - held.lastAccepted < ACCEPTED_MS
    if (held !== ranked[0] || !fresh) this.#stored(() => this.#keys.accepted(serial, key), undefined)
  }

  #held(serial: string): readonly HeldKey[] {
    const held = this.#stored(() => this.#keys.of(serial), undefined)
    if (!held) return this.#read.get(serial) ?? []
    if (held.length > 0) this.#read.set(serial, held)
    else this.#read.delete(serial)
    return held
  }

  /** What the store gives, or `otherwise` when it fails, which is logged when it begins. */
  #stored<Result, Otherwise>(work: () => Result, otherwise: Otherwise): Result | Otherwise {
    try {
      const result = work()
      this.#storeFails = false
      return result
    } catch (error) {
      if (!this.#storeFails) this.#logger.error({ err: error }, 'The stored device keys cannot be used for now')
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

  /** Only keys still held are kept in mind. */
  #reject(serial: string, key: string): void {
    const rejected = new Set([...(this.#rejected.get(serial) ?? []), key])
    const held = this.#held(serial).map((candidate) => candidate.key)
    this.#rejected.set(serial, new Set(held.filter((candidate) => rejected.has(candidate))))
  }
}
