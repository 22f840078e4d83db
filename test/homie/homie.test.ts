import t, { type Test } from 'tap'
import { MODELS } from '../../src/catalog/index.ts'
import { LOCALES, type Locale } from '../../src/catalog/locales/index.ts'
import { Mirror } from '../../src/conventions/index.ts'
import { BridgeError } from '../../src/core/errors.ts'
import { createLogger } from '../../src/core/logging/logger.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import { homie } from '../../src/homie/index.ts'
import { FakePort } from '../homeassistant/manager/fake-port.ts'
import { HomieController } from '../support/contracts/homie-contract.ts'
import { EXAMPLE_SERIAL, exampleView, FakeBridge, FakeDevices } from '../support/fake-bridge.ts'
import { FakeClock } from '../support/fake-clock.ts'

const logger = createLogger({ level: 'silent', secrets: new SecretValues(), write: () => undefined })
const ROOT = 'homie/5/thermo2mqtt'
const DEVICE = `${ROOT}-${EXAMPLE_SERIAL.toLowerCase()}`

interface Options {
  readonly port?: FakePort
  readonly models?: readonly string[]
  readonly locale?: Locale
}

const serialOf = (index: number) => `${EXAMPLE_SERIAL.slice(0, -2)}0${index}`

function start(t: Pick<Test, 'teardown'>, { port = new FakePort(), models = ['oz'], locale = 'en' }: Options = {}) {
  const clock = new FakeClock()
  const devices = new FakeDevices()
  const only = models.length === 1
  for (const [index, model] of models.entries()) {
    devices.add(exampleView(model, { serial: only ? EXAMPLE_SERIAL : serialOf(index) }))
  }
  const convention = homie({ domain: 'homie', base: 'thermo2mqtt', locale, clock })
  const bridge = new FakeBridge(devices)
  const mirror = new Mirror({ enabled: true, convention, mqtt: port, devices, bridge, clock, logger })
  mirror.start()
  t.teardown(() => mirror.stop())
  return { clock, devices, port, mirror }
}

/** What a controller makes of everything that was sent. */
function heard({ sent }: FakePort): HomieController {
  const controller = new HomieController()
  for (const { topic, payload, how } of sent) controller.hear(topic, payload, how !== 'publish')
  return controller
}

t.test('everything that is published of every model is what the convention allows', async (t) => {
  for (const locale of LOCALES) {
    const { port, devices, clock } = start(t, { models: MODELS.map(({ id }) => id), locale })
    port.connect()
    for (const [index, view] of devices.list().entries()) {
      devices.update(view.serial, { state: { control_type: 'air', cooling: true, mode: 'cool', overheated: true } })
      devices.update(view.serial, { name: `Room ${index}`, setpointStep: 0.5 })
      devices.update(view.serial, { online: index % 2 === 0 })
    }
    await clock.advance(2_000)
    for (const { serial, state } of devices.list()) {
      devices.update(serial, { state: Object.fromEntries(Object.keys(state).map((key) => [key, null])) })
    }
    const controller = heard(port)
    t.strictSame(controller.finish(), [])
    t.equal(controller.devices.size, MODELS.length + 1)
    t.strictSame(
      [...controller.devices.values()]
        .map(({ state }) => state)
        .sort()
        .filter((s) => s !== 'ready').length,
      5,
    )
    t.strictSame(devices.failures, [])
  }
})

t.test('the tree: the bridge is the root and has the last will, devices are its children', async (t) => {
  const { port, mirror } = start(t)
  t.strictSame([...port.wills], [[`${ROOT}/$state`, 'lost']])
  port.connect()
  const controller = heard(port)
  const root = controller.devices.get('thermo2mqtt')
  t.strictSame(root?.description.children, [DEVICE.slice('homie/5/'.length)])
  t.equal(root?.description.root, undefined)
  t.equal(controller.devices.get(DEVICE.slice('homie/5/'.length))?.description.root, 'thermo2mqtt')
  t.strictSame([port.kept.get(`${ROOT}/$state`), port.kept.get(`${DEVICE}/$state`)], ['ready', 'ready'])
  mirror.stop()
  t.strictSame([port.kept.get(`${ROOT}/$state`), port.kept.get(`${DEVICE}/$state`)], ['disconnected', 'disconnected'])
})

t.test('a description says what the rows say', async (t) => {
  const { port } = start(t)
  port.connect()
  const { nodes, name } = JSON.parse(port.kept.get(`${DEVICE}/$description`) ?? '{}')
  t.equal(name, 'Bathroom')
  t.strictSame(nodes.settings.properties.brightness, {
    name: 'Display brightness',
    datatype: 'integer',
    format: '0:10:1',
    settable: true,
  })
  t.match(nodes.state.properties['target-temperature'], { datatype: 'float', format: /^\d+:\d+:1$/, unit: '°C' })
  t.equal(nodes.state.properties.mode.format, 'off,heat,auto')
  t.match(nodes.diagnostics.properties.overheated, { datatype: 'boolean' })
  t.match(nodes.actions.properties.action, { settable: true, retained: false, format: /^restart,blink,/ })
  t.equal(port.kept.get(`${DEVICE}/state/target-temperature`), '24')
})

