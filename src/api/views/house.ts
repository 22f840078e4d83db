/** The house as a whole as JSON, built field by field. */
import type { HouseChange, HouseOutcome, HouseView } from '../../devices/ports.ts'
import { errorJson } from './devices.ts'

export function houseJson({ mode, until, power, power_unknown, problems, rooms, counts }: HouseView) {
  return {
    mode,
    until,
    power,
    power_unknown,
    problems: problems.map(({ serial, name, kind, code, message }) => ({ serial, name, kind, code, message })),
    rooms: rooms.map((room) => ({ name: room.name, mode: room.mode, until: room.until, devices: [...room.devices] })),
    counts: { ...counts },
  }
}

const outcomeJson = ({ serial, name, mode, until, outcome, error }: HouseOutcome) => ({
  serial,
  name,
  mode,
  until,
  outcome,
  error: error && errorJson(error),
})

/** The house with what came of its last mode for each device. */
export const wholeHouseJson = (view: HouseView, outcomes: readonly HouseOutcome[]) => ({
  ...houseJson(view),
  devices: outcomes.map(outcomeJson),
})

export const houseChangeJson = ({ mode, until, room, devices }: HouseChange) => ({
  mode,
  until,
  room,
  devices: devices.map(outcomeJson),
})
