/** The house as a whole, as JSON Schema. */
import * as Type from 'typebox'
import { SERIAL_PATTERN } from '../../../core/serial.ts'
import { LONGEST_NAME } from '../../../devices/facts/given-name.ts'
import {
  HOUSE_MODES,
  HOUSE_OUTCOMES,
  type HouseMode,
  type HouseOutcomeKind,
  PROBLEM_KINDS,
  type ProblemKind,
} from '../../../devices/ports.ts'
import { FIELDS } from '../../example-values.ts'
import type { ProblemSchema } from '../problem.ts'

const roomName = (description: string) =>
  Type.String({ minLength: 1, maxLength: 4 * LONGEST_NAME, description, examples: ['Bathroom'] })

const mode = () =>
  Type.Unsafe<HouseMode>({
    ...Type.Enum([...HOUSE_MODES]),
    description:
      'normal: every device does what people set on it. away: it saves, by its own away if it has one. frost_protection: 7 °C by hand, or the nearest that its limits allow. off: it is switched off.',
    examples: ['away'],
  })

const until = () =>
  Type.Union([Type.String({ format: 'date-time', examples: ['2026-12-20T16:00:00.000Z'] }), Type.Null()], {
    description: 'When it ends by itself; null until it is taken back.',
  })

const OUTCOMES =
  'done: the device has confirmed it. waiting: it gets it when it answers again. failed: it did not take it. changed: somebody has set it since, and that stays. skipped: the mode has nothing for it. superseded: another mode was asked for meanwhile.'

const KINDS =
  'offline: it does not answer. error: it answers, and yet something stands in the way. refuses: it will refuse commands. fault: it reports a fault itself. finding: something about it is unusual. mode: it did not take the mode of the house. command: it did not carry out the last command.'

const roomOf = () =>
  Type.Object(
    {
      name: Type.String({ examples: ['Bathroom'] }),
      mode: mode(),
      until: until(),
      devices: Type.Array(Type.String({ examples: [FIELDS.serial] }), {
        description: 'The serials of its devices, by their names as people count.',
      }),
    },
    { $id: 'Room' },
  )

const problemOf = () =>
  Type.Object(
    {
      serial: Type.String({ examples: [FIELDS.serial] }),
      name: Type.String({ examples: ['Bathroom'] }),
      kind: Type.Unsafe<ProblemKind>({ ...Type.Enum([...PROBLEM_KINDS]), description: KINDS, examples: ['offline'] }),
      code: Type.String({
        description: 'Of the error; of a fault its key in the state, of a finding its kind.',
        examples: ['DEVICE_UNREACHABLE'],
      }),
      message: Type.String({ examples: ['It does not answer.'] }),
    },
    { $id: 'HouseProblem' },
  )

const outcomeOf = (problem: ProblemSchema) =>
  Type.Object(
    {
      serial: Type.String(),
      name: Type.String(),
      mode: mode(),
      until: until(),
      outcome: Type.Unsafe<HouseOutcomeKind>({
        ...Type.Enum([...HOUSE_OUTCOMES]),
        description: OUTCOMES,
        examples: ['done'],
      }),
      error: Type.Union([problem, Type.Null()], { description: 'Why not; null when all is well.' }),
    },
    { $id: 'HouseOutcome', description: 'What came of a mode of the house for one device.' },
  )

/** What people ask for. */
const bodies = () => ({
  houseMode: Type.Object(
    {
      mode: mode(),
      until: Type.Optional(
        Type.Union([Type.String({ maxLength: 64 }), Type.Null()], {
          description:
            'When it ends: an ISO time, or a date for the beginning of that day. Without a zone it is the time of the bridge.',
          examples: ['2026-12-20T18:00:00+02:00'],
        }),
      ),
      room: Type.Optional(roomName('Only this room.')),
      devices: Type.Optional(
        Type.Array(Type.String({ pattern: SERIAL_PATTERN }), {
          minItems: 1,
          maxItems: 1_000,
          description: 'Only these devices, instead of a room.',
        }),
      ),
    },
    { additionalProperties: false, examples: [{ mode: 'away', until: '2026-12-20T18:00:00+02:00' }] },
  ),
  roomOrder: Type.Object(
    {
      rooms: Type.Array(roomName('A room.'), {
        maxItems: 1_000,
        description: 'The rooms in their new order; those left out follow by name.',
      }),
    },
    { additionalProperties: false },
  ),
  roomChange: Type.Object(
    {
      room: roomName('The name until now.'),
      name: Type.Union([roomName(`The new name, up to ${LONGEST_NAME} characters.`), Type.Null()], {
        description: 'The name of another room puts both together; null removes the room, and its devices stay.',
        examples: ['Bath'],
      }),
    },
    { additionalProperties: false },
  ),
})

export function wholeHouseSchemas(problem: ProblemSchema) {
  const count = () => Type.Integer({ minimum: 0 })
  const counts = { done: count(), waiting: count(), failed: count(), changed: count(), skipped: count() }
  const house = {
    mode: mode(),
    until: until(),
    power: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
      description: 'W now, of all devices that tell; null if none does. It is told at most every ten seconds.',
    }),
    power_unknown: Type.Integer({
      minimum: 0,
      description: 'How many devices with a load do not tell their power now: then power is only a part.',
    }),
    problems: Type.Array(problemOf(), {
      description: 'The worst of each device with which something is wrong, by name.',
    }),
    rooms: Type.Array(roomOf(), { description: 'In the order that people gave them, then by name.' }),
    counts: Type.Object(counts, { description: 'How many devices have which outcome of the last mode.' }),
  }
  const outcome = outcomeOf(problem)
  return {
    house: Type.Object(house, { $id: 'House' }),
    wholeHouse: Type.Object(
      {
        ...house,
        devices: Type.Array(outcome, { description: 'What came of the last mode for each device that had one.' }),
      },
      { $id: 'WholeHouse' },
    ),
    houseChange: Type.Object(
      {
        mode: mode(),
        until: until(),
        room: Type.Union([Type.String(), Type.Null()], {
          description: 'null for the whole house, or for some devices.',
        }),
        devices: Type.Array(outcome),
      },
      { $id: 'HouseChange' },
    ),
    ...bodies(),
  }
}
