import t from 'tap'
import { accountsOf, devicesOf, eventually, startBridge, startHouse, unit } from '../../support/e2e.ts'
import { objectIn } from '../../support/listener.ts'

t.test('Home Assistant finds the bridge and each device, and again whenever it has to', async (t) => {
  const house = await startHouse(t, { thermostats: 5 })
  const bridge = await startBridge(t, {
    settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house), locale: 'uk' },
  })
  const serials = house.thermostats.map(({ serial }) => serial)
  const { mqtt } = bridge
  const topicOf = (id: string) => `/homeassistant/device/thermo2mqtt_${id}/config`
  await bridge.online(...serials)

  await t.test('a document for each', async (t) => {
    t.match(objectIn(await mqtt.next(topicOf('bridge'))), {
      device: { identifiers: ['thermo2mqtt_bridge'] },
      components: Object,
    })
    for (const { serial, name } of house.thermostats) {
      const document = objectIn(await mqtt.next(topicOf(serial), (text) => objectIn(text).components !== undefined))
      t.match(document, {
        device: { identifiers: [`thermo2mqtt_${serial}`], via_device: 'thermo2mqtt_bridge' },
        components: { climate: { platform: 'climate', temperature_command_topic: String } },
        availability: [{ topic: 'thermo2mqtt/bridge/state' }, { topic: `thermo2mqtt/${serial}/availability` }],
      })
      await mqtt.next(topicOf(serial), (text) => text.includes(`"name":"${name}"`))
    }
  })

  await t.test('what a document names can be commanded', async (t) => {
    const { serial } = unit(house)
    const { components } = objectIn(mqtt.messages.findLast(({ topic }) => `/${topic}` === topicOf(serial))?.text ?? '')
    const { climate } = objectIn(JSON.stringify(components))
    const topic = objectIn(JSON.stringify(climate)).temperature_command_topic
    const from = mqtt.mark
    await mqtt.publish(`/${topic}`, '23')
    t.match(await mqtt.result(serial, () => true, from), { ok: true })
    await eventually('the setpoint shows', () => mqtt.latestState(serial).target_temperature === 23)
  })

  await t.test('the climate entity follows the sensor that controls, in limits and step', async (t) => {
    // The OZ of the house.
    const { serial } = unit(house, 1)
    const climateOf = (text: string) =>
      objectIn(JSON.stringify(objectIn(JSON.stringify(objectIn(text).components)).climate))
    for (const [sensor, limits] of [
      ['air', { min_temp: 7, max_temp: 30, temp_step: 0.5 }],
      ['floor', { min_temp: 10, max_temp: 40, temp_step: 1 }],
    ] as const) {
      const from = mqtt.mark
      const command = { [`${sensor}_setpoint_min`]: limits.min_temp, [`${sensor}_setpoint_max`]: limits.max_temp }
      t.match(await mqtt.command(serial, { ...command, control_type: sensor }), { ok: true })
      const fits = (text: string) => text !== '' && climateOf(text).max_temp === limits.max_temp
      t.match(climateOf(await mqtt.next(topicOf(serial), fits, from)), { ...limits, modes: ['off', 'heat', 'auto'] })
    }
  })

  await t.test('a fault is told on the topic of the device, in the types of its event entity', async (t) => {
    const thermostat = unit(house)
    const { serial } = thermostat
    const { components } = objectIn(mqtt.messages.findLast(({ topic }) => `/${topic}` === topicOf(serial))?.text ?? '')
    t.match(components, {
      sensor_event: {
        name: 'Подія датчика',
        state_topic: `thermo2mqtt/${serial}/event`,
        event_types: ['sensor_lost', 'sensor_restored'],
      },
      problem_text: { value_template: /'floor_sensor_missing': 'Немає датчика підлоги'/ },
    })
    const from = mqtt.mark
    thermostat.device.faults.add(3)
    const begun = await mqtt.next(`${serial}/event`, () => true, from)
    t.match(objectIn(begun), {
      type: 'fault_began',
      serial,
      details: { fault: 'floor_sensor_missing', kind: 'sensor' },
    })
    thermostat.device.faults.delete(3)
    await mqtt.next(`${serial}/event`, (text) => objectIn(text).type === 'fault_ended', from)
  })

  await t.test('one that somebody cleared is sent again', async (t) => {
    const topic = topicOf(unit(house, 1).serial)
    const from = mqtt.mark
    await mqtt.publish(topic, '', { retain: true })
    t.match(objectIn(await mqtt.next(topic, (text) => text !== '', from)), { components: { climate: {} } })
  })

  await t.test('all are sent again when Home Assistant is born, and the states after them', async (t) => {
    const from = mqtt.mark
    await mqtt.publish('/homeassistant/status', 'online')
    await Promise.all(['bridge', ...serials].map((id) => mqtt.next(topicOf(id), (text) => text !== '', from)))
    for (const serial of serials) {
      const sent = mqtt.messages.findIndex(({ topic }, index) => index >= from && `/${topic}` === topicOf(serial))
      await mqtt.next(`${serial}/availability`, (text) => text === 'online', sent)
      await mqtt.state(serial, () => true, sent)
    }
    t.ok(mqtt.messages.length > from)
  })
})

t.test('switched off, nothing is published for Home Assistant', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax', lock: 'none' }] })
  const bridge = await startBridge(t, { settings: { devices: devicesOf(house), homeassistant: { enabled: false } } })
  await bridge.online(unit(house).serial)
  t.match(await bridge.mqtt.command(unit(house).serial, { brightness: 2 }), { ok: true })
  t.notOk(bridge.mqtt.messages.some(({ topic }) => topic.startsWith('homeassistant')))
})
