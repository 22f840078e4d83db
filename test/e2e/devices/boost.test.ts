import t from 'tap'
import { devicesOf, startBridge, startHouse, tempFolder, unit } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'

const device = { poll_interval: '10s', min_spacing: '400ms', timeout: '60s' }

t.test('a boost of a model without a timer: by MQTT, over a restart of the bridge, until it ends', async (t) => {
  const clock = new FastClock(120)
  const house = await startHouse(t, { clock, thermostats: [{ model: 'ax', lock: 'none' }] })
  const ax = unit(house)
  const dataDir = await tempFolder(t)
  const settings = { devices: devicesOf(house), device }
  const first = await startBridge(t, { clock, dataDir, settings })
  await first.mqtt.state(ax.serial, ({ mode }) => mode === 'heat')
  const before = ax.parameter(5)
  t.match(await first.mqtt.command(ax.serial, { preset: 'boost', boost_minutes: 10, timer_setpoint: 40 }), { ok: true })
  const state = await first.mqtt.state(ax.serial, ({ preset }) => preset === 'boost')
  t.match(state, { target_temperature: 40, timer_setpoint: 40, boost_minutes: 10, mode: 'heat' })
  t.ok(Number(state.timer_remaining) > 0 && String(state.timer_end).endsWith('Z'))
  t.equal(ax.parameter(5), '40')
  const config = JSON.parse(
    await first.mqtt.next(`/homeassistant/device/thermo2mqtt_${ax.serial}/config`, (text) =>
      text.includes('"climate"'),
    ),
  )
  t.match(config.components.climate.preset_modes, ['away', 'boost'])
  t.match(config.components.timer_setpoint ?? config.components.boost_minutes, { platform: 'number' })
  await first.stop()

  const second = await startBridge(t, { clock, dataDir, settings })
  const [back] = await second.online(ax.serial)
  t.equal(back?.preset, 'boost', 'from the first reading on')
  t.match(await second.mqtt.state(ax.serial, ({ preset }) => preset === 'none'), { mode: 'heat', timer_end: null })
  t.equal(ax.parameter(5), before)
  const ends = '2040-01-02T03:04'
  t.match(await second.mqtt.command(ax.serial, { away_end: ends }), { ok: true })
  t.match(await second.mqtt.state(ax.serial, ({ preset }) => preset === 'away'), { away_end: `${ends}:00` })
  t.match(await second.mqtt.command(ax.serial, { away_end: '2001-01-01T00:00' }), {
    ok: false,
    error: { code: 'OUT_OF_RANGE' },
  })
  t.match(await second.mqtt.command(ax.serial, { away_end: null }), { ok: true })
  t.match(await second.mqtt.state(ax.serial, ({ preset }) => preset === 'none'), { away_start: null, away_end: null })
})

t.test(
  'away: without an end until it is taken back; a setpoint ends it, over MQTT, as one value and by REST',
  async (t) => {
    const clock = new FastClock(20)
    const house = await startHouse(t, { clock, thermostats: [{ model: 'ax', lock: 'none' }] })
    const ax = unit(house)
    const bridge = await startBridge(t, { clock, settings: { devices: devicesOf(house), device } })
    const { mqtt } = bridge
    await mqtt.state(ax.serial, ({ mode }) => mode === 'heat')
    const own = ax.parameter(7)
    const nudges = [
      (to: number) => mqtt.command(ax.serial, { target_temperature: to }),
      (to: number) => mqtt.publish(`${ax.serial}/set/target_temperature`, String(to)),
      (to: number) => bridge.patch(ax.serial, { target_temperature: to }),
    ]
    for (const [index, nudge] of nudges.entries()) {
      t.match(await mqtt.command(ax.serial, { preset: 'away' }), { ok: true })
      const away = await mqtt.state(ax.serial, ({ preset }) => preset === 'away')
      t.match(away, { away_end: null, away_start: /^20/ })
      await nudge(25 + index)
      const state = await mqtt.state(ax.serial, ({ target_temperature: to }) => to === 25 + index)
      t.match(state, { preset: 'none', mode: 'heat', away_start: null, away_end: null })
      t.equal(ax.parameter(7), own, 'the setpoint of away stays')
    }
  },
)
