/** Two whole bridges for one house at one broker, as after a move to another machine. */
import t from 'tap'
import { parseJson } from '../../../src/core/json.ts'
import { Mosquitto, NO_MOSQUITTO } from '../../mqtt/support.ts'
import { devicesOf, eventually, startBridge, startHouse, tempFolder, unit } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'

t.test('both say so everywhere, one commands, and nothing flaps', NO_MOSQUITTO, async (t) => {
  const broker = await new Mosquitto(await tempFolder(t), await unusedPort()).start()
  t.teardown(() => broker.stop())
  const house = await startHouse(t, { thermostats: 1 })
  const { serial, key } = unit(house)
  const devices = devicesOf(house).map((device) => ({ ...device, totp_key: key }))
  const begin = () =>
    startBridge(t, {
      // Not so fast that a busy machine's broker seems dead, which would be news of another kind.
      clock: new FastClock(4),
      settings: {
        devices,
        mqtt: { url: [broker.url] },
        homie: { enabled: true },
        wirenboard: { enabled: true },
      },
    })
  const old = await begin()
  await old.online(serial)
  await old.mqtt.next('/homeassistant/device/thermo2mqtt_bridge/config')
  const mark = old.mqtt.mark
  const young = await begin()
  const checkOf = async (bridge: typeof old) => {
    const { status, body } = await bridge.rest('GET', '/readyz')
    return { status, checks: Object(body.checks) }
  }
  await eventually('the young one waits', async () => (await checkOf(young)).checks.bridges.code === 'standing_by')
  t.match(await checkOf(young), { status: 503, checks: { mqtt: { ok: true }, bridges: { ok: false, detail: /site/ } } })
  t.match(await checkOf(old), { status: 503, checks: { bridges: { ok: false, code: 'another_bridge' } } })

  const info = await old.mqtt.next('bridge/info', (text) => text.includes('another_bridge'), mark)
  t.match(parseJson(info), { problems: [{ code: 'another_bridge', message: /Stop one of the two/ }] })
  const config = parseJson(old.mqtt.latest('/homeassistant/device/thermo2mqtt_bridge/config') ?? '')
  t.match(config, {
    components: {
      problem: {
        platform: 'binary_sensor',
        unique_id: 'thermo2mqtt_bridge_problem',
        device_class: 'problem',
        state_topic: 'thermo2mqtt/bridge/info',
        value_template: "{{ 'ON' if (value_json.problems | default([])) else 'OFF' }}",
      },
    },
  })

  for (let degrees = 20; degrees < 25; degrees++) await old.mqtt.command(serial, { target_temperature: degrees })
  t.equal(old.mqtt.all(`${serial}/result`, mark).length, 5)
  t.match((await young.patch(serial, { target_temperature: 26 })).status, 200, 'REST of the young one works')
  t.equal(old.mqtt.all(`${serial}/result`, mark).length, 5)
  const said = (topic: string) =>
    old.mqtt.messages.slice(mark).flatMap((message) => (message.topic === topic ? [message.text] : []))
  // What is true may be said again; anything else would flap.
  const untrue = (topic: string) => said(topic).filter((text) => text !== 'online')
  t.same(untrue(`thermo2mqtt/${serial}/availability`), [])
  t.same(untrue('thermo2mqtt/bridge/state'), [])
  t.notOk(said('homie/5/thermo2mqtt/$state').includes('lost'))

  const before = young.mqtt.mark
  await old.stop()
  await eventually('alone again', async () => (await checkOf(young)).checks.bridges.ok === true)
  await young.mqtt.next('bridge/state', (text) => text === 'online', before)
  t.match(await young.mqtt.command(serial, { target_temperature: 27 }), { ok: true })
  t.match(parseJson(young.mqtt.latest('bridge/info') ?? ''), { problems: [] })
})
