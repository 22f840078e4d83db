import { createSocket } from 'node:dgram'
import t, { type Test } from 'tap'
import { discover } from '../../../src/commands/house/discover.ts'
import { ownUdpPort } from '../../../src/commands/running/ports.ts'
import type { HouseThermostat, VirtualThermostat } from '../../../src/simulator/index.ts'
import { open } from '../../store/support.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { type Call, call, openHouse, QUICK, temporaryFolder } from '../support.ts'

const serials = ['AAAA0001', 'BBBB0002', 'CCCC0003', 'DDDD0004', 'EEEE0005']
const LOCKS = ['none', 'cloud', 'lan', 'lan', 'both'] as const

const HOUSE: readonly HouseThermostat[] = LOCKS.map((lock, index) => ({
  model: index % 2 === 0 ? 'ax' : 'oz',
  serial: serials[index] ?? '',
  lock,
}))

/** Runs it until `enough`, then ends it as Ctrl+C does. */
async function listened(given: Call, enough: () => boolean): Promise<string> {
  const done = discover(given)
  const timer = setInterval(() => {
    if (enough()) given.signals.emit('SIGINT', 'SIGINT')
  }, 20)
  await done
  clearInterval(timer)
  return given.terminal.text
}

const atOnce = () => true

const wasAsked = (thermostat: VirtualThermostat | undefined, cmd: number) =>
  thermostat?.requests.some(({ body }) => JSON.stringify(body) === `{"cmd":${cmd}}`) ?? false

async function settings(t: Test) {
  const beaconPort = await ownUdpPort('127.0.0.1', 0)
  const env = {
    ...QUICK,
    T2M_DISCOVERY_HOST: '127.0.0.1',
    T2M_DISCOVERY_PORT: String(beaconPort),
    T2M_DATA_DIR: temporaryFolder(t),
  }
  return { beaconPort, env, port: await unusedPort('127.23.1.1') }
}

t.test('lists what broadcasts, with its locks and keys', async (t) => {
  const { beaconPort, env, port } = await settings(t)
  const { store } = open(t, env.T2M_DATA_DIR)
  const key = '0123456789ABCDEF'
  store.keys.put('home', [{ serial: 'CCCC0003', key }])
  const { house } = await openHouse(t, { thermostats: HOUSE, port, beaconPort, beaconInterval: 100 })
  const given = call({ env, devicePort: port })
  const text = await listened(given, () => house.thermostats.every((thermostat) => wasAsked(thermostat, 4)))
  const rows = text.split('\n')
  t.match(rows[0], /^SERIAL {4}HW {2}ADDRESS +WI-FI +CONNECTION {2}LOCK {3}KEY FROM$/)
  const row = (index: number, hw: string, lock: string, from: string) =>
    t.match(
      rows[index],
      new RegExp(
        `^${serials[index - 1]}  ${hw}  127\\.23\\.1\\.${index}:${port}  -\\d+ dBm  cloudCon    ${lock} *  ${from}$`,
      ),
    )
  row(1, 'ax', 'none', '-')
  row(2, 'oz', 'cloud', '-')
  row(3, 'ax', 'lan', 'home')
  row(4, 'oz', 'lan', '-')
  row(5, 'ax', 'both', '-')
  t.match(text, /\n {2}lan, with a key: commands are signed\./)
  t.match(text, /\n {2}lan, without a key: it can be read but not controlled\. Add the cloud account/)
  t.match(text, /\n {2}both: nothing on any network/)
  t.match(text, /\n {2}both: .*menu button.*oFF/)
  t.match(text, /\n {2}lan, without a key: .*hold the left button until reg appears/, 'an OZ has its own way')
  t.match(text, /\n {2}none: commands work without a key/)
  t.notMatch(text, /Not everything/)
  t.notMatch(text, key)
  t.match(given.terminal.errs, [/^Listening on UDP 127\.0\.0\.1:\d+ for 30 s/])
})

