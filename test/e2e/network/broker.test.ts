import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'mqtt'
import t from 'tap'
import { Mosquitto, NO_MOSQUITTO, TestBroker } from '../../mqtt/support.ts'
import { accountsOf, devicesOf, eventually, startBridge, startHouse, tempFolder, unit } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { Listener, objectIn } from '../../support/listener.ts'
import type { Teardown } from '../../support/simulator.ts'
import { unusedPort } from '../../support/unused-port.ts'

interface Broker {
  readonly url: string
  start(): Promise<unknown>
  stop(): Promise<void>
}

const BROKERS: readonly { name: string; protocol: string; skip?: string; make: (t: Teardown) => Promise<Broker> }[] = [
  {
    name: 'Mosquitto',
    protocol: '5',
    ...NO_MOSQUITTO,
    make: async (t) => new Mosquitto(await tempFolder(t), await unusedPort()),
  },
  { name: 'aedes', protocol: '3.1.1', make: async () => new TestBroker() },
]

async function startBroker(t: Teardown, make: (t: Teardown) => Promise<Broker>): Promise<Broker> {
  const broker = await make(t)
  await broker.start()
  t.teardown(() => broker.stop())
  return broker
}

for (const { name, protocol, skip, make } of BROKERS) {
  t.test(name, skip === undefined ? {} : { skip }, async (t) => {
    const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
    const ax = unit(house)
    const broker = await startBroker(t, make)
    const dataDir = await tempFolder(t)
    const settings = {
      cloud: { accounts: accountsOf(house) },
      devices: devicesOf(house),
      mqtt: { url: [broker.url] },
    }

    await t.test('is used instead of an embedded one', async (t) => {
      const bridge = await startBridge(t, { dataDir, settings })
      t.equal(bridge.addresses.broker, null)
      await bridge.online(ax.serial)
      t.match(await bridge.mqtt.command(ax.serial, { brightness: 1 }), { ok: true })
      t.ok(bridge.log.some((line) => line.includes('Connected') && line.includes(`"protocol":"${protocol}"`)))
    })

    await t.test('a command that was sent while the bridge was away is carried out', async (t) => {
      const client = await Listener.open(broker.url)
      t.teardown(() => client.close())
      t.equal(await client.next('bridge/state'), 'offline')
      const from = client.mark
      await client.publish(`${ax.serial}/set`, '{"brightness":6,"transaction":"while away"}')
      await startBridge(t, { dataDir, settings })
      t.match(await client.result(ax.serial, ({ transaction }) => transaction === 'while away', from), { ok: true })
      t.equal(ax.parameter(23), '6')
    })

    await t.test('a retained command is refused, and said to be', async (t) => {
      const client = await Listener.open(broker.url)
      t.teardown(() => client.close())
      await client.publish(`${ax.serial}/set`, '{"brightness":7}', { retain: true })
      // Another installation: its session at the broker is a new one, so that it gets what is retained.
      await startBridge(t, { settings })
      const refused = { ok: false, error: { code: 'BAD_REQUEST', message: /must not be retained/ } }
      t.match(await client.result(ax.serial), refused)
      await client.publish(`${ax.serial}/set`, '', { retain: true })
      t.equal(ax.parameter(23), '6')
    })

    await t.test('restarted and without memory, it is told all again', async (t) => {
      const bridge = await startBridge(t, { dataDir, settings })
      await bridge.online(ax.serial)
      const discovery = `/homeassistant/device/thermo2mqtt_${ax.serial}/config`
      await bridge.mqtt.next(discovery)
      await broker.stop()
      t.match((await bridge.rest('GET', '/readyz')).status, 503)
      t.match(await bridge.patch(ax.serial, { brightness: 8 }), { status: 200 }, 'it goes on without a broker')
      await broker.start()
      await eventually('the broker is connected', async () => (await bridge.rest('GET', '/readyz')).status === 200)
      const client = await Listener.open(broker.url)
      t.teardown(() => client.close())
      t.equal(await client.next('bridge/state', (text) => text === 'online'), 'online')
      t.equal(await client.next(`${ax.serial}/availability`), 'online')
      t.match(await client.state(ax.serial, () => true), { brightness: 8 })
      t.match(objectIn(await client.next(discovery)), { components: {}, device: { name: 'Bathroom' } })
      t.match(objectIn(await client.next('bridge/info')), { devices: { total: 1, online: 1 } })
      t.match(await client.command(ax.serial, { brightness: 9 }), { ok: true })
    })
  })
}

t.test('a killed bridge is shown offline, and has lost nothing when it is back', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const ax = unit(house)
  const broker = await startBroker(t, async () => new TestBroker())
  const dataDir = await tempFolder(t)
  const settings = { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house), mqtt: { url: [broker.url] } }
  await writeFile(
    join(dataDir, 'config.yaml'),
    JSON.stringify({ ...settings, api: { port: 0 }, discovery: { enabled: false }, device: { min_spacing: '200ms' } }),
  )
  const outside = Object.entries(process.env).filter(([key]) => !key.startsWith('T2M_'))
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../../src/main.ts'), 'run'], {
    env: { ...Object.fromEntries(outside), T2M_DATA_DIR: dataDir },
    cwd: dataDir,
    stdio: 'ignore',
  })
  t.teardown(() => void child.kill('SIGKILL'))
  const client = await Listener.open(broker.url)
  t.teardown(() => client.close())
  await client.next('bridge/state', (text) => text === 'online')
  await client.next('bridge/info', (text) => text.split('"state":"ready"').length === 3)
  const from = client.mark
  child.kill('SIGKILL')
  t.equal(await client.next('bridge/state', () => true, from), 'offline')
  const later = connect(broker.url, { protocolVersion: 4 })
  const retained = new Promise((resolve) => later.once('message', (_topic, payload) => resolve(payload.toString())))
  await later.subscribeAsync('thermo2mqtt/bridge/state')
  t.equal(await retained, 'offline')
  await later.endAsync(true)

  await Promise.all(house.clouds.map((cloud) => cloud.down()))
  // By the clock that the killed one had.
  const bridge = await startBridge(t, { dataDir, settings, clock: new FastClock(20, Date.now()) })
  await bridge.online(ax.serial)
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 3 }), { ok: true }, 'its key was kept')
  t.ok(house.clouds.every(({ logins }) => logins === 1))
})
