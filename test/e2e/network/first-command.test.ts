/** The first command to a thermostat that nobody has commanded yet waits, and whoever waits is told. */
import t from 'tap'
import { accountsOf, startBridge, startHouse, unit } from '../../support/e2e.ts'
import { unusedPort } from '../../support/unused-port.ts'

const HOST = '127.23.141.1'
/** ms */
const QUIET = 30_000

t.test('the first command waits, and everybody is told once why and how long', async (t) => {
  const port = await unusedPort(HOST)
  const house = await startHouse(t, { thermostats: [{ model: 'ax', host: HOST, port }] })
  const ax = unit(house)
  const bridge = await startBridge(t, {
    devicePort: port,
    quiet: QUIET,
    settings: { cloud: { accounts: accountsOf(house) }, discovery: { enabled: true } },
  })
  ax.startBeacons({ host: '127.0.0.1', port: bridge.addresses.beacons ?? 0 }, QUIET / 4)
  await bridge.online(ax.serial)
  const first = bridge.mqtt.command(ax.serial, { target_temperature: 24 })
  const told = await bridge.mqtt.event('command_waits', ax.serial)
  t.match(told, {
    message: new RegExp(`^The first command to ${ax.name} at ${HOST} waits \\d+ s\\. It is sent if nothing else`),
    details: { seconds: Number },
  })
  const seconds = Number(JSON.stringify(told).match(/"seconds":(\d+)/)?.[1])
  t.ok(seconds > 0 && seconds <= QUIET / 1000, `${seconds} s`)
  t.equal(ax.writes.length, 0, 'nothing is sent meanwhile')
  t.match(await bridge.rest('PATCH', `/api/v1/devices/${ax.serial}/state`, { mode: 'heat' }), {
    status: 200,
    body: { state: { mode: 'heat' } },
  })
  t.match(await first, { ok: true })
  t.equal(ax.parameter(5), '24')
  t.match(await bridge.mqtt.command(ax.serial, { target_temperature: 25 }), { ok: true })
  t.equal(bridge.mqtt.events('command_waits').length, 1)
  const { body } = await bridge.rest('GET', `/api/v1/devices/${ax.serial}/events`)
  t.match(JSON.stringify(body), /"type":"command_waits"/)
  const lines = bridge.log.filter((line) => line.includes('The first command to'))
  t.equal(lines.length, 1)
  t.match(JSON.parse(lines[0] ?? '{}'), { level: 'info', serial: ax.serial })
})
