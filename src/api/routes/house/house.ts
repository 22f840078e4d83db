/** The house as a whole. */
import type { ErrorCode } from '../../../core/errors.ts'
import type { House } from '../../../devices/ports.ts'
import type { App } from '../../app.ts'
import { actorOf } from '../../auth/actor.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import { houseChangeJson, houseJson, wholeHouseJson } from '../../views/house.ts'

const tags = ['devices']
const errors: readonly ErrorCode[] = ['BAD_REQUEST']

const MODES = `Answers when every device that can be reached has taken or refused it, with the outcome of each. The others get it
when they answer again, unless somebody has set them since.

\`normal\` gives each device back what it had before the first mode: off or on, the schedule or a setpoint by hand, a temporary
setpoint, an away of its own. What somebody has set since stays. Restarts of the bridge change nothing of that.`

export function houseRoutes(app: App, house: House, schemas: ApiSchemas): void {
  app.get(
    '/api/v1/house',
    {
      schema: {
        operationId: 'getHouse',
        summary: 'The mode of the house, its rooms, and what came of the last mode for each device',
        tags,
        response: { 200: schemas.wholeHouse },
      },
      config: { scope: 'read' },
    },
    async () => wholeHouseJson(house.view(), house.outcomes()),
  )

  app.put(
    '/api/v1/house/mode',
    {
      schema: {
        operationId: 'setHouseMode',
        summary: 'Away, frost protection, off or back to normal: the house, a room or some devices',
        description: MODES,
        tags,
        body: schemas.houseMode,
        response: { 200: schemas.houseChange },
      },
      config: { scope: 'control', errors: [...errors, 'UNKNOWN_DEVICE', 'OUT_OF_RANGE'], audit: 'body' },
    },
    async (request) => houseChangeJson(await house.set(request.body, actorOf(request.identity))),
  )

  app.put(
    '/api/v1/house/rooms',
    {
      schema: {
        operationId: 'orderRooms',
        summary: 'Put the rooms in order',
        tags,
        body: schemas.roomOrder,
        response: { 200: schemas.house },
      },
      config: { scope: 'admin', errors, audit: 'body' },
    },
    async (request) => houseJson(house.orderRooms(request.body.rooms)),
  )

  app.patch(
    '/api/v1/house/rooms',
    {
      schema: {
        operationId: 'renameRoom',
        summary: 'Rename a room, or remove it',
        tags,
        body: schemas.roomChange,
        response: { 200: schemas.house },
      },
      config: { scope: 'admin', errors, audit: 'body' },
    },
    async (request) => houseJson(house.renameRoom(request.body.room, request.body.name)),
  )
}
