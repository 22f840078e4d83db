/** Schedules of several thermostats at once: copied from one device, or all in one file. */
import type { ErrorCode } from '../../../core/errors.ts'
import type { Devices } from '../../../devices/ports.ts'
import {
  LARGEST_SCHEDULE_FILE,
  parseScheduleFile,
  readScheduleFile,
  scheduleFile,
  toYaml,
} from '../../../devices/schedule/file.ts'
import { applySchedules, bringBack, copied } from '../../../devices/schedule/house.ts'
import type { App } from '../../app.ts'
import { actorOf } from '../../auth/actor.ts'
import { HttpError } from '../../errors.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import { schedulesAppliedJson } from '../../views/devices.ts'
import { known } from './devices.ts'

const YAML = 'application/yaml'

const YAML_EXAMPLE = `version: 1
schedules:
  "404CCAAAD4E8A89860609800000149":
    name: Bathroom
    model: az
    floor:
      monday:
        - { time: "06:00", temperature: 24 }
        - { time: "22:30", temperature: 18 }
`

const tags = ['devices']
const ERRORS: readonly ErrorCode[] = ['BAD_REQUEST']

export async function houseScheduleRoutes(app: App, devices: Devices, schemas: ApiSchemas): Promise<void> {
  copyRoute(app, devices, schemas)
  exportRoute(app, devices, schemas)
  // Only these routes accept YAML.
  await app.register(async (files: App) => importRoute(files, devices, schemas))
}

function copyRoute(app: App, devices: Devices, schemas: ApiSchemas): void {
  app.post(
    '/api/v1/devices/:id/schedule/copy',
    {
      schema: {
        operationId: 'copySchedule',
        summary: 'Copy the schedules of this device to others; the answer has the result of each',
        tags,
        params: schemas.deviceParams,
        body: schemas.scheduleCopy,
        response: { 200: schemas.schedulesApplied },
      },
      config: { scope: 'control', errors: [...ERRORS, 'UNKNOWN_DEVICE'] },
    },
    async (request) => {
      const { to, kind, dry_run: dryRun = false } = request.body
      const wanted = copied(known(devices, request.params.id), to, kind)
      return schedulesAppliedJson(await applySchedules(devices, wanted, actorOf(request.identity), dryRun), dryRun)
    },
  )
}

function exportRoute(app: App, devices: Devices, schemas: ApiSchemas): void {
  app.get(
    '/api/v1/schedules',
    {
      schema: {
        operationId: 'exportSchedules',
        summary: 'The schedules of all devices in one file, JSON or YAML',
        tags,
        querystring: schemas.exportQuery,
        response: {
          200: {
            description: 'The file, without devices whose schedules are not known.',
            content: {
              'application/json': { schema: schemas.scheduleFile },
              [YAML]: { schema: { type: 'string' }, example: YAML_EXAMPLE },
            },
          },
        },
      },
      config: { scope: 'read', errors: ERRORS },
    },
    async ({ query: { format }, headers }, reply) => {
      const file = scheduleFile(devices.list())
      reply.header('vary', 'Accept')
      if ((format ?? (/\byaml\b/i.test(headers.accept ?? '') ? 'yaml' : 'json')) === 'json') return reply.send(file)
      reply.type(YAML).header('content-disposition', 'attachment; filename="thermo2mqtt-schedules.yaml"')
      return reply.serializer(String).send((await toYaml(file)) as never)
    },
  )
}

function importRoute(app: App, devices: Devices, schemas: ApiSchemas): void {
  app.addContentTypeParser([YAML, 'application/x-yaml', 'text/yaml'], { parseAs: 'string' }, (_request, body, done) =>
    done(null, body.toString()),
  )
  app.put(
    '/api/v1/schedules',
    {
      bodyLimit: LARGEST_SCHEDULE_FILE,
      schema: {
        operationId: 'importSchedules',
        summary: 'Import schedules from a file, JSON or YAML; the answer has the result of each device',
        tags,
        consumes: ['application/json', YAML],
        querystring: schemas.dryRunQuery,
        body: schemas.looseScheduleFile,
        response: { 200: schemas.schedulesApplied },
      },
      config: { scope: 'control', errors: ERRORS, documentedBody: schemas.scheduleFile },
    },
    async ({ body, identity, query }) => {
      if (body === undefined) throw new HttpError(400, 'Send the file itself, as JSON or YAML.')
      const wanted = typeof body === 'string' ? await parseScheduleFile(body) : readScheduleFile(body)
      const dryRun = query.dry_run === 'true'
      return schedulesAppliedJson(await bringBack(devices, wanted, actorOf(identity), dryRun), dryRun)
    },
  )
}
