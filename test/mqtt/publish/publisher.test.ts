import t from 'tap'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { Publisher } from '../../../src/mqtt/publish/index.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { exampleAccount, FakeAccounts } from '../../support/fake-accounts.ts'
import { EXAMPLE_SERIAL, exampleView, FakeBridge, FakeDevices } from '../../support/fake-bridge.ts'
import { FakeClock } from '../../support/fake-clock.ts'

function setUp() {
  const devices = new FakeDevices()
  const accounts = new FakeAccounts()
  const clock = new FakeClock()
  const secrets = new SecretValues()
  const said: (readonly [string, string, string])[] = []
  const publisher = new Publisher({
    about: () => ({ instance: 'me', problems: [] }),
    topics: new Topics('t'),
    devices,
    bridge: new FakeBridge(devices, accounts),
    retained: {
      retain: (topic, payload) =>
        said.push(['retain', topic, String(typeof payload === 'function' ? payload() : payload)]),
      clear: (topic) => said.push(['clear', topic, '']),
      contradicts: () => false,
      repeat: (topic) => said.push(['repeat', topic, '']),
    },
    hearing: { subscribe: () => () => undefined },
    publish: (topic, payload) => said.push(['publish', topic, payload]),
    clock,
    secrets,
  })
  return { devices, accounts, clock, secrets, publisher, said }
}

const STATE = `t/${EXAMPLE_SERIAL}/state`
const SCHEDULE = `t/${EXAMPLE_SERIAL}/schedule`
const AVAILABILITY = `t/${EXAMPLE_SERIAL}/availability`

t.test('a start shows what is there, then what changes', async (t) => {
  const { devices, publisher, said, clock } = setUp()
  const view = devices.add()
  publisher.start()
  t.same(
    said.splice(0).map(([how, topic]) => [how, topic]),
    [
      ['retain', STATE],
      ['retain', AVAILABILITY],
      ['retain', 't/bridge/house'],
      ['retain', 't/bridge/info'],
    ],
  )
  devices.update(EXAMPLE_SERIAL, { state: { target_temperature: 26 } })
  t.same(said.splice(0), [['retain', STATE, JSON.stringify({ ...view.state, target_temperature: 26 })]])
  devices.update(EXAMPLE_SERIAL, { name: 'Kitchen' })
  t.same(said.splice(0), [])
  devices.update(EXAMPLE_SERIAL, { online: false })
  t.same(said.splice(0), [['retain', AVAILABILITY, 'offline']])
  await clock.advance(200)
  t.match(said.splice(0), [['retain', 't/bridge/info', /"online":0/]])
  devices.add(exampleView('oz', { serial: '0000000000000000000000000000FF', online: false }))
  t.same(said.map(([how, topic, payload]) => [how, topic, payload.length > 10 ? '…' : payload]).slice(0, 2), [
    ['retain', 't/0000000000000000000000000000FF/state', '…'],
    ['retain', 't/0000000000000000000000000000FF/availability', 'offline'],
  ])
})

t.test('a removed device leaves nothing, and can come back', async (t) => {
  const { devices, publisher, said } = setUp()
  publisher.start()
  devices.add()
  said.splice(0)
  devices.remove(EXAMPLE_SERIAL)
  t.same(said.splice(0), [
    ['clear', STATE, ''],
    ['clear', AVAILABILITY, ''],
    ['clear', SCHEDULE, ''],
  ])
  devices.add()
  t.same(
    said.slice(0, 2).map(([how, topic]) => [how, topic]),
    [
      ['retain', STATE],
      ['retain', AVAILABILITY],
    ],
  )
})

t.test('many changes of the info are one message, without secrets', async (t) => {
  const { devices, accounts, publisher, said, clock, secrets } = setUp()
  publisher.start()
  said.splice(0)
  secrets.remember('known-secret')
  accounts.views = [
    exampleAccount({ error: { code: 'CLOUD_AUTH', message: 'known-secret', details: { password: 'x' } } }),
  ]
  for (let i = 0; i < 100; i++) devices.events.emit('info', undefined)
  await clock.advance(1000)
  t.equal(said.length, 1)
  t.match(JSON.parse(said[0]?.[2] ?? ''), {
    version: '0.0.0-test',
    accounts: [{ id: 'home', error: { message: '********', details: { password: '********' } } }],
    devices: { total: 0, online: 0 },
  })
})

t.test('events are sent once, not retained, and without secrets', async (t) => {
  const { devices, publisher, said } = setUp()
  publisher.start()
  said.splice(0)
  devices.events.emit('event', {
    type: 'key_changed',
    message: 'the key of Bathroom changed',
    serial: EXAMPLE_SERIAL,
    details: { totp_key: 'abcd' },
  })
  const [ofBridge, ofDevice] = said.splice(0)
  t.same(ofBridge?.slice(0, 2), ['publish', 't/bridge/event'])
  t.same(ofDevice?.slice(0, 2), ['publish', `t/${EXAMPLE_SERIAL}/event`], 'on the topic of its device too')
  t.equal(ofDevice?.[2], ofBridge?.[2])
  devices.events.emit('event', { type: 'key_changed', message: 'x', serial: '+/bridge' })
  devices.events.emit('event', { type: 'account_state', message: 'x', account: 'home' })
  t.strictSame(
    said.map(([, topic]) => topic),
    ['t/bridge/event', 't/bridge/event'],
    'and of none that is no serial',
  )
  t.match(JSON.parse(ofBridge?.[2] ?? ''), {
    type: 'key_changed',
    serial: EXAMPLE_SERIAL,
    details: { totp_key: '********' },
  })
})

t.test('after a stop nothing is published', async (t) => {
  const { devices, publisher, said, clock } = setUp()
  publisher.start()
  devices.events.emit('info', undefined)
  said.splice(0)
  publisher.stop()
  devices.add()
  await clock.advance(1000)
  t.same(said, [])
  t.same(devices.failures, [])
})
