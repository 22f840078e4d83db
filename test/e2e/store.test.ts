import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { accountsOf, devicesOf, eventually, startBridge, startHouse, unit } from '../support/e2e.ts'

t.test('a store that takes nothing: said by /readyz, commands go on, and the bridge says goodbye', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const { serial } = unit(house)
  // Waiting for the lock holds everything up for a real second, which is many of this clock.
  const device = { poll_interval: '2s', min_spacing: '50ms', timeout: '60s' }
  const settings = { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house), device }
  const bridge = await startBridge(t, { settings })
  await bridge.online(serial)
  t.match((await bridge.rest('GET', '/readyz')).body, { ready: true, checks: { store: { ok: true } } })

  const other = new Database(join(bridge.dataDir, 'thermo2mqtt.db'))
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  // What the audit log is to remember.
  t.match(await bridge.patch(serial, { brightness: 3 }), { status: 200 })
  const ready = () => bridge.rest('GET', '/readyz')
  await eventually('it is not ready', async () => (await ready()).status === 503)
  t.match((await ready()).body, {
    ready: false,
    checks: { store: { ok: false, detail: /remembered/ }, mqtt: { ok: true } },
  })
  other.exec('ROLLBACK')
  t.match(await bridge.patch(serial, { brightness: 5 }), { status: 200 })
  await eventually('it is ready again', async () => (await ready()).status === 200)

  other.exec('BEGIN IMMEDIATE')
  const said = bridge.mqtt.next('bridge/state', (text) => text === 'offline', bridge.mqtt.mark)
  await bridge.stop()
  t.equal(await said, 'offline')
  other.exec('ROLLBACK')
})
