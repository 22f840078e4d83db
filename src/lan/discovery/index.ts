/** How devices are found: their beacons, and the check of who sent them. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import { asBridgeError, BridgeError } from '../../core/errors.ts'
import { EventBus, type Unsubscribe } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { VIRTUAL_HOUSE } from '../../core/network/addresses.ts'
import { type Beacon, parseBeacon } from '../../protocol/beacon.ts'
import { dialectNamed } from '../../protocol/d2w.ts'
import type { Lines } from '../exchange/lines.ts'
import type { Address, Identity } from '../types.ts'
import { type Claim, Confirmations } from './confirmations.ts'
import { type DropCounts, Drops } from './drops.ts'
import { identify } from './identify.ts'
import { type Unconfirmed, UnconfirmedDevices, whyUnconfirmed } from './unconfirmed.ts'

export interface DiscoveryOptions {
  /** Address to listen on. Broadcasts reach only `0.0.0.0` on most systems. */
  readonly host: string
  /** UDP port; 0 chooses a free one. */
  readonly port: number
  /** TCP port on which devices answer; default 80. */
  readonly devicePort?: number
  /** Milliseconds for asking whether a device is where its beacon comes from. */
  readonly timeout: number
  /** Milliseconds between two requests to one device; default 500. */
  readonly minSpacing?: number
  /** Shared by everything that talks to devices; without it nothing else does. */
  readonly lines?: Lines
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** Whether this serial may belong to a device that does not identify itself: unknown, or known to be a D2W. */
  readonly mayBeNameless?: (serial: string) => boolean
}

export interface DiscoveryEvents {
  /** Any beacon, before it is verified. */
  readonly heard: { readonly host: string; readonly beacon: Beacon }
  /** A beacon of a known serial from its known address. */
  readonly alive: { readonly serial: string; readonly beacon: Beacon }
  /** A new serial, or a new address: the device at that address answered with this serial. */
  readonly found: {
    readonly serial: string
    readonly address: Address
    readonly hw: string | null
    readonly identity: Identity
  }
  /** A serial is heard from an address where it can't be confirmed; reported once for each serial and sender. */
  readonly unconfirmed: Unconfirmed
}

interface Whereabouts {
  readonly host: string
  /** Monotonic ms of the last beacon from there, or of when it was first known. */
  heard: number
  /** The address that it sends from, if the host is a name. */
  confirmed: string | undefined
}

const DEFAULT_DEVICE_PORT = 80
const DEFAULT_SPACING = 500
/** Milliseconds without a beacon after which a device counts as having left a host; devices send a few per minute. */
const LEFT_AFTER = 5 * 60_000
/** Room for a burst; the system may grant less. */
const RECEIVE_BUFFER = 256 * 1024

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it and does not share it',
  EACCES: 'this user is not allowed to listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
}

/** Listens for the beacons of devices. A beacon is believed only after the device was asked. */
export class Discovery {
  readonly #options: DiscoveryOptions
  readonly #events: EventBus<DiscoveryEvents>
  readonly #drops: Drops
  readonly #known = new Map<string, Whereabouts>()
  readonly #unconfirmed: UnconfirmedDevices
  #confirmations: Confirmations
  #abort = new AbortController()
  #socket: Socket | undefined

