/** The devices of the first page by room, and rooms in another order. */
import type { Device, Room } from '../../api/types.ts'

export interface Group {
  /** null: devices that are in no room. */
  readonly room: Room | null
  readonly devices: readonly Device[]
}

/** The devices in the order of the rooms, those without a room last. Rooms without any of these devices are left out. */
export function grouped(devices: readonly Device[], rooms: readonly Room[]): readonly Group[] {
  const groups = new Map<string | null, Device[]>()
  for (const device of devices) {
    const group = groups.get(device.room)
    if (group) group.push(device)
    else groups.set(device.room, [device])
  }
  const inOrder = rooms.flatMap((room) => {
    const group = groups.get(room.name)
    groups.delete(room.name)
    return group ? [{ room, devices: group }] : []
  })
  // A room that the bridge has not told of yet has nothing to show besides its devices.
  const rest = [...groups.values()].flat()
  return rest.length > 0 ? [...inOrder, { room: null, devices: rest }] : inOrder
}

/** The names with one of them at another place. */
export function moved(names: readonly string[], name: string, place: number): readonly string[] {
  const others = names.filter((other) => other !== name)
  const at = Math.max(0, Math.min(others.length, place))
  return [...others.slice(0, at), name, ...others.slice(at)]
}

/** The rooms that the names of devices suggest, with their serials; only of devices that are in none. */
export function suggestions(devices: Iterable<Device>): ReadonlyMap<string, readonly string[]> {
  const rooms = new Map<string, string[]>()
  for (const { serial, suggested_room: room } of devices) {
    if (room === null) continue
    const serials = rooms.get(room)
    if (serials) serials.push(serial)
    else rooms.set(room, [serial])
  }
  return rooms
}
