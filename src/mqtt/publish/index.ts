/** Publishes devices and bridge on their topics: retained, and only if something changed. */
import type { Clock, Timer } from '../../core/clock.ts'
import type { Unsubscribe } from '../../core/events.ts'
import { maskSecrets, type SecretValues } from '../../core/logging/secrets.ts'
import { isSerial } from '../../core/serial.ts'
import type { Bridge, BridgeEvent, BridgeProblem, Devices, DeviceView, HouseView } from '../../devices/ports.ts'
import type { Topics } from '../topics.ts'
import { Guard, type Hearing } from './guard.ts'
import type { RetainedCache } from './retained.ts'

/** Changes of `bridge/info` within this many milliseconds are published as one. */
const INFO_DELAY = 200

interface DeviceTopics {
  readonly state: string
  readonly availability: string
  readonly schedule: string
}

export interface PublisherOptions {
  readonly topics: Topics
  readonly devices: Devices
  readonly bridge: Bridge
  /** Additional data for `bridge/info`: about this run, and about other bridges with the same topics. */
  readonly about: () => { readonly instance: string; readonly problems: readonly BridgeProblem[] }
  readonly retained: Pick<RetainedCache, 'retain' | 'clear' | 'contradicts' | 'repeat'>
  /** What others publish. */
  readonly hearing: Hearing
  /** Sends once, not retained. */
  readonly publish: (topic: string, payload: string) => void
  readonly clock: Clock
  readonly secrets: SecretValues
}

export class Publisher {
  readonly #options: PublisherOptions
  /** Built once per device. */
  readonly #topics = new Map<string, DeviceTopics>()
  readonly #guard: Guard
  #listening: Unsubscribe[] = []
  #infoTimer: Timer | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#guard = new Guard(options)
  }

  /** Publishes everything now, and changes from then on. */
  start(): void {
    const { devices } = this.#options
    const { events } = devices
    this.#listening = [
      events.on('device', (view) => this.#device(view)),
      events.on('state', (view) => this.#state(view)),
      events.on('schedule', (view) => this.#schedule(view)),
      events.on('availability', (view) => this.#availability(view)),
      events.on('removed', ({ serial }) => this.#removed(serial)),
      events.on('house', (view) => this.#house(view)),
      events.on('event', (event) => this.#event(event)),
      events.on('info', () => this.#infoSoon()),
    ]
    for (const view of devices.list()) this.#device(view)
    this.#house(devices.house.view())
    this.#info()
    this.#guard.start()
  }

  stop(): void {
    this.#guard.stop()
    for (const unsubscribe of this.#listening) unsubscribe()
    this.#listening = []
    this.#infoTimer?.cancel()
  }

  /** Only for a new device; changes of its state and availability have their own events. */
  #device(view: DeviceView): void {
    if (this.#topics.has(view.serial)) return
    this.#state(view)
    this.#availability(view)
    this.#schedule(view)
  }

  /** Messages retained by an earlier run stay until something is known again. */
  #schedule({ serial, schedule }: DeviceView): void {
    if (schedule.floor === null && schedule.air === null) return
    this.#options.retained.retain(this.#topicsOf(serial).schedule, () => JSON.stringify(schedule))
  }

  /** As JSON only while it is sent: that of a thousand devices would take 2 MB, and the device keeps its state anyway. */
  #state({ serial, state }: DeviceView): void {
    this.#options.retained.retain(this.#topicsOf(serial).state, () => JSON.stringify(state))
  }

  #availability(view: DeviceView): void {
    this.#options.retained.retain(this.#topicsOf(view.serial).availability, view.online ? 'online' : 'offline')
  }

  #removed(serial: string): void {
    const topics = this.#topicsOf(serial)
    this.#topics.delete(serial)
    this.#options.retained.clear(topics.state)
    this.#options.retained.clear(topics.availability)
    this.#options.retained.clear(topics.schedule)
  }

  #house(view: HouseView): void {
    this.#options.retained.retain(this.#options.topics.bridgeHouse, this.#clean(view))
  }

  #event(event: BridgeEvent): void {
    const { publish, topics } = this.#options
    const payload = this.#clean(event)
    publish(topics.bridgeEvent, payload)
    if (isSerial(event.serial)) publish(topics.event(event.serial), payload)
  }

  #infoSoon(): void {
    this.#infoTimer ??= this.#options.clock.timer(INFO_DELAY, () => {
      this.#infoTimer = undefined
      this.#info()
    })
  }

  #info(): void {
    this.#options.retained.retain(
      this.#options.topics.bridgeInfo,
      this.#clean({ ...this.#options.bridge.info(), ...this.#options.about() }),
    )
  }

  #clean(value: object): string {
    return this.#options.secrets.scrub(JSON.stringify(maskSecrets(value)))
  }

  #topicsOf(serial: string): DeviceTopics {
    const known = this.#topics.get(serial)
    if (known) return known
    const { topics } = this.#options
    const made = {
      state: topics.state(serial),
      availability: topics.availability(serial),
      schedule: topics.schedule(serial),
    }
    this.#topics.set(serial, made)
    return made
  }
}
