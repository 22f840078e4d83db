import t from 'tap'
import { isObject, parseJson } from '../../src/core/json.ts'
import { createLogger } from '../../src/core/logger.ts'
import { SecretValues } from '../../src/core/secrets.ts'
import { HomeAssistant, type HomeAssistantOptions } from '../../src/homeassistant/index.ts'
import { Topics } from '../../src/mqtt/topics.ts'
import {
  EXAMPLE_SERIAL,
  exampleAccount,
  exampleView,
  FakeAccounts,
  FakeBridge,
  FakeDevices,
} from '../support/fake-bridge.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { contractErrors } from '../support/ha-contract.ts'
import { FakePort } from './fake-port.ts'

const BRIDGE = 'homeassistant/device/thermo2mqtt_bridge/config'
const DEVICE = `homeassistant/device/thermo2mqtt_${EXAMPLE_SERIAL}/config`

function setup(changes: Partial<HomeAssistantOptions> = {}) {
  const mqtt = new FakePort()
  const devices = new FakeDevices()
  const accounts = new FakeAccounts()
  const clock = new FakeClock()
  const lines: string[] = []
  const logger = createLogger({ level: 'debug', secrets: new SecretValues(), write: (line) => lines.push(line) })
  const topics = new Topics('thermo2mqtt')
  const homeAssistant = new HomeAssistant({
    enabled: true,
    prefix: 'homeassistant',
    locale: 'en',
    statusTopic: 'homeassistant/status',
    mqtt,
    topics,
    devices,
    bridge: new FakeBridge(devices, accounts),
    clock,
    random: () => 0.5,
    logger,
    ...changes,
  })
  return { mqtt, devices, accounts, clock, lines, topics, homeAssistant }
}

/** Started and connected, one device announced, nothing recorded yet. */
async function running(changes: Partial<HomeAssistantOptions> = {}) {
  const parts = setup(changes)
  parts.devices.add()
  parts.homeAssistant.start()
  parts.mqtt.connect()
  await parts.clock.advance(10_000)
  t.equal(parts.mqtt.on(DEVICE).length, 1)
  parts.mqtt.sent.length = 0
  return parts
}

function componentsOf(payload: string | undefined): Record<string, unknown> {
  const document = parseJson(payload ?? '')
  return isObject(document) && isObject(document.components) ? { ...document.components } : {}
}

t.test('announces the bridge first, then each device, and sends nothing twice', async (t) => {
  const { mqtt, devices, clock, homeAssistant } = setup()
  devices.add()
  homeAssistant.start()
  devices.add(exampleView('oz', { serial: 'OZ000001', name: 'Hall' }))
  await clock.advance(10_000)
  t.strictSame(mqtt.sent, [], 'nothing without a broker')
  mqtt.connect()
  await clock.advance(10_000)
  t.strictSame(
    mqtt.sent.map(({ how, topic }) => [how, topic]),
    [
      ['retain', BRIDGE],
      ['retain', DEVICE],
      ['retain', 'homeassistant/device/thermo2mqtt_OZ000001/config'],
    ],
  )
  for (const { payload, topic } of mqtt.sent) t.strictSame(contractErrors(parseJson(payload), topic), [])
  mqtt.sent.length = 0
  devices.update(EXAMPLE_SERIAL, { state: { current_temperature: 23 } })
  devices.update(EXAMPLE_SERIAL, { name: 'Bathroom' })
  await clock.advance(60_000)
  t.strictSame(mqtt.sent, [])
})

t.test('a device first heard of by its state is announced too', async (t) => {
  const { mqtt, devices, clock } = await running()
  const view = exampleView('az', { serial: 'AZ000001' })
  devices.add(view)
  devices.remove(view.serial)
  devices.events.emit('state', view)
  await clock.advance(10_000)
  t.notOk(
    mqtt.sent.some(({ how }) => how === 'retain'),
    'not one that the bridge does not know',
  )
  devices.add(view)
  await clock.advance(10_000)
  t.ok(mqtt.kept.get('homeassistant/device/thermo2mqtt_AZ000001/config'))
})

t.test('changes are sent once, the last wins, never within five seconds of the one before', async (t) => {
  const { mqtt, devices, clock } = await running()
  devices.update(EXAMPLE_SERIAL, { state: { floor_setpoint_max: 40 } })
  await clock.advance(1_000)
  t.equal(mqtt.on(DEVICE).length, 1)
  devices.update(EXAMPLE_SERIAL, { state: { floor_setpoint_max: 41 } })
  devices.update(EXAMPLE_SERIAL, { state: { cooling: true } })
  await clock.advance(2_000)
  devices.update(EXAMPLE_SERIAL, { state: { floor_setpoint_max: 42 } })
  await clock.advance(2_900)
  t.equal(mqtt.on(DEVICE).length, 1)
  await clock.advance(200)
  t.equal(mqtt.on(DEVICE).length, 2)
  t.match(componentsOf(mqtt.kept.get(DEVICE)).climate, { max_temp: 42, modes: ['off', 'cool', 'auto'] })
  await clock.advance(60_000)
  t.equal(mqtt.on(DEVICE).length, 2)
})

