import { hostZoneName } from '../../../core/clock.ts'
import type { Devices } from '../../../devices/ports.ts'
import type { History, Period } from '../../../history/types.ts'
import type { App } from '../../app.ts'
import type { ApiSchemas } from '../../schemas/index.ts'
import { known } from './devices.ts'

const DEFAULT_LAST: Readonly<Record<Period, number>> = { day: 31, week: 12, month: 12 }

export function energyRoutes(app: App, devices: Devices, history: History, schemas: ApiSchemas): void {
  app.get(
    '/api/v1/energy',
    {
      schema: {
        operationId: 'getEnergy',
        summary: 'Energy and its cost by day, week or month, of all devices or of one',
        tags: ['devices'],
        querystring: schemas.energyQuery,
        response: { 200: schemas.energy },
      },
      config: { scope: 'read', errors: ['BAD_REQUEST', 'UNKNOWN_DEVICE'] },
    },
    async ({ query }) => {
      const { by = 'day', timezone = hostZoneName(), serial } = query
      const last = query.last === undefined ? DEFAULT_LAST[by] : Number(query.last)
      const serials = serial === undefined ? devices.serials() : [known(devices, serial).serial]
      const { currency, parts, devices: each } = await history.energy({ serials, by, last, timezone })
      const shown = parts.map((part) => ({ ...part, from: new Date(part.from * 1000).toISOString() }))
      return { by, timezone, currency, parts: shown, devices: [...each] }
    },
  )
}
