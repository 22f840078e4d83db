import t from 'tap'
import type { JsonObject } from '../../../src/core/json.ts'
import { accountsOf, type Bridge, devicesOf, eventually, startBridge, startHouse, unit } from '../../support/e2e.ts'
import { objectIn } from '../../support/listener.ts'

/** Bodies of commands that nobody may get through, with the code of each answer. */
const COMMANDS: readonly { name: string; body: string | Buffer; mqtt: string; rest: string }[] = [
  { name: 'no JSON', body: 'heat, please', mqtt: 'BAD_REQUEST', rest: 'BAD_REQUEST' },
  { name: 'half of it', body: '{"mode":', mqtt: 'BAD_REQUEST', rest: 'BAD_REQUEST' },
  { name: 'nothing', body: '', mqtt: 'BAD_REQUEST', rest: 'BAD_REQUEST' },
  { name: 'an empty object', body: '{}', mqtt: 'BAD_REQUEST', rest: 'BAD_REQUEST' },
  { name: 'an array', body: '[{"mode":"heat"}]', mqtt: 'BAD_REQUEST', rest: 'BAD_REQUEST' },
  { name: 'null', body: 'null', mqtt: 'BAD_REQUEST', rest: 'BAD_REQUEST' },
  { name: 'bytes that are no text', body: Buffer.from([0xff, 0xfe, 0, 1]), mqtt: 'BAD_REQUEST', rest: 'BAD_REQUEST' },
  { name: 'NaN', body: '{"target_temperature":NaN}', mqtt: 'BAD_REQUEST', rest: 'BAD_REQUEST' },
  { name: 'NaN as text', body: '{"target_temperature":"NaN"}', mqtt: 'BAD_REQUEST', rest: 'BAD_REQUEST' },
  { name: '1e400', body: '{"target_temperature":1e400}', mqtt: 'BAD_REQUEST', rest: 'OUT_OF_RANGE' },
  { name: 'an unknown key', body: '{"colour":"red"}', mqtt: 'UNKNOWN_KEY', rest: 'UNKNOWN_KEY' },
  { name: 'a key of every object', body: '{"__proto__":1}', mqtt: 'UNKNOWN_KEY', rest: 'BAD_REQUEST' },
  { name: 'a read-only key', body: '{"floor_temperature":20}', mqtt: 'READ_ONLY', rest: 'READ_ONLY' },
  { name: 'too hot', body: '{"target_temperature":4000}', mqtt: 'OUT_OF_RANGE', rest: 'OUT_OF_RANGE' },
  { name: 'too cold', body: '{"target_temperature":-274}', mqtt: 'OUT_OF_RANGE', rest: 'OUT_OF_RANGE' },
  { name: 'no such mode', body: '{"mode":"melt"}', mqtt: 'OUT_OF_RANGE', rest: 'OUT_OF_RANGE' },
  { name: 'the wrong type', body: '{"child_lock":{"on":true}}', mqtt: 'BAD_REQUEST', rest: 'BAD_REQUEST' },
  { name: 'good and bad at once', body: '{"mode":"heat","brightness":77}', mqtt: 'OUT_OF_RANGE', rest: 'OUT_OF_RANGE' },
  { name: 'a megabyte', body: `{"mode":"${'x'.repeat(1_000_000)}"}`, mqtt: 'BAD_REQUEST', rest: 'BAD_REQUEST' },
  {
    name: 'a deep one',
    body: `{"mode":${'['.repeat(7_000)}${']'.repeat(7_000)}}`,
    mqtt: 'BAD_REQUEST',
    rest: 'BAD_REQUEST',
  },
]

async function resultOf(bridge: Bridge, serial: string, topic: string, payload: string | Buffer) {
  const from = bridge.mqtt.mark
  await bridge.mqtt.publish(topic, payload)
  return bridge.mqtt.result(serial, () => true, from)
}

const codeOf = ({ error }: JsonObject) =>
  typeof error === 'object' && error && 'code' in error ? error.code : undefined