t.test('a component that goes away is first announced as its bare platform', async (t) => {
  const { mqtt, devices, clock } = await running()
  const { features } = exampleView()
  devices.update(EXAMPLE_SERIAL, { features: new Set([...features].filter((key) => key !== 'load')) })
  await clock.advance(1_000)
  t.strictSame(componentsOf(mqtt.on(DEVICE)[0]?.payload).load, { platform: 'binary_sensor' })
  await clock.advance(5_000)
  t.notOk('load' in componentsOf(mqtt.on(DEVICE)[1]?.payload))
  await clock.advance(60_000)
  t.equal(mqtt.on(DEVICE).length, 2)
})

t.test('a removal that the broker missed is said after the reconnect', async (t) => {
  const { mqtt, devices, clock } = await running()
  const { features } = exampleView()
  mqtt.disconnect()
  devices.update(EXAMPLE_SERIAL, { features: new Set([...features].filter((key) => key !== 'load')) })
  await clock.advance(60_000)
  mqtt.connect()
  await clock.advance(20_000)
  t.strictSame(
    mqtt.on(DEVICE).map(({ how, payload }) => [how, componentsOf(payload).load]),
    [
      ['repeat', componentsOf(mqtt.on(DEVICE)[0]?.payload).load],
      ['retain', { platform: 'binary_sensor' }],
      ['retain', undefined],
    ],
  )
})

t.test('what the bridge announced before it was restarted', async (t) => {
  const old = (components: object) => JSON.stringify({ components })
  t.test('a component that is gone is taken back, but only when the device has had time to show itself', async (t) => {
    const { mqtt, devices, clock, homeAssistant } = setup()
    mqtt.kept.set(
      DEVICE,
      old({
        ...{ old_fault: { platform: 'binary_sensor', unique_id: 'x' }, load: { platform: 'switch', unique_id: 'y' } },
        ...{ old_event: { platform: 'event', unique_id: 'z' } },
        ...{ trigger_old: { platform: 'device_automation', type: 'fault_began', subtype: 'old' } },
        ...{ going: { platform: 'sensor' }, odd: 1, hostile: { platform: 'x', a: 1 }, climate: { platform: 5 } },
      }),
    )
    devices.add(exampleView('ax', { features: new Set() }))
    homeAssistant.start()
    mqtt.connect()
    await clock.advance(120_000)
    t.strictSame(mqtt.on(DEVICE), [], 'nothing while the device has shown nothing')
    devices.update(EXAMPLE_SERIAL, { features: new Set(['load']) })
    await clock.advance(30_000)
    t.strictSame(mqtt.on(DEVICE), [], 'nothing while it may have more to show')
    devices.add()
    await clock.advance(32_000)
    const [first] = mqtt.on(DEVICE)
    t.strictSame(componentsOf(first?.payload).old_fault, { platform: 'binary_sensor' })
    t.strictSame(componentsOf(first?.payload).old_event, { platform: 'event' })
    t.strictSame(componentsOf(first?.payload).trigger_old, { platform: 'device_automation' })
    t.strictSame(componentsOf(first?.payload).load, { platform: 'switch' }, 'on another platform now')
    t.notOk('hostile' in componentsOf(first?.payload))
    t.strictSame(contractErrors(parseJson(first?.payload ?? '')), [])
    await clock.advance(10_000)
    const second = mqtt.on(DEVICE)[1]
    for (const key of ['old_fault', 'old_event', 'trigger_old']) t.notOk(key in componentsOf(second?.payload), key)
    t.match(componentsOf(second?.payload).load, { platform: 'binary_sensor', unique_id: `${EXAMPLE_SERIAL}_load` })
  })
  t.test('the old document comes late', async (t) => {
    const { mqtt, clock } = await running()
    mqtt.receive(DEVICE, old({ old_fault: { platform: 'binary_sensor', unique_id: 'x' } }), true)
    await clock.advance(20_000)
    t.strictSame(
      mqtt.on(DEVICE).map(({ payload }) => componentsOf(payload).old_fault),
      [{ platform: 'binary_sensor' }, undefined],
    )
  })
  t.test('a document that holds nothing more than now is replaced at once', async (t) => {
    for (const kept of ['', 'not json', '[]', old({ load: { platform: 'binary_sensor', unique_id: 'x' } })]) {
      const { mqtt, devices, clock, homeAssistant } = setup()
      mqtt.kept.set(DEVICE, kept)
      devices.add()
      homeAssistant.start()
      mqtt.connect()
      await clock.advance(2_000)
      t.equal(mqtt.on(DEVICE).length, 1)
    }
  })
})

