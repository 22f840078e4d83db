import t from 'tap'
import type { JsonObject } from '../../../src/core/json.ts'
import type { VirtualHouse } from '../../../src/simulator/index.ts'
import { accountsOf, devicesOf, eventually, startBridge, startHouse, tempFolder, unit } from '../../support/e2e.ts'
import { unusedPort } from '../../support/unused-port.ts'

const settingsFor = (house: VirtualHouse): JsonObject => ({
  cloud: { accounts: accountsOf(house) },
  devices: devicesOf(house),
})

const logins = (house: VirtualHouse) => house.clouds.map((cloud) => cloud.logins)

t.test(
  'after a restart devices, names, keys and counting are there at once, and the token is used again',
  async (t) => {
    const port = await unusedPort('127.23.100.40')
    const house = await startHouse(t, {
      thermostats: [
        { model: 'ax', host: '127.23.100.40', port, counterBase: 'unix' },
        { model: 'oz', host: '127.23.100.41', port },
      ],
    })
    const [ax, oz] = [unit(house, 0), unit(house, 1)]
    const dataDir = await tempFolder(t)
    const settings = { cloud: { accounts: accountsOf(house) } }
    const first = await startBridge(t, {
      dataDir,
      devicePort: port,
      settings: { ...settings, discovery: { enabled: true } },
    })
    for (const one of [ax, oz]) one.startBeacons({ host: '127.0.0.1', port: first.addresses.beacons ?? 0 }, 2_000)
    await first.online(ax.serial, oz.serial)
    t.match(await first.mqtt.command(ax.serial, { brightness: 1 }), { ok: true })
    t.match(await first.mqtt.command(oz.serial, { brightness: 1 }), { ok: true })
    const features = Object.entries((await first.device(oz.serial)).state ?? {}).length
    await first.stop()
    t.same(logins(house), [1, 1])

    // Nobody is there to ask.
    await Promise.all([ax.unplug(), oz.unplug(), ...house.clouds.map((cloud) => cloud.down())])
    const second = await startBridge(t, { dataDir, settings })
    t.match(await second.device(ax.serial), {
      name: 'Bathroom',
      model: 'ax',
      online: false,
      address: { host: ax.host, port: ax.port },
      health: { counter_base: 'unix', key_source: 'terneo' },
      sources: ['account:terneo', 'beacon'],
    })
    t.match(await second.device(oz.serial), { name: 'Kitchen', model: 'oz', health: { key_source: 'welrok' } })
    t.equal(Object.entries((await second.device(oz.serial)).state ?? {}).length, features)
    await second.mqtt.next(`${ax.serial}/availability`, (text) => text === 'offline')

    await t.test('with the cloud down, cached keys sign', async (t) => {
      await Promise.all([ax.plugIn(), oz.plugIn()])
      const before = ax.writes.length
      await second.online(ax.serial, oz.serial)
      t.match(await second.mqtt.command(ax.serial, { brightness: 2 }), { ok: true })
      t.match(await second.mqtt.command(oz.serial, { brightness: 2 }), { ok: true })
      t.equal(ax.writes.length - before, 1, 'counted right at the first attempt')
      const { accounts } = (await second.rest('GET', '/api/v1/cloud/accounts')).body
      t.match(accounts, Array(2).fill({ state: 'unreachable', error: { code: 'CLOUD_UNREACHABLE' } }))
    })
    await second.stop()

    await Promise.all(house.clouds.map((cloud) => cloud.up()))
    const third = await startBridge(t, { dataDir, settings })
    await third.mqtt.next('bridge/info', (text) => text.split('"state":"ready"').length === 3)
    t.same(logins(house), [1, 1], 'nobody signed in again')
  },
)

t.test('a cloud that is down at the first start is caught up with when it is back', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const ax = unit(house)
  await Promise.all(house.clouds.map((cloud) => cloud.down()))
  const bridge = await startBridge(t, { settings: settingsFor(house) })
  const [state] = await bridge.online(ax.serial)
  t.match(state, { lock: 'lan', mode: String }, 'it can be read')
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 5 }), { ok: false, error: { message: /no key for it/ } })
  t.match((await bridge.rest('GET', '/readyz')).body, { ready: true, checks: { store: { ok: true } } })
  await Promise.all(house.clouds.map((cloud) => cloud.up()))
  await bridge.mqtt.next('bridge/info', (text) => text.split('"state":"ready"').length === 3)
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 5 }), { ok: true })
  t.match(await bridge.device(ax.serial), { name: 'Bathroom', health: { key_source: 'terneo' } })
})

t.test('with no account at all an open device obeys, and a locked one whose key is in the settings', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax', lock: 'none' }, { model: 'oz' }] })
  const [open, locked] = [unit(house, 0), unit(house, 1)]
  const [first, second] = devicesOf(house)
  const devices = [
    { ...first, name: 'Open one' },
    { ...second, totp_key: locked.key },
  ]
  const bridge = await startBridge(t, { settings: { devices } })
  await bridge.online(open.serial, locked.serial)
  t.match(await bridge.patch(open.serial, { brightness: 7 }), { status: 200, body: { state: { brightness: 7 } } })
  t.match(await bridge.patch(locked.serial, { brightness: 7 }), { status: 200, body: { state: { brightness: 7 } } })
  t.match(open.writes, [{ signed: false, accepted: true }])
  t.ok(locked.writes.every(({ signed }) => signed))
  t.match(await bridge.device(open.serial), { name: 'Open one', health: { key_source: null } })
  t.match(await bridge.device(locked.serial), { health: { key_source: 'config' } })
  t.match(await bridge.rest('GET', '/api/v1/cloud/accounts'), { body: { accounts: [] } })
})

t.test('a wrong password is tried once, told, and not the end of the bridge', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const accounts = accountsOf(house).map((account) => ({ ...account, password: 'not the password' }))
  const bridge = await startBridge(t, { settings: { cloud: { accounts }, devices: devicesOf(house) } })
  const failed = await bridge.mqtt.next('bridge/info', (text) => text.split('"state":"auth_failed"').length === 3)
  t.match(failed, /CLOUD_AUTH/)
  await bridge.online(unit(house).serial)
  t.same(
    house.clouds.map((cloud) => cloud.failedLogins),
    [1, 1],
  )
  t.notMatch(failed, /not the password/)
  await eventually('the log says so', () => bridge.log.some((line) => line.includes('auth_failed')))
})
