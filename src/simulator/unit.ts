import type { Clock, Timer } from '../core/clock.ts'
import type { Gate } from './device/gate.ts'
import type { Network, Outcome } from './device/index.ts'
import type { WireRow } from './device/parameters.ts'
import { Beacons, type BeaconTarget } from './network/beacons.ts'
import { Front, type LoggedRequest } from './network/front.ts'
import { Native, type NativeSettings } from './network/native.ts'
import { type Address, MovableServer } from './network/server.ts'
import type { Quirks } from './quirks.ts'
import { randomKey } from './random.ts'

/** What is inside of a virtual device, whatever it does. */
export interface Inside {
  readonly serial: string
  readonly gate: Gate
  readonly wifi: number
  readonly model: {
    readonly hw: string
    readonly vendor: 'terneo' | 'welrok'
    readonly airSensor?: boolean
    readonly restartReason: { readonly power: string; readonly software: string }
    readonly refusal: Quirks['refusal']
    readonly acknowledgement: Quirks['acknowledgement']
  }
  restartReason: string
  /** Advances the device by the time since the last call. */
  advance(): void
  handle(body: unknown, from?: Network): Outcome
  /** What the display shows; the beacon repeats it. */
  display(): string
  parameterList(): WireRow[]
  /** Sets a parameter with the device's own buttons. */
  setLocally(id: number, value: number): void
  /** Wh that the load has used. */
  meter(): number
  /** Restarts the inside after a power cut. */
  powerUp?(): void
}

export interface UnitOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly host?: string
  readonly port?: number
  readonly name?: string
  readonly quirks?: Partial<Quirks>
  /** How many requests are remembered; default 200. */
  readonly logSize?: number
}

/** How a unit behaves, from its model and what a test wants of it. */
export function quirksOf(model: Inside['model'], changes: Partial<Quirks> = {}): Quirks {
  return {
    refusal: model.refusal,
    acknowledgement: model.acknowledgement,
    minSpacing: 0,
    busyNext: 0,
    latency: 0,
    injectReplies: [],
    deafTo: [],
    slowInterval: 100,
    dropWrites: [],
    answersTime: true,
    manualCode: 1,
    brightest: undefined,
    brokenSensor: 'left-out',
    scheduleAlways: 1270,
    switchesOn: 0,
    lowVoltageUnit: 'tenth',
    wedgeAfter: 0,
    fast: 500,
    refuseReplayedCodes: false,
    ignoreClock: false,
    closeConnections: false,
    sloppy: null,
    ...changes,
  }
}

/** A device on the network: a web server, beacons, and all the misbehaviour of real units. */
export class VirtualUnit<Device extends Inside = Inside> {
  readonly name: string
  readonly device: Device
  /** How this unit misbehaves; can be changed at any time. */
  readonly quirks: Quirks
  readonly #clock: Clock
  readonly #random: () => number
  readonly #server: MovableServer
  readonly #front: Front
  readonly #beacons = new Set<Beacons>()
  #native: Native | undefined
  #away: Timer | undefined

