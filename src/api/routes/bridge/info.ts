import { type Clock, hostZoneName } from '../../../core/clock.ts'
import type { Bridge } from '../../../devices/ports.ts'
import type { App } from '../../app.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import type { SystemState } from '../../schemas/info.ts'

export interface InfoRoutes {
  readonly bridge: Pick<Bridge, 'info'>
  readonly system: () => SystemState
  readonly clock: Clock
  readonly streams: { readonly clients: number }
}

export function infoRoutes(app: App, { bridge, system, clock, streams }: InfoRoutes, schemas: ApiSchemas): void {
  // Uses the monotonic clock; the wall clock is often set only after the start.
  const startedAt = clock.monotonic()

  app.get(
    '/api/v1/info',
    {
      schema: {
        operationId: 'info',
        summary: 'The bridge and the state of its parts: version, broker, discovery, store, counts',
        tags: ['system'],
        response: { 200: schemas.info },
      },
      config: { scope: 'read' },
    },
    async () => {
      const { version, site, started, accounts, devices, update } = bridge.info()
      const { mqtt, homeassistant, discovery, store, backup, messages } = system()
      return {
        version,
        ...(site === undefined ? {} : { site }),
        node: process.versions.node,
        timezone: hostZoneName(),
        started,
        uptime: Math.round(clock.monotonic() - startedAt) / 1000,
        memory: process.memoryUsage.rss(),
        devices: { total: devices.total, online: devices.online },
        accounts: { total: accounts.length, ready: accounts.filter(({ state }) => state === 'ready').length },
        mqtt,
        homeassistant,
        discovery,
        store,
        ...(update === undefined ? {} : { update }),
        backup,
        messages,
        streams: streams.clients,
      }
    },
  )
}