t.test('only what changes is sent; a fault is an alert as long as it lasts; a lost device says so', async (t) => {
  const { port, devices } = start(t)
  port.connect()
  port.sent.length = 0
  devices.update(EXAMPLE_SERIAL, { state: { current_temperature: 23, overheated: true } })
  const sent = port.sent.map(({ topic, payload }) => [topic.slice(DEVICE.length + 1), payload])
  t.strictSame(sent, [
    ['state/current-temperature', '23'],
    ['diagnostics/overheated', 'true'],
    ['$alert/overheated', 'Overheated'],
  ])
  port.sent.length = 0
  devices.update(EXAMPLE_SERIAL, { state: { overheated: false }, online: false })
  t.strictSame(
    port.sent.map(({ topic, payload }) => [topic.slice(DEVICE.length + 1), payload]),
    [
      ['diagnostics/overheated', 'false'],
      ['$alert/overheated', ''],
      ['$state', 'lost'],
    ],
  )
})

t.test('a description changes within init, and its version rises', async (t) => {
  const { port, devices, clock } = start(t)
  port.connect()
  port.sent.length = 0
  devices.update(EXAMPLE_SERIAL, { state: { floor_setpoint_max: 30, floor_setpoint_min: 7 } })
  devices.update(EXAMPLE_SERIAL, { name: 'Bath' })
  devices.update(EXAMPLE_SERIAL, { name: 'Bathing' })
  await clock.advance(1_100)
  const own = port.sent.filter(({ topic }) => /\$(state|description)$/.test(topic))
  t.strictSame(
    own.map(({ topic, payload }) => (topic.endsWith('$state') ? payload : '$description')),
    ['init', '$description', 'ready', 'init', '$description', 'ready'],
    'limits at once, names when they have settled',
  )
  t.match(port.kept.get(`${DEVICE}/$description`), '"format":"7:30:1"')
})

t.test('a broker that comes back hears everything again, within init', async (t) => {
  const { port, devices } = start(t)
  port.connect()
  port.disconnect()
  devices.update(EXAMPLE_SERIAL, { name: 'Bath' })
  port.kept.clear()
  port.sent.length = 0
  port.connect()
  const controller = heard(port)
  t.strictSame(controller.finish(), [])
  const states = port.on(`${DEVICE}/$state`).map(({ payload }) => payload)
  t.equal(states[0], 'init')
  t.equal(states.at(-1), 'ready')
  t.equal(port.sent.at(-1)?.topic, `${ROOT}/$state`)
})

t.test('orders go to the devices', async (t) => {
  const { port, devices } = start(t)
  port.connect()
  const orders = [
    ['state/target-temperature', '25.5', { target_temperature: 25.5 }],
    ['settings/child-lock', 'true', { child_lock: true }],
    ['state/mode', 'auto', { mode: 'auto' }],
    ['settings/night-start', '21:30', { night_start: '21:30' }],
  ] as const
  for (const [at, payload] of orders) port.receive(`${DEVICE}/${at}/set`, payload)
  port.receive(`${DEVICE}/actions/action/set`, 'blink')
  await new Promise(setImmediate)
  t.strictSame(
    devices.calls.map(({ argument }) => argument),
    [...orders.map(([, , command]) => command), 'blink'],
  )
  t.strictSame(devices.actors, Array(orders.length + 1).fill({ via: 'homie' }), 'the log says from where')
  t.equal(port.kept.get(`${DEVICE}/settings/child-lock`), 'true')
})

