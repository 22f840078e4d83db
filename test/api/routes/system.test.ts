import assert from 'node:assert/strict'
import t from 'tap'
import { openapiDocument, restReference } from '../../../src/api/documents/reference.ts'
import type { Check } from '../../../src/api/types.ts'
import { datapointsOf, MODELS } from '../../../src/catalog/index.ts'
import { isObject } from '../../../src/core/json.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { eachRow } from '../../support/rows.ts'
import { ask, BASIC, codeOf, running } from '../support.ts'

t.test('health and readiness are open, and tell what is not ready', async (t) => {
  let checks: Record<string, Check> = { mqtt: { ok: true }, store: { ok: true } }
  const api = await running({ readiness: () => checks })
  t.teardown(() => api.close())
  const get = (path: string, method = 'GET') => ask(api.port, path, { authorization: null, method })
  t.match(await get('/healthz'), { status: 200, json: { status: 'ok' } })
  t.match(await get('/healthz/'), { status: 200 })
  t.match(await get('/readyz'), {
    status: 200,
    json: { ready: true, checks: { mqtt: { ok: true }, store: { ok: true } } },
  })
  checks = { mqtt: { ok: false, detail: 'No broker answers.' }, store: { ok: true } }
  const down = await get('/readyz/')
  t.equal(down.status, 503)
  t.same(down.json, {
    ready: false,
    checks: { mqtt: { ok: false, detail: 'No broker answers.' }, store: { ok: true } },
  })
  t.match(await get('/healthz'), { status: 200 }, 'the process works all the same')
  t.match(await get('/readyz', 'HEAD'), { status: 503, text: '' })
})

t.test('what the bridge is, and how its parts are', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add()
  api.devices.add(exampleView('oz', { serial: 'AWAY-1', online: false }))
  await api.clock.advance(90_000)
  const { status, json } = await ask(api.port, '/api/v1/info')
  t.equal(status, 200)
  t.match(json, {
    version: '0.0.0-test',
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    started: '2026-01-15T12:00:00.000Z',
    uptime: 90,
    devices: { total: 2, online: 1 },
    accounts: { total: 1, ready: 1 },
    mqtt: { connected: true, waiting: 4 },
    store: { ok: true, problem: null },
    streams: 0,
  })
  t.notMatch(json, { update: Object }, 'nobody looks for newer versions')
  const update = {
    available: true,
    latest_version: '9.0.0',
    release_url: 'https://example.org/v9.0.0',
    release_summary: '',
  }
  for (api.bridge.update of [null, update]) {
    t.match((await ask(api.port, '/api/v1/info')).json, { update: api.bridge.update })
  }
})

t.test('paths and methods', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  api.devices.add()
  const outside = [
    '/',
    '/api',
    '/api/v1',
    '/api/v2/devices',
    '/api/v1//devices',
    '/API/V1/devices',
    '/api/v1/devices/x1/../../../../etc/passwd',
    '/docs/static/../../../package.json',
    '/docs/static/..%2f..%2f..%2fpackage.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
    '/docs/static/..%5c..%5cpackage.json',
    '/docs/static//etc/passwd',
    '/docs/static/nothing.js',
    '/.env',
  ]
  for (const path of outside) {
    const answer = await ask(api.port, path)
    t.ok([400, 403, 404].includes(answer.status), `${path}: ${answer.status}`)
    t.equal(codeOf(answer), 'BAD_REQUEST', path)
  }
  t.equal((await ask(api.port, '/%zz')).status, 400)
  for (const [path, method, allow] of [
    ['/api/v1/devices', 'POST', 'GET, HEAD, OPTIONS'],
    ['/api/v1/devices/', 'DELETE', 'GET, HEAD, OPTIONS'],
    [`/api/v1/devices/${EXAMPLE_SERIAL}/state`, 'PUT', 'PATCH, OPTIONS'],
    [`/api/v1/devices/${EXAMPLE_SERIAL}/state`, 'GET', 'PATCH, OPTIONS'],
    [`/api/v1/devices/${EXAMPLE_SERIAL}/actions/blink/`, 'GET', 'POST, OPTIONS'],
    ['/healthz', 'POST', 'GET, HEAD, OPTIONS'],
  ] as const) {
    const answer = await ask(api.port, path, { method })
    t.equal(answer.status, 405, `${method} ${path}`)
    t.equal(codeOf(answer), 'BAD_REQUEST')
    t.same(new Set(answer.headers.allow?.split(', ')), new Set(allow.split(', ')))
  }
  const options = await ask(api.port, '/api/v1/devices', {
    method: 'OPTIONS',
    headers: { origin: 'http://evil.example' },
  })
  t.equal(options.status, 204)
  t.match(options.headers.allow, 'GET')
  t.notOk(
    Object.keys(options.headers).some((name) => name.startsWith('access-control')),
    'no other origin is let in',
  )
  const head = await ask(api.port, '/api/v1/devices', { method: 'HEAD' })
  t.match(head, { status: 200, text: '' })
})