  constructor(options: DiscoveryOptions) {
    this.#options = options
    this.#drops = new Drops(options)
    this.#confirmations = this.#newConfirmations()
    this.#unconfirmed = new UnconfirmedDevices({ clock: options.clock, onNew: (device) => this.#tell(device) })
    this.#events = new EventBus((error, event) =>
      options.logger.error({ err: error, event }, 'A listener of discovery failed'),
    )
  }

  on<Name extends keyof DiscoveryEvents>(name: Name, listener: (payload: DiscoveryEvents[Name]) => void): Unsubscribe {
    return this.#events.on(name, listener)
  }

  /** Beacons of this serial from this host need no confirmation. */
  know(serial: string, address: Address): void {
    if (this.#known.get(serial)?.host === address.host) return
    this.#known.set(serial, { host: address.host, heard: this.#options.clock.monotonic(), confirmed: undefined })
  }

  forget(serial: string): void {
    this.#known.delete(serial)
  }

  /** Beacons dropped since the start, by reason. */
  stats(): DropCounts {
    return this.#drops.counts()
  }

  /** The serials heard from addresses where they can't be confirmed. */
  unconfirmed(): readonly Unconfirmed[] {
    return this.#unconfirmed.list()
  }

  /**
   * Listens. Resolves with the bound address.
   * @throws BridgeError `INTERNAL` if it can't listen there; the message says why
   */
  async start(): Promise<Address> {
    if (this.#socket) return boundTo(this.#socket)
    const { host, port, logger } = this.#options
    // SO_REUSEADDR lets several programs share the port, and a broadcast reaches all of them. SO_REUSEPORT would not be
    // better: all programs would have to set it, and it distributes unicast datagrams among them.
    const socket = createSocket({ type: 'udp4', reuseAddr: true, recvBufferSize: RECEIVE_BUFFER })
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error: Error & { code?: string }) => {
        socket.close()
        const reason = REASONS[error.code ?? ''] ?? error.message
        const message = `Can't listen for beacons on UDP ${host}:${port}: ${reason}. Change discovery.host or discovery.port, or free the port. Until then, devices need a configured address.`
        reject(new BridgeError('INTERNAL', message, { cause: error }))
      })
      socket.bind(port, host, () => {
        socket.removeAllListeners('error')
        resolve()
      })
    })
    if (this.#abort.signal.aborted) {
      this.#abort = new AbortController()
      this.#confirmations = this.#newConfirmations()
    }
    socket.on('error', (error) => logger.warn({ err: error }, 'Listening for beacons reported an error'))
    socket.on('message', (datagram, sender) => this.#receive(datagram, sender))
    this.#socket = socket
    return boundTo(socket)
  }

  /** Stops listening and ends queries in progress. */
  async stop(): Promise<void> {
    this.#abort.abort()
    this.#confirmations.stop()
    const socket = this.#socket
    this.#socket = undefined
    if (socket) await new Promise<void>((resolve) => socket.close(() => resolve()))
  }

  #receive(datagram: Buffer, sender: RemoteInfo): void {
    const beacon = parseBeacon(datagram)
    if (typeof beacon === 'string') {
      this.#drops.count(beacon, sender.address)
      return
    }
    const { serial, hw } = beacon
    this.#events.emit('heard', { host: sender.address, beacon })
    const known = this.#known.get(serial)
    if (known && (known.host === sender.address || known.confirmed === sender.address)) {
      known.heard = this.#options.clock.monotonic()
      this.#events.emit('alive', { serial, beacon })
      return
    }
    const claim = { serial, host: sender.address, hw }
    this.#unconfirmed.heard(claim)
    const taken = this.#confirmations.claim(claim)
    if (taken !== 'taken') this.#drops.count(taken, sender.address)
  }

  #newConfirmations(): Confirmations {
    return new Confirmations({
      clock: this.#options.clock,
      confirm: (claim) => this.#confirm(claim),
      onConfirmed: (claim, identity) => this.#confirmed(claim, identity),
    })
  }

  async #confirm(claim: Claim): Promise<Identity | 'known' | null> {
    const { serial, host, hw } = claim
    const { clock, timeout, minSpacing = DEFAULT_SPACING, lines, random, logger } = this.#options
    const { signal } = this.#abort
    const known = this.#known.get(serial)
    try {
      if (known && (await isNameOf(known.host, host))) {
        known.confirmed = host
        return 'known'
      }
      const found = await identify(this.#addressOf(host), { clock, timeout, minSpacing, lines, random, signal })
      if (found.serial === serial) return found
      if (found.dialect === 'object' && found.serial === undefined && this.#isNameless(serial, host, hw)) return found
      logger.debug({ serial, host, found: found.serial ?? null }, 'A beacon names a different device than its sender')
      this.#unconfirmed.note(claim, whyUnconfirmed(claim, found))
    } catch (error) {
      const err = asBridgeError(error)
      logger.debug({ serial, host, err }, 'The sender of a beacon could not be identified')
      if (!signal.aborted) this.#unconfirmed.note(claim, whyUnconfirmed(claim, err))
    }
    this.#drops.count('unconfirmed', host)
    return null
  }

  /**
   * A D2W does not identify itself, so it can't confirm a serial. The beacon is believed if it says D2W, a D2W answers
   * at its sender, the serial is not known as another kind, and no other device is known at that host. This is weaker
   * than for all other devices: anyone who holds a host on the LAN can pretend to be a D2W.
   */
  #isNameless(serial: string, host: string, hw: string | null): boolean {
    if (dialectNamed(hw) !== 'object' || this.#options.mayBeNameless?.(serial) === false) return false
    const now = this.#options.clock.monotonic()
    for (const [other, { host: home, confirmed, heard }] of this.#known) {
      if (other !== serial && (home === host || confirmed === host) && now - heard < LEFT_AFTER) return false
    }
    return true
  }

  #confirmed({ serial, host, hw }: Claim, identity: Identity): void {
    this.#unconfirmed.confirmed({ serial, host, hw })
    this.#events.emit('found', { serial, address: this.#addressOf(host), hw, identity })
  }

  #tell(device: Unconfirmed): void {
    const { serial, host, message, reason } = device
    this.#options.logger.warn({ serial, host, reason }, message)
    this.#events.emit('unconfirmed', device)
  }

  /** A beacon reveals an address but no port. */
  #addressOf(host: string): Address {
    const { devicePort = DEFAULT_DEVICE_PORT } = this.#options
    const virtual = devicePort === DEFAULT_DEVICE_PORT && host.startsWith(VIRTUAL_HOUSE.network)
    return { host, port: virtual ? VIRTUAL_HOUSE.port : devicePort }
  }
}

/** Whether a host is a name that resolves to this address, among others. */
async function isNameOf(name: string, address: string): Promise<boolean> {
  if (isIP(name) !== 0) return false
  const found = await lookup(name, { all: true }).catch(() => [])
  return found.some((one) => one.address === address)
}

function boundTo(socket: Socket): Address {
  const { address, port } = socket.address()
  return { host: address, port }
}
