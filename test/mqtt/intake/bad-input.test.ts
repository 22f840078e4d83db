import fc from 'fast-check'
import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { toJson } from '../../../src/mqtt/intake/answers.ts'
import { EXAMPLE_SERIAL } from '../../support/fake-bridge.ts'
import { device, OTHER, packetOf, settle, setUp } from './rig.ts'

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
  t.match(
    devices.refusals,
    [['mode'], ['mode'], ['restart']].map((about) => ({
      serial: EXAMPLE_SERIAL,
      about,
      error: { message: /retained/ },
    })),
    'and shown on the device, but for a mere question',
  )
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
    return { before: {}, state: {}, rounded: {}, superseded: [] }
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
