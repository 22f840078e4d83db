import type { ErrorCode } from '../../../core/errors.ts'
import type { Devices } from '../../../devices/ports.ts'
import type { App } from '../../app.ts'
import { actorOf } from '../../auth/actor.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import { scheduleJson, scheduleResultJson } from '../../views/devices.ts'
import { known, WRITE_ERRORS } from './devices.ts'

const tags = ['devices']
const ERRORS: readonly ErrorCode[] = ['UNKNOWN_KEY', 'OUT_OF_RANGE', ...WRITE_ERRORS]

export function scheduleRoutes(app: App, devices: Devices, schemas: ApiSchemas): void {
  app.get(
    '/api/v1/devices/:id/schedule',
    {
      schema: {
        operationId: 'getSchedule',
        summary: 'The weekly schedules, the period in force and the next one',
        tags,
        params: schemas.deviceParams,
        response: { 200: schemas.schedule },
      },
      config: { scope: 'read', errors: ['BAD_REQUEST', 'UNKNOWN_DEVICE'] },
    },
    async (request) => scheduleJson(devices.schedule(known(devices, request.params.id).serial)),
  )

  app.put(
    '/api/v1/devices/:id/schedule',
    {
      schema: {
        operationId: 'setSchedule',
        summary: 'Replace days of the schedules, or copy one to others; answers once each was read back',
        tags,
        params: schemas.deviceParams,
        querystring: schemas.dryRunQuery,
        body: schemas.scheduleCommand,
        response: { 200: schemas.scheduleResult },
      },
      config: { scope: 'control', errors: ERRORS, documentedBody: schemas.documentedScheduleCommand },
    },
    async (request) => {
      const { body, identity, params, query } = request
      const { now: _shown, ...command } = body
      const options = { dryRun: query.dry_run === 'true' }
      const { serial } = known(devices, params.id)
      return scheduleResultJson(await devices.setSchedule(serial, command, actorOf(identity), options))
    },
  )

  app.put(
    '/api/v1/devices/:id/schedule/:kind/:day',
    {
      schema: {
        operationId: 'setScheduleDay',
        summary: 'Replace one day of a schedule; answers once it was read back',
        tags,
        params: schemas.scheduleDayParams,
        body: schemas.day,
        response: { 200: schemas.scheduleResult },
      },
      config: { scope: 'control', errors: ERRORS, documentedBody: schemas.documentedDay },
    },
    async (request) => {
      const { body, identity, params } = request
      const { id, kind, day } = params
      const { serial } = known(devices, id)
      return scheduleResultJson(await devices.setSchedule(serial, { [kind]: { [day]: body } }, actorOf(identity)))
    },
  )
}
