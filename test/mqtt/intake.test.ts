import fc from 'fast-check'
import type { IPublishPacket } from 'mqtt'
import t from 'tap'
import { BridgeError } from '../../src/core/errors.ts'
import { SecretValues } from '../../src/core/secrets.ts'
import { Answers, toJson } from '../../src/mqtt/answers.ts'
import { Drops } from '../../src/mqtt/drops.ts'
import { Intake } from '../../src/mqtt/intake.ts'
import { Outbox } from '../../src/mqtt/outbox.ts'
import { Requests } from '../../src/mqtt/requests.ts'
import { Topics } from '../../src/mqtt/topics.ts'
import { EXAMPLE_SERIAL, exampleView, FakeAccounts, FakeBridge, FakeDevices } from '../support/fake-bridge.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryLogger } from './support.ts'

const settle = () => new Promise((resolve) => setImmediate(resolve))
const OTHER = '0000000000000000000000000000FF'

interface Sent {
  readonly topic: string
  readonly body: Record<string, unknown>
  readonly correlation: Buffer | undefined
}

function setUp() {
  const devices = new FakeDevices()
  devices.add(exampleView())
  const accounts = new FakeAccounts()
  const bridge = new FakeBridge(devices, accounts)
  const logger = new MemoryLogger()
  const secrets = new SecretValues()
  const drops = new Drops(logger)
  const topics = new Topics('t')
  const clock = new FakeClock()
  const sent: Sent[] = []
  const repeated: string[] = []
  const pongs: (() => void)[] = []
  const outbox = new Outbox({
    drops,
    clock,
    link: {
      connected: true,
      publish: (topic, payload, correlation) => sent.push({ topic, body: JSON.parse(payload), correlation }),
      ping: (onPong) => pongs.push(onPong),
    },
  })
  const answers = new Answers({ topics, outbox, drops, secrets, logger })
  const requests = new Requests({ topics, accounts, devices, bridge, answers, secrets, clock, logger })
  const retained = { repeat: (topic: string) => repeated.push(topic) }
  const intake = new Intake({ topics, devices, requests, retained, answers, drops })
  /** Gives the intake a message, and answers its pings. */
  const give = async (topic: string, payload: string | Buffer, packet: Partial<IPublishPacket> = {}) => {
    const whole: IPublishPacket = { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, ...packet }
    intake.handle(topic, Buffer.from(payload), whole)
    await settle()
    await settle()
    for (const pong of pongs.splice(0)) pong()
    return sent.splice(0)
  }
  return { give, devices, accounts, bridge, logger, secrets, drops, intake, repeated, topics, clock, sent }
}

const device = (rest: string, serial = EXAMPLE_SERIAL) => `t/${serial}/${rest}`

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