t.test('headers that keep browsers strict', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  for (const path of ['/docs/', '/healthz', '/nothing', '/api/v1/devices']) {
    const { headers } = await ask(api.port, path)
    t.match(headers['content-security-policy'], "default-src 'none'", path)
    t.notMatch(headers['content-security-policy'], /unsafe|https?:|upgrade-insecure/)
    t.match(headers['content-security-policy'], "frame-ancestors 'none'")
    t.equal(headers['x-content-type-options'], 'nosniff')
    t.equal(headers['referrer-policy'], 'no-referrer')
    t.equal(headers['strict-transport-security'], undefined, 'the bridge speaks plain HTTP')
  }
})

t.test('Swagger UI keeps to the policy', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const page = await ask(api.port, '/docs/', { authorization: BASIC })
  t.equal(page.status, 200)
  t.match(page.headers['content-type'], 'text/html')
  t.notMatch(page.text, /<script(?![^>]*src=)/, 'no inline script')
  const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '')
  t.ok(files.length >= 4)
  for (const file of files) {
    t.match(file, /^\.\/static\//, 'nothing from elsewhere')
    t.equal((await ask(api.port, file.replace('.', '/docs'), { authorization: BASIC })).status, 200, file)
  }
})

/** Every `$ref` of a document. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references)
  if (!isObject(value)) return []
  const own = typeof value.$ref === 'string' ? [value.$ref] : []
  return [...own, ...Object.values(value).flatMap(references)]
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), value)

t.test('OpenAPI', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const { json, status } = await ask(api.port, '/openapi.json')
  t.equal(status, 200)
  t.match(json, { openapi: '3.1.0', info: { title: 'thermo2mqtt', version: '9.9.9' } })
  t.same((await ask(api.port, '/docs/json')).json, json, 'what /docs shows')

  t.test('every route is in it, and nothing else', async (t) => {
    const paths = at(json, ['paths']) as Record<string, Record<string, unknown>>
    const documented = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    const registered = api.routes
      .filter(({ method, hidden }) => method !== 'HEAD' && !hidden)
      .map(({ method, url }) => `${method} ${url.replace(/:([a-z]+)/g, '{$1}')}`)
    t.same(documented.sort(), registered.sort())
  })

  t.test('operations are whole', async (t) => {
    const ids = new Set<unknown>()
    const paths = at(json, ['paths']) as Record<string, Record<string, Record<string, unknown>>>
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    eachRow(
      t,
      'whole',
      operations,
      ({ path, method }) => `${method} ${path}`,
      ({ path, operation }) => {
        assert.equal(typeof operation.operationId, 'string')
        assert.ok(!ids.has(operation.operationId), 'its own id')
        ids.add(operation.operationId)
        assert.ok(operation.summary, 'a summary')
        const declared = ((operation.parameters ?? []) as { name: string; in: string; required: boolean }[])
          .filter((parameter) => parameter.in === 'path' && parameter.required)
          .map((parameter) => parameter.name)
        assert.deepEqual(
          declared,
          [...path.matchAll(/\{([a-z]+)\}/g)].map(([, key]) => key),
          'its parameters',
        )
        const responses = operation.responses as Record<string, { description?: string; content?: object }>
        assert.ok((responses['200'] ?? responses['201']) && responses['500'], 'what it answers')
        for (const [code, response] of Object.entries(responses)) {
          assert.match(code, /^[2-5]\d\d$/)
          assert.ok(response.description, `${code}: a description`)
          assert.ok(response.content, `${code}: a content`)
        }
        // Whom nobody asks who they are.
        const forAll = ['/healthz', '/readyz', '/api/v1/login/ways'].includes(path)
        const open = forAll || /\/(login|token\/refresh|totp\/verify)$/.test(path.replace(/\/accounts\/.*/, ''))
        assert.equal((operation.security as unknown[]).length === 0, open, 'its sign-in')
        assert.equal('401' in responses, !forAll, 'who is not let in is told so')
      },
    )
  })

  t.test('references lead somewhere, and ids would change what they mean', async (t) => {
    const found = new Set(references(json))
    t.ok(found.has('#/components/schemas/Device'))
    t.ok(found.has('#/components/schemas/Error'))
    for (const reference of found) {
      t.ok(at(json, reference.slice(2).split('/')), reference)
    }
    t.notMatch(JSON.stringify(json), '"$id"')
    for (const scheme of ['bearer', 'basic']) t.ok(at(json, ['components', 'securitySchemes', scheme]))
  })

  t.test('state and command follow from the catalog', async (t) => {
    const state = at(json, ['components', 'schemas', 'DeviceState', 'properties']) as Record<string, object>
    const command = at(json, ['components', 'schemas', 'DeviceCommand', 'properties']) as Record<string, object>
    const datapoints = MODELS.flatMap(datapointsOf)
    t.same(
      Object.keys(state).sort(),
      [...new Set([...datapoints.map(({ key }) => key), 'unknown', 'findings', 'last_error', 'last_rounded'])].sort(),
    )
    const writable = datapoints.filter(({ access }) => access === 'write').map(({ key }) => key)
    t.same(Object.keys(command).sort(), [...new Set(writable)].sort())
    eachRow(
      t,
      'its schema',
      datapoints,
      ({ key }) => key,
      ({ key, unit }) => {
        const description = at(state, [key, 'description'])
        assert.ok(typeof description === 'string' && description !== '', 'it is described')
        if (unit) assert.ok(description.includes(`Unit: ${unit}.`), 'its unit')
        const [value, unknown] = Object(state[key]).anyOf ?? []
        assert.ok(isObject(value))
        assert.equal(unknown?.type, 'null', 'it can be unknown')
      },
    )
    t.match(state.current_temperature, { readOnly: true, anyOf: [{ type: 'number' }] })
    t.match(command.mode, { enum: ['off', 'heat', 'cool', 'auto'] })
    t.match(command.brightness, { type: 'number', minimum: 0, maximum: 10 }, 'what any model takes')
    t.notOk(at(command, ['target_temperature', 'maximum']), 'its limits are set in the device')
  })
})

t.test('the generated reference', async (t) => {
  t.match(await openapiDocument(), { openapi: '3.1.0', info: { version: '1' } })
  const text = await restReference()
  for (const line of [
    /^\| `GET` +\| `\/api\/v1\/devices\/\{id\}` +\| read +\| .* \| `BAD_REQUEST` `UNKNOWN_DEVICE` +\|$/m,
    /^\| `PATCH` +\| `\/api\/v1\/devices\/\{id\}\/state` +\| control +\| .*`READ_ONLY`.*$/m,
    /^\| `POST` +\| `\/api\/v1\/cloud\/accounts\/\{id\}\/sync` +\| admin +\| /m,
    /^\| `GET` +\| `\/healthz` +\| open +\| .* \| +\|$/m,
    /^\| `GET` +\| `\/docs` +\| read +\| /m,
    /^\| `POST` +\| `\/api\/v1\/tokens` +\| \*\*admin\*\* +\| /m,
  ]) {
    t.match(text, line)
  }
  t.notMatch(text, 'HEAD')
})
