import { BridgeError } from '../../../core/errors.ts'
import { spelled } from '../../../core/serial.ts'
import type { Bridge } from '../../../devices/ports.ts'
import type { App } from '../../app.ts'
import { HttpError } from '../../errors.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import type { ServerOptions } from '../../types.ts'
import { accountSettingRoutes } from './account-settings.ts'
import { change, checkKnown, type GetDesk, rateLimit } from './setting-change.ts'

const tags = ['settings']
/** The settings: read with their sources, changed, reset. */
export function settingsRoutes(
  app: App,
  { settings, bridge }: Pick<ServerOptions, 'settings' | 'bridge'>,
  schemas: ApiSchemas,
): void {
  const desk = () => {
    if (settings) return settings
    throw new HttpError(404, 'The settings of this bridge can’t be changed, because of how it was started.')
  }
  valueRoutes(app, desk, schemas)
  searchRoutes(app, bridge, schemas)
  accountSettingRoutes(app, desk, schemas)
  deviceRoutes(app, desk, schemas)
}

/**
 * An API token may name a file that the bridge can use, but must not learn whether other files exist or what they
 * contain.
 */
function withoutFile(error: unknown): unknown {
  if (!(error instanceof BridgeError) || error.details?.reason !== 'file') return error
  return new BridgeError(
    'BAD_REQUEST',
    'The bridge can’t use the files of mqtt.ca, mqtt.cert and mqtt.key. Make this change on the page to see why.',
  )
}

/** Single settings, and the test of a broker. */
function valueRoutes(app: App, desk: GetDesk, { settings: schemas }: ApiSchemas): void {
  app.get(
    '/api/v1/settings',
    {
      schema: {
        operationId: 'getSettings',
        summary: 'The settings in force and their sources, without secrets',
        tags,
        response: { 200: schemas.settings },
      },
      config: { scope: 'admin', errors: ['BAD_REQUEST'] },
    },
    async () => desk().view(),
  )

  app.patch(
    '/api/v1/settings',
    {
      schema: {
        operationId: 'changeSettings',
        summary: 'Change settings; the bridge restarts with them within seconds',
        tags,
        body: schemas.settingChanges,
        response: { 200: schemas.settings },
      },
      config: change,
    },
    async (request) => {
      request.note = { ...request.note, target: Object.keys(request.body).join(' ').slice(0, 200) }
      await desk()
        .change(request.body)
        .catch((error: unknown) => {
          throw request.identity?.via === 'session' ? error : withoutFile(error)
        })
      return desk().view()
    },
  )

  app.post(
    '/api/v1/settings/mqtt/test',
    {
      schema: {
        operationId: 'testBroker',
        summary: 'Test a broker without changing anything',
        tags,
        body: schemas.brokerTest,
        response: { 200: schemas.brokerTested },
      },
      // An API token could use it to scan the network.
      config: { ...change, session: true, errors: ['BAD_REQUEST'] },
    },
    async (request) => desk().testBroker(request.body),
  )

  app.post(
    '/api/v1/settings/devices/test',
    {
      schema: {
        operationId: 'testDevice',
        summary: 'Ask a device at an address who it is, without changing anything',
        tags,
        body: schemas.deviceTest,
        response: { 200: schemas.deviceTested },
      },
      // As for brokers.
      config: { ...change, session: true, errors: ['BAD_REQUEST'] },
    },
    async (request) => desk().testDevice(request.body),
  )
}

function searchRoutes(app: App, bridge: Bridge, { settings: schemas }: ApiSchemas): void {
  app.post(
    '/api/v1/discover',
    {
      schema: {
        operationId: 'discover',
        summary: 'Search for devices on the network for some seconds',
        tags: ['devices'],
        response: { 200: schemas.found },
      },
      config: { scope: 'control', rateLimit },
    },
    async () => bridge.discover(),
  )
}

/** The devices in the settings, one by one. */
function deviceRoutes(app: App, desk: GetDesk, { settings: schemas, deviceParams, done }: ApiSchemas): void {
  app.post(
    '/api/v1/settings/devices',
    {
      schema: {
        operationId: 'addDevice',
        summary: 'Add a device to the settings: its address, name or key',
        tags,
        body: schemas.newDevice,
        response: { 201: schemas.madeItem },
      },
      config: { ...change, audit: 'body' },
    },
    async (request, reply) => {
      const id = await desk().addDevice(request.body)
      request.note = { ...request.note, target: id }
      return reply.code(201).send({ id })
    },
  )

  app.patch(
    '/api/v1/settings/devices/:id',
    {
      schema: {
        operationId: 'changeDevice',
        summary: 'Change the settings of a device',
        tags,
        params: deviceParams,
        body: schemas.deviceChanges,
        response: { 200: done },
      },
      config: { ...change, audit: 'body' },
    },
    async (request) => {
      const serial = spelled(request.params.id)
      checkKnown(desk(), 'devices', serial)
      await desk().changeDevice(serial, request.body)
      return { ok: true as const }
    },
  )

  app.delete(
    '/api/v1/settings/devices/:id',
    {
      schema: {
        operationId: 'removeDevice',
        summary: 'Remove a device from the settings; it stays known',
        tags,
        params: deviceParams,
        response: { 200: done },
      },
      config: change,
    },
    async (request) => {
      const serial = spelled(request.params.id)
      checkKnown(desk(), 'devices', serial)
      await desk().remove('devices', serial)
      return { ok: true as const }
    },
  )
}
