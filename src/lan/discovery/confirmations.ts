import type { Clock } from '../../core/clock.ts'
import type { Identity } from '../types.ts'

/** A claim that a serial is at a host. */
export interface Claim {
  readonly serial: string
  readonly host: string
  readonly hw: string | null
}

export interface ConfirmationsOptions {
  readonly clock: Clock
  /**
   * Asks the host. Resolves with the device if the serial is there, `known` if it need not be asked, otherwise null.
   * Never rejects.
   */
  readonly confirm: (claim: Claim) => Promise<Identity | 'known' | null>
  readonly onConfirmed: (claim: Claim, identity: Identity) => void
}

/** Parallel queries to the LAN. */
const CONCURRENT = 4
/** The most claims remembered; the oldest are forgotten first. */
const MAX_CLAIMS = 256
/** The most senders remembered. */
const MAX_SENDERS = 1024
const MINUTE = 60_000
/** Queries to one sender per minute: enough for a real device, too few for an attack. */
const PER_SENDER = 5
/** The longest pause, in minutes, between queries about a claim that keeps failing. */
const LONGEST_PAUSE = 10

interface Entry {
  readonly claim: Claim
  failures: number
  notBefore: number
  /** Waiting or being asked. */
  active: boolean
}

interface Sender {
  since: number
  questions: number
  active: boolean
}

/**
 * Asks the senders of beacons whether they are who they claim to be. Anybody on the LAN can send beacons with any
 * serial and any sender address, so memory, parallel queries and queries to one host are bounded.
 */
export class Confirmations {
  readonly #options: ConfirmationsOptions
  readonly #entries = new Map<string, Entry>()
  readonly #senders = new Map<string, Sender>()
  readonly #queue: Entry[] = []
  #asking = 0
  #stopped = false

  constructor(options: ConfirmationsOptions) {
    this.#options = options
  }

  /** How many claims are remembered. */
  get size(): number {
    return this.#entries.size
  }

  /** Accepts a claim. `unconfirmed`: known, not to be asked now; `flood`: too many from there or in total. */
  claim(claim: Claim): 'taken' | 'unconfirmed' | 'flood' {
    const now = this.#options.clock.monotonic()
    const key = `${claim.serial} ${claim.host}`
    const known = this.#entries.get(key)
    if (this.#stopped || (known && (known.active || now < known.notBefore))) return 'unconfirmed'
    const sender = this.#sender(claim.host, now)
    if (!sender || sender.active || sender.questions >= PER_SENDER) return 'flood'
    const entry: Entry = { claim, failures: known?.failures ?? 0, notBefore: now, active: true }
    this.#entries.delete(key)
    if (this.#entries.size >= MAX_CLAIMS && !evict(this.#entries)) return 'flood'
    this.#entries.set(key, entry)
    sender.questions++
    sender.active = true
    this.#queue.push(entry)
    this.#next()
    return 'taken'
  }

  stop(): void {
    this.#stopped = true
    this.#queue.length = 0
  }

  #sender(host: string, now: number): Sender | undefined {
    const known = this.#senders.get(host)
    if (known && now - known.since < MINUTE) return known
    if (known) {
      known.since = now
      known.questions = 0
      return known
    }
    if (this.#senders.size >= MAX_SENDERS && !evict(this.#senders)) return undefined
    const sender: Sender = { since: now, questions: 0, active: false }
    this.#senders.set(host, sender)
    return sender
  }

  #next(): void {
    while (this.#asking < CONCURRENT) {
      const entry = this.#queue.shift()
      if (!entry) return
      this.#asking++
      void this.#options.confirm(entry.claim).then((found) => {
        this.#asking--
        this.#settle(entry, found)
        this.#next()
      })
    }
  }

  #settle(entry: Entry, found: Identity | 'known' | null): void {
    const confirmed = found !== null
    const sender = this.#senders.get(entry.claim.host)
    if (sender) sender.active = false
    entry.active = false
    entry.failures = confirmed ? 0 : entry.failures + 1
    const minutes = confirmed ? 1 : Math.min(2 ** (entry.failures - 1), LONGEST_PAUSE)
    entry.notBefore = this.#options.clock.monotonic() + minutes * MINUTE
    if (found !== null && found !== 'known' && !this.#stopped) this.#options.onConfirmed(entry.claim, found)
  }
}

/** Forgets the oldest inactive entry. */
function evict(map: Map<string, { readonly active: boolean }>): boolean {
  for (const [key, { active }] of map) {
    if (!active) return map.delete(key)
  }
  return false
}
