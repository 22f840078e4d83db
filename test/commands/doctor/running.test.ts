/** The doctor beside a bridge that runs: it knows how the bridge was started, and takes nothing of it for a fault. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { DEMO_FOLDER } from '../../../src/commands/running/whereabouts.ts'
import { FolderLock } from '../../../src/store/database/folder-lock.ts'
import { MemoryLogger } from '../../mqtt/support.ts'
import { eventually } from '../../support/e2e.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { bridge } from '../running/alive.ts'
import { call, openHouse, temporaryFolder } from '../support.ts'
import { diagnose, meet, quiet } from './rig.ts'

/** What the doctor says of a part. */
const part = (text: string, name: string, next: string) => new RegExp(`${name}\n(.*)${next}`, 's').exec(text)?.[1] ?? ''

t.test('a bridge that was started with flags and in its environment', async (t) => {
  const dataDir = temporaryFolder(t)
  const { url, broker } = await bridge(t, dataDir, { T2M_MQTT_BASE_TOPIC: 'elsewhere' })
  const look = () => diagnose(call({ flags: { data_dir: dataDir }, env: { T2M_DISCOVERY_PORT: '0' } }))
  const { code, text } = await look()
  t.equal(code, 0, text)
  t.match(
    part(text, 'Bridge', 'Store'),
    /^ {2}\[ok\] {3}it runs: process \d+, since 20.*, with its page at http:\S+; .*mqtt\.base_topic.*api\.port/,
  )
  t.notMatch(text, /hunter2/, 'no secret is recorded')
  t.equal(part(text, 'MQTT broker', 'REST'), `  [ok]   embedded: the running bridge serves 127.0.0.1:${broker.port}\n`)
  t.equal(part(text, 'REST and page', 'Discovery'), `  [ok]   the running bridge serves ${new URL(url).host}\n`)
})

t.test('a bridge that is starting', async (t) => {
  const { env, dataDir } = await quiet(t)
  const lock = new FolderLock(new FakeClock())
  lock.take(dataDir, new MemoryLogger())
  t.teardown(() => lock.release())
  const { text } = await diagnose(call({ env }))
  t.match(part(text, 'MQTT broker', 'REST'), /^ {2}\[warn\] the bridge is starting\n/)
  t.match(part(text, 'REST and page', 'Discovery'), /^ {2}\[warn\] the bridge is starting\n/)
})

t.test('another bridge, with another data folder', async (t) => {
  const { url, broker } = await bridge(t)
  const { env } = await quiet(t)
  const ports = { T2M_API_PORT: new URL(url).port, T2M_MQTT_EMBEDDED_PORT: String(broker.port) }
  const { code, text } = await diagnose(call({ env: { ...env, ...ports } }))
  t.equal(code, 0, text)
  t.match(part(text, 'Bridge', 'Store'), /^ {2}\[ok\] {3}no bridge uses /)
  t.match(part(text, 'MQTT broker', 'REST'), /^ {2}\[warn\] embedded: another bridge, with another data folder, serves/)
  t.match(part(text, 'REST and page', 'Discovery'), /^ {2}\[warn\] another bridge serves .*\n.*--data_dir/)
})

t.test('a broker that the bridge reaches and the doctor can’t', async (t) => {
  const [dataDir, port] = [temporaryFolder(t), await unusedPort()]
  const secret = { T2M_MQTT_USERNAME: 'me', T2M_MQTT_PASSWORD: 'hunter2-mqtt' }
  await bridge(t, dataDir, { ...secret, T2M_MQTT_URL: `mqtt://127.0.0.1:${port}` })
  const { code, text } = await diagnose(call({ flags: { data_dir: dataDir }, env: { T2M_DISCOVERY_PORT: '0' } }))
  t.equal(code, 1)
  t.match(part(text, 'MQTT broker', 'REST'), /\[fail\] mqtt:\/\/127\.0\.0\.1:\d+: No MQTT broker is connected/)
})

t.test('the demo', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), DEMO_FOLDER))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  await bridge(t, folder)
  const { env } = await quiet(t)
  const { text } = await diagnose(call({ env }))
  // Another test on this machine may run a demo as well.
  t.match(part(text, 'Bridge', 'Store'), /\[ok\] {3}the demo runs: .*; to check it: thermo2mqtt doctor --data_dir=/)
})

t.test('nothing is written to a device unless asked', async (t: Test) => {
  const { env, dataDir } = await quiet(t)
  const { house } = await openHouse(t, {
    addressing: 'ports',
    thermostats: [{ model: 'ax', serial: 'AX000001', name: 'Locked', lock: 'lan' }],
  })
  meet(t, dataDir, house, ['AX000001'])
  const written = () => house.thermostat('AX000001')?.writes.length
  const { text } = await diagnose(call({ env }))
  t.match(text, /\[ok\] {3}Locked \(AX000001\): lock lan, key from account home; thermo2mqtt doctor --write tries/)
  t.equal(written(), 0)
  await diagnose(call({ env, options: { write: '' } }))
  await eventually('it is asked', () => (written() ?? 0) > 0)
})
