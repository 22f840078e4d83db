/** The house as a whole, as JSON Schema. */
import * as Type from 'typebox'
import { LONGEST_NAME } from '../../../devices/facts/given-name.ts'
import { FIELDS } from '../../example-values.ts'

const roomName = (description: string) =>
  Type.String({ minLength: 1, maxLength: 4 * LONGEST_NAME, description, examples: ['Bathroom'] })

export function wholeHouseSchemas() {
  const room = Type.Object(
    {
      name: Type.String({ examples: ['Bathroom'] }),
      devices: Type.Array(Type.String({ examples: [FIELDS.serial] }), {
        description: 'The serials of its devices, by their names as people count.',
      }),
    },
    { $id: 'Room' },
  )
  return {
    house: Type.Object(
      {
        rooms: Type.Array(room, { description: 'In the order that people gave them, then by name.' }),
      },
      { $id: 'House' },
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
  }
}
