/** Keeps the topics of one convention up to date for all devices and the bridge. */
import type { Clock, Timer } from '../core/clock.ts'
import { asBridgeError, BridgeError } from '../core/errors.ts'
import type { Unsubscribe } from '../core/events.ts'
import type { Logger } from '../core/logging/logger.ts'
import { isSerial } from '../core/serial.ts'
import { offerDependencies } from '../devices/plan/offers.ts'
import type { Bridge, CommandResult, Devices, DeviceView } from '../devices/ports.ts'
import type { MqttPort } from '../mqtt/port.ts'
import { Leftovers } from './leftovers.ts'
import { dependencies } from './rows.ts'
import { Shown } from './shown.ts'
import type { Convention, Order, Wish } from './types.ts'

/** Changes of a device's description come in groups: the first waits this long, in ms, for the others. */
const SETTLE = 1_000

/** The most bytes of an order, far more than any value needs. */
const LARGEST_ORDER = 1_024

/** The most orders waiting for devices at one time. */
const MOST_AT_ONCE = 1_000

export interface MirrorOptions {
  readonly enabled: boolean
  readonly convention: Convention
  readonly mqtt: MqttPort
  readonly devices: Devices
  readonly bridge: Bridge
  readonly clock: Clock
  readonly logger: Logger
}

interface Device {
  readonly shown: Shown
  dependsOn: string
  /** The part of it that depends on the state. */
  stateDependsOn: string
  timer: Timer | undefined
}

interface Taken extends Order {
  readonly serial: string
  readonly shown: Shown
}

export class Mirror {
  readonly #options: MirrorOptions
  readonly #devices = new Map<string, Device>()
  readonly #bridge: Shown
  readonly #leftovers: Leftovers
  /** Orders of all devices, by topic. */
  readonly #orders = new Map<string, Taken>()
  #subscriptions: Unsubscribe[] = []
  #bridgeTimer: Timer | undefined
  #bridgeDependsOn = ''
  #running = 0

  constructor(options: MirrorOptions) {
    const { convention, mqtt, clock, logger } = options
    this.#options = options
    this.#bridge = new Shown({ convention, mqtt, id: convention.bridgeId })
    this.#leftovers = new Leftovers({ convention, mqtt, clock, logger, keeper: () => this.#keeper() })
  }

