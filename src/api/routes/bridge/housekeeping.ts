/** Events, stored keys and the diagnostics file. */
import type { Devices, LoggedEvent } from '../../../devices/ports.ts'
import type { App } from '../../app.ts'
import { EVENTS_PAGE } from '../../schemas/housekeeping.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import type { Housekeeping } from '../../views/housekeeping.ts'
import { known } from '../house/devices.ts'

export interface HousekeepingRoutes {
  readonly devices: Devices
  readonly housekeeping: Housekeeping
  readonly diagnostics: () => Promise<Record<string, unknown>>
}

const time = (ms: number): string => new Date(ms).toISOString()
const maybe = (ms: number | null): string | null => (ms === null ? null : time(ms))

const eventJson = ({ id, at, type, serial, account, message, details }: LoggedEvent) => ({
  id,
  at: time(at),
  type,
  serial,
  account,
  message,
  details: details && { ...details },
})

export function housekeepingRoutes(app: App, parts: HousekeepingRoutes, schemas: ApiSchemas): void {
  eventRoutes(app, parts, schemas)
  keysRoute(app, parts, schemas)
  diagnosticsRoute(app, parts, schemas)
}

function eventRoutes(
  app: App,
  { devices, housekeeping }: HousekeepingRoutes,
  { housekeeping: schemas }: ApiSchemas,
): void {
  const page = (query: { limit?: string; before?: string }, serial?: string) => {
    const limit = query.limit === undefined ? EVENTS_PAGE : Number(query.limit)
    const before = query.before === undefined ? null : Number(query.before)
    const events = housekeeping.events.page(limit, before, serial).map(eventJson)
    return { events, next: events.length < limit ? null : (events.at(-1)?.id ?? null) }
  }

  app.get(
    '/api/v1/log',
    {
      schema: {
        operationId: 'eventLog',
        summary: 'Events of all devices and accounts',
        tags: ['events'],
        querystring: schemas.eventsQuery,
        response: { 200: schemas.events },
      },
      config: { scope: 'read', errors: ['BAD_REQUEST'] },
    },
    async ({ query }) => page(query),
  )

  app.get(
    '/api/v1/devices/:id/events',
    {
      schema: {
        operationId: 'deviceEvents',
        summary: 'Events of a device',
        tags: ['events'],
        params: schemas.eventsParams,
        querystring: schemas.eventsQuery,
        response: { 200: schemas.events },
      },
      config: { scope: 'read', errors: ['BAD_REQUEST', 'UNKNOWN_DEVICE'] },
    },
    async ({ params, query }) => page(query, known(devices, params.id).serial),
  )
}

function keysRoute(
  app: App,
  { devices, housekeeping }: HousekeepingRoutes,
  { housekeeping: schemas }: ApiSchemas,
): void {
  app.get(
    '/api/v1/keys',
    {
      schema: {
        operationId: 'listKeys',
        summary: 'Stored keys: their source, and whether devices accept them; never the keys themselves',
        tags: ['cloud'],
        response: { 200: schemas.keys },
      },
      config: { scope: 'admin' },
    },
    async () => ({
      keys: housekeeping.keys().map(({ serial, source, since, lastAccepted, refused, used, masked }) => ({
        serial,
        name: devices.get(serial)?.name ?? serial,
        source,
        since: maybe(since),
        last_accepted: maybe(lastAccepted),
        refused,
        used,
        masked,
      })),
    }),
  )
}

function diagnosticsRoute(app: App, { diagnostics }: HousekeepingRoutes, { housekeeping: schemas }: ApiSchemas): void {
  app.get(
    '/api/v1/diagnostics',
    {
      schema: {
        operationId: 'diagnostics',
        summary: 'Everything that helps to find a fault, without secrets, names, serials and addresses',
        tags: ['system'],
        response: { 200: schemas.diagnostics },
      },
      config: { scope: 'admin', audit: true },
    },
    () => diagnostics(),
  )
}
