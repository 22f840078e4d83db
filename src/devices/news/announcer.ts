/** What is told about devices: events for listeners, news for people, and the log of both. */
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { EventBus } from '../../core/events.ts'
import type { DeviceEvents } from '../ports.ts'
import type { KnownDevice, Listeners } from '../thermostat-options.ts'
import type { Asked, CameOfIt, ChangeAtDevice } from './command-events.ts'
import type { News } from './news.ts'

export interface AnnouncerOptions {
  readonly events: Pick<EventBus<DeviceEvents>, 'emit'>
  readonly news: Pick<News, 'state' | 'availability' | 'carriedOut' | 'waits' | 'changedAtDevice' | 'refused'>
  readonly clock: Clock
  /** Whether the device is still known: a forgotten device may still be answering, and nothing is told of it any more. */
  readonly knows: (device: KnownDevice) => boolean
  /** Stores what is known of a device. */
  readonly save: (device: KnownDevice) => void
}

/** Tells of the changes of all devices, and counts the devices that answer. */
export class Announcer implements Listeners {
  readonly #options: AnnouncerOptions
  readonly #online = new Set<string>()

  constructor(options: AnnouncerOptions) {
    this.#options = options
  }

  /** How many devices answer. */
  get online(): number {
    return this.#online.size
  }

  readonly onIdentity = (device: KnownDevice): void => {
    const { events, knows, save } = this.#options
    if (!knows(device)) return
    save(device)
    events.emit('device', device.view())
  }

  readonly onState = (device: KnownDevice): void => {
    const { events, knows, news } = this.#options
    if (!knows(device)) return
    const view = device.view()
    events.emit('state', view)
    news.state(view)
  }

  readonly onSchedule = (device: KnownDevice): void => {
    const { events, knows } = this.#options
    if (knows(device)) events.emit('schedule', device.view())
  }

  readonly onAvailability = (device: KnownDevice, error: BridgeError | null): void => {
    const { events, knows, news } = this.#options
    if (!knows(device)) return
    if (device.online) this.#online.add(device.serial)
    else this.#online.delete(device.serial)
    const view = device.view()
    events.emit('availability', view)
    events.emit('info', undefined)
    news.availability(view, error)
  }

  readonly onOwn = (device: KnownDevice, asked: Asked, outcome: CameOfIt | BridgeError): void => {
    const { clock, knows, news } = this.#options
    if (!knows(device)) return
    if (outcome instanceof BridgeError) {
      const { code, message } = outcome
      const at = new Date(clock.now()).toISOString()
      news.refused(device.view(), { code, message, at, about: asked.about }, asked, false)
    } else {
      news.carriedOut(device, asked, outcome)
    }
  }

  readonly onChangeAtDevice = (device: KnownDevice, change: ChangeAtDevice): void => {
    const { knows, news } = this.#options
    if (knows(device)) news.changedAtDevice(device, change)
  }

  readonly onWait = (device: KnownDevice, ms: number): void => {
    const { knows, news } = this.#options
    if (knows(device)) news.waits(device.view(), ms)
  }

  /** A device is no longer known. */
  forget(serial: string): void {
    this.#online.delete(serial)
  }
}
