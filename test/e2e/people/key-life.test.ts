/** What becomes of a key over the years: bound anew, left behind, held twice, given by hand, moved, forgotten. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { keys } from '../../../src/commands/keys/index.ts'
import { SystemClock } from '../../../src/core/clock.ts'
import { isObject, type JsonObject } from '../../../src/core/json.ts'
import { deviceId } from '../../../src/homeassistant/document/index.ts'
import type { VirtualHouse, VirtualThermostat } from '../../../src/simulator/index.ts'
import { call } from '../../commands/support.ts'
import {
  accountsOf,
  type Bridge,
  devicesOf,
  eventually,
  startBridge,
  startHouse,
  tempFolder,
  unit,
} from '../../support/e2e.ts'
import { unusedPort } from '../../support/unused-port.ts'

const lists = (house: VirtualHouse) =>
  house.clouds.flatMap(({ requests }) => requests).filter(({ path }) => path.startsWith('/api/device/')).length

const settingsFor = (house: VirtualHouse): JsonObject => ({
  cloud: { accounts: accountsOf(house) },
  devices: devicesOf(house),
})

/** Only where it is comes from the settings of a test; forgetting is for devices that no setting names. */
async function foundByBeacon(t: Parameters<typeof startBridge>[0], host: string) {
  const port = await unusedPort(host)
  const house = await startHouse(t, { thermostats: [{ model: 'ax', host, port }] })
  const dataDir = await tempFolder(t)
  const bridge = await startBridge(t, {
    dataDir,
    devicePort: port,
    settings: { cloud: { accounts: accountsOf(house) }, discovery: { enabled: true } },
  })
  const ax = unit(house)
  const beacons = { host: '127.0.0.1', port: bridge.addresses.beacons ?? 0 }
  const silence = ax.startBeacons(beacons, 2_000)
  await bridge.online(ax.serial)
  return { house, bridge, ax, dataDir, silence }
}

const keySource = async (bridge: Bridge, { serial }: VirtualThermostat) => {
  const { health } = await bridge.device(serial)
  return isObject(health) ? health.key_source : undefined
}

/** Lists a thermostat in the account of a cloud of its house, with a key that need not be its own. */
function listIn(house: VirtualHouse, provider: 'terneo' | 'welrok', records: readonly JsonObject[]): void {
  house.clouds.find(({ vendor }) => vendor === provider)?.setDevices(`house@${provider}.example`, records)
}

t.test('bound anew and noticed by a sync: the next command is signed with the new key at once', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'oz' }] })
  const oz = unit(house)
  const bridge = await startBridge(t, { settings: settingsFor(house) })
  await bridge.online(oz.serial)
  t.match(await bridge.mqtt.command(oz.serial, { brightness: 1 }), { ok: true })
  house.rebind(oz.serial)
  t.match(await bridge.mqtt.request('sync'), { ok: true })
  t.match(await bridge.mqtt.event('key_changed', oz.serial), { account: 'welrok' })
  const before = oz.writes.length
  t.match(await bridge.mqtt.command(oz.serial, { brightness: 2 }), { ok: true })
  t.match(oz.writes.slice(before), [{ signed: true, accepted: true }], 'none was refused')
  t.equal(bridge.mqtt.events('key_changed').length, 1)
})

t.test('bound anew and noticed by refused commands: all of them wait for one question, and succeed', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax', counterBase: '2000' }] })
  const ax = unit(house)
  const bridge = await startBridge(t, { settings: settingsFor(house) })
  await bridge.online(ax.serial)
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 1 }), { ok: true })
  const before = lists(house)
  house.rebind(ax.serial)
  const results = await Promise.all([
    bridge.mqtt.command(ax.serial, { brightness: 2 }),
    bridge.mqtt.command(ax.serial, { child_lock: true }),
    bridge.patch(ax.serial, { brightness: 3 }),
  ])
  t.match(results, [{ ok: true }, { ok: true }, { status: 200 }])
  t.equal(lists(house) - before, 1)
  await bridge.mqtt.event('key_changed', ax.serial)
  t.equal(bridge.mqtt.events('key_changed').length, 1)
})

