/** The house as a whole, as others see it. */

export interface RoomView {
  readonly name: string
  /** The serials of its devices, by their names as people count. */
  readonly devices: readonly string[]
}

export interface HouseView {
  /** In the order that people gave them, then by name. */
  readonly rooms: readonly RoomView[]
}

/** What can be asked of the house, for MQTT and REST. Every rejection is a `BridgeError`. */
export interface House {
  view(): HouseView
  /**
   * Puts a device into a room, which begins with its first device and ends with its last; null takes it out of its room.
   * @throws BridgeError `UNKNOWN_DEVICE`; `BAD_REQUEST` for an invalid name
   */
  setRoom(serial: string, room: unknown): void
  /**
   * Gives a room another name. The name of another room puts the two together; null takes all devices out of the room.
   * @throws BridgeError `BAD_REQUEST` for an unknown room or an invalid name
   */
  renameRoom(room: unknown, name: unknown): HouseView
  /** Puts the rooms in this order; those left out follow by name. @throws BridgeError `BAD_REQUEST` for an unknown room */
  orderRooms(rooms: unknown): HouseView
}
