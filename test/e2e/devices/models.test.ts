import t, { type Test } from 'tap'
import type { JsonObject } from '../../../src/core/json.ts'
import type { HouseThermostat } from '../../../src/simulator/index.ts'
import { accountsOf, type Bridge, eventually, startBridge, startHouse } from '../../support/e2e.ts'
import { unusedPort } from '../../support/unused-port.ts'

const host = (index: number) => `127.23.100.${10 + index}`

/** Every model, with the ways of counting, refusing and acknowledging spread over them. */
const UNITS: readonly (HouseThermostat & { readonly expected: string })[] = [
  { model: 'ax', expected: 'ax', counterBase: '2000', quirks: { refusal: 'block', acknowledgement: 'full' } },
  { model: 'sx', expected: 'sx', counterBase: 'unix', quirks: { refusal: 'silent', acknowledgement: 'short' } },
  {
    model: 'az',
    expected: 'az',
    counterBase: '2000',
    quirks: { refusal: 'silent', acknowledgement: 'full', manualCode: 3 },
  },
  { model: 'oz', expected: 'oz', counterBase: 'unix', quirks: { refusal: 'block-with-sn', acknowledgement: 'short' } },
  { model: 'old', expected: 'old', counterBase: 'unix', quirks: { refusal: 'block-with-sn', acknowledgement: 'full' } },
  { model: 'qx', expected: 'unknown', counterBase: '2000', quirks: { refusal: 'silent', acknowledgement: 'short' } },
]

const holds = (state: JsonObject, wanted: JsonObject) =>
  Object.entries(wanted).every(([key, value]) => state[key] === value)

async function obeys(t: Test, bridge: Bridge, serial: string, command: JsonObject, shown = command) {
  t.match(await bridge.mqtt.command(serial, command), { ok: true }, JSON.stringify(command))
  await eventually(`${JSON.stringify(shown)} shows`, () => holds(bridge.mqtt.latestState(serial), shown))
}

t.test('every model is found from its beacons, read and commanded', async (t) => {
  const port = await unusedPort(host(0))
  const house = await startHouse(t, {
    thermostats: UNITS.map(({ expected: _, ...options }, index) => ({ ...options, host: host(index), port })),
  })
  const bridge = await startBridge(t, {
    devicePort: port,
    settings: { cloud: { accounts: accountsOf(house) }, discovery: { enabled: true } },
  })
  const beacons = bridge.addresses.beacons
  if (beacons === null) throw new Error('no beacons are heard')
  for (const thermostat of house.thermostats) thermostat.startBeacons({ host: '127.0.0.1', port: beacons }, 2_000)
  await bridge.online(...house.thermostats.map(({ serial }) => serial))

  for (const [index, thermostat] of house.thermostats.entries()) {
    const { model, expected, counterBase } = UNITS[index] ?? {}
    t.test(`${model}, counting from ${counterBase}`, { jobs: UNITS.length }, async (t) => {
      const { serial } = thermostat
      t.match(await bridge.device(serial), {
        model: expected,
        hw: thermostat.hw,
        online: true,
        name: thermostat.name,
        address: { host: thermostat.host, port },
        sources: [/^account:/, 'beacon'],
        state: { lock: 'lan', floor_temperature: Number, current_temperature: Number, wifi_rssi: Number },
      })
      await obeys(t, bridge, serial, { mode: 'heat', target_temperature: 24 })
      await obeys(t, bridge, serial, { mode: 'auto' })
      await obeys(t, bridge, serial, { target_temperature: 27 })
      await obeys(t, bridge, serial, { preset: 'away' })
      await obeys(t, bridge, serial, { preset: 'none' })
      await obeys(t, bridge, serial, { child_lock: true, brightness: 4 })
      await obeys(t, bridge, serial, { mode: 'off' }, { mode: 'off', action: 'off', load: false })
      if (expected === 'oz') {
        await obeys(t, bridge, serial, { mode: 'auto', preset: 'boost', target_temperature: 30 })
        await obeys(t, bridge, serial, { preset: 'none' })
      }
      t.match(await bridge.device(serial), { health: { counter_base: counterBase, key_source: /terneo|welrok/ } })
      t.ok(thermostat.writes.filter(({ accepted }) => accepted).every(({ signed }) => signed))
    })
  }
})
