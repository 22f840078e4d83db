import type { Devices } from '../../../devices/ports.ts'
import type { History } from '../../../history/types.ts'
import type { App } from '../../app.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import { csvName, historyCsv, historyJson, houseHistory, questionOf } from '../../views/history.ts'
import { known } from './devices.ts'

const CSV = 'text/csv; charset=utf-8'

const CSV_EXAMPLE = 'at,known,floor_temperature,load\r\n2026-01-15T12:00:00.000Z,10,22.5,1\r\n'

/** A browser that opens the address accepts anything; a client that wants CSV asks for it and not for JSON. */
const wantsCsv = (accept = ''): boolean => /\btext\/csv\b/i.test(accept) && !/\bjson\b/i.test(accept)

export function historyRoutes(app: App, devices: Devices, history: History, schemas: ApiSchemas): void {
  app.get(
    '/api/v1/history',
    {
      schema: {
        operationId: 'getHouseHistory',
        summary: 'The last 24 hours of all devices, hour by hour',
        tags: ['devices'],
        response: { 200: schemas.houseHistory },
      },
      config: { scope: 'read' },
    },
    () => houseHistory(devices.serials(), history),
  )
  app.get(
    '/api/v1/devices/:id/history',
    {
      schema: {
        operationId: 'getHistory',
        summary: 'The history of a device: temperatures, setpoint, load and energy over a time range',
        tags: ['devices'],
        params: schemas.deviceParams,
        querystring: schemas.historyQuery,
        response: {
          200: {
            description: 'Samples in chronological order.',
            content: {
              'application/json': { schema: schemas.history },
              'text/csv': { schema: { type: 'string' }, example: CSV_EXAMPLE },
            },
          },
        },
      },
      config: { scope: 'read', errors: ['BAD_REQUEST', 'UNKNOWN_DEVICE'] },
    },
    async (request, reply) => {
      const { serial } = known(devices, request.params.id)
      const series = await history.query(serial, questionOf(request.query, history.now()))
      reply.header('vary', 'Accept')
      if (request.query.format !== 'csv' && (request.query.format || !wantsCsv(request.headers.accept)))
        return reply.send(historyJson(serial, history.recording, series))
      const disposition = `attachment; filename="${csvName(serial, series)}"`
      return reply.type(CSV).header('content-disposition', disposition).send(historyCsv(series))
    },
  )
}
