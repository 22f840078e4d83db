import { type Clock, sleep } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { STEP_SECONDS, stepOf } from '../../protocol/totp.ts'
import { clockStrays, keyMissing, keyRejected, type Locked, lanLocked, lockedBoth } from '../exchange/errors.ts'
import type { Reader } from '../reader.ts'
import type { Clearance, CounterBase, Keys } from '../types.ts'
import { type Signature, type Signing, signature } from './sign.ts'

/** The result of sending a write once. */
export type Verdict<T> =
  /** Refused explicitly. */
  | { readonly result: 'blocked' }
  /** Acknowledged, but without a visible effect: the write or its values were refused silently. */
  | { readonly result: 'ignored'; readonly value: T }
  /** It took effect. `proven`: the write caused it; otherwise the device may have shown the same before. */
  | { readonly result: 'done'; readonly proven: boolean; readonly value: T }

/** Sends a write, signed at the moment of sending if there is a key. */
export type Send<T> = (sign: (() => Signature) | undefined) => Promise<Verdict<T>>

export interface AuthorizerOptions {
  readonly serial: string
  readonly reader: Reader
  readonly clock: Clock
  readonly keys: Keys
  readonly logger: Logger
  readonly counterBase: CounterBase | null
  readonly clearance: Clearance
  /** Its model, as far as known. */
  readonly model: () => Locked
  readonly onCounterBase: (base: CounterBase) => void
  readonly onKeyAccepted: (key: string) => void
  readonly signal: AbortSignal
}

/** Seconds by which the kept clock may be off before a refusal is blamed on it. */
const CLOCK_TOLERANCE = 2

/**
 * Seconds by which the clock reported at an unproven address may differ from the device's. An impostor that reports a
 * later time would get a code to use later, when the device is back.
 */
const STRAYS_TOLERANCE = 30

/**
 * Milliseconds for which an accepted key counts as valid: binding the device to an account again takes longer. After
 * that, a write that is acknowledged but not done may have been signed with an outdated key.
 */
const STILL_ITS_KEY = 60_000

const other = (base: CounterBase): CounterBase => (base === '2000' ? 'unix' : '2000')

/**
 * Gets writes past the lock of one device: signs if needed, and finds out why a write was refused.
 *
 * Two writes within 30 s carry the same code. It is not known whether devices refuse that, so writes are not delayed
 * for it: callers merge waiting changes into one write, and a refusal right after an accepted write is retried with the
 * next code before the key is blamed.
 */
export class Authorizer {
  readonly #options: AuthorizerOptions
  readonly #reader: Reader
  #base: CounterBase | null
  #accepted: { readonly key: string; readonly at: number } | undefined
  /** Whether the device reports a refused signature: then an acknowledged write was signed correctly. */
  #saysBlock = false
  /** The step of the code sent last, and of the code accepted last. */
  #sentStep: number | undefined
  #usedStep: number | undefined

  constructor(options: AuthorizerOptions) {
    this.#options = options
    this.#reader = options.reader
    this.#base = options.counterBase
  }

  get counterBase(): CounterBase | null {
    return this.#base
  }

  /** Whether the next write is likely to be signed. */
  get signs(): boolean {
    return this.#key() !== undefined && this.#mayNeedSignature()
  }

  /**
   * Resolves with the value of the verdict; that of an `ignored` one only if the device's lock can't be the reason.
   * @throws BridgeError `LAN_LOCKED`, `LOCKED_BOTH`, `KEY_MISSING`, `KEY_REJECTED`, `ADDRESS_UNPROVEN`, and what
   * reading and `send` throw
   */
  async run<T>(send: Send<T>): Promise<T> {
    const key = await this.#keyToSignWith()
    return key === undefined ? this.#unsigned(send) : this.#signed(send, key)
  }

  /** The key, or undefined if the write needs no signature. The known lock may be out of date. */
  async #keyToSignWith(): Promise<string | undefined> {
    const reader = this.#reader
    const held = this.#key() !== undefined
    if (reader.lock === 'both' || (reader.lock === 'lan' && !held)) await reader.telemetry()
    if (held && this.#mayNeedSignature() && reader.clock.now() === undefined) await reader.refresh()
    if (reader.lock === 'both') throw lockedBoth(this.#model)
    if (reader.lock === 'lan') return this.#keyThatCanSign()
    return reader.lock === null && reader.clock.now() !== undefined ? this.#key() : undefined
  }

  #mayNeedSignature(): boolean {
    return this.#reader.lock === 'lan' || this.#reader.lock === null
  }