t.test('what is no payload of the convention changes nothing, is told, and the true value sent again', async (t) => {
  const { port, devices } = start(t)
  port.connect()
  port.sent.length = 0
  const bad = [
    ['state/target-temperature', '24,5'],
    ['state/target-temperature', 'NaN'],
    ['state/target-temperature', ''],
    ['settings/brightness', '5.0'],
    ['settings/child-lock', 'TRUE'],
    ['state/mode', 'cool'],
    ['state/mode', ' auto'],
    ['actions/action', 'explode'],
    ['settings/night-start', 'x'.repeat(2_000)],
  ] as const
  for (const [at, payload] of bad) port.receive(`${DEVICE}/${at}/set`, payload)
  t.strictSame(devices.calls, [])
  t.strictSame(devices.actors, Array(bad.length).fill({ via: 'homie' }), 'the log says from where')
  t.equal(heard(port).logs.length, bad.length)
  t.equal(port.on(`${DEVICE}/state/target-temperature`).at(-1)?.payload, '24')

  devices.onSet = () => Promise.reject(new BridgeError('OUT_OF_RANGE', 'too warm'))
  port.receive(`${DEVICE}/state/target-temperature/set`, '99')
  await new Promise(setImmediate)
  t.strictSame(port.on(`${DEVICE}/$log/warn`).at(-1), {
    how: 'publish',
    topic: `${DEVICE}/$log/warn`,
    payload: 'too warm',
  })
  t.equal(port.on(`${DEVICE}/state/target-temperature`).length, 4)

  devices.onSet = () => ({
    before: {},
    state: {},
    rounded: { target_temperature: { asked: 24.2, set: 24 } },
    superseded: [],
  })
  port.receive(`${DEVICE}/state/target-temperature/set`, '24.2')
  await new Promise(setImmediate)
  t.equal(port.on(`${DEVICE}/state/target-temperature`).length, 5, 'rounded to what it was')

  const calls = devices.calls.length
  port.receive(`${DEVICE}/state/mode/set`, 'auto', true)
  port.receive('homie/5/somebody-else/state/mode/set', 'auto')
  port.receive(`${DEVICE}/state/current-temperature/set`, '20')
  t.equal(devices.calls.length, calls, 'retained, not ours, not settable')
})

t.test('a device that goes takes all its topics with it, $state first and out of the tree', async (t) => {
  const { port, devices } = start(t)
  port.connect()
  port.sent.length = 0
  devices.remove(EXAMPLE_SERIAL)
  t.equal(port.sent.filter(({ topic }) => topic.startsWith(`${DEVICE}/`))[0]?.topic, `${DEVICE}/$state`)
  const left = [...port.kept].filter(([topic, payload]) => topic.startsWith(`${DEVICE}/`) && payload !== '')
  t.strictSame(left, [])
  t.match(port.kept.get(`${ROOT}/$description`), '"children":[]')
  const first = port.sent.findIndex(({ topic }) => topic.startsWith(`${DEVICE}/`))
  t.ok(port.sent.findIndex(({ topic }) => topic === `${ROOT}/$description`) < first, 'the parent first')
})

t.test('what an earlier run left is cleared after a minute; what others put there is not', async (t) => {
  const port = new FakePort()
  const before = start(t, { port, models: ['oz', 'ax'] })
  port.connect()
  const gone = `${ROOT}-${serialOf(1).toLowerCase()}`
  before.mirror.stop()
  port.disconnect()
  const others = ['homie/5/thermo2mqtt-2', 'homie/5/lamp', 'homie/5/thermo2mqtt-2-404cca']
  for (const topic of others) {
    const root = topic.endsWith('404cca') ? { root: 'thermo2mqtt-2' } : {}
    port.kept.set(`${topic}/$description`, JSON.stringify({ homie: '5.0', version: 1, ...root }))
    port.kept.set(`${topic}/$state`, 'ready')
  }
  const stale = `${DEVICE.slice(0, -EXAMPLE_SERIAL.length)}${serialOf(0).toLowerCase()}/state/of-an-older-version`
  port.kept.set(stale, '1')

  const again = new FakePort()
  for (const [topic, payload] of port.kept) if (payload !== '') again.kept.set(topic, payload)
  const { clock, devices } = start(t, { port: again, models: [] })
  devices.add(exampleView('oz', { serial: serialOf(0) }))
  again.connect()
  const of = (topic: string) => [...again.kept].filter(([name, text]) => name.startsWith(topic) && text !== '').length
  t.ok(of(`${gone}/`) > 50)
  await clock.advance(61_000)
  t.equal(of(`${gone}/`), 0)
  t.equal(again.kept.get(stale), '')
  for (const topic of others) t.equal(of(`${topic}/`), 2, topic)
  t.ok(of(`${ROOT}-${serialOf(0).toLowerCase()}/`) > 50, 'a device that is there stays')
  t.equal(again.subscriptions, 1, 'it listens no longer but for orders')
})

t.test('switched off, nothing is said and nothing cleared', async (t) => {
  const port = new FakePort()
  const devices = new FakeDevices()
  devices.add(exampleView())
  const clock = new FakeClock()
  const convention = homie({ domain: 'homie', base: 'thermo2mqtt', locale: 'en', clock })
  const bridge = new FakeBridge(devices)
  const mirror = new Mirror({ enabled: false, convention, mqtt: port, devices, bridge, clock, logger })
  mirror.start()
  port.connect()
  mirror.stop()
  t.strictSame([port.sent, [...port.wills], port.subscriptions], [[], [], 0])
})

t.test('a device that has shown nothing yet is left as it was', async (t) => {
  const { port, devices, clock } = start(t, { models: [] })
  port.connect()
  devices.add(exampleView('ax', { features: new Set() }))
  await clock.advance(2_000)
  t.notOk(port.sent.some(({ topic }) => topic.startsWith(DEVICE)))
})