  /** Does nothing and clears nothing if switched off in the settings. */
  start(): void {
    const { enabled, convention, mqtt, devices } = this.#options
    if (!enabled) return
    mqtt.keepWill(convention.will.topic, convention.will.payload)
    this.#leftovers.start()
    // Children before the parent that lists them.
    for (const view of devices.list()) this.#known(view)
    this.#describeBridge()
    this.#subscriptions = [
      devices.events.on('device', (view) => this.#known(view)),
      devices.events.on('state', (view) => this.#state(view)),
      devices.events.on('availability', (view) => this.#availability(view)),
      devices.events.on('removed', ({ serial }) => this.#removed(serial)),
      devices.events.on('info', () => this.#bridgeSoon()),
      mqtt.subscribe(convention.orders, (topic, payload, retained) => this.#order(topic, payload, retained)),
      mqtt.onRestored(() => {
        for (const shown of this.#all()) shown.restored()
      }),
    ]
  }

  /** Announces for all devices that the bridge is gone; their retained messages stay. */
  stop(): void {
    if (!this.#options.enabled) return
    for (const unsubscribe of this.#subscriptions) unsubscribe()
    this.#subscriptions = []
    this.#leftovers.stop()
    this.#bridgeTimer?.cancel()
    for (const { timer } of this.#devices.values()) timer?.cancel()
    for (const shown of this.#all()) shown.condition('stopped')
  }

  #all(): readonly Shown[] {
    return [...[...this.#devices.values()].map(({ shown }) => shown), this.#bridge]
  }

  /** A device that is known but has not shown its values yet keeps what it had. */
  #keeper(): (id: string, topic: string) => boolean {
    const { convention, devices } = this.#options
    const shown = new Map(this.#all().map((one) => [one.id, one]))
    const known = new Set(devices.serials().map((serial) => convention.idOf(serial)))
    return (id, topic) => shown.get(id)?.holds(topic) ?? known.has(id)
  }

  /**
   * A device that has not shown its values yet is left out: an empty description would remove what other systems
   * created from it before the bridge restarted.
   */
  #known(view: DeviceView): void {
    const { serial } = view
    if (!isSerial(serial) || view.features.size === 0) return
    const { convention, mqtt, clock } = this.#options
    const known = this.#devices.get(serial)
    if (!known) {
      const shown = new Shown({ convention, mqtt, id: convention.idOf(serial) })
      const device = { shown, dependsOn: '', stateDependsOn: '', timer: undefined }
      this.#devices.set(serial, device)
      this.#describe(view, device)
      this.#bridgeSoon()
    } else if (known.dependsOn !== dependencies(view)) {
      known.timer ??= clock.timer(SETTLE, () => {
        known.timer = undefined
        const now = this.#options.devices.get(serial)
        if (now && this.#devices.get(serial) === known) this.#describe(now, known)
      })
    }
  }

  #describe(view: DeviceView, device: Device): void {
    const { shown } = device
    const dependsOn = dependencies(view)
    if (device.dependsOn === dependsOn) return
    device.dependsOn = dependsOn
    device.stateDependsOn = offerDependencies(view)
    for (const { topic } of shown.orders) this.#orders.delete(topic)
    shown.describe(this.#options.convention.describe(view), view.state, view.online)
    for (const order of shown.orders) this.#orders.set(order.topic, { ...order, serial: view.serial, shown })
  }

  /** Values and their limits change together: a value must never be outside its description. */
  #state(view: DeviceView): void {
    const device = this.#devices.get(view.serial)
    if (!device) this.#known(view)
    else if (device.stateDependsOn !== offerDependencies(view)) this.#describe(view, device)
    else device.shown.values(view.state)
  }

  #availability(view: DeviceView): void {
    this.#devices.get(view.serial)?.shown.condition(view.online ? 'online' : 'offline')
  }

  /** The parent first, so that nobody looks for a child that is being removed. */
  #removed(serial: string): void {
    const device = this.#devices.get(serial)
    if (!device) return
    this.#devices.delete(serial)
    device.timer?.cancel()
    for (const { topic } of device.shown.orders) this.#orders.delete(topic)
    this.#describeBridge()
    device.shown.remove()
  }

  #bridgeSoon(): void {
    if (this.#subscriptions.length === 0) return
    this.#bridgeTimer ??= this.#options.clock.timer(SETTLE, () => {
      this.#bridgeTimer = undefined
      this.#describeBridge()
    })
  }

  #describeBridge(): void {
    const { convention, bridge, devices } = this.#options
    const info = bridge.info()
    const state = { version: info.version, devices: info.devices.total, online: info.devices.online }
    const serials = [...this.#devices.keys()]
    const dependsOn = JSON.stringify([info.version, serials])
    if (this.#bridgeDependsOn === dependsOn) {
      this.#bridge.values(state)
      return
    }
    const shown = serials.flatMap((serial) => devices.get(serial) ?? [])
    this.#bridge.describe(convention.describeBridge(shown, info), state, true)
    this.#bridgeDependsOn = dependsOn
  }

  /** Orders for other bridges' devices under the same convention arrive too; they are not ours. */
  #order(topic: string, payload: Buffer, retained: boolean): void {
    const order = this.#orders.get(topic)
    // A retained order was meant for another time.
    if (!order || retained) return
    const { convention, devices } = this.#options
    let wish: Wish
    try {
      if (payload.length > LARGEST_ORDER) throw new BridgeError('BAD_REQUEST', 'The payload is too long for a value.')
      if (this.#running >= MOST_AT_ONCE)
        throw new BridgeError('RATE_LIMITED', 'Too many orders are waiting for devices.')
      wish = order.read(payload.toString())
    } catch (error) {
      devices.refused(order.serial, order.key === null ? [] : [order.key], error, convention.actor)
      this.#refused(order, error)
      return
    }
    this.#running++
    this.#follow(order, wish)
      .then(
        (result) => this.#followed(order, result),
        (error: unknown) => this.#refused(order, error),
      )
      .finally(() => {
        this.#running--
      })
  }

  async #follow({ serial, key }: Taken, wish: Wish): Promise<CommandResult | undefined> {
    const { convention, devices } = this.#options
    if (wish.do === 'set') return devices.set(serial, { [key ?? '']: wish.value }, convention.actor)
    await devices.action(serial, wish.action, convention.actor)
    return undefined
  }

  #followed({ key, shown }: Taken, result: CommandResult | undefined): void {
    if (key === null || !result) return
    const otherwise = key in result.rounded || result.superseded.includes(key)
    shown.followed(key, otherwise ? 'otherwise' : 'done')
  }

  #refused({ serial, key, shown }: Taken, thrown: unknown): void {
    const { convention, mqtt, logger } = this.#options
    const error = asBridgeError(thrown)
    const fields = { convention: convention.name, serial, key, code: error.code }
    const message = `An order could not be carried out: ${error.message}`
    if (error.level === 'error') logger.error({ ...fields, err: thrown }, message)
    else if (error.level === 'warn') logger.warn(fields, message)
    else logger.debug(fields, message)
    if (key !== null) shown.followed(key, 'refused')
    const told = convention.refusal?.(shown.id, error.body())
    if (told) mqtt.publish(told.topic, told.payload)
  }
}
