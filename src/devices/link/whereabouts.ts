import { type Clock, sleep, type Timer } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Clearance, DeviceAddress } from './link.ts'

/** An address is left when the device did not answer there so often, with this many ms in between. */
const CHECKS = 2
const BETWEEN_CHECKS = 5_000

/** Milliseconds for which an answer holds: however many claims there are, the device is asked no more often for them. */
const ANSWER_HOLDS = 15_000

/**
 * Milliseconds for which nobody else may have spoken for the device before a command is signed for an address that has not
 * proven itself. Devices send a few beacons a minute, so the true one, wherever it is, would have been heard.
 */
const QUIET = 60_000

/** Milliseconds for which commands may be signed once nothing speaks against it: a write can need several tries. */
const CLEARED_FOR = 60_000

/** Milliseconds after which another address that was not heard again is asked whether it still answers. */
const REVIEW_AFTER = 2 * 60_000

export interface WhereaboutsOptions {
  readonly clock: Clock
  /** Whether the device answers there under its serial; one that is too busy to say more does. Never rejects. */
  readonly ask: (address: DeviceAddress) => Promise<boolean>
  /** In place of `QUIET`. */
  readonly quiet?: number | undefined
  /** The address that took a signed command last, as far as that is remembered. */
  readonly proven: DeviceAddress | null
  /** @param hw what the beacon said that led there; null without one */
  readonly onMove: (address: DeviceAddress, hw: string | null) => void
  /** Which address has proven itself, or whether another one answers as this device, is not as it was. */
  readonly onChange: (now: { readonly proven: DeviceAddress | null; readonly rival: DeviceAddress | null }) => void
}

const same = (a: DeviceAddress | null, b: DeviceAddress | null): boolean =>
  a !== null && b !== null && a.host === b.host && a.port === b.port

const show = ({ host, port }: DeviceAddress): string => (port === 80 ? host : `${host}:${port}`)

/**
 * Where one device is, and whether a command may be signed for it there.
 *
 * Anybody on the LAN can send a beacon and answer under any serial, and a device never shows that it knows its key. What
 * can be had is this: the true device is in one place only, and answers there. So an address is left only when the device
 * answers there no more; one that the owner named, or that took a signed command before, is gone back to as soon as
 * the device answers there; and a new one gets no signed command before all others have been silent for a minute.
 */
export class Whereabouts implements Clearance {
  readonly #options: WhereaboutsOptions
  readonly #abort = new AbortController()
  #at: DeviceAddress | null = null
  /** By the owner, in the settings. */
  #named: DeviceAddress | null = null
  #proven: DeviceAddress | null
  /** Where something answers as this device while the device is elsewhere: the first one, until it is gone. */
  #rival: DeviceAddress | null = null
  #review: Timer | undefined
  #deciding = false
  /** When the device last answered where it is; this and the next two on the monotonic clock. */
  #answeredAt = Number.NEGATIVE_INFINITY
  /** Since when nobody else has spoken for it. */
  #quietSince = Number.NEGATIVE_INFINITY
  #clearedUntil = Number.NEGATIVE_INFINITY
  /** Who has spoken for it last since it is where it is. */
  #other: string | null = null

  constructor(options: WhereaboutsOptions) {
    this.#options = options
    this.#proven = options.proven
  }

  /** The address that took a signed command last; null for none. */
  get proven(): DeviceAddress | null {
    return this.#proven
  }

  /** Where else something answers as this device; null for nowhere. */
  get rival(): DeviceAddress | null {
    return this.#rival
  }

  get trusted(): boolean {
    return this.#trusts(this.#at)
  }

  get cleared(): boolean {
    return this.trusted || this.#now() < this.#clearedUntil
  }

  /** Takes an address without a question: that of the store, or one that the owner has `named`. */
  place(address: DeviceAddress, named: boolean): void {
    if (named) this.#named = address
    this.#settle(address)
  }

