import type { ServerResponse } from 'node:http'
import type { Clock, Timer } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Unsubscribe } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { maskSecrets, type SecretValues } from '../../core/logging/secrets.ts'
import type { BridgeEvent, Devices, DeviceView } from '../../devices/ports.ts'
import type { Authenticator, Identity } from '../auth/authenticator.ts'
import { deviceJson, eventJson, healthJson } from './devices.ts'
import { houseJson } from './house.ts'

const HEARTBEAT_MS = 25_000
const MAX_CLIENTS = 100
/** The limit for one user or API token: a program that opens one stream after another must not keep others out. */
const MAX_OF_ONE = 20
/** How many bytes may wait for one reader. */
const MAX_WAITING = 256 * 1024

const frame = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

export interface EventStreamsOptions {
  readonly devices: Devices
  readonly clock: Clock
  readonly logger: Logger
  readonly secrets: SecretValues
  readonly authenticator: Pick<Authenticator, 'holds'>
}

/**
 * Server-sent events. A reader first gets a `device` for each device, `house`, then `ready`, then what changes; nothing has to
 * be requested again after a reconnect. Each event is serialised once, however many listen. A reader that does not keep
 * up is disconnected, which bounds memory and lets it return to a fresh snapshot.
 */
export class EventStreams {
  readonly #devices: Devices
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #secrets: SecretValues
  readonly #authenticator: Pick<Authenticator, 'holds'>
  readonly #clients = new Set<Client>()
  #subscriptions: Unsubscribe[] = []
  #heartbeat: Timer | undefined
  #cutOff = 0

  constructor(options: EventStreamsOptions) {
    this.#devices = options.devices
    this.#clock = options.clock
    this.#logger = options.logger
    this.#secrets = options.secrets
    this.#authenticator = options.authenticator
  }

  get clients(): number {
    return this.#clients.size
  }

  /** Bytes that wait for readers. */
  get waiting(): number {
    let bytes = 0
    for (const client of this.#clients) bytes += client.waiting
    return bytes
  }

  /** How many were disconnected because they did not read. */
  get cutOff(): number {
    return this.#cutOff
  }

  /** Throws `RATE_LIMITED` if there are too many readers already. Call it before `add`. */
  admit(identity: Identity | null): void {
    let own = 0
    for (const client of this.#clients) if (client.identity?.name === identity?.name) own++
    const limit = own >= MAX_OF_ONE ? `${MAX_OF_ONE} event streams of yours` : `${MAX_CLIENTS} event streams`
    if (own < MAX_OF_ONE && this.#clients.size < MAX_CLIENTS) return
    throw new BridgeError('RATE_LIMITED', `${limit} are open already; close some.`, { details: { retry_after: 30 } })
  }

  /** Takes over a response whose head is written. */
  add(raw: ServerResponse, identity: Identity | null): void {
    if (this.#clients.size === 0) this.#listen()
    const client = new Client(raw, this.#devices, identity)
    this.#clients.add(client)
    raw.on('close', () => this.#remove(client))
    raw.on('error', (error) => this.#logger.debug({ err: error }, 'an event stream broke'))
    client.start()
  }

  /** Ends the streams of a session or API token that was ended. */
  endOf(grant: string): void {
    for (const client of [...this.#clients]) if (client.identity?.grant === grant) this.#end(client)
  }

  /** Ends all streams. */
  close(): void {
    for (const client of [...this.#clients]) this.#end(client)
  }

  #end(client: Client): void {
    client.end()
    this.#remove(client)
  }

  #remove(client: Client): void {
    if (!this.#clients.delete(client) || this.#clients.size > 0) return
    for (const unsubscribe of this.#subscriptions) unsubscribe()
    this.#subscriptions = []
    this.#heartbeat?.cancel()
  }

  #listen(): void {
    const { events } = this.#devices
    const ofDevice = (name: string, data: (view: DeviceView) => unknown) => (view: DeviceView) =>
      this.#broadcast(frame(name, data(view)), view.serial)
    const happened = (event: BridgeEvent) =>
      this.#broadcast(this.#secrets.scrub(frame('event', maskSecrets(eventJson(event)))))
    this.#subscriptions = [
      events.on('device', ofDevice('device', deviceJson)),
      events.on(
        'state',
        ofDevice('state', ({ serial, state, timezone }) => ({ serial, state, timezone })),
      ),
      events.on(
        'schedule',
        ofDevice('schedule', ({ serial, schedule }) => ({ serial, schedule })),
      ),
      events.on(
        'availability',
        ofDevice('availability', ({ serial, online, health }) => ({ serial, online, health: healthJson(health) })),
      ),
      events.on('removed', ({ serial }) => this.#broadcast(frame('removed', { serial }))),
      events.on('house', (house) => this.#broadcast(frame('house', houseJson(house)))),
      events.on('event', happened),
      events.on('logged', happened),
    ]
    this.#beat()
  }

  #beat(): void {
    this.#heartbeat = this.#clock.timer(HEARTBEAT_MS, () => {
      this.#endThoseOver()
      if (this.#clients.size === 0) return
      this.#broadcast(': still here\n\n')
      this.#beat()
    })
  }

  /** A session can expire, or be ended by another process, while its stream is open. */
  #endThoseOver(): void {
    for (const client of [...this.#clients]) {
      const { identity } = client
      if (identity && !this.#holds(identity)) this.#end(client)
    }
  }

  /** A store that can't be read now does not end accepted streams. */
  #holds(identity: Identity): boolean {
    try {
      return this.#authenticator.holds(identity)
    } catch (error) {
      this.#logger.warn({ err: error }, 'the session of an event stream can’t be checked; the stream continues')
      return true
    }
  }

  #broadcast(text: string, serial?: string): void {
    for (const client of [...this.#clients]) {
      if (client.offer(text, serial)) continue
      this.#cutOff++
      this.#logger.warn({ limit: MAX_WAITING }, 'an event stream was not read fast enough and was disconnected')
      this.#remove(client)
    }
  }
}

/** One reader. The snapshot is sent device by device as fast as it is read, so that it never piles up. */
class Client {
  readonly #raw: ServerResponse
  readonly #devices: Devices
  readonly identity: Identity | null
  /**
   * Serials still to come in the snapshot: their events can be skipped, since the snapshot will have their latest
   * state.
   */
  readonly #unsent: Set<string>
  /** The whole snapshot has been sent. */
  #ready = false

  constructor(raw: ServerResponse, devices: Devices, identity: Identity | null) {
    this.#raw = raw
    this.identity = identity
    this.#devices = devices
    this.#unsent = new Set(devices.serials())
  }

  start(): void {
    this.#raw.on('drain', () => this.#continue())
    this.#raw.write('retry: 3000\n\n')
    this.#continue()
  }

  get waiting(): number {
    return this.#raw.writableLength
  }

  end(): void {
    this.#ready = true
    this.#raw.end()
  }

  /** Sends; false if too much is waiting already, in which case the connection is closed. */
  offer(text: string, serial?: string): boolean {
    if (serial !== undefined && this.#unsent.has(serial)) return true
    if (this.#raw.writableLength + text.length <= MAX_WAITING) {
      this.#raw.write(text)
      return true
    }
    this.#raw.destroy()
    return false
  }

  #continue(): void {
    if (this.#ready) return
    for (const serial of this.#unsent) {
      this.#unsent.delete(serial)
      const view = this.#devices.get(serial)
      if (view && !this.#raw.write(frame('device', deviceJson(view)))) return
    }
    this.#ready = true
    this.#raw.write(frame('house', houseJson(this.#devices.house.view())) + frame('ready', {}))
  }
}