  constructor(options: UnitOptions, device: Device, quirks: Quirks) {
    this.name = options.name ?? device.serial
    this.quirks = quirks
    this.device = device
    this.#clock = options.clock
    this.#random = options.random
    this.#front = new Front({
      clock: options.clock,
      device,
      quirks,
      logSize: options.logSize ?? 200,
      onRestart: () => void this.restart(),
    })
    this.#server = new MovableServer(
      { host: options.host ?? '127.0.0.1', port: options.port ?? 0 },
      (request, response) => this.#front.serve(request, response),
    )
  }

  get serial(): string {
    return this.device.serial
  }

  get hw(): string {
    return this.device.model.hw
  }

  get key(): string {
    return this.device.gate.key
  }

  get host(): string {
    return this.#server.address.host
  }

  get port(): number {
    return this.#server.address.port
  }

  /** The requests it received, oldest first, bounded. */
  get requests(): readonly LoggedRequest[] {
    return this.#front.requests
  }

  /** Every logged request that was meant to change something. */
  get writes(): LoggedRequest[] {
    return this.requests.filter(({ write }) => write)
  }

  /** Wh that the load has taken. */
  get meter(): number {
    this.device.advance()
    return this.device.meter()
  }

  get wedged(): boolean {
    return this.#front.wedged
  }

  /** Listens. @throws what `listen` fails with */
  start(): Promise<Address> {
    return this.#server.open()
  }

  async stop(): Promise<void> {
    this.#away?.cancel()
    for (const beacons of this.#beacons) beacons.stop()
    this.#beacons.clear()
    await this.stopPublishing()
    await this.#server.close()
  }

  /** Off the network until `plugIn`; its data stays. */
  unplug(): Promise<void> {
    return this.#server.close()
  }

  plugIn(): Promise<Address> {
    return this.#server.open()
  }

  /** Power cut and back: what ends a wedge. */
  async powerCycle(): Promise<void> {
    await this.#server.close()
    this.#reset(this.device.model.restartReason.power)
    this.device.powerUp?.()
    await this.#server.open()
  }

  /** Restart by software. @param downFor ms off the network; 0 = not noticeably */
  async restart(downFor = 0): Promise<void> {
    this.#reset(this.device.model.restartReason.software)
    if (downFor === 0) return
    await this.#server.close()
    this.#away = this.#clock.timer(downFor, () => {
      // Somebody may have taken its port meanwhile; then it stays away, as a unit whose address was given to another.
      this.#server.open().catch(() => undefined)
    })
  }

  /** Another address, as after a new DHCP lease. Without a port it takes the same one. */
  moveTo(host?: string, port?: number): Promise<Address> {
    return this.#server.move({ ...(host === undefined ? {} : { host }), ...(port === undefined ? {} : { port }) })
  }

  /** Bound to an account again: a new key, which it returns. */
  rebind(key?: string): string {
    this.device.gate.key = key ?? randomKey(this.#random)
    return this.device.gate.key
  }

  /** Sets a parameter with the unit's own buttons: no lock holds, no limit is checked. */
  setLocally(id: number, value: number): void {
    this.device.advance()
    this.device.setLocally(id, value)
    this.device.advance()
  }

  /** The wire value of a parameter; undefined when the model has none of that number. */
  parameter(id: number): string | undefined {
    this.device.advance()
    return this.device.parameterList().find(([row]) => row === id)?.[2]
  }

  /** The datagram that it would broadcast now. */
  beacon(): string {
    return JSON.stringify({
      sn: this.serial,
      hw: this.hw,
      cloud: 'true',
      connection: 'cloudCon',
      wifi: String(this.device.wifi),
      display: this.device.display(),
    })
  }

  /**
   * Broadcasts until `stop` or until the function that it returns is called. By UDP the datagrams come from the address
   * that the unit listens on, as real ones do; so the HTTP port can't be told from them.
   */
  startBeacons(target: BeaconTarget, intervalMs: number, onError: (error: Error) => void = () => {}): () => void {
    const beacons = new Beacons({
      clock: this.#clock,
      random: this.#random,
      target,
      interval: intervalMs,
      source: () => this.host,
      datagram: () => (this.#front.wedged || !this.#server.listening ? undefined : this.beacon()),
      onError,
    })
    this.#beacons.add(beacons)
    return () => {
      beacons.stop()
      this.#beacons.delete(beacons)
    }
  }

  /**
   * Publishes over MQTT from now on, and takes commands there. That goes on while the unit is unplugged from the LAN: some
   * networks let the one through and not the other.
   */
  startPublishing(settings: NativeSettings): void {
    this.#native = new Native({ ...settings, clock: this.#clock, random: this.#random, device: this.device })
  }

  /** Publishes at once, as after a command, and not only when the minute is over. */
  publish(): void {
    this.#native?.publish()
  }

  async stopPublishing(): Promise<void> {
    await this.#native?.stop()
    this.#native = undefined
  }

  /** Calls `listener` for each request, as it is answered. */
  on(_event: 'request', listener: (request: LoggedRequest) => void): () => void {
    return this.#front.onRequest(listener)
  }

  #reset(reason: string): void {
    this.device.restartReason = reason
    this.#front.reset()
  }
}