t.test(
  'the cloud is ahead of the device for some minutes: the key that works is used, and then the new one',
  async (t) => {
    const house = await startHouse(t, { thermostats: [{ model: 'oz' }] })
    const oz = unit(house)
    const bridge = await startBridge(t, { settings: settingsFor(house) })
    await bridge.online(oz.serial)
    t.match(await bridge.mqtt.command(oz.serial, { brightness: 1 }), { ok: true })
    const newer = 'NEWERKEYNEWERKEY'
    for (const cloud of house.clouds) cloud.rebind(oz.serial, newer)
    t.match(await bridge.mqtt.request('sync'), { ok: true })
    await bridge.mqtt.event('key_changed', oz.serial)
    t.match(await bridge.mqtt.command(oz.serial, { brightness: 2 }), { ok: true }, 'the device still has the old key')
    const before = oz.writes.length
    t.match(await bridge.mqtt.command(oz.serial, { brightness: 3 }), { ok: true })
    t.match(oz.writes.slice(before), [{ accepted: true }], 'what worked is remembered')
    oz.rebind(newer)
    t.match(await bridge.mqtt.command(oz.serial, { brightness: 4 }), { ok: true }, 'the device has the new one now')
    const { length } = oz.writes
    t.match(await bridge.mqtt.command(oz.serial, { brightness: 5 }), { ok: true })
    t.match(oz.writes.slice(length), [{ accepted: true }])
  },
)

t.test('a device that left its account is commanded with its cached key, until told to forget it', async (t) => {
  const { house, bridge, ax, silence } = await foundByBeacon(t, '127.23.101.1')
  t.equal(await keySource(bridge, ax), 'terneo')
  listIn(house, 'terneo', [])
  await bridge.mqtt.request('sync')
  await eventually('the account is no source any more', async () => {
    const { sources } = await bridge.device(ax.serial)
    return Array.isArray(sources) && sources.join() === 'beacon'
  })
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 4 }), { ok: true })
  t.match(ax.writes.at(-1), { signed: true, accepted: true })
  t.equal(await keySource(bridge, ax), 'terneo')

  silence()
  const config = `/homeassistant/device/${deviceId(ax.serial)}/config`
  await eventually('Home Assistant knows it', () => (bridge.mqtt.latest(config) ?? '') !== '')
  t.match(await bridge.mqtt.request('forget', { serial: ax.serial }), { ok: true, data: { serial: ax.serial } })
  t.match(await bridge.mqtt.event('device_forgotten', ax.serial), { message: 'Bathroom and its keys were forgotten.' })
  for (const topic of [`${ax.serial}/state`, `${ax.serial}/availability`, config]) {
    await eventually(`${topic} is cleared`, () => bridge.mqtt.latest(topic) === '')
  }
  t.equal((await bridge.rest('GET', `/api/v1/devices/${ax.serial}`)).status, 404)
  t.match(await bridge.mqtt.request('forget', { serial: ax.serial }), { error: { code: 'UNKNOWN_DEVICE' } })

  await t.test('and comes back when an account lists it again', async (t) => {
    listIn(house, 'terneo', [{ id: 1, sn: ax.serial, name: 'Bath', totp_key: ax.key }])
    await bridge.mqtt.request('sync')
    t.match(await bridge.device(ax.serial), { name: 'Bath', online: false, health: { key_source: 'terneo' } })
    t.equal(bridge.mqtt.events('key_changed').length, 0)
  })
})

t.test('forgotten by the command line, and gone after a restart as well', async (t) => {
  const { house, bridge, ax, dataDir, silence } = await foundByBeacon(t, '127.23.101.2')
  listIn(house, 'terneo', [])
  silence()
  await bridge.mqtt.request('sync')
  const { broker } = bridge.addresses
  const env = { T2M_DATA_DIR: dataDir, T2M_MQTT_EMBEDDED_PORT: String(broker?.port) }
  const given = call({ words: ['forget', ax.serial], env })
  t.equal(await keys(given), 0)
  t.match(given.terminal.text, /and its keys are forgotten\. If an account still lists it, it returns/)
  const again = call({ words: ['forget', ax.serial], env })
  await t.rejects(keys(again), { code: 'UNKNOWN_DEVICE' })
  await bridge.stop()

  const second = await startBridge(t, { dataDir, settings: { cloud: { accounts: accountsOf(house) } } })
  t.same((await second.rest('GET', '/api/v1/devices')).body, { devices: [] })
})

t.test('the same serial in several accounts: the newest key that the device takes wins', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax', counterBase: '2000' }] })
  const ax = unit(house)
  const record = { id: 1, sn: ax.serial, name: 'Bathroom' }
  listIn(house, 'terneo', [{ ...record, totp_key: 'STALEKEYOFTERNEO' }])
  listIn(house, 'welrok', [])
  const bridge = await startBridge(t, { settings: settingsFor(house) })
  await bridge.online(ax.serial)
  await eventually('the stale key is held', async () => (await keySource(bridge, ax)) === 'terneo')
  listIn(house, 'welrok', [{ ...record, totp_key: ax.key }])
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 2 }), { ok: true }, 'found while the command waits')
  t.equal(await keySource(bridge, ax), 'welrok')

  // Now the other account gives a newer one, which the device does not take.
  listIn(house, 'terneo', [{ ...record, totp_key: 'NEWERKEYOFNOBODY' }])
  await bridge.mqtt.request('sync')
  t.equal(await keySource(bridge, ax), 'terneo', 'the newest is tried first')
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 3 }), { ok: true })
  t.equal(await keySource(bridge, ax), 'welrok', 'and the one that is taken stays')
  const before = ax.writes.length
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 4 }), { ok: true })
  t.match(ax.writes.slice(before), [{ signed: true, accepted: true }])
})

