import t from 'tap'
import { parseJson } from '../../../src/core/json.ts'
import { contractErrors } from '../../support/contracts/ha-contract.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { BRIDGE, componentsOf, DEVICE, running, setup } from './rig.ts'

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

t.test('when Home Assistant was last heard is known and kept', async (t) => {
  let kept: number | undefined
  const seen = {
    get: () => kept,
    set: (time: number) => {
      kept = time
    },
  }
  const { mqtt, clock, homeAssistant } = setup({ seen })
  homeAssistant.start()
  mqtt.connect()
  t.equal(homeAssistant.seen, undefined)
  mqtt.receive('homeassistant/status', 'offline')
  t.equal(homeAssistant.seen, undefined)
  mqtt.receive('homeassistant/status', 'online', true)
  t.equal(homeAssistant.seen, clock.now(), 'also by what the broker has kept')
  t.equal(setup({ seen }).homeAssistant.seen, kept, 'after a restart')
})
