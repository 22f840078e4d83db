import type { Clock } from '../../core/clock.ts'
import { BridgeError, type ErrorCode } from '../../core/errors.ts'
import { ExchangeError } from '../exchange/errors.ts'
import type { Identity } from '../types.ts'
import type { Claim } from './confirmations.ts'

/** Why a device that is heard is not taken in; the page says each in its own language. */
export const UNCONFIRMED_REASONS = [
  'empty',
  'timeout',
  'unreachable',
  'busy',
  'other_device',
  'no_thermostat',
  'nameless',
  'gateway',
] as const
export type UnconfirmedReason = (typeof UNCONFIRMED_REASONS)[number]

/** A serial that is heard, and nobody could be asked at the sender whether it is true. */
export interface Unconfirmed {
  readonly serial: string
  /** The sender of its beacons. */
  readonly host: string
  readonly hw: string | null
  readonly reason: UnconfirmedReason
  /** What is the matter, and what to do. */
  readonly message: string
  /** Unix ms at which it was first asked in vain. */
  readonly since: number
}

/** Anybody can send beacons, with any serial and any sender: so many are kept, of one sender and in all. */
const MOST = 64
const MOST_OF_ONE = 16
/** Milliseconds without a beacon after which one is forgotten. */
const FORGOTTEN_AFTER = 15 * 60_000

interface Entry {
  device: Unconfirmed
  /** Monotonic. */
  heard: number
}

/** From so many on it is no accident that nobody is at home where all of them seem to be. */
const MANY = 3
const NOBODY: ReadonlySet<UnconfirmedReason> = new Set(['unreachable', 'timeout', 'no_thermostat', 'gateway'])

const keyOf = ({ serial, host }: Pick<Claim, 'serial' | 'host'>): string => `${serial} ${host}`

/** The devices that are heard and can't be confirmed: told once for each serial and sender, and again after it was silent. */
export class UnconfirmedDevices {
  readonly #clock: Clock
  readonly #onNew: (device: Unconfirmed) => void
  readonly #entries = new Map<string, Entry>()

  constructor(options: { readonly clock: Clock; readonly onNew: (device: Unconfirmed) => void }) {
    this.#clock = options.clock
    this.#onNew = options.onNew
  }

  /** The oldest first. */
  list(): Unconfirmed[] {
    this.#forget()
    return [...this.#entries.values()].map(({ device }) => device)
  }

  /** A beacon of it came, before it is asked again. */
  heard(claim: Claim): void {
    const entry = this.#entries.get(keyOf(claim))
    if (entry) entry.heard = this.#clock.monotonic()
  }

  /** It was asked in vain; `why` as `whyUnconfirmed` has it. */
  note(claim: Claim, why: Pick<Unconfirmed, 'reason' | 'message'>): void {
    const { serial, host, hw } = claim
    const heard = this.#clock.monotonic()
    const known = this.#entries.get(keyOf(claim))
    if (known) {
      known.heard = heard
      known.device = { ...known.device, hw, ...why }
      this.#passesOn(host)
      return
    }
    this.#forget()
    const ofOne = [...this.#entries.values()].filter(({ device }) => device.host === host).length
    if (this.#entries.size >= MOST || ofOne >= MOST_OF_ONE) return
    const entry: Entry = { device: { serial, host, hw, ...why, since: this.#clock.now() }, heard }
    this.#entries.set(keyOf(claim), entry)
    // Told once for the gateway, not for each that is heard through it.
    if (this.#passesOn(host) <= MANY) this.#onNew(entry.device)
  }

  /**
   * Many that seem to be at one address, where nobody is: it passes on what they send.
   * @returns how many those are
   */
  #passesOn(host: string): number {
    const there = [...this.#entries.values()].filter(({ device }) => device.host === host)
    const absent = there.filter(({ device }) => NOBODY.has(device.reason))
    if (absent.length < MANY || absent.length < there.length) return 0
    for (const entry of absent) entry.device = { ...entry.device, reason: 'gateway', message: gatewayAt(host) }
    return absent.length
  }

  /** It is where it says. */
  confirmed(claim: Claim): void {
    this.#entries.delete(keyOf(claim))
  }

  #forget(): void {
    const before = this.#clock.monotonic() - FORGOTTEN_AFTER
    for (const [key, { heard }] of this.#entries) if (heard < before) this.#entries.delete(key)
  }
}

const ELSEWHERE =
  'In a container, use the network of the host (network_mode: host), since another one hides who sends; else name the right address in the settings (devices, host).'

const gatewayAt = (host: string): string =>
  `Several thermostats are heard from ${host}, and none of them is there: that address only passes on what they send, as the gateway of a bridged container network does, so their own addresses stay hidden. In a container, use the network of the host (network_mode: host); else name the addresses of the thermostats in the settings (devices, host).`

const REASONS: Partial<Readonly<Record<ErrorCode, keyof typeof TEXTS>>> = {
  DEVICE_UNREACHABLE: 'unreachable',
  DEVICE_TIMEOUT: 'timeout',
  DEVICE_BUSY: 'busy',
  DEVICE_WEDGED: 'empty',
}

const TEXTS = {
  empty: 'its answers are empty. Switch its power off and on.',
  timeout:
    'it does not finish its answer in time. Check its Wi-Fi; a longer device.timeout helps where the connection is slow.',
  unreachable: `nothing answers there. Check that no firewall and no "client isolation" stands between. ${ELSEWHERE}`,
  busy: 'it keeps saying that it is busy. Another program may be asking it: one at a time is all it can do.',
  no_thermostat: `what answers there is no thermostat, such as a router. ${ELSEWHERE}`,
  nameless: `a device answers there that does not say its serial, as a D2W, but the beacon names another kind or another device is at home there. ${ELSEWHERE}`,
} as const satisfies Readonly<Record<Exclude<UnconfirmedReason, 'other_device' | 'gateway'>, string>>

/** @param found who answered, or why nobody did */
export function whyUnconfirmed(
  { serial, host }: Pick<Claim, 'serial' | 'host'>,
  found: Identity | BridgeError,
): Pick<Unconfirmed, 'reason' | 'message'> {
  const heard = `The thermostat ${serial} is heard from ${host}, but can't be confirmed: `
  if (found instanceof BridgeError) {
    const empty = found instanceof ExchangeError && found.empty
    const reason = empty ? 'empty' : (REASONS[found.code] ?? 'no_thermostat')
    return { reason, message: heard + TEXTS[reason] }
  }
  if (found.serial === undefined) return { reason: 'nameless', message: heard + TEXTS.nameless }
  return { reason: 'other_device', message: `${heard}another one answers there (${found.serial}). ${ELSEWHERE}` }
}
