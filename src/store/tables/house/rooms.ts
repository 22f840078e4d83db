import type { SqliteFile } from '../../database/sqlite.ts'

/** The rooms of devices, and the order of the rooms. */
export class RoomRepository {
  readonly #file: SqliteFile

  constructor(file: SqliteFile) {
    this.#file = file
  }

  /** By serial. */
  rooms(): Map<string, string> {
    const rows = this.#file.all<{ serial: string; room: string }>(
      'SELECT serial, room FROM device_rooms ORDER BY serial',
    )
    return new Map(rows.map(({ serial, room }) => [serial, room]))
  }

  order(): string[] {
    return this.#file.all<{ room: string }>('SELECT room FROM room_order ORDER BY place').map(({ room }) => room)
  }

  /** In one commit; null takes the devices out of their rooms. */
  put(serials: readonly string[], room: string | null): void {
    this.#file.transaction(() => {
      for (const serial of serials) {
        if (room === null) this.#file.run('DELETE FROM device_rooms WHERE serial = ?', serial)
        else this.#file.run('INSERT OR REPLACE INTO device_rooms (serial, room) VALUES (?, ?)', serial, room)
      }
    })
  }

  saveOrder(rooms: readonly string[]): void {
    this.#file.transaction(() => {
      this.#file.run('DELETE FROM room_order')
      for (const [place, room] of rooms.entries()) {
        this.#file.run('INSERT INTO room_order (room, place) VALUES (?, ?)', room, place)
      }
    })
  }
}
