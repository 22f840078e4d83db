import { type Clock, sleep, type Timer } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Clearance, DeviceAddress } from './link.ts'
import type { Silence } from './silence.ts'

/** How many checks in a row the device must fail at its address before it is given up, with the ms below in between. */
const CHECKS = 2
const BETWEEN_CHECKS = 5_000

/** Milliseconds for which an answer counts: however many claims there are, the device is not asked more often. */
const ANSWER_HOLDS = 15_000

/**
 * Milliseconds for which no other host may have spoken for the device before a command is signed for an unproven address.
 * Devices send a few beacons a minute, so the true one, wherever it is, would have been heard.
 */
const QUIET = 60_000

/** Milliseconds for which commands may be signed once nothing speaks against the address: a write can need several tries. */
const CLEARED_FOR = 60_000

/** Milliseconds after which a rival address that has not been heard again is asked whether it still answers. */
const REVIEW_AFTER = 2 * 60_000

export interface WhereaboutsOptions {
  readonly serial: string
  readonly clock: Clock
  /** Whether the device answers at an address under its serial; an answer that it is busy counts. Never rejects. */
  readonly ask: (address: DeviceAddress) => Promise<boolean>
  /** Replaces `QUIET`. */
  readonly quiet?: number | undefined
  /** The address that last took a signed command, if one is remembered. */
  readonly proven: DeviceAddress | null
  /** Keeps for how long nobody else spoke for the device, while the bridge restarts. */
  readonly silence?: Silence | undefined
  /** A command begins to wait, for so many ms, and none waited before. */
  readonly onWait?: ((ms: number) => void) | undefined
  /** @param hw what the beacon that led there said; null without a beacon */
  readonly onMove: (address: DeviceAddress, hw: string | null) => void
  /** The proven address, or the rival address that answers as this device, has changed. */
  readonly onChange: (now: { readonly proven: DeviceAddress | null; readonly rival: DeviceAddress | null }) => void
}

const same = (a: DeviceAddress | null, b: DeviceAddress | null): boolean =>
  a !== null && b !== null && a.host === b.host && a.port === b.port

const show = ({ host, port }: DeviceAddress): string => (port === 80 ? host : `${host}:${port}`)

/**
 * Where one device is, and whether a command may be signed for it there.
 *
 * Anybody on the LAN can send a beacon and answer under any serial, and a device never proves that it knows its key. What can
 * be relied on: the true device is in one place only, and answers there. So an address is given up only when the device no
 * longer answers there. An address that the owner named, or that took a signed command before, is taken again as soon as the
 * device answers there. A new address gets no signed command until all others have been silent for a minute.
 */
export class Whereabouts implements Clearance {
  readonly #options: WhereaboutsOptions
  readonly #abort = new AbortController()
  #at: DeviceAddress | null = null
  /** The address that the owner named in the settings. */
  #named: DeviceAddress | null = null
  #proven: DeviceAddress | null
  /** Another address where something answers as this device: the first found, until it is gone. */
  #rival: DeviceAddress | null = null
  #review: Timer | undefined
  #deciding = false
  /** When the device last answered at its address. This and the next two are on the monotonic clock. */
  #answeredAt = Number.NEGATIVE_INFINITY
  /** Since when no other host has spoken for the device. */
  #quietSince = Number.NEGATIVE_INFINITY
  #clearedUntil = Number.NEGATIVE_INFINITY
  /** How many commands wait until it is quiet for long enough. */
  #waiting = 0
  /** The other host that last spoke for the device since it has its present address. */
  #other: string | null = null

  constructor(options: WhereaboutsOptions) {
    this.#options = options
    this.#proven = options.proven
  }

  /** The address that last took a signed command; null for none. */
  get proven(): DeviceAddress | null {
    return this.#proven
  }

  /** The other address where something answers as this device; null for none. */
  get rival(): DeviceAddress | null {
    return this.#rival
  }

  get trusted(): boolean {
    return this.#trusts(this.#at)
  }

  get cleared(): boolean {
    return this.trusted || this.#now() < this.#clearedUntil
  }

  /** Takes an address without asking there: that of the store, or one that the owner has `named`. */
  place(address: DeviceAddress, named: boolean): void {
    if (named) this.#named = address
    this.#settle(address)
    this.#quietSince -= this.#options.silence?.take(this.#options.serial, address) ?? 0
  }

  /** Something answered as this device when asked at an address. */
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

  /** A beacon that names this device came from a host; it may be true or forged. */
  heardFrom(host: string): void {
    if (this.#at === null || this.#at.host === host || this.trusted) return
    this.#heardOther(host)
  }

  async clear(signal: AbortSignal): Promise<void> {
    if (this.cleared || this.#at === null) return
    const since = this.#quietSince
    const wait = this.#rival ? 0 : since + this.#quiet - this.#now()
    if (wait > 0) await this.#wait(wait, signal)
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
    const { serial, silence } = this.#options
    if (this.#at && !this.#rival) silence?.keep(serial, this.#at, this.#now() - this.#quietSince)
    this.#review?.cancel()
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#waiting++ === 0) this.#options.onWait?.(ms)
    await sleep(this.#options.clock, ms, signal)
    this.#waiting--
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

  /** Decides about a claim. A single lost answer is no reason to believe somebody else. */
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

  /** Asks at the named and the proven address before a signed command goes to another one. */
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