t.test('neither of two accounts has given the right key, and one has it now: the command finds it', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax', counterBase: '2000' }] })
  const ax = unit(house)
  const record = { id: 1, sn: ax.serial, name: 'Bathroom' }
  for (const provider of ['terneo', 'welrok'] as const) {
    listIn(house, provider, [{ ...record, totp_key: `STALEKEY_${provider}`.padEnd(16, '_') }])
  }
  const bridge = await startBridge(t, { settings: settingsFor(house) })
  await bridge.online(ax.serial)
  await bridge.mqtt.next('bridge/info', (text) => text.split('"state":"ready"').length === 3)
  listIn(house, 'welrok', [{ ...record, totp_key: ax.key }])
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 2 }), { ok: true })
  t.equal(await keySource(bridge, ax), 'welrok')
  t.match(await bridge.mqtt.event('key_changed', ax.serial), { account: 'welrok' })
})

t.test('a key given by hand overrides what the account says, and is marked', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax', counterBase: '2000' }] })
  const ax = unit(house)
  listIn(house, 'terneo', [{ id: 1, sn: ax.serial, name: 'Bathroom', totp_key: 'STALEKEYOFTERNEO' }])
  const dataDir = await tempFolder(t)
  const devices = devicesOf(house).map((device) => ({ ...device, totp_key: ax.key }))
  const bridge = await startBridge(t, { dataDir, settings: { cloud: { accounts: accountsOf(house) }, devices } })
  await bridge.online(ax.serial)
  await bridge.mqtt.request('sync')
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 2 }), { ok: true })
  t.match(ax.writes, [{ signed: true, accepted: true }])
  t.equal(await keySource(bridge, ax), 'config')
  const given = call({ env: { T2M_CONFIG: join(dataDir, 'config.yaml'), T2M_DATA_DIR: dataDir } })
  await keys(given)
  const [, ...lines] = given.terminal.text.split('\n').map((line) => line.split(/ {2,}/))
  t.match(lines, [
    [ax.serial, 'Bathroom', `${ax.key.slice(0, 2)}********`, 'config (override)', '-', '-', 'yes'],
    [ax.serial, 'Bathroom', 'ST********', 'terneo', /Z$/, 'never', 'no'],
  ])
  t.notMatch(given.terminal.text, new RegExp(`${ax.key}|STALEKEYOFTERNEO`))
})

t.test('keys that were moved to another machine sign there, without any account', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }, { model: 'oz' }] })
  const [ax, oz] = [unit(house, 0), unit(house, 1)]
  const from = await tempFolder(t)
  const first = await startBridge(t, { dataDir: from, settings: settingsFor(house) })
  await first.online(ax.serial, oz.serial)
  t.match(await first.mqtt.command(ax.serial, { brightness: 1 }), { ok: true })
  await first.stop()
  await Promise.all(house.clouds.map((cloud) => cloud.down()))

  const to = await tempFolder(t)
  const file = join(to, 'keys')
  const passphrase = 'correct horse battery'
  const clock = new SystemClock()
  const env = (T2M_DATA_DIR: string) => ({ T2M_DATA_DIR })
  t.equal(
    await keys(
      call({ words: ['export'], options: { file }, env: env(from), answers: [passphrase, passphrase], clock }),
    ),
    0,
  )
  const text = await readFile(file, 'utf8')
  for (const secret of [ax.key, oz.key, passphrase, ax.serial]) t.notOk(text.includes(secret))
  t.match(text, /^age-encryption\.org\/v1\n-> scrypt \S+ 17\n/)
  t.equal(await keys(call({ words: ['import'], options: { file }, env: env(to), answers: [passphrase] })), 0)

  const second = await startBridge(t, { dataDir: to })
  await second.online(ax.serial, oz.serial)
  t.match(await second.device(ax.serial), { name: 'Bathroom', health: { key_source: 'terneo' } })
  t.match(await second.mqtt.command(ax.serial, { brightness: 2 }), { ok: true })
  t.match(await second.mqtt.command(oz.serial, { brightness: 2 }), { ok: true })
  const lines = second.log.join('')
  for (const secret of [ax.key, oz.key]) t.notOk(lines.includes(secret))
})
