import t from 'tap'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { contractErrors } from '../../support/contracts/ha-contract.ts'
import { exampleAccount } from '../../support/fake-accounts.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { BRIDGE, componentsOf, DEVICE, running, setup } from './rig.ts'

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
  await clock.advance(1_900)
  t.equal(mqtt.on(DEVICE).length, 1)
  await clock.advance(200)
  t.equal(mqtt.on(DEVICE).length, 2)
  t.match(componentsOf(mqtt.kept.get(DEVICE)).climate, { max_temp: 42, modes: ['off', 'cool', 'auto'] })
  await clock.advance(60_000)
  t.equal(mqtt.on(DEVICE).length, 2)
})

t.test('behind a slow broker a hundred documents wait, and the others are made when their turn comes', async (t) => {
  const { mqtt, devices, clock } = await running()
  const change = async (setpoint: number) => {
    devices.update(EXAMPLE_SERIAL, { state: { floor_setpoint_max: setpoint } })
    await clock.advance(1_000)
  }
  const sent = () => componentsOf(mqtt.kept.get(DEVICE)).climate
  mqtt.hold()
  await change(40)
  devices.update(EXAMPLE_SERIAL, { state: { floor_setpoint_max: 41 } })
  mqtt.release()
  t.match(sent(), { max_temp: 40 }, 'one that is ready')
  await clock.advance(6_000)
  t.match(sent(), { max_temp: 41 })
  mqtt.hold()
  for (let number = 0; number < 100; number++) {
    devices.add({ ...exampleView(), serial: `AZ${String(number).padStart(6, '0')}` })
  }
  await clock.advance(6_000)
  await change(42)
  devices.update(EXAMPLE_SERIAL, { state: { floor_setpoint_max: 43 } })
  mqtt.release()
  t.match(sent(), { max_temp: 43 }, 'one that was not kept')
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

t.test('only its own documents are listened to, each as long as its device is there', async (t) => {
  const { mqtt, devices } = await running()
  const next = (topic: string) => topic.replace('/config', '_part2/config')
  const ofBridge = [BRIDGE, next(BRIDGE), 'homeassistant/status']
  t.strictSame([...mqtt.filters].sort(), [...ofBridge, DEVICE, next(DEVICE)].sort())
  devices.remove(EXAMPLE_SERIAL)
  t.strictSame([...mqtt.filters].sort(), [...ofBridge].sort())
})