  /** Something that was asked there answers as this device. */
  claimed(address: DeviceAddress, hw: string | null): void {
    const at = this.#at
    if (same(at, address)) return
    if (at === null || (this.#trusts(address) && !this.trusted)) {
      this.#move(address, hw)
    } else if (!this.#deciding) {
      this.#deciding = true
      void this.#decide(at, address, hw).finally(() => {
        this.#deciding = false
      })
    }
  }

  /** A beacon that names this device came from there, whether it is true or not. */
  heardFrom(host: string): void {
    if (this.#at === null || this.#at.host === host || this.trusted) return
    this.#heardOther(host)
  }

  async clear(signal: AbortSignal): Promise<void> {
    if (this.cleared || this.#at === null) return
    const since = this.#quietSince
    const wait = this.#rival ? 0 : since + this.#quiet - this.#now()
    if (wait > 0) await sleep(this.#options.clock, wait, signal)
    await this.#lookHome()
    if (this.trusted || signal.aborted) return
    if (this.#rival || this.#quietSince !== since) throw this.#unproven()
    this.#clearedUntil = this.#now() + CLEARED_FOR
  }

  check(): void {
    if (!this.cleared) throw this.#unproven()
  }

  accepted(): void {
    if (same(this.#at, this.#proven) || !this.cleared) return
    this.#proven = this.#at
    this.#tell()
  }

  stop(): void {
    this.#abort.abort()
    this.#review?.cancel()
  }

  get #quiet(): number {
    return this.#options.quiet ?? QUIET
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }

  #trusts(address: DeviceAddress | null): boolean {
    return same(address, this.#named) || same(address, this.#proven)
  }

  /** A single lost answer is no reason to believe somebody else. */
  async #decide(at: DeviceAddress, claimed: DeviceAddress, hw: string | null): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#abort
    for (let check = 0; check < CHECKS; check++) {
      if (check > 0) await sleep(clock, BETWEEN_CHECKS, signal)
      const answers = await this.#answersAt(at)
      if (signal.aborted || !same(this.#at, at)) return
      if (answers) return this.#contest(claimed)
    }
    this.#move(claimed, hw)
  }

  async #answersAt(at: DeviceAddress): Promise<boolean> {
    if (this.#now() - this.#answeredAt < ANSWER_HOLDS) return true
    const answers = await this.#options.ask(at)
    if (answers) this.#answeredAt = this.#now()
    return answers
  }

  /** Asks where the device was before, right before somebody else would get a command that is signed. */
  async #lookHome(): Promise<void> {
    for (const home of [this.#named, this.#proven]) {
      if (home === null || same(home, this.#at)) continue
      const answers = await this.#options.ask(home)
      if (this.#abort.signal.aborted || this.trusted) return
      if (answers) return this.#move(home, null)
    }
  }

  #move(address: DeviceAddress, hw: string | null): void {
    this.#settle(address)
    if (same(address, this.#rival)) this.#endContest()
    this.#options.onMove(address, hw)
  }

  #settle(address: DeviceAddress): void {
    this.#at = address
    this.#answeredAt = Number.NEGATIVE_INFINITY
    this.#heardOther(null)
  }

  #heardOther(host: string | null): void {
    this.#other = host
    this.#quietSince = this.#now()
    this.#clearedUntil = Number.NEGATIVE_INFINITY
  }

  #contest(rival: DeviceAddress): void {
    const { clock } = this.#options
    this.#heardOther(rival.host)
    this.#review?.cancel()
    this.#review = clock.timer(REVIEW_AFTER, () => void this.#lookAgain())
    if (this.#rival) return
    this.#rival = rival
    this.#tell()
  }

  async #lookAgain(): Promise<void> {
    const rival = this.#rival
    if (rival === null) return
    const answers = await this.#options.ask(rival)
    if (this.#abort.signal.aborted || rival !== this.#rival) return
    if (answers) this.#contest(rival)
    else this.#endContest()
  }

  #endContest(): void {
    this.#review?.cancel()
    this.#rival = null
    this.#tell()
  }

  #tell(): void {
    this.#options.onChange({ proven: this.#proven, rival: this.#rival })
  }

  #unproven(): BridgeError {
    const at = this.#at ? show(this.#at) : 'an unknown address'
    const other = this.#rival ? show(this.#rival) : this.#other
    const [why, remedy] = this.#rival
      ? [`${at} and ${other} both answer as this thermostat, and it is not proven which one is`, 'Find out']
      : other
        ? [
            `its address ${at} is new, and a beacon of it came from ${other} too`,
            'Ask again in a minute; else find out',
          ]
        : [`its address ${at} is new and has not proven itself yet`, 'Ask again in a minute; else find out']
    return new BridgeError(
      'ADDRESS_UNPROVEN',
      `Nothing was sent, because whoever gets a signed command can misuse its code: ${why}. ${remedy} which address is right, and set it in the settings (devices, host).`,
      { details: { address: at, ...(other ? { other } : {}) } },
    )
  }
}
