/** The house as a whole. */
import type { ErrorCode } from '../../../core/errors.ts'
import type { House } from '../../../devices/ports.ts'
import type { App } from '../../app.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import { houseJson } from '../../views/house.ts'

const tags = ['devices']
const errors: readonly ErrorCode[] = ['BAD_REQUEST']

export function houseRoutes(app: App, house: House, schemas: ApiSchemas): void {
  app.get(
    '/api/v1/house',
    {
      schema: {
        operationId: 'getHouse',
        summary: 'The rooms with their devices',
        tags,
        response: { 200: schemas.house },
      },
      config: { scope: 'read' },
    },
    async () => houseJson(house.view()),
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