t.test('bad input gets an answer with a code, and does no harm', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const ax = unit(house)
  const { serial } = ax
  const bridge = await startBridge(t, {
    settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) },
  })
  await bridge.online(serial)
  t.match(await bridge.mqtt.command(serial, { mode: 'heat', target_temperature: 21 }), { ok: true })
  const writes = ax.writes.length

  await t.test('MQTT', async (t) => {
    for (const { name, body, mqtt } of COMMANDS) {
      const from = bridge.mqtt.mark
      const result = await resultOf(bridge, serial, `${serial}/set`, body)
      t.match(result, { ok: false, error: { message: /.{10}/ } }, name)
      t.equal(codeOf(result), mqtt, name)
      t.match(
        await bridge.mqtt.state(serial, () => true, from),
        { target_temperature: 21 },
        `${name}: the truth follows`,
      )
    }
  })

  await t.test('MQTT, one key', async (t) => {
    const cases = [
      ['target_temperature', 'NaN', 'BAD_REQUEST'],
      ['target_temperature', '1e400', 'BAD_REQUEST'],
      ['target_temperature', '', 'BAD_REQUEST'],
      ['target_temperature', 'warm', 'BAD_REQUEST'],
      ['target_temperature', '99', 'OUT_OF_RANGE'],
      ['humidity', '50', 'UNKNOWN_KEY'],
      ['load', 'true', 'READ_ONLY'],
      ['__proto__', '1', 'UNKNOWN_KEY'],
    ] as const
    for (const [key, value, code] of cases) {
      t.equal(codeOf(await resultOf(bridge, serial, `${serial}/set/${key}`, value)), code, `${key} ${value}`)
    }
  })

  await t.test('MQTT, tricks', async (t) => {
    t.match(await resultOf(bridge, '0123456789', '0123456789/set', '{"mode":"off"}'), {
      error: { code: 'UNKNOWN_DEVICE' },
    })
    t.match(await resultOf(bridge, serial, `${serial}/action`, 'explode'), { error: { code: 'BAD_REQUEST' } })
    t.match(await bridge.mqtt.request('explode'), { ok: false, error: { code: 'BAD_REQUEST' } })
    t.match(await bridge.mqtt.request('account_code', { id: 'terneo', code: '123456' }), { ok: false })
    for (const topic of ['constructor/set', '../set', 'bridge/set', `${serial}/set/a/b`, `${serial}/SET`, '$x/set']) {
      await bridge.mqtt.publish(topic, '{"mode":"off"}')
    }
    const results = bridge.mqtt.messages.filter(({ topic }) => topic.endsWith('/result')).map(({ topic }) => topic)
    t.same([...new Set(results)].sort(), ['0123456789', serial].map((id) => `thermo2mqtt/${id}/result`).sort())
  })

  await t.test('REST', async (t) => {
    for (const { name, body, rest } of COMMANDS) {
      const answer = await bridge.patch(serial, typeof body === 'string' ? body : body.toString('latin1'))
      t.match(answer.body, { error: { message: /.{10}/ } }, name)
      t.equal(codeOf(answer.body), rest, `${name}: ${answer.text.slice(0, 200)}`)
      t.ok(answer.status >= 400 && answer.status < 500, `${name}: ${answer.status}`)
    }
    const path = `/api/v1/devices/${serial}/state`
    const others = [
      ['PATCH', '/api/v1/devices/0123456789/state', { mode: 'off' }, 404, 'UNKNOWN_DEVICE'],
      ['PATCH', '/api/v1/devices/..%2f..%2fetc/state', { mode: 'off' }, 400, 'BAD_REQUEST'],
      ['GET', '/api/v1/devices/__proto__', undefined, 400, 'BAD_REQUEST'],
      ['DELETE', path, undefined, 405, 'BAD_REQUEST'],
      ['GET', '/api/v1/nothing', undefined, 404, 'BAD_REQUEST'],
      ['POST', `/api/v1/devices/${serial}/actions/explode`, undefined, 400, 'BAD_REQUEST'],
    ] as const
    for (const [method, url, body, status, code] of others) {
      const answer = await bridge.rest(method, url, body)
      t.equal(answer.status, status, `${method} ${url}`)
      t.equal(codeOf(answer.body), code, `${method} ${url}`)
    }
    t.match(await bridge.rest('PATCH', path, { mode: 'off' }, null), {
      status: 401,
      body: { error: { code: 'UNAUTHORIZED' } },
    })
    t.match(await bridge.rest('PATCH', path, { mode: 'off' }, 'guess'), {
      status: 401,
      body: { error: { code: 'UNAUTHORIZED' } },
    })
  })

  await t.test('replies of the device', async (t) => {
    const replies = [
      'empty',
      'html',
      'braces',
      'cut',
      'wrong-sn',
      'wrong-types',
      'half',
      { raw: '[]' },
      { raw: 'null' },
    ] as const
    for (const reply of replies) {
      const from = bridge.mqtt.mark
      ax.quirks.injectReplies.push(reply)
      await bridge.mqtt.publish(`${serial}/get`, '')
      await bridge.mqtt.result(serial, () => true, from)
      // A reading that was under way may have been the one to answer.
      await eventually('the device has said it', () => ax.quirks.injectReplies.length === 0)
    }
    const said = await eventually('it is read again', async () => {
      const result = await resultOf(bridge, serial, `${serial}/get`, '')
      return result.ok === true && result
    })
    t.match(said, { ok: true })
  })

  t.equal(ax.writes.length, writes, 'nothing of it reached the device')
  t.match(await bridge.mqtt.command(serial, { mode: 'heat', target_temperature: 22 }), { ok: true })
  t.match(bridge.mqtt.latestState(serial), { mode: 'heat', target_temperature: 22 })
  t.match(objectIn((await bridge.rest('GET', '/healthz')).text), { status: 'ok' })
  t.notOk(
    bridge.log.some((line) => line.includes('INTERNAL')),
    'no fault of the program',
  )
})
