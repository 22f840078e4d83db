import type { Clock } from '../../core/clock.ts'
import { BridgeError, type ErrorCode } from '../../core/errors.ts'
import { ExchangeError } from '../exchange/errors.ts'
import type { Identity } from '../types.ts'
import type { Claim } from './confirmations.ts'

/** Why a device that is heard is not accepted; the page has a text for each in every language. */
const UNCONFIRMED_REASONS = [
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

/** A serial that is heard but could not be confirmed at the sender. */
export interface Unconfirmed {
  readonly serial: string
  /** The sender of its beacons. */
  readonly host: string
  readonly hw: string | null
  readonly reason: UnconfirmedReason
  /** The problem, and what to do. */
  readonly message: string
  /** Unix ms of the first query without success. */
  readonly since: number
}

/** Anybody can send beacons with any serial and any sender, so entries are limited per sender and in total. */
const MOST = 64
const MOST_OF_ONE = 16
/** Milliseconds without a beacon after which an entry is forgotten. */
const FORGOTTEN_AFTER = 15 * 60_000

interface Entry {
  device: Unconfirmed
  /** Monotonic. */
  heard: number
}

/** From this many serials on, it is no accident that none of them is at their common address. */
const MANY = 3
const NOBODY: ReadonlySet<UnconfirmedReason> = new Set(['unreachable', 'timeout', 'no_thermostat', 'gateway'])

const keyOf = ({ serial, host }: Pick<Claim, 'serial' | 'host'>): string => `${serial} ${host}`

/**
 * The devices that are heard but can't be confirmed: reported once for each serial and sender, and again after a
 * silence.
 */
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

  /** A beacon arrived; the sender is asked again later. */
  heard(claim: Claim): void {
    const entry = this.#entries.get(keyOf(claim))
    if (entry) entry.heard = this.#clock.monotonic()
  }

  /** A query failed; `why` is from `whyUnconfirmed`. */
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
    // Reported once for the gateway, not for each device heard through it.
    if (this.#passesOn(host) <= MANY) this.#onNew(entry.device)
  }

  /**
   * Detects a gateway: many devices seem to be at one address, but none is there.
   * @returns their number
   */
  #passesOn(host: string): number {
    const there = [...this.#entries.values()].filter(({ device }) => device.host === host)
    const absent = there.filter(({ device }) => NOBODY.has(device.reason))
    if (absent.length < MANY || absent.length < there.length) return 0
    for (const entry of absent) entry.device = { ...entry.device, reason: 'gateway', message: gatewayAt(host) }
    return absent.length
  }

  /** The device is where its beacon says. */
  confirmed(claim: Claim): void {
    this.#entries.delete(keyOf(claim))
  }

  #forget(): void {
    const before = this.#clock.monotonic() - FORGOTTEN_AFTER
    for (const [key, { heard }] of this.#entries) if (heard < before) this.#entries.delete(key)
  }
}

const ELSEWHERE =
  'In a container, use the host network (network_mode: host), since other networks hide the senders. Otherwise set the right address in the settings (devices, host).'

const gatewayAt = (host: string): string =>
  `Several thermostats are heard from ${host}, but none of them is there. That address only forwards their broadcasts, like the gateway of a bridged container network, and hides their own addresses. In a container, use the host network (network_mode: host). Otherwise set the addresses of the thermostats in the settings (devices, host).`

const REASONS: Partial<Readonly<Record<ErrorCode, keyof typeof TEXTS>>> = {
  DEVICE_UNREACHABLE: 'unreachable',
  DEVICE_TIMEOUT: 'timeout',
  DEVICE_BUSY: 'busy',
  DEVICE_WEDGED: 'empty',
}

const TEXTS = {
  empty: 'its answers are empty. Switch its power off and on.',
  timeout:
    'it does not finish its answer in time. Check its Wi-Fi; a longer device.timeout helps with a slow connection.',
  unreachable: `nothing answers there. Check that no firewall or "client isolation" is in the way. ${ELSEWHERE}`,
  busy: 'it keeps saying that it is busy. Another program may be querying it, and it can serve only one at a time.',
  no_thermostat: `something other than a thermostat answers there, such as a router. ${ELSEWHERE}`,
  nameless: `a device answers there without giving its serial, like a D2W, but the beacon names another kind, or another device is known there. ${ELSEWHERE}`,
} as const satisfies Readonly<Record<Exclude<UnconfirmedReason, 'other_device' | 'gateway'>, string>>

/** @param found the device that answered, or why none did */
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
  return { reason: 'other_device', message: `${heard}another thermostat answers there (${found.serial}). ${ELSEWHERE}` }
}
