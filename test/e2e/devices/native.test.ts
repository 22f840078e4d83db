/** Units that publish over MQTT by themselves, in both forms of topics, beside or in place of the LAN. */
import t from 'tap'
import { isObject } from '../../../src/core/json.ts'
import { devicesOf, eventually, startBridge, startHouse, unit } from '../../support/e2e.ts'
import { objectIn } from '../../support/listener.ts'

t.test(
  'what units publish comes sooner than the next poll, keeps them online without the LAN, and commands go that way',
  async (t) => {
    const house = await startHouse(t, { thermostats: [{ model: 'ax' }, { model: 'oz' }, { model: 'az' }], relays: 2 })
    const [ax, oz, far] = [unit(house), unit(house, 1), unit(house, 2)]
    const [first, second] = devicesOf(house)
    const bridge = await startBridge(t, {
      settings: {
        devices: [
          {
            ...first,
            totp_key: ax.key,
            native_topic: 'home/terneo_ax_1C0056',
            native_command_topic: 'orders/terneo_ax_1C0056',
          },
          { ...second, totp_key: oz.key },
          { serial: far.serial },
          ...house.relays.map(({ serial, host, port, key }) => ({ serial, host, port, totp_key: key })),
        ],
        // Nothing is read but what is published tells of a change.
        device: { poll_interval: '1h', timeout: '1m' },
        native_mqtt: { enabled: true, commands: 'mqtt', poll_interval: '1h' },
      },
    })
    await bridge.online(ax.serial, oz.serial)
    for (const { serial } of house.relays) await bridge.mqtt.state(serial, ({ relay }) => typeof relay === 'boolean')
    const url = `mqtt://127.0.0.1:${bridge.addresses.broker?.port}`
    const reads = () =>
      [ax, oz].map(({ requests }) => requests.filter(({ body }) => isObject(body) && body.cmd === 4).length)
    const before = reads()
    ax.startPublishing({
      url,
      publishPrefix: 'home',
      subscribePath: 'orders',
      clientId: 'terneo_ax_1C0056',
      form: 'bare',
    })
    for (const welrok of [oz, ...house.relays]) welrok.startPublishing({ url, publishPrefix: 'welrok' })

    await t.test('sooner than the next poll', async (t) => {
      for (const thermostat of [ax, oz]) {
        const from = bridge.mqtt.mark
        thermostat.setLocally(125, 1)
        thermostat.publish()
        await bridge.mqtt.state(thermostat.serial, ({ mode }) => mode === 'off', from)
        const off = bridge.mqtt.mark
        thermostat.setLocally(125, 0)
        thermostat.publish()
        await bridge.mqtt.state(thermostat.serial, ({ mode }) => mode !== 'off', off)
      }
      const from = bridge.mqtt.mark
      oz.setLocally(23, 2)
      oz.publish()
      await bridge.mqtt.state(oz.serial, ({ brightness }) => brightness === 2, from)
      t.strictSame(reads(), before, 'nothing was asked meanwhile')
    })

    await t.test('without the LAN the state stays fresh, and the unit online', async (t) => {
      await oz.unplug()
      const from = bridge.mqtt.mark
      oz.setLocally(125, 1)
      oz.publish()
      await bridge.mqtt.state(oz.serial, ({ mode }) => mode === 'off', from)
      t.match(await bridge.device(oz.serial), { online: true, health: { last_published: String } })
      t.match(await bridge.mqtt.command(oz.serial, { brightness: 7 }), { ok: true }, 'confirmed by what it publishes')
      await oz.plugIn()
    })

    await t.test(
      'one whose address nobody knows is commanded as well, once it has published its parameters',
      async (t) => {
        const { health } = await bridge.device(far.serial)
        t.match(health, { last_published: null })
        t.match(await bridge.mqtt.command(far.serial, { brightness: 3 }), { error: { code: 'DEVICE_UNREACHABLE' } })
        far.startPublishing({ url, publishPrefix: 'welrok' })
        await bridge.mqtt.state(far.serial, ({ brightness }) => typeof brightness === 'number')
        t.match(await bridge.mqtt.command(far.serial, { brightness: 3, mode: 'off' }), { ok: true })
        t.match([far.parameter(23), far.parameter(125)], ['3', '1'])
        const sunday = [{ time: '09:30', temperature: 23 }]
        const asked = bridge.mqtt.mark
        await bridge.mqtt.publish(`${far.serial}/schedule/set`, JSON.stringify({ floor: { sunday } }))
        t.match(await bridge.mqtt.result(far.serial, undefined, asked), { ok: true }, 'its schedule as well')
        t.match(objectIn(bridge.mqtt.latest(`${far.serial}/schedule`) ?? ''), { floor: { sunday } })
        t.match(far.device.controller.floor.wire(), { 6: [[570, 230]] })
        t.match(await bridge.mqtt.state(far.serial, ({ wifi_rssi }) => typeof wifi_rssi === 'number'), {
          schedule_period: Number,
        })
        const { body } = await bridge.rest('POST', `/api/v1/devices/${far.serial}/actions/blink`)
        t.match(body, { error: { code: 'DEVICE_UNREACHABLE' } }, 'there is no topic for it')
        t.match(await bridge.device(far.serial), { address: null, online: true })
      },
    )

    await t.test('commands go over MQTT, and are confirmed', async (t) => {
      t.match(await bridge.mqtt.command(oz.serial, { child_lock: true, brightness: 4 }), { ok: true })
      t.equal(oz.parameter(23), '4')
      t.match(await bridge.mqtt.command(oz.serial, { mode: 'heat', target_temperature: 26 }), { ok: true })
      t.equal(bridge.mqtt.latestState(oz.serial).target_temperature, 26)
      t.match(await bridge.mqtt.command(ax.serial, { mode: 'off', brightness: 1 }), { ok: true })
      t.equal(ax.parameter(125), '1')
      t.match(await bridge.mqtt.command(ax.serial, { mode: 'auto', target_temperature: 27 }), { ok: true })
      t.match(bridge.mqtt.latestState(ax.serial), { mode: 'auto', target_temperature: 27 })
      t.strictSame([...ax.writes, ...oz.writes], [], 'none over the LAN')
      t.match(await bridge.mqtt.command(ax.serial, { hysteresis: 2 }), { ok: true }, 'no topic of it has this')
      t.ok(ax.writes.length > 0)
      const refused = await bridge.mqtt.command(oz.serial, { power_off: 'x' })
      t.match(refused, { ok: false, error: { code: 'BAD_REQUEST' } })
    })

    await t.test('relays publish and take commands whole', async (t) => {
      for (const relay of house.relays) {
        const { relay: before } = bridge.mqtt.latestState(relay.serial)
        t.match(await bridge.mqtt.command(relay.serial, { relay: !before }), { ok: true }, relay.hw)
        t.equal(bridge.mqtt.latestState(relay.serial).relay, !before)
        t.strictSame(relay.writes, [], 'none over the LAN')
      }
    })

    await t.test('what is not taken is counted, and no topic but those of the pattern is heard', async (t) => {
      await bridge.mqtt.publish(`/welrok/${oz.serial}/get/floorTemp`, '99.5', { retain: true })
      await bridge.mqtt.publish(`/welrok/${oz.serial}/get/floorTemp`, 'NaN')
      await bridge.mqtt.publish('/welrok/0123456789/get/floorTemp', '20.5')
      const { text } = await eventually('the counts', async () => {
        const answer = await bridge.rest('GET', '/metrics')
        return /native_messages_total\{result="unknown_device"\} 1/.test(answer.text) && answer
      })
      t.match(text, /native_messages_total\{result="bad_value"\} 1/)
      t.match(text, /native_messages_total\{result="taken"\} \d+/)
    })
  },
)