t.test('rounded and superseded are told, and the true state sent again', async (t) => {
  const { give, devices, repeated } = setUp()
  devices.onSet = () => ({
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

t.test('bad input, one by one: a result with its code, nothing reaches the device', async (t) => {
  const { give, devices, repeated } = setUp()
  const megabyte = 'x'.repeat(1_000_000)
  const cases: [string, string | Buffer, string][] = [
    ['set', 'not JSON', 'BAD_REQUEST'],
    ['set', '', 'BAD_REQUEST'],
    ['set', '{}', 'BAD_REQUEST'],
    ['set', '[1]', 'BAD_REQUEST'],
    ['set', '"text"', 'BAD_REQUEST'],
    ['set', 'null', 'BAD_REQUEST'],
    ['set', '{"target_temperature":NaN}', 'BAD_REQUEST'],
    ['set', '{"target_temperature":1e400}', 'BAD_REQUEST'],
    ['set', megabyte, 'BAD_REQUEST'],
    ['set', `{"a":"${'x'.repeat(16 * 1024)}"}`, 'BAD_REQUEST'],
    ['set', '['.repeat(8000), 'BAD_REQUEST'],
    ['set', Buffer.from([0xff, 0xfe, 0]), 'BAD_REQUEST'],
    ['set/target_temperature', 'NaN', 'BAD_REQUEST'],
    ['set/target_temperature', '1e400', 'BAD_REQUEST'],
    ['set/target_temperature', '-1e400', 'BAD_REQUEST'],
    ['set/target_temperature', 'Infinity', 'BAD_REQUEST'],
    ['set/target_temperature', '', 'BAD_REQUEST'],
    ['set/target_temperature', '   ', 'BAD_REQUEST'],
    ['set/target_temperature', megabyte, 'BAD_REQUEST'],
    ['set/__proto__', '1', 'UNKNOWN_KEY'],
    ['set/a+', '1', 'UNKNOWN_KEY'],
    ['set/', '1', 'UNKNOWN_KEY'],
    ['action', 'explode', 'BAD_REQUEST'],
    ['action', '', 'BAD_REQUEST'],
    ['action', '{"action":5}', 'BAD_REQUEST'],
    ['action', megabyte, 'BAD_REQUEST'],
    ['get', megabyte, 'BAD_REQUEST'],
  ]
  for (const [rest, payload, code] of cases) {
    const name = `${rest} ${String(payload).slice(0, 40)}`
    const answers = await give(device(rest), payload)
    t.equal(answers.length, 1, name)
    t.match(answers[0], { topic: device('result'), body: { ok: false, error: { code } } }, name)
    t.ok(JSON.stringify(answers[0]).length < 40_000, 'no megabyte comes back')
  }
  t.same(devices.calls, [])
  t.equal(repeated.length, cases.length)
})

t.test('a value nested more deeply than can be written is answered all the same', async (t) => {
  const { give } = setUp()
  const deep = `${'['.repeat(7500)}${']'.repeat(7500)}`
  const answers = await give(device('set'), `{"a":${deep}}`)
  t.equal(answers.length, 1)
  const loop: Record<string, unknown> = {}
  loop.self = loop
  t.equal(toJson({ ok: true, command: loop, transaction: 1 }), '{"ok":true,"command":null}')
  const error = { code: 'INTERNAL', message: 'm', details: loop }
  t.equal(toJson({ ok: false, error }), '{"ok":false,"error":{"code":"INTERNAL","message":"m"},"command":null}')
})

t.test('a retained command is refused, whatever it says', async (t) => {
  const { give, devices } = setUp()
  for (const [rest, payload] of [
    ['set', '{"mode":"off"}'],
    ['set/mode', 'off'],
    ['get', ''],
    ['action', 'restart'],
  ] as const) {
    const answers = await give(device(rest), payload, { retain: true })
    t.equal(answers.length, 1)
    t.match(answers[0]?.body, { ok: false, error: { code: 'BAD_REQUEST', message: /retained/ } })
  }
  t.same(devices.calls, [])
})

t.test('an unknown device is answered on its topic', async (t) => {
  const { give } = setUp()
  for (const rest of ['set/mode', 'get']) {
    const answers = await give(device(rest, OTHER), 'off')
    t.match(answers, [{ topic: device('result', OTHER), body: { ok: false, error: { code: 'UNKNOWN_DEVICE' } } }])
  }
})

t.test('topic tricks are counted, and logged once', async (t) => {
  const { give, drops, devices, logger } = setUp()
  const tricks = [
    't/../set',
    't/a/set',
    't/+/set',
    't//set',
    't/bridge/set',
    `t/${OTHER}/set/a/b`,
    't/\u0000\n123/set',
    'x',
  ]
  for (const topic of tricks) t.same(await give(topic, '{"mode":"off"}'), [], topic)
  t.equal(drops.of('unknown_topic'), tricks.length)
  t.equal(logger.lines.length, 1)
  t.same(devices.calls, [])
})

t.test('too many at once are refused, not stored', async (t) => {
  const { give, devices, intake, sent } = setUp()
  const results = Promise.withResolvers<never>()
  devices.onSet = () => results.promise
  for (let i = 0; i < 1000; i++) intake.handle(device('set'), Buffer.from('{"x":1}'), packetOf())
  t.equal(intake.running, 1000)
  t.match(await give(device('set'), '{"x":2}'), [{ body: { ok: false, error: { code: 'RATE_LIMITED' } } }])
  results.reject(new BridgeError('DEVICE_TIMEOUT', 'late'))
  await settle()
  t.equal(intake.running, 0)
  t.equal(sent.length, 1000)
})

function packetOf(): IPublishPacket {
  return { cmd: 'publish', topic: '', payload: '', qos: 1, dup: false, retain: false }
}

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

t.test('secrets in a command are not repeated', async (t) => {
  const { give, secrets } = setUp()
  secrets.remember('known-secret')
  const [answer] = await give(device('set'), '{"password":"hunter22","mode":"heat"}')
  t.same(answer?.body.command, { password: '********', mode: 'heat' })
  for (const payload of ['known-secret', '{"mode": known-secret']) {
    const [refused] = await give(device('set'), payload)
    t.notMatch(JSON.stringify(refused), /known-secret/)
  }
  const [done] = await give(device('set'), '{"mode":"heat","transaction":{"note":"known-secret"}}')
  t.match(done?.body, { ok: true, transaction: { note: '********' } })
})

t.test('whatever the payload: one result for every command, and no crash', async (t) => {
  const { give, devices, drops } = setUp()
  devices.onSet = (_serial, command) => {
    if (JSON.stringify(command).length % 2) throw new BridgeError('OUT_OF_RANGE', 'no')
    return { state: {}, rounded: {}, superseded: [] }
  }
  const rest = fc.oneof(
    fc.constantFrom('set', 'get', 'action', 'set/mode', 'set/target_temperature'),
    fc.string({ maxLength: 10 }).map((word) => `set/${word.replaceAll('/', '')}`),
  )
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc.object().map((value) => Buffer.from(JSON.stringify(value))),
    fc.double().map((value) => Buffer.from(String(value))),
    fc.constantFrom('restart', 'ON', '{"transaction":{}}', '{"__proto__":1}').map((text) => Buffer.from(text)),
  )
  const serial = fc.constantFrom(EXAMPLE_SERIAL, OTHER)
  await fc.assert(
    fc.asyncProperty(rest, payload, fc.boolean(), serial, async (end, bytes, retain, id) => {
      const answers = await give(device(end, id), bytes, { retain })
      const [answer] = answers
      return answers.length === 1 && answer?.topic === device('result', id) && typeof answer.body.ok === 'boolean'
    }),
    { numRuns: 500 },
  )
  t.equal(drops.total, 0)
})

// --- bridge/request ---------------------------------------------------------------------------------------------------

const request = (action: string) => `t/bridge/request/${action}`
const response = (action: string) => `t/bridge/response/${action}`

t.test('requests to the bridge', async (t) => {
  const { give, accounts, bridge } = setUp()
  t.match(await give(request('sync'), ''), [
    { topic: response('sync'), body: { ok: true, data: { accounts: [{ id: 'home' }] } } },
  ])
  await give(request('sync'), '{"account":"home"}')
  t.match(await give(request('discover'), '{"transaction":"x"}'), [
    { topic: response('discover'), body: { ok: true, data: { devices: 1 }, transaction: 'x' } },
  ])
  t.match(await give(request('account_code'), '{"id":"home","code":"123456","transaction":1}'), [
    { topic: response('account_code'), body: { ok: true, data: { account: { id: 'home' } }, transaction: 1 } },
  ])
  await give(request('account_code'), '{"id":"home","code":654321}')
  t.same(accounts.calls, [
    ['sync', undefined],
    ['sync', 'home'],
    ['submitCode', 'home', '123456'],
    ['submitCode', 'home', '654321'],
  ])
  t.same(bridge.calls, ['discover'])
})

t.test('forget', async (t) => {
  const { give, devices } = setUp()
  const { serial } = exampleView()
  t.match(await give(request('forget'), JSON.stringify({ serial, transaction: 2 })), [
    { topic: response('forget'), body: { ok: true, data: { serial }, transaction: 2 } },
  ])
  t.same(devices.list(), [])
  t.match(await give(request('forget'), JSON.stringify({ serial })), [{ body: { error: { code: 'UNKNOWN_DEVICE' } } }])
  t.match(await give(request('forget'), '{}'), [{ body: { error: { code: 'BAD_REQUEST' } } }])
})

t.test('the code of an account is neither repeated nor logged', async (t) => {
  const { give, accounts, logger } = setUp()
  accounts.failWith = new BridgeError('CLOUD_AUTH', 'the cloud says that 123456 is wrong')
  const answers = await give(request('account_code'), '{"id":"home","code":"123456"}')
  t.match(answers, [{ body: { ok: false, error: { code: 'CLOUD_AUTH' } } }])
  t.notMatch(JSON.stringify(answers), /123456/)
  t.notMatch(JSON.stringify(logger.lines.map(({ fields }) => fields)), /123456/)
})

t.test('the clouds are not asked without end', async (t) => {
  const { give, accounts, clock } = setUp()
  for (const [action, payload] of [
    ['sync', ''],
    ['account_code', '{"id":"home","code":"123456"}'],
  ] as const) {
    for (let i = 0; i < 10; i++) t.match(await give(request(action), payload), [{ body: { ok: true } }])
    const before = accounts.calls.length
    const refused = { ok: false, error: { code: 'RATE_LIMITED', details: { retry_after: 60 } } }
    t.match(await give(request(action), payload), [{ body: refused }])
    t.equal(accounts.calls.length, before)
    t.match(await give(request('discover'), ''), [{ body: { ok: true } }], 'others are not concerned')
    await clock.advance(60_000)
    t.match(await give(request(action), payload), [{ body: { ok: true } }])
  }
})

t.test('codes are forgotten with the answer, so that nobody fills memory or masks words with them', async (t) => {
  const { give, secrets } = setUp()
  secrets.remember('known-secret')
  for (const code of ['thermo2mqtt', 'known-secret']) {
    t.match(await give(request('account_code'), JSON.stringify({ id: 'home', code })), [{ body: {} }])
  }
  t.equal(secrets.scrub('thermo2mqtt, known-secret'), 'thermo2mqtt, ********')
})

t.test('bad requests', async (t) => {
  const { give, accounts, bridge } = setUp()
  const cases: [string, string, string][] = [
    ['explode', '{"transaction":4}', 'BAD_REQUEST'],
    ['constructor', '', 'BAD_REQUEST'],
    ['sync', 'home', 'BAD_REQUEST'],
    ['sync', '[]', 'BAD_REQUEST'],
    ['sync', '{"account":5}', 'BAD_REQUEST'],
    ['account_code', '', 'BAD_REQUEST'],
    ['account_code', '{"id":"home"}', 'BAD_REQUEST'],
    ['account_code', '{"id":"home","code":""}', 'BAD_REQUEST'],
    ['account_code', '{"id":["home"],"code":"123456"}', 'BAD_REQUEST'],
    ['account_code', `{"id":"home","code":"${'1'.repeat(300)}"}`, 'BAD_REQUEST'],
    ['sync', 'x'.repeat(20_000), 'BAD_REQUEST'],
  ]
  for (const [action, payload, code] of cases) {
    const answers = await give(request(action), payload)
    t.equal(answers.length, 1)
    t.match(
      answers[0],
      { topic: response(action), body: { ok: false, error: { code } } },
      `${action} ${payload.slice(0, 40)}`,
    )
  }
  t.match(await give(request('explode'), '{"transaction":4}'), [{ body: { transaction: 4 } }])
  t.match(await give(request('restart'), '', { retain: true }), [
    { body: { ok: false, error: { code: 'BAD_REQUEST' } } },
  ])
  t.same(accounts.calls, [])
  t.same(bridge.calls, [])
})

t.test('restart: first the answer, then the deed, once', async (t) => {
  const { give, bridge, clock, intake, sent, logger } = setUp()
  t.match(await give(request('restart'), '{"transaction":9}'), [
    { topic: response('restart'), body: { ok: true, transaction: 9 } },
  ])
  t.same(bridge.calls, ['restart'])
  await clock.advance(5000)
  t.same(bridge.calls, ['restart'])
  intake.handle(request('restart'), Buffer.from(''), packetOf())
  await settle()
  t.equal(sent.length, 1)
  t.same(bridge.calls, ['restart'], 'not yet confirmed')
  bridge.failWith = new BridgeError('INTERNAL', 'cannot')
  await clock.advance(1000)
  t.same(bridge.calls, ['restart', 'restart'], 'nobody waits for ever')
  t.equal(logger.having('restart').length, 1)
})