  async #unsigned<T>(send: Send<T>): Promise<T> {
    const verdict = await send(undefined)
    if (verdict.result === 'done') return verdict.value
    await this.#reader.telemetry()
    const { lock } = this.#reader
    if (lock === 'both') throw lockedBoth(this.#model)
    if (verdict.result === 'ignored' && lock !== 'lan') return verdict.value
    if (lock !== 'lan' && this.#key() === undefined) throw lanLocked('refuses the command', this.#model)
    return this.#signed(send, await this.#keyThatCanSign())
  }

  async #signed<T>(send: Send<T>, firstKey: string): Promise<T> {
    // The result of a write without effect, signed like one that was just accepted: the device refused the values.
    let doubtful: { readonly value: T } | undefined
    for await (const signing of this.#signings(firstKey)) {
      const locked = this.#reader.lock === 'lan'
      const verdict = await send(signing ? () => this.#sign(signing) : undefined)
      if (verdict.result === 'done') {
        // A device that turned out to be unlocked would have accepted anything.
        if (signing) this.#learn(signing, locked && this.#reader.lock === 'lan' && verdict.proven)
        return verdict.value
      }
      if (verdict.result === 'blocked') {
        if (!signing) throw lanLocked('refuses the command, although it says that it is not locked', this.#model)
        this.#saysBlock = true
        if (doubtful) return doubtful.value
      } else {
        if (!signing || this.#saysBlock) return verdict.value
        if (this.#tookJustNow(signing)) doubtful = verdict
      }
    }
    if (doubtful) return doubtful.value
    const { keys, serial } = this.#options
    throw keyRejected(this.#model, keys.unasked?.(serial))
  }

  /**
   * What to try, each only because everything before it was refused: from the most likely and cheapest reason for a
   * refusal to the most expensive. Undefined: without a signature.
   */
  async *#signings(key: string): AsyncGenerator<Signing | undefined> {
    const base = this.#base ?? '2000'
    yield { key, base }
    const off = await this.#reader.refresh()
    if (this.#reader.lock === 'both') throw lockedBoth(this.#model)
    if (!this.#mayNeedSignature()) {
      yield undefined
      return
    }
    if (off > CLOCK_TOLERANCE || this.#step() !== this.#sentStep) yield { key, base }
    if (this.#usedStep !== undefined && this.#usedStep === this.#sentStep) {
      await this.#nextStep()
      yield { key, base }
    }
    const learned = this.#base !== null
    if (!learned) yield { key, base: other(base) }
    const tried = new Set([key])
    for (let refused = key; ; ) {
      const renewed = await this.#otherThan(refused)
      if (renewed === undefined || tried.has(renewed)) break
      tried.add(renewed)
      yield { key: renewed, base }
      yield { key: renewed, base: other(base) }
      refused = renewed
    }
    // New firmware may count differently, and the learned base may have been a coincidence.
    if (learned && tried.size === 1) yield { key, base: other(base) }
  }

  /** The next key of several accounts, or a newer one from the cloud; undefined if there is none. */
  async #otherThan(refused: string): Promise<string | undefined> {
    const { keys, serial } = this.#options
    return (await keys.refresh(serial, refused)) ? this.#key() : undefined
  }

  get #model(): Locked {
    return this.#options.model()
  }

  #key(): string | undefined {
    return this.#options.keys.get(this.#options.serial)?.key
  }

  /** The key, once the device's clock is known; throws if a signature is impossible. */
  async #keyThatCanSign(): Promise<string> {
    const { serial, keys } = this.#options
    if (this.#key() === undefined) await keys.refresh(serial, undefined)
    const key = this.#key()
    if (key === undefined) throw keyMissing(this.#model)
    if (this.#reader.clock.now() === undefined) await this.#reader.refresh()
    if (this.#reader.clock.now() !== undefined) return key
    throw lanLocked('does not report its clock (firmware before 2.4), so commands cannot be signed for it', this.#model)
  }

  #step(): number {
    return stepOf(this.#reader.clock.now() ?? 0, '2000')
  }

  /** The only place where codes are made, and never for an address that may belong to another device. */
  #sign(signing: Signing): Signature {
    const { clearance } = this.#options
    clearance.check()
    if (!clearance.trusted && this.#reader.clock.strays > STRAYS_TOLERANCE) throw clockStrays()
    this.#sentStep = this.#step()
    return signature(signing, this.#reader.clock.now() ?? 0)
  }

  /** A device may refuse a code that it has accepted before; each step has only one code. */
  async #nextStep(): Promise<void> {
    const seconds = STEP_SECONDS - ((this.#reader.clock.now() ?? 0) % STEP_SECONDS) + 1
    await sleep(this.#options.clock, seconds * 1000, this.#options.signal)
  }

  #tookJustNow({ key, base }: Signing): boolean {
    const { key: accepted, at } = this.#accepted ?? {}
    if (accepted !== key || base !== this.#base || at === undefined) return false
    return this.#options.clock.monotonic() - at < STILL_ITS_KEY
  }

  #learn({ key, base }: Signing, proven: boolean): void {
    const { serial, logger, onCounterBase, onKeyAccepted } = this.#options
    this.#usedStep = this.#sentStep
    if (!proven) return
    if (this.#base !== base) {
      this.#base = base
      logger.info({ serial, counterBase: base }, 'Learned how the thermostat counts the steps of its codes')
      onCounterBase(base)
    }
    this.#accepted = { key, at: this.#options.clock.monotonic() }
    this.#options.clearance.accepted()
    onKeyAccepted(key)
  }
}
