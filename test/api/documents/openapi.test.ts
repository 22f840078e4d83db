import t from 'tap'
import { openapiDocument } from '../../../src/api/documents/reference.ts'
import { isObject, type JsonObject } from '../../../src/core/json.ts'
import { at, type Operation, operationsOf, Schemas } from '../../support/contracts/openapi-client.ts'

/** Every body of an operation: where it is, its schema, and the examples given. */
function bodies({ id, raw }: Operation) {
  const contents = [
    ['request', at(raw, 'requestBody', 'content')],
    ...Object.entries(isObject(raw.responses) ? raw.responses : {}).map(([status, body]) => [
      status,
      at(body, 'content'),
    ]),
  ]
  return contents.flatMap(([what, content]) =>
    Object.entries(isObject(content) ? content : {}).flatMap(([type, media]) => {
      // Bytes can't be written in JSON.
      if (type === 'application/octet-stream') return []
      const several = at(media, 'examples')
      const values = isObject(several) ? Object.values(several).map((example) => at(example, 'value')) : []
      const single = isObject(media) && 'example' in media ? [media.example] : []
      return { where: `${id} ${what} ${type}`, schema: at(media, 'schema'), examples: [...single, ...values] }
    }),
  )
}

t.test('every parameter and every body has an example, and each is one that its schema allows', async (t) => {
  const document = (await openapiDocument()) as JsonObject
  const schemas = new Schemas(document)
  const operations = operationsOf(document)
  const ids = operations.map(({ id }) => id)
  t.strictSame(ids, [...new Set(ids)], 'an id is that of one operation')
  const all = operations.flatMap(bodies)
  t.strictSame(
    all.filter(({ examples }) => examples.length === 0).map(({ where }) => where),
    [],
    'bodies without an example: a field has a name that src/api/example-values.ts does not know; give its schema examples',
  )
  t.strictSame(
    all.flatMap(({ where, schema, examples }) =>
      examples.flatMap((example) => schemas.objections(schema, example).map((what) => `${where}: ${what}`)),
    ),
    [],
  )
  const parameters = operations.flatMap(({ id, raw }) =>
    (Array.isArray(raw.parameters) ? raw.parameters : []).flatMap((parameter) =>
      schemas.objections(at(parameter, 'schema'), at(parameter, 'example')).map((what) => `${id}: ${what}`),
    ),
  )
  t.strictSame(parameters, [])
})
