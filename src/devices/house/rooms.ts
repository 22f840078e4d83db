/** Which device is in which room, and the order of the rooms. */
import { BridgeError } from '../../core/errors.ts'
import { readName } from '../facts/given-name.ts'
import { naturally } from './naturally.ts'

/** Where rooms are kept; the store satisfies it. Everything is on disk when it returns, and each call is one commit. */
export interface RoomMemory {
  /** The rooms of devices, by serial. */
  rooms(): ReadonlyMap<string, string>
  /** The names of rooms in the order that people gave them. */
  order(): readonly string[]
  /** Puts devices into a room; null takes them out of theirs. */
  put(serials: readonly string[], room: string | null): void
  saveOrder(rooms: readonly string[]): void
}

const noRoom = (name: unknown): BridgeError =>
  new BridgeError('BAD_REQUEST', `There is no room ${JSON.stringify(name)?.slice(0, 80)}. Nothing was changed.`, {
    details: { field: 'room' },
  })

/** "bathroom" and "Bathroom" are one room. */
const key = (name: string): string => name.toLowerCase()

export class Rooms {
  readonly #memory: RoomMemory | undefined
  #of = new Map<string, string>()
  #order: readonly string[] = []

  /** @param memory left out, rooms last until the next start */
  constructor(memory: RoomMemory | undefined) {
    this.#memory = memory
  }

  start(): void {
    if (!this.#memory) return
    this.#of = new Map(this.#memory.rooms())
    this.#order = this.#memory.order()
  }

  /** The room of a device; null for none. */
  readonly of = (serial: string): string | null => this.#of.get(serial) ?? null

  /** Every room with the serials in it: in the order that people gave them, then by name. */
  all(): ReadonlyMap<string, readonly string[]> {
    const members = new Map<string, string[]>()
    for (const [serial, room] of this.#of) {
      const others = members.get(room)
      if (others) others.push(serial)
      else members.set(room, [serial])
    }
    const place = new Map(this.#order.map((name, index) => [key(name), index]))
    const placeOf = (name: string) => place.get(key(name)) ?? Number.POSITIVE_INFINITY
    const sorted = [...members].sort(
      ([a], [b]) => (placeOf(a) === placeOf(b) ? 0 : placeOf(a) - placeOf(b)) || naturally(a, b),
    )
    return new Map(sorted)
  }

  /** Puts a device into a room; returns the room. @throws BridgeError `BAD_REQUEST` for an invalid name */
  put(serial: string, value: unknown): string | null {
    const name = readName(value, 'room')
    const room = name === null ? null : (this.#known(name) ?? name)
    this.#put([serial], room)
    return room
  }

  /**
   * Renames a room, or with null takes its devices out.
   * @returns its name before and now, and its devices
   * @throws BridgeError `BAD_REQUEST` for an unknown room or an invalid name
   */
  rename(
    value: unknown,
    to: unknown,
  ): { readonly before: string; readonly now: string | null; readonly serials: readonly string[] } {
    const before = this.find(value)
    const name = readName(to)
    const other = name === null ? undefined : this.#known(name)
    // Another spelling of its own name is no other room.
    const now = other !== undefined && other !== before ? other : name
    const serials = this.all().get(before) ?? []
    const order = [...this.all().keys()].flatMap((room) => (room === before ? (now ?? []) : room))
    this.#put(serials, now)
    if (now !== null) this.#saveOrder([...new Set(order)])
    return { before, now, serials }
  }

  /** @throws BridgeError `BAD_REQUEST` for what is no list, or names an unknown room */
  order(value: unknown): void {
    if (!Array.isArray(value)) throw new BridgeError('BAD_REQUEST', '"rooms" must be a list of names of rooms.')
    this.#saveOrder([...new Set(value.map((name) => this.find(name)))])
  }

  /** The device was forgotten; the store has already dropped its room. */
  forget(serial: string): void {
    this.#of.delete(serial)
  }

  /** The room with this name, as it is spelled. @throws BridgeError `BAD_REQUEST` for an unknown room */
  find(value: unknown): string {
    const room = typeof value === 'string' ? this.#known(value.normalize('NFC').trim()) : undefined
    if (room === undefined) throw noRoom(value)
    return room
  }

  #known(name: string): string | undefined {
    const wanted = key(name)
    for (const room of this.#of.values()) if (key(room) === wanted) return room
    return undefined
  }

  #put(serials: readonly string[], room: string | null): void {
    this.#memory?.put(serials, room)
    for (const serial of serials) {
      if (room === null) this.#of.delete(serial)
      else this.#of.set(serial, room)
    }
  }

  #saveOrder(rooms: readonly string[]): void {
    this.#memory?.saveOrder(rooms)
    this.#order = rooms
  }
}