t.test('Home Assistant starts', async (t) => {
  const { mqtt, devices, clock, topics } = await running()
  for (const topic of [topics.bridgeState, topics.bridgeInfo]) mqtt.retain(topic, 'b')
  mqtt.retain(topics.availability(EXAMPLE_SERIAL), 'a')
  mqtt.retain(topics.state(EXAMPLE_SERIAL), 's')
  mqtt.sent.length = 0
  mqtt.receive('homeassistant/status', 'offline')
  mqtt.receive('homeassistant/status', 'online', true)
  await clock.advance(20_000)
  t.strictSame(mqtt.sent, [], 'a retained message is old')
  mqtt.receive('homeassistant/status', 'online')
  mqtt.receive('homeassistant/status', 'online')
  await clock.advance(2_400)
  t.strictSame(mqtt.sent, [])
  await clock.advance(200)
  t.strictSame(
    mqtt.sent.map(({ how, topic }) => [how, topic]),
    [
      ['repeat', BRIDGE],
      ['repeat', topics.bridgeState],
      ['repeat', topics.bridgeInfo],
      ['repeat', DEVICE],
      ['repeat', topics.availability(EXAMPLE_SERIAL)],
      ['repeat', topics.state(EXAMPLE_SERIAL)],
    ],
    'config, availability, state, each once',
  )
  mqtt.sent.length = 0
  devices.update(EXAMPLE_SERIAL, { name: 'Bath' })
  await clock.advance(4_500)
  t.strictSame(mqtt.on(DEVICE), [], 'the debounce holds after it')
  await clock.advance(1_000)
  t.strictSame(
    mqtt.on(DEVICE).map(({ how }) => how),
    ['retain'],
  )
})

t.test('somebody clears a document', async (t) => {
  const { mqtt, clock, lines } = await running()
  const clearing = () => mqtt.receive(DEVICE, '')
  clearing()
  await clock.advance(1_100)
  t.strictSame(
    mqtt.on(DEVICE).map(({ how }) => how),
    ['repeat'],
    'it is back',
  )
  for (let i = 0; i < 200; i++) {
    clearing()
    await clock.advance(100)
  }
  t.ok(mqtt.on(DEVICE).length <= 3, 'at most once in ten seconds')
  t.ok(lines.some((line) => line.includes('cleared')))
  mqtt.sent.length = 0
  await clock.advance(60_000)
  t.ok(mqtt.on(DEVICE).length <= 1, 'and no more when it stops')
  mqtt.sent.length = 0
  mqtt.receive('homeassistant/device/somebody_else/config', '')
  mqtt.receive(DEVICE, '{"somebody":"else"}')
  await clock.advance(60_000)
  t.strictSame(mqtt.sent, [], 'what others do elsewhere is no matter')
})

t.test('a removed device takes its document with it', async (t) => {
  const { mqtt, devices, clock } = await running()
  devices.update(EXAMPLE_SERIAL, { name: 'Bath' })
  devices.remove(EXAMPLE_SERIAL)
  devices.events.emit('removed', { serial: 'never_known' })
  await clock.advance(60_000)
  t.strictSame(mqtt.on(DEVICE), [{ how: 'clear', topic: DEVICE, payload: '' }])
  devices.add()
  await clock.advance(10_000)
  t.equal(mqtt.on(DEVICE).length, 2, 'and gets a new one when it comes back')
})

t.test('accounts come and go on the device of the bridge', async (t) => {
  const { mqtt, devices, accounts, clock } = await running()
  accounts.views = [exampleAccount({ state: 'unreachable' })]
  devices.events.emit('info', undefined)
  await clock.advance(10_000)
  t.strictSame(mqtt.sent, [], 'a change of state changes no document')
  accounts.views = [exampleAccount({ id: 'other' })]
  devices.events.emit('info', undefined)
  await clock.advance(20_000)
  t.strictSame(
    mqtt.on(BRIDGE).map(({ payload }) => {
      const { account_home: home, account_other: other } = componentsOf(payload)
      return [home, isObject(other)]
    }),
    [
      [{ platform: 'sensor' }, true],
      [undefined, true],
    ],
  )
})

t.test('a serial that would take the place of the bridge gets no document', async (t) => {
  const { mqtt, devices, clock } = await running()
  devices.add(exampleView('ax', { serial: 'bridge' }))
  devices.add(exampleView('ax', { serial: 'a/+/#' }))
  await clock.advance(10_000)
  devices.remove('bridge')
  await clock.advance(10_000)
  t.strictSame(mqtt.sent, [])
  t.strictSame(devices.failures, [])
})

t.test('switched off, it does nothing and clears nothing', async (t) => {
  const { mqtt, devices, clock, homeAssistant } = setup({ enabled: false })
  mqtt.kept.set(DEVICE, 'x')
  devices.add()
  homeAssistant.start()
  mqtt.connect()
  devices.update(EXAMPLE_SERIAL, { name: 'Bath' })
  await clock.advance(60_000)
  homeAssistant.stop()
  t.strictSame(mqtt.sent, [])
  t.equal(mqtt.subscriptions, 0)
  t.equal(clock.waiting, 0)
})

t.test('stopped, it leaves every document and no timer', async (t) => {
  const { mqtt, devices, clock, homeAssistant } = await running()
  devices.update(EXAMPLE_SERIAL, { name: 'Bath' })
  mqtt.receive('homeassistant/status', 'online')
  homeAssistant.stop()
  t.equal(clock.waiting, 0)
  t.equal(mqtt.subscriptions, 0)
  await clock.advance(60_000)
  t.strictSame(mqtt.sent, [])
})
