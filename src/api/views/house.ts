/** The house as a whole as JSON, built field by field. */
import type { HouseView } from '../../devices/ports.ts'

export function houseJson({ rooms }: HouseView) {
  return { rooms: rooms.map(({ name, devices }) => ({ name, devices: [...devices] })) }
}
