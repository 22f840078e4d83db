import t from 'tap'
import { devicesOf, startBridge, startHouse, tempFolder } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { objectIn } from '../../support/listener.ts'

const device = { poll_interval: '10s', min_spacing: '400ms', timeout: '60s' }

t.test('the whole house away by MQTT, with one thermostat off the network and a restart of the bridge', async (t) => {
  const clock = new FastClock(20)
  const house = await startHouse(t, {
    clock,
    thermostats: [
      { model: 'ax', lock: 'none' },
      { model: 'oz', lock: 'none' },
    ],
  })
  const [here, gone] = house.thermostats
  if (!here || !gone) return t.fail('there are two thermostats')
  const dataDir = await tempFolder(t)
  const settings = { devices: devicesOf(house), device, discovery: { enabled: false } }
  const first = await startBridge(t, { clock, dataDir, settings })
  const [mode] = (await first.online(here.serial, gone.serial)).map((state) => state.mode)
  t.match(await first.mqtt.request('room', { serial: here.serial, room: 'Ванна 🛁' }), { ok: true })
  const mark = first.mqtt.mark
  await gone.unplug()
  await first.mqtt.next(`${gone.serial}/availability`, (text) => text === 'offline', mark)
  const answer = await first.mqtt.request('house', { mode: 'away' })
  t.match(answer, {
    ok: true,
    data: { mode: 'away', until: null, devices: [{ outcome: 'done' }, { outcome: 'waiting' }] },
  })
  await first.mqtt.state(here.serial, ({ preset }) => preset === 'away', mark)
  await first.stop()
  await gone.plugIn()

  const second = await startBridge(t, { clock, dataDir, settings })
  const { mqtt } = second
  await mqtt.state(gone.serial, ({ preset }) => preset === 'away')
  const shown = await mqtt.next('bridge/house', (text) => objectIn(text).mode === 'away' && /"done":2/.test(text))
  t.match(objectIn(shown), { rooms: [{ name: 'Ванна 🛁', mode: 'away', devices: [here.serial] }] })
  const config = await mqtt.next(`/homeassistant/device/thermo2mqtt_${here.serial}/config`, (text) => text !== '')
  t.equal(JSON.parse(config).device.suggested_area, 'Ванна 🛁')
  const bridge = await mqtt.next('/homeassistant/device/thermo2mqtt_bridge/config', (text) => text !== '')
  t.match(JSON.parse(bridge).components.house_mode, { platform: 'select', state_topic: 'thermo2mqtt/bridge/house' })
  const back = mqtt.mark
  t.match(await mqtt.request('house', { mode: 'normal' }), {
    data: { devices: [{ outcome: 'done' }, { outcome: 'done' }] },
  })
  for (const { serial } of [here, gone]) {
    t.match(await mqtt.state(serial, ({ preset }) => preset === 'none', back), { mode })
  }
  t.match(await mqtt.request('house', { mode: 'away', until: 'soon' }), { ok: false, error: { code: 'BAD_REQUEST' } })
})
