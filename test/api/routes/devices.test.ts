import t from 'tap'
import { Value } from 'typebox/value'
import { apiSchemas } from '../../../src/api/schemas/index.ts'
import { BridgeError, ERRORS, type ErrorCode } from '../../../src/core/errors.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { ask, codeOf, running } from '../support.ts'

const STATE = `/api/v1/devices/${EXAMPLE_SERIAL}/state`
const ACTIONS = `/api/v1/devices/${EXAMPLE_SERIAL}/actions`
const schemas = apiSchemas()

t.test('devices', async (t) => {
  const api = await running()
  t.teardown(() => api.close())
  const view = api.devices.add(
    exampleView('oz', {
      health: {
        lastSeen: Date.UTC(2026, 0, 2, 3, 4, 5),
        lastPublished: Date.UTC(2026, 0, 2, 3, 4, 6),
        failures: 2,
        error: { code: 'LAN_LOCKED', message: 'Locked.', details: { lock: 'lan' } },
        keySource: 'home',
        clockOffset: -1.5,
        counterBase: 'unix',
        rival: '192.168.1.66',
      },
    }),
  )

  t.test('a list, and each by its serial, with or without a last slash', async (t) => {
    const expected = {
      serial: EXAMPLE_SERIAL,
      name: 'Bathroom',
      name_source: 'account',
      room: null,
      suggested_room: 'Bathroom',
      model: 'oz',
      hw: 'oz',
      firmware: null,
      address: { host: '127.0.0.1', port: 80 },
      online: true,
      state: view.state,
      setpoint_step: view.setpointStep,
      timezone: null,
      schedule: { floor: null, air: null },
      health: {
        last_seen: '2026-01-02T03:04:05.000Z',
        last_published: '2026-01-02T03:04:06.000Z',
        failures: 2,
        error: { code: 'LAN_LOCKED', message: 'Locked.', details: { lock: 'lan' } },
        key_source: 'home',
        clock_offset: -1.5,
        counter_base: 'unix',
        second_address: '192.168.1.66',
      },
      sources: ['account:home'],
    }
    for (const slash of ['', '/']) {
      const list = await ask(api.port, `/api/v1/devices${slash}`)
      t.equal(list.status, 200)
      t.same(list.json, { devices: [expected] })
      t.ok(Value.Check(schemas.devices, list.json))
      t.match(list.headers['cache-control'], 'no-store')
      const one = await ask(api.port, `/api/v1/devices/${EXAMPLE_SERIAL}${slash}`)
      t.same(one.json, expected)
      t.ok(Value.Check(schemas.device, one.json))
    }
  })

  t.test('a device that only a cloud lists', async (t) => {
    const serial = 'CLOUD-ONLY-1'
    const health = {
      lastSeen: null,
      lastPublished: null,
      failures: 0,
      error: null,
      keySource: null,
      clockOffset: null,
      counterBase: null,
      rival: null,
    }
    api.devices.add(exampleView('unknown', { serial, hw: null, address: null, online: false, health }))
    const { json } = await ask(api.port, `/api/v1/devices/${serial}`)
    t.match(json, { address: null, hw: null, online: false, health: { last_seen: null, error: null } })
    t.ok(Value.Check(schemas.device, json))
    api.devices.remove(serial)
  })

  t.test('every model fits the schema of its state', async (t) => {
    for (const model of ['ax', 'sx', 'rx', 'bx', 'az', 'old', 'oz', 'unknown']) {
      t.ok(Value.Check(schemas.device.properties.state, exampleView(model).state), model)
    }
  })

  t.test('a command answers with the state read back', async (t) => {
    const answer = await ask(api.port, STATE, { method: 'PATCH', body: '{"target_temperature":25.5,"mode":"heat"}' })
    t.equal(answer.status, 200)
    t.match(answer.json, { state: { target_temperature: 25.5, mode: 'heat' } })
    t.same(Object.keys(answer.json as object), ['state'], 'nothing rounded, nothing superseded: nothing said')
    t.ok(Value.Check(schemas.result, answer.json))
    t.same(api.devices.calls.at(-1), {
      method: 'set',
      serial: EXAMPLE_SERIAL,
      argument: { target_temperature: 25.5, mode: 'heat' },
    })
  })

  t.test('what was rounded and superseded is told', async (t) => {
    const before = api.devices.onSet
    api.devices.onSet = () => ({
      before: {},
      state: { mode: 'heat' },
      rounded: { target_temperature: { asked: 25.24, set: 25.2 } },
      superseded: ['mode'],
    })
    const answer = await ask(api.port, STATE, { method: 'PATCH', body: '{"target_temperature":25.24,"mode":"off"}' })
    t.same(answer.json, {
      state: { mode: 'heat' },
      rounded: { target_temperature: { asked: 25.24, set: 25.2 } },
      superseded: ['mode'],
    })
    t.ok(Value.Check(schemas.result, answer.json))
    api.devices.onSet = before
  })

  t.test('actions', async (t) => {
    for (const action of ['restart', 'blink', 'reset_parameters', 'reset_schedule', 'sync_clock', 'reset_energy']) {
      const answer = await ask(api.port, `${ACTIONS}/${action}`, { method: 'POST' })
      t.equal(answer.status, 200)
      t.same(answer.json, { ok: true })
      t.match(api.devices.calls.at(-1), { method: 'action', argument: action })
    }
    const empty = await ask(api.port, `${ACTIONS}/blink/`, { method: 'POST', body: '' })
    t.equal(empty.status, 200, 'a type without a body is what some programs send')
  })

  t.test('every error of the devices keeps its code, message and status', async (t) => {
    const before = api.devices.onSet
    const codes = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => code !== 'INTERNAL')
    for (const code of codes) {
      api.devices.onSet = () => {
        throw new BridgeError(code, `It is ${code}.`, { details: { key: 'mode' } })
      }
      const answer = await ask(api.port, STATE, { method: 'PATCH', body: '{"mode":"off"}' })
      t.equal(answer.status, ERRORS[code].status, code)
      t.same(answer.json, { error: { code, message: `It is ${code}.`, details: { key: 'mode' } } })
      t.ok(Value.Check(schemas.error, answer.json))
    }
    api.devices.onSet = before
  })

  t.test('a fault of ours is told to the log and not to the caller', async (t) => {
    const before = api.devices.onSet
    const faults = [new TypeError('x is not a function'), new BridgeError('INTERNAL', 'at /secret/path'), 'a string']
    for (const fault of faults) {
      api.lines.length = 0
      api.devices.onSet = () => {
        throw fault
      }
      const answer = await ask(api.port, STATE, { method: 'PATCH', body: '{"mode":"off"}' })
      t.equal(answer.status, 500)
      t.same(answer.json, {
        error: { code: 'INTERNAL', message: 'Something went wrong inside the bridge. Its log has the details.' },
      })
      t.match(api.lines, [{ level: 'error', msg: 'a request failed', route: '/api/v1/devices/:id/state' }])
    }
    api.devices.onSet = before
  })

  t.test('bad bodies', async (t) => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const cases: readonly (readonly [string, string, number, string])[] = [
      ['not JSON', 'mode=off', 400, 'BAD_REQUEST'],
      ['half of it', '{"mode":', 400, 'BAD_REQUEST'],
      ['NaN', '{"target_temperature":NaN}', 400, 'BAD_REQUEST'],
      ['Infinity', '{"target_temperature":Infinity}', 400, 'BAD_REQUEST'],
      ['1e400', '{"target_temperature":1e400}', 400, 'OUT_OF_RANGE'],
      ['-1e400', '{"target_temperature":-1e400}', 400, 'OUT_OF_RANGE'],
      ['empty', '', 400, 'BAD_REQUEST'],
      ['blanks', '   ', 400, 'BAD_REQUEST'],
      ['no keys', '{}', 400, 'BAD_REQUEST'],
      ['a list', '[{"mode":"off"}]', 400, 'BAD_REQUEST'],
      ['null', 'null', 400, 'BAD_REQUEST'],
      ['a text', '"off"', 400, 'BAD_REQUEST'],
      ['a number', '21', 400, 'BAD_REQUEST'],
      ['a nested object', '{"mode":{"mode":"off"}}', 400, 'BAD_REQUEST'],
      ['a nested list', '{"mode":["off"]}', 400, 'BAD_REQUEST'],
      ['a prototype', '{"__proto__":{"mode":"off"}}', 400, 'BAD_REQUEST'],
      ['a constructor', '{"constructor":{"prototype":{"mode":"off"}}}', 400, 'BAD_REQUEST'],
      [
        '65 keys',
        JSON.stringify(Object.fromEntries([...Array(65).keys()].map((i) => [`k${i}`, 1]))),
        400,
        'BAD_REQUEST',
      ],
      ['deep', deep, 400, 'BAD_REQUEST'],
      ['a byte over 64 KiB', `{"a":"${'x'.repeat(64 * 1024 - 7)}"}`, 413, 'BAD_REQUEST'],
      ['1 MB', `{"a":"${'x'.repeat(1_000_000)}"}`, 413, 'BAD_REQUEST'],
    ]
    const calls = api.devices.calls.length
    for (const [name, body, status, code] of cases) {
      // A server that refuses a long body early may close before all of it is sent.
      const answer = await ask(api.port, STATE, { method: 'PATCH', body }).catch((error) => error)
      if (answer instanceof Error) t.ok(body.length > 500_000, `${name}: ${answer.message}`)
      else t.match({ status: answer.status, code: codeOf(answer) }, { status, code }, name)
    }
    t.equal(api.devices.calls.length, calls, 'none of them came through')
    t.equal((await ask(api.port, '/healthz')).status, 200)
  })

  t.test('1 MB is refused as too large by its length alone', async (t) => {
    const response = await api.app.inject({
      method: 'PATCH',
      url: STATE,
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      payload: 'x'.repeat(1_000_000),
    })
    t.equal(response.statusCode, 401, 'and not even looked at without a sign-in')
  })

  t.test('wrong types of body', async (t) => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'x',
      null,
    ]) {
      const answer = await ask(api.port, STATE, { method: 'PATCH', body: '{"mode":"off"}', type })
      t.equal(answer.status, 415, String(type))
      t.equal(codeOf(answer), 'BAD_REQUEST')
    }
    const utf8 = await ask(api.port, STATE, {
      method: 'PATCH',
      body: '{"mode":"off"}',
      type: 'application/json; charset=utf-8',
    })
    t.equal(utf8.status, 200)
  })

  t.test('unknown devices and things that are no serials', async (t) => {
    const unknown = 'NOBODY-1234'
    for (const [path, method, body] of [
      [`/api/v1/devices/${unknown}`, 'GET', undefined],
      [`/api/v1/devices/${unknown}/state`, 'PATCH', '{"mode":"off"}'],
      [`/api/v1/devices/${unknown}/actions/blink`, 'POST', undefined],
    ] as const) {
      const answer = await ask(api.port, path, { method, ...(body ? { body } : {}) })
      t.equal(answer.status, 404, path)
      t.equal(codeOf(answer), 'UNKNOWN_DEVICE')
    }
    for (const id of [
      'ab',
      'a+b1',
      'a%23b1',
      'a%00b1',
      '%2e%2e',
      '..%2f..%2fetc%2fpasswd',
      '%ff%fe1',
      'a'.repeat(65),
    ]) {
      const answer = await ask(api.port, `/api/v1/devices/${id}`)
      t.equal(answer.status, 400, id)
      t.equal(codeOf(answer), 'BAD_REQUEST')
    }
    t.equal((await ask(api.port, `/api/v1/devices/${'a'.repeat(5000)}`)).status, 414)
    const action = await ask(api.port, `${ACTIONS}/explode`, { method: 'POST' })
    t.equal(action.status, 400)
    t.match(action.json, { error: { code: 'BAD_REQUEST', message: /must be one of restart, blink/ } })
  })
})
