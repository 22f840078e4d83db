import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { packetOf, settle, setUp } from './rig.ts'

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

t.test('what was kept is told when it is on the disk, and not when the disk refuses it', async (t) => {
  const disk = Promise.withResolvers<void>()
  const { give, sent } = setUp({ durable: () => disk.promise })
  const { serial } = exampleView()
  const rename = JSON.stringify({ serial, name: 'Bath' })
  t.same(await give(request('rename'), rename), [])
  disk.resolve()
  await settle()
  t.match(sent, [{ topic: response('rename'), body: { ok: true } }])
  const broken = setUp({ durable: () => Promise.reject(new BridgeError('INTERNAL', 'The disk does not take it.')) })
  t.match(await broken.give(request('rename'), rename), [{ body: { ok: false, error: { code: 'INTERNAL' } } }])
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

t.test('rooms', async (t) => {
  const { give, devices } = setUp()
  const { serial } = exampleView()
  const room = '<b>Ванна</b> 🛁'
  t.match(await give(request('room'), JSON.stringify({ serial, room, transaction: 3 })), [
    { topic: response('room'), body: { ok: true, data: { serial, room }, transaction: 3 } },
  ])
  t.match(await give(request('room'), JSON.stringify({ room, name: 'Bath' })), [
    { body: { ok: true, data: { rooms: [{ name: 'Bath', devices: [serial] }] } } },
  ])
  t.match(await give(request('room'), JSON.stringify({ room, name: 'x' })), [
    { body: { error: { code: 'BAD_REQUEST' } } },
  ])
  t.match(await give(request('room'), JSON.stringify({ serial, room: 'x'.repeat(300) })), [
    { body: { error: { code: 'BAD_REQUEST' } } },
  ])
  t.equal(devices.get(serial)?.room, 'Bath')
})

t.test('the house', async (t) => {
  const { give, devices } = setUp()
  const { serial } = exampleView()
  t.match(await give(request('house'), '{"mode":"off","until":"2026-01-20T18:00:00Z","transaction":"h"}'), [
    {
      topic: response('house'),
      body: {
        ok: true,
        data: { mode: 'off', until: '2026-01-20T18:00:00.000Z', room: null, devices: [{ serial, outcome: 'done' }] },
        transaction: 'h',
      },
    },
  ])
  t.equal(devices.get(serial)?.state.power_off, true)
  t.match(await give(request('house'), 'away'), [{ body: { ok: false, error: { code: 'BAD_REQUEST' } } }])
  t.match(await give(request('house'), '{"mode":"away","room":"Cellar"}'), [
    { body: { error: { code: 'BAD_REQUEST' } } },
  ])
  devices.actors.length = 0
  const frost = JSON.stringify({ mode: 'frost_protection', devices: [EXAMPLE_SERIAL], via: 'home_assistant' })
  t.match(await give(request('house'), frost), [{ body: { ok: true } }])
  t.match(devices.actors, [{ via: 'home_assistant', house: 'frost_protection' }])
  t.match(await give(request('house'), '{"mode":"normal"}'), [{ body: { ok: true, data: { mode: 'normal' } } }])
  t.equal(devices.get(serial)?.state.power_off, false)
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
