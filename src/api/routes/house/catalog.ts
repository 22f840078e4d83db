/** What the models report and accept, for programs that draw controls, such as the page. */
import { type Datapoint, datapointsOf, MODELS, type Model } from '../../../catalog/index.ts'
import type { App } from '../../app.ts'
import type { Category } from '../../schemas/catalog.ts'
import type { ApiSchemas } from '../../schemas/index.ts'

function categoryOf({ fault, entity, access }: Datapoint): Category {
  if (fault) return 'fault'
  return entity?.category ?? (access === 'write' ? 'control' : 'measured')
}

/** Derived ones are not on the device. */
function rawOf(datapoint: Datapoint): { raw?: string } {
  if ('id' in datapoint) return { raw: String(datapoint.id) }
  return 'field' in datapoint ? { raw: String(datapoint.field) } : {}
}

function datapointJson(datapoint: Datapoint) {
  const { key, name, text, type, access, unit, min, max, step, limits, values } = datapoint
  return {
    key,
    name,
    text,
    type,
    access,
    category: categoryOf(datapoint),
    ...rawOf(datapoint),
    ...(unit === undefined ? {} : { unit }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(step === undefined ? {} : { step }),
    ...(limits === undefined ? {} : { limits }),
    ...(values === undefined ? {} : { values: [...values] }),
  }
}

function modelJson(model: Model) {
  const { id, name, vendor, kind, schedules, lockWay, ownPage } = model
  return {
    id,
    name,
    vendor,
    kind,
    schedules: [...schedules],
    lock_way: lockWay,
    own_page: ownPage,
    datapoints: datapointsOf(model).map(datapointJson),
  }
}

export function catalogRoutes(app: App, schemas: ApiSchemas): void {
  app.get(
    '/api/v1/catalog',
    {
      schema: {
        operationId: 'getCatalog',
        summary: 'The models and their datapoints: texts, types, units, limits',
        tags: ['system'],
        response: { 200: schemas.catalog },
      },
      config: { scope: 'read' },
    },
    async () => ({ models: MODELS.map(modelJson) }),
  )
}
