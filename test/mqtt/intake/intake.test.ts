import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { EXAMPLE_SERIAL } from '../../support/fake-bridge.ts'
import { device, setUp } from './rig.ts'

t.test('an object of keys is one command', async (t) => {
  const { give, devices, repeated } = setUp()
  const [answer, ...more] = await give(device('set'), '{"target_temperature":25,"mode":"heat","transaction":"t1"}')
  t.same(more, [])
  t.equal(answer?.topic, device('result'))
  t.same(answer?.body, { ok: true, command: { target_temperature: 25, mode: 'heat' }, transaction: 't1' })
  t.same(devices.calls, [{ method: 'set', serial: EXAMPLE_SERIAL, argument: { target_temperature: 25, mode: 'heat' } }])
  t.same(repeated, [])
})

t.test('a bare value', async (t) => {
  const { give, devices } = setUp()
  const cases: [string, unknown][] = [
    ['24.0', 24],
    ['heat', 'heat'],
    ['"heat"', 'heat'],
    ['true', true],
    ['ON', 'ON'],
    ['OFF', 'OFF'],
  ]
  for (const [payload, value] of cases) {
    const answers = await give(device('set/mode'), payload)
    t.same(answers[0]?.body, { ok: true, command: { mode: value } }, payload)
    t.equal(answers.length, 1)
    t.same(devices.calls.at(-1)?.argument, { mode: value })
  }
})

t.test('who sends it, for the log: Home Assistant where it says so, else MQTT', async (t) => {
  const { give, devices } = setUp()
  const hass = '"via":"home_assistant"'
  const cases: readonly (readonly [topic: string, payload: string, via: string])[] = [
    ['set', '{"mode":"heat"}', 'mqtt'],
    ['set/mode', 'heat', 'mqtt'],
    ['set/mode', `{"value":"heat",${hass}}`, 'home_assistant'],
    ['set/mode', '{"value":"heat","via":"<script>alert(1)</script>"}', 'mqtt'],
    ['set/mode', '{"value":"heat","via":{"via":"home_assistant"}}', 'mqtt'],
    ['schedule/set', '{"floor":{}}', 'mqtt'],
    ['action', 'blink', 'mqtt'],
    ['action', `{"action":"blink",${hass}}`, 'home_assistant'],
    // What never comes to a device is in its log, too.
    ['action', `{"action":"dance",${hass}}`, 'home_assistant'],
    ['set/mode', `{"value":1e400,${hass}}`, 'home_assistant'],
    ['set/mode', '', 'mqtt'],
    ['set', 'x'.repeat(20_000), 'mqtt'],
  ]
  const wrong = []
  for (const [topic, payload, via] of cases) {
    const before = devices.actors.length
    const answers = await give(device(topic), payload)
    const [by, ...more] = devices.actors.slice(before)
    if (answers.length !== 1 || by?.via !== via || more.length > 0) wrong.push([topic, payload, by])
  }
  t.strictSame(wrong, [])
  t.same(devices.calls[2], { method: 'set', serial: EXAMPLE_SERIAL, argument: { mode: 'heat' } })
})

t.test('rounded and superseded are told, and the true state sent again', async (t) => {
  const { give, devices, repeated } = setUp()
  devices.onSet = () => ({
    before: {},
    state: {},
    rounded: { target_temperature: { asked: 24.3, set: 24 } },
    superseded: ['mode'],
  })
  const [answer] = await give(device('set'), '{"target_temperature":24.3,"mode":"heat"}')
  t.match(answer?.body, {
    ok: true,
    rounded: { target_temperature: { asked: 24.3, set: 24 } },
    superseded: ['mode'],
  })
  t.same(repeated, [device('state')])
})

t.test('what a device refuses is answered with its code, and the true state sent again', async (t) => {
  const { give, devices, repeated, logger } = setUp()
  for (const code of [
    'UNKNOWN_KEY',
    'READ_ONLY',
    'OUT_OF_RANGE',
    'DEVICE_TIMEOUT',
    'LAN_LOCKED',
    'INTERNAL',
  ] as const) {
    devices.onSet = () => {
      throw new BridgeError(code, `because ${code}`, { details: { totp_key: 'abcdef' } })
    }
    const [answer, ...more] = await give(device('set'), '{"x":1,"transaction":7}')
    t.same(answer?.body, {
      ok: false,
      error: { code, message: `because ${code}`, details: { totp_key: '********' } },
      command: { x: 1 },
      transaction: 7,
    })
    t.same(more, [])
  }
  t.equal(repeated.length, 6)
  t.same(
    logger.lines.map(({ level }) => level),
    ['debug', 'debug', 'debug', 'warn', 'warn', 'error'],
  )
})

t.test('a bug is answered without its text, and logged with it', async (t) => {
  const { give, devices, logger } = setUp()
  devices.onSet = () => {
    throw new TypeError('x is not a function')
  }
  const [answer] = await give(device('set'), '{"x":1}')
  t.match(answer?.body, { ok: false, error: { code: 'INTERNAL' } })
  t.notMatch(JSON.stringify(answer?.body), /not a function/)
  t.match(logger.lines[0]?.fields.err, { message: 'x is not a function' })
})

t.test('reading now, and actions', async (t) => {
  const { give, devices } = setUp()
  t.same((await give(device('get'), ''))[0]?.body, { ok: true, command: { get: true } })
  t.same((await give(device('get'), '{"transaction":[1]}'))[0]?.body, {
    ok: true,
    command: { get: true },
    transaction: [1],
  })
  t.same((await give(device('action'), 'restart'))[0]?.body, { ok: true, command: { action: 'restart' } })
  t.same((await give(device('action'), '{"action":"blink","transaction":2}'))[0]?.body, {
    ok: true,
    command: { action: 'blink' },
    transaction: 2,
  })
  t.same(
    devices.calls.map(({ method, argument }) => [method, argument]),
    [
      ['refresh', undefined],
      ['refresh', undefined],
      ['action', 'restart'],
      ['action', 'blink'],
    ],
  )
  devices.onRefresh = () => {
    throw new BridgeError('DEVICE_UNREACHABLE', 'off')
  }
  t.match((await give(device('get'), ''))[0]?.body, { ok: false, error: { code: 'DEVICE_UNREACHABLE' } })
})

t.test('MQTT 5: who asks for an answer elsewhere gets it there too', async (t) => {
  const { give } = setUp()
  const correlationData = Buffer.from([1, 2, 3])
  const answers = await give(device('set/mode'), 'heat', {
    properties: { responseTopic: 'me/answers', correlationData },
  })
  t.equal(answers.length, 2)
  t.match(answers[0], { topic: 'me/answers', body: { ok: true }, correlation: correlationData })
  t.match(answers[1], { topic: device('result'), body: { ok: true }, correlation: undefined })
  const [first] = await give('t/bridge/request/nothing', '', { properties: { responseTopic: 'me' } })
  t.match(first, { topic: 'me', body: { ok: false } })
})

t.test('MQTT 5: answers never go to wildcards, the broker’s topics or ours', async (t) => {
  const { give, drops, logger } = setUp()
  for (const responseTopic of ['a/+', '#', '', '$SYS/x', device('set'), 't/bridge/state', 't', 'a\u0000']) {
    const answers = await give(device('set/mode'), 'heat', { properties: { responseTopic } })
    t.equal(answers.length, 1, responseTopic)
    t.equal(answers[0]?.topic, device('result'))
  }
  t.equal(drops.of('bad_answer_topic'), 8)
  t.equal(logger.lines.length, 1)
})
