import t from 'tap'
import { devicesOf, startBridge, startHouse, tempFolder, unit } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'

/** So cold that the load stays on. */
const COLD = { floorTemperature: 5, airTemperature: 5, ratedPower: 1500, lock: 'none' } as const

const device = { poll_interval: '10s', min_spacing: '400ms', timeout: '60s' }

t.test('energy is counted, kept across a restart, and begins anew only on request', async (t) => {
  const clock = new FastClock(60)
  const house = await startHouse(t, { clock, thermostats: [{ model: 'az', ...COLD }] })
  const az = unit(house)
  const dataDir = await tempFolder(t)
  const settings = { devices: devicesOf(house), device }
  const first = await startBridge(t, { clock, dataDir, settings })
  const counted = await first.mqtt.state(az.serial, ({ energy }) => Number(energy) >= 0.04)
  t.ok(Number(counted.energy) <= az.meter / 1000 + 0.001, 'no more than the meter of the device')
  t.equal(counted.power, 1500)
  // How much of it is doubted depends on how busy this machine is: a twentieth of a second is three of the device.
  t.ok(Number(counted.energy_error) <= Number(counted.energy))
  t.ok(Math.abs(Number(counted.heating_time) - Number(counted.energy) / 1.5) < 0.01)
  t.match(JSON.parse(await first.mqtt.next(`/homeassistant/device/thermo2mqtt_${az.serial}/config`)).components, {
    energy: { device_class: 'energy', state_class: 'total_increasing', unit_of_measurement: 'kWh' },
    reset_energy: { platform: 'button', enabled_by_default: false },
  })
  const last = Number(first.mqtt.latestState(az.serial).energy)
  await first.stop()

  const second = await startBridge(t, { clock, dataDir, settings })
  const [state] = await second.online(az.serial)
  t.ok(Number(state?.energy) >= last, `${state?.energy} after ${last}`)
  const history = (await second.rest('GET', `/api/v1/devices/${az.serial}/history?from=-1h&step=10s`)).body
  t.match(history, { recording: true, samples: [{ load: 1 }] }, 'what was before the restart has been recorded')
  t.match(JSON.stringify(history), `"energy":${last}`)
  const from = second.mqtt.mark
  await second.mqtt.publish(`${az.serial}/action`, 'reset_energy')
  t.match(await second.mqtt.result(az.serial, () => true, from), { ok: true, command: { action: 'reset_energy' } })
  await second.mqtt.state(az.serial, ({ energy }) => Number(energy) < last, from)
  await second.mqtt.state(az.serial, ({ energy }) => Number(energy) > 0, from)
  const all = second.mqtt.all(`${az.serial}/state`).map((text) => Number(JSON.parse(text).energy))
  t.equal(all.filter((energy, i) => energy < (all[i - 1] ?? 0)).length, 1, 'it fell once, when it was told to')
})

t.test('the figure of the owner counts, for a relay too; without one there is nothing to count', async (t) => {
  const clock = new FastClock(60)
  const house = await startHouse(t, {
    clock,
    thermostats: [{ model: 'az', ...COLD }],
    relays: [
      { model: 'ms', lock: 'none' },
      { model: 'ms', lock: 'none' },
    ],
  })
  const az = unit(house)
  const [known, unknown] = house.relays
  if (!known || !unknown) throw new RangeError('two relays were asked for')
  const figures = new Map([
    [az.serial, 900],
    [known.serial, 2000.5],
  ])
  const devices = [az, known, unknown].map(({ serial, host, port }) => {
    const power = figures.get(serial)
    return { serial, host, port, ...(power === undefined ? {} : { power }) }
  })
  const bridge = await startBridge(t, { clock, settings: { devices, device } })
  await bridge.mqtt.state(az.serial, ({ power, rated_power }) => power === 900 && rated_power === 1500)
  for (const { serial } of [known, unknown]) {
    await bridge.mqtt.state(serial, ({ relay }) => relay !== null)
    t.match(await bridge.mqtt.command(serial, { relay: true }), { ok: true })
  }
  t.match(await bridge.mqtt.state(known.serial, ({ energy }) => Number(energy) > 0), { power: 2000.5, load: true })
  t.match(await bridge.mqtt.state(unknown.serial, (state) => Number(state.on_time) > 0), {
    load: true,
    power: null,
    energy: null,
    energy_error: null,
  })
})

t.test('a figure that is none ends the start', async (t) => {
  const serial = '404CCAAAD4E8A89860609800000149'
  for (const power of [0, -5, 1e9, '1800', 'much', true]) {
    await t.rejects(startBridge(t, { settings: { devices: [{ serial, power }] } }), { message: /devices\[0\]\.power/ })
  }
})
