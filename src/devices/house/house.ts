/** The house as a whole. */
import type { EventBus } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { naturally } from '../../core/naturally.ts'
import type { BridgeEvent, DeviceEvents, DeviceView } from '../ports.ts'
import type { Rooms } from './rooms.ts'
import type { House, HouseView } from './types.ts'

export interface WholeHouseOptions {
  readonly events: Pick<EventBus<DeviceEvents>, 'emit'>
  readonly logger: Logger
  readonly rooms: Rooms
  /** @throws BridgeError `UNKNOWN_DEVICE` */
  readonly need: (serial: string) => { view(): DeviceView }
  /** The view of a device; undefined for one that is not known. */
  readonly get: (serial: string) => DeviceView | undefined
}

export class WholeHouse implements House {
  readonly #options: WholeHouseOptions

  constructor(options: WholeHouseOptions) {
    this.#options = options
  }

  view(): HouseView {
    const { get, rooms } = this.#options
    const list = [...rooms.all()].map(([name, serials]) => {
      const named = serials.flatMap((serial) => get(serial) ?? [])
      return { name, devices: named.sort((a, b) => naturally(a.name, b.name)).map(({ serial }) => serial) }
    })
    // A room can outlive its devices for a moment: the store remembers those that are not listed yet.
    return { rooms: list.filter(({ devices }) => devices.length > 0) }
  }

  setRoom(serial: string, room: unknown): void {
    const { events, need, rooms } = this.#options
    const device = need(serial)
    const { name, room: before } = device.view()
    const now = rooms.put(serial, room)
    if (now === before) return
    events.emit('device', device.view())
    const message = now === null ? `${name} is in no room now.` : `${name} is in the room ${now} now.`
    this.#tell({ type: 'device_room', serial, message, details: { before, room: now } })
    this.changed()
  }

  renameRoom(room: unknown, name: unknown): HouseView {
    const { events, get, rooms } = this.#options
    const { before, now, serials } = rooms.rename(room, name)
    for (const view of serials.flatMap((serial) => get(serial) ?? [])) events.emit('device', view)
    const message =
      now === null ? `The room ${before} was removed; its devices stay.` : `The room ${before} is called ${now} now.`
    this.#tell({ type: 'room_renamed', message, details: { before, name: now } })
    return this.changed()
  }

  orderRooms(rooms: unknown): HouseView {
    this.#options.rooms.order(rooms)
    return this.changed()
  }

  /** Tells everybody, since something that the house shows has changed; returns it. */
  changed(): HouseView {
    const view = this.view()
    this.#options.events.emit('house', view)
    return view
  }

  #tell(event: BridgeEvent): void {
    const { events, logger } = this.#options
    logger.info(event.serial === undefined ? {} : { serial: event.serial }, event.message)
    events.emit('event', event)
  }
}
