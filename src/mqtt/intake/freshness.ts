/**
 * Whether a command may still be carried out. A message does not say when it was sent, so this relies on what the
 * bridge knows: how long it was away from a session that kept the message, and what other commands it accepted
 * meanwhile.
 */
import type { IPublishPacket } from 'mqtt'
import type { Clock, Timer } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { isObject, parseJson } from '../../core/json.ts'
import { digestOf, dropOldest } from '../client/session.ts'

/** How long a command may wait unless the settings say otherwise, in milliseconds. */
export const COMMAND_EXPIRY = 600_000

/** Waiting messages arrive with no longer gaps than this, in milliseconds. */
const GAP = 2_000

/** How often to record that the bridge is connected, in milliseconds. */
const NOTE = 60_000

/** How many commands are remembered, to recognise repetitions. */
const REMEMBERED = 1_000

/** How many devices' last commands are remembered; anybody can invent serials. */
const DEVICES = 20_000

/** Stores across restarts when the bridge was last connected, Unix ms. */
export interface LastConnected {
  get(): number | undefined
  set(time: number): void
}

export interface FreshnessOptions {
  readonly clock: Clock
  /** How long a command may wait, in milliseconds. */
  readonly expiry: number
  readonly lastConnected?: LastConnected | undefined
  /** Runs `onPong` when the broker has read and answered what was sent so far. */
  readonly ping: (onPong: () => void) => void
}

export interface OpenedAt {
  readonly url: string
  /** The broker kept messages for the bridge. */
  readonly resumed: boolean
  /** The broker itself drops messages that wait too long (MQTT 5), so nothing is recorded. */
  readonly expires: boolean
}

interface Taken {
  readonly url: string
  /** Monotonic ms. */
  readonly at: number
}

export class Freshness {
  readonly #options: FreshnessOptions
  /** When the connection to each broker ended, monotonic ms. */
  readonly #left = new Map<string, number>()
  /** The last command of each device. */
  readonly #taken = new Map<string, Taken>()
  /** Commands, and the connection on which they arrived. */
  readonly #seen = new Map<string, number>()
  #url = ''
  #connection = 0
  /** While waiting messages may still arrive: how long they can have waited, in milliseconds. */
  #backlog: number | undefined
  /** Commands that waited, and their longest possible wait. */
  readonly #waited = new WeakMap<IPublishPacket, number>()
  #answered = false
  #lastArrival = 0
  #timer: Timer | undefined

  constructor(options: FreshnessOptions) {
    this.#options = options
  }

  opened({ url, resumed, expires }: OpenedAt): void {
    const { clock, ping } = this.#options
    const connection = ++this.#connection
    this.#url = url
    this.#backlog = resumed ? this.#away(url) : undefined
    this.#lastArrival = clock.monotonic()
    this.#answered = false
    ping(() => {
      if (connection === this.#connection) this.#answered = true
    })
    if (!expires) this.#note()
  }

  closed(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#left.set(this.#url, this.#options.clock.monotonic())
  }

  /** A command has arrived; it may be processed later. */
  arrived(packet: IPublishPacket): void {
    if (this.#backlog === undefined) return
    const now = this.#options.clock.monotonic()
    if (this.#answered && now - this.#lastArrival > GAP) this.#backlog = undefined
    else this.#waited.set(packet, this.#backlog)
    this.#lastArrival = now
  }

  /**
   * Whether a command already arrived on an earlier connection: brokers and senders that lost a connection repeat
   * messages they are unsure of. Only for commands with a `transaction` or correlation data.
   */
  isRepeat(topic: string, payload: Buffer, packet: IPublishPacket): boolean {
    const correlation = packet.properties?.correlationData
    if (!correlation && !hasTransaction(payload)) return false
    const content = digestOf(topic, payload, correlation ?? '')
    const before = this.#seen.get(content)
    this.#seen.delete(content)
    this.#seen.set(content, this.#connection)
    dropOldest(this.#seen, REMEMBERED)
    return before !== undefined && before !== this.#connection && (packet.dup || this.#waited.has(packet))
  }

  /**
   * Records a command.
   * @param device undefined for a command to the bridge itself
   * @throws BridgeError `NOT_APPLIED` if it may be too old
   */
  check(packet: IPublishPacket, device?: string): void {
    const { clock, expiry } = this.#options
    const away = this.#waited.get(packet)
    if (away !== undefined && away > expiry) {
      throw new BridgeError(
        'NOT_APPLIED',
        'The command may have waited at the MQTT broker for longer than mqtt.command_expiry, while the bridge was away. It is not carried out: send it again if it still holds.',
      )
    }
    if (device === undefined) return
    const last = this.#taken.get(device)
    const left = this.#left.get(this.#url)
    if (away !== undefined && last && left !== undefined && last.url !== this.#url && last.at > left) {
      throw new BridgeError(
        'NOT_APPLIED',
        'The command waited at an MQTT broker while a newer one came by another broker. It is not carried out: send it again if it still holds.',
      )
    }
    this.#taken.delete(device)
    this.#taken.set(device, { url: this.#url, at: clock.monotonic() })
    dropOldest(this.#taken, DEVICES)
  }

  /** How long the bridge was away from the session at `url`, in milliseconds. */
  #away(url: string): number {
    const { clock, lastConnected } = this.#options
    const left = this.#left.get(url)
    if (left !== undefined) return clock.monotonic() - left
    const last = lastConnected?.get()
    return last === undefined ? 0 : Math.max(0, clock.now() - last)
  }

  #note(): void {
    const { clock, lastConnected } = this.#options
    lastConnected?.set(clock.now())
    this.#timer = clock.timer(NOTE, () => this.#note())
  }
}

function hasTransaction(payload: Buffer): boolean {
  const parsed = payload.length > 0 && payload[0] === 0x7b ? parseJson(payload.toString()) : undefined
  return isObject(parsed) && parsed.transaction !== undefined
}