t.test('lists relays, also a D2W that does not say who it is', async (t) => {
  const { beaconPort, env, port } = await settings(t)
  const quirks = { minSpacing: 0 }
  const { house } = await openHouse(t, {
    thermostats: [],
    relays: [
      { model: 'ms', serial: 'AAAA0001', quirks },
      { model: 'd2w', serial: 'BBBB0002', quirks },
    ],
    port,
    beaconPort,
    beaconInterval: 100,
  })
  const asked = (cmd: number) =>
    house.relays.every(({ requests }) => requests.some(({ body }) => JSON.stringify(body) === `{"cmd":${cmd}}`))
  const text = await listened(call({ env, devicePort: port }), () => asked(4))
  t.match(text, /^AAAA0001 {2}ms {3}127\.23\.1\.1:\d+ .* lan /m)
  t.match(text, /lan, without a key: .*hold its right button for 36 to 39 s/)
  t.notMatch(text, /bLc/)
  t.match(text, /^BBBB0002 {2}D2W {2}127\.23\.1\.2:\d+ .* lan /m)
  t.notMatch(text, /Not everything/)
})

t.test('works while another program listens on the port', async (t) => {
  const { beaconPort, env } = await settings(t)
  const service = createSocket({ type: 'udp4', reuseAddr: true })
  t.teardown(() => service.close())
  await new Promise<void>((resolve) => service.bind(beaconPort, '127.0.0.1', resolve))
  const { store } = open(t, env.T2M_DATA_DIR)
  store.values.set('service', 'runs')
  const given = call({ env, options: { seconds: '1' } })
  t.match(await listened(given, atOnce), /^No device was heard/)
})

t.test('says what is odd', async (t) => {
  const { beaconPort, env, port } = await settings(t)
  const { house } = await openHouse(t, { thermostats: HOUSE.slice(0, 3), port })
  // Rubbish, a liar, one that is not there, and one that says little.
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  await new Promise<void>((resolve) => socket.bind(0, '127.23.1.1', resolve))
  const nobody = createSocket('udp4')
  t.teardown(() => nobody.close())
  await new Promise<void>((resolve) => nobody.bind(0, '127.23.1.99', resolve))
  const silent = house.thermostats[2]
  silent?.quirks.injectReplies.push({ on: 4, reply: 'html' })
  const given = call({ env, devicePort: port })
  const beacons = setInterval(() => {
    for (const text of ['rubbish', '{"sn":"FFFF0006"}']) socket.send(text, beaconPort, '127.0.0.1')
    nobody.send('{"sn":"GGGG0007","hw":"ax"}', beaconPort, '127.0.0.1')
  }, 50)
  t.teardown(() => clearInterval(beacons))
  silent?.startBeacons({ host: '127.0.0.1', port: beaconPort }, 200)
  const text = await listened(given, () => wasAsked(house.thermostats[0], 1) && wasAsked(silent, 4))
  t.match(text, /^CCCC0003 {2}ax .*\? {5}-$/m)
  t.match(text, /^FFFF0006 {2}\? {3}127\.23\.1\.1 +\? +\? +\? +-$/m)
  t.match(
    text,
    /FFFF0006: The thermostat FFFF0006 is heard from 127\.23\.1\.1, but .*another thermostat answers there \(AAAA0001\)/,
  )
  t.match(text, /GGGG0007: .* is heard from 127\.23\.1\.99, but .*nothing answers there/)
  t.match(text, /CCCC0003: The answer from .* is not JSON/)
})

t.test('hears nothing, and says what to check', async (t) => {
  const { env } = await settings(t)
  const text = await listened(call({ env, options: { seconds: '1' } }), atOnce)
  for (const remedy of [
    /VLAN/,
    /network_mode: host/,
    /firewall.* UDP/,
    /discovery\.port is/,
    /discovery\.host is 127/,
  ]) {
    t.match(text, remedy)
  }
})

t.test('goes on without a store that does not open, and stops where it can not listen', async (t) => {
  const { env } = await settings(t)
  open(t, env.T2M_DATA_DIR).store.close()
  const given = call({ env: { ...env, T2M_STORE_KEY_FILE: '/dev/null' }, options: { seconds: '1' } })
  await listened(given, atOnce)
  t.match(given.terminal.errs.join('\n'), /Keys in the store can't be looked up: .*contains no master key/)
  await t.rejects(discover(call({ env: { ...env, T2M_DISCOVERY_HOST: '192.0.2.1' } })), { code: 'INTERNAL' })
})
