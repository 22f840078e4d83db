import { Readable } from 'node:stream'
import { BridgeError, type ErrorCode } from '../../../core/errors.ts'
import { spelled } from '../../../core/serial.ts'
import { portions } from '../../../core/slices.ts'
import { ACTION_TEXTS } from '../../../devices/commands/actions.ts'
import type { Devices } from '../../../devices/ports.ts'
import type { App } from '../../app.ts'
import { actorOf } from '../../auth/actor.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import { deviceJson, resultJson } from '../../views/devices.ts'

/** The errors that can prevent a write to a device. */
export const WRITE_ERRORS: readonly ErrorCode[] = [
  'BAD_REQUEST',
  'UNKNOWN_DEVICE',
  'DEVICE_UNREACHABLE',
  'DEVICE_TIMEOUT',
  'DEVICE_BUSY',
  'DEVICE_BAD_REPLY',
  'DEVICE_WEDGED',
  'LAN_LOCKED',
  'LOCKED_BOTH',
  'KEY_MISSING',
  'KEY_REJECTED',
  'ADDRESS_UNPROVEN',
  'NOT_APPLIED',
  'OUTCOME_UNKNOWN',
]

const tags = ['devices']

const ACTIONS_TOLD = Object.entries(ACTION_TEXTS)
  .map(([action, text]) => `- \`${action}\`: ${text}`)
  .join('\n')

export function known(devices: Devices, serial: string) {
  const view = devices.get(spelled(serial))
  if (view) return view
  throw new BridgeError(
    'UNKNOWN_DEVICE',
    `No device has the serial ${serial}. GET /api/v1/devices lists the known devices.`,
  )
}

/** JSON can contain a number that is too large: 1e400 reads as Infinity. */
function checkValues(command: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(command)) {
    const details = { key: key.slice(0, 64) }
    if (typeof value === 'object' && value !== null) {
      throw new BridgeError('BAD_REQUEST', 'Values must be numbers, texts, true, false or null, not nested.', {
        details,
      })
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new BridgeError('OUT_OF_RANGE', 'The number is too large.', { details })
    }
  }
}

/** Devices per chunk of the list. */
const PIECE = 50

/** All devices as JSON, in chunks as the client reads, so that a long list does not delay others. */
function* deviceList(devices: Devices): Generator<string> {
  let before = '{"devices":['
  for (const serials of portions(devices.serials(), PIECE)) {
    const texts = serials.flatMap((serial) => devices.get(serial) ?? []).map((view) => JSON.stringify(deviceJson(view)))
    if (texts.length > 0) yield before + texts.join(',')
    if (texts.length > 0) before = ','
  }
  yield before === ',' ? ']}' : `${before}]}`
}

/** The devices: seen, named and commanded. */
export function deviceRoutes(app: App, devices: Devices, schemas: ApiSchemas): void {
  viewRoutes(app, devices, schemas)
  commandRoutes(app, devices, schemas)
}

/** Information about devices, and their names. */
function viewRoutes(app: App, devices: Devices, schemas: ApiSchemas): void {
  app.get(
    '/api/v1/devices',
    {
      schema: {
        operationId: 'listDevices',
        summary: 'All devices with their states',
        tags,
        response: { 200: schemas.devices },
      },
      config: { scope: 'read' },
    },
    async (_request, reply) => {
      const list: unknown = Readable.from(deviceList(devices), { objectMode: false })
      // The types support only answers in one piece.
      return reply.type('application/json; charset=utf-8').send(list as never)
    },
  )

  app.get(
    '/api/v1/devices/:id',
    {
      schema: {
        operationId: 'getDevice',
        summary: 'One device with its state',
        tags,
        params: schemas.deviceParams,
        response: { 200: schemas.device },
      },
      config: { scope: 'read', errors: ['BAD_REQUEST', 'UNKNOWN_DEVICE'] },
    },
    async (request) => deviceJson(known(devices, request.params.id)),
  )

  app.patch(
    '/api/v1/devices/:id',
    {
      schema: {
        operationId: 'renameDevice',
        summary: 'Name a device, or put it into a room; MQTT, Home Assistant and the page follow',
        tags,
        params: schemas.deviceParams,
        body: schemas.deviceChange,
        response: { 200: schemas.device },
      },
      // This changes the bridge and not what the device does, so a program that only controls heating does not need it.
      config: { scope: 'admin', errors: ['BAD_REQUEST', 'UNKNOWN_DEVICE'], audit: 'body' },
    },
    async (request) => {
      const { serial } = known(devices, request.params.id)
      const { name, room } = request.body
      if (name !== undefined) await devices.rename(serial, name)
      if (room !== undefined) devices.house.setRoom(serial, room)
      return deviceJson(known(devices, serial))
    },
  )
}

/** Commands to a device. */
function commandRoutes(app: App, devices: Devices, schemas: ApiSchemas): void {
  app.patch(
    '/api/v1/devices/:id/state',
    {
      schema: {
        operationId: 'setState',
        summary: 'Change values; answers once the device has confirmed them',
        tags,
        params: schemas.deviceParams,
        body: schemas.command,
        response: { 200: schemas.result },
      },
      config: {
        scope: 'control',
        errors: ['UNKNOWN_KEY', 'READ_ONLY', 'OUT_OF_RANGE', ...WRITE_ERRORS],
        documentedBody: schemas.documentedCommand,
        audit: 'body',
      },
    },
    async (request) => {
      const { serial } = known(devices, request.params.id)
      checkValues(request.body)
      return resultJson(await devices.set(serial, request.body, actorOf(request.identity)))
    },
  )

  app.post(
    '/api/v1/devices/:id/actions/:action',
    {
      schema: {
        operationId: 'runAction',
        summary: 'Restart, blink, reset parameters or schedule, set the clock',
        description: ACTIONS_TOLD,
        tags,
        params: schemas.actionParams,
        response: { 200: schemas.done },
      },
      config: { scope: 'control', errors: WRITE_ERRORS },
    },
    async (request) => {
      const { serial } = known(devices, request.params.id)
      await devices.action(serial, request.params.action, actorOf(request.identity))
      return { ok: true as const }
    },
  )
}
