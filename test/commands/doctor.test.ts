import { chmodSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import t, { type Test } from 'tap'
import { doctor } from '../../src/commands/doctor.ts'
import type { VirtualHouse } from '../../src/simulator/index.ts'
import { open } from '../store/support.ts'
import { type Call, call, freeTcpPort, openHouse, QUICK, temporaryFolder } from './support.ts'

const KEY = '0123456789ABCDEF'

interface Case {
  readonly env: Readonly<Record<string, string>>
  readonly dataDir: string
}

/** Everything on ports that nobody has. */
async function quiet(t: Test): Promise<Case> {
  const dataDir = temporaryFolder(t)
  const env = {
    ...QUICK,
    T2M_DATA_DIR: dataDir,
    T2M_API_PORT: String(await freeTcpPort()),
    T2M_MQTT_EMBEDDED_PORT: String(await freeTcpPort()),
    T2M_DISCOVERY_HOST: '127.0.0.1',
    T2M_DISCOVERY_PORT: '0',
  }
  return { env, dataDir }
}

async function diagnose(given: Call): Promise<{ code: number; text: string }> {
  return { code: await doctor(given), text: given.terminal.text }
}

/** Puts the thermostats of a house into the store, as the bridge does when it has met them. */
function meet(t: Test, dataDir: string, house: VirtualHouse, keyed: readonly string[]) {
  const { store } = open(t, dataDir, {})
  store.keys.put(
    'home',
    house.units.filter(({ serial }) => keyed.includes(serial)).map(({ serial, key }) => ({ serial, key })),
  )
  store.devices.save(
    ...house.units.map(({ serial, name, host, port }) => ({
      serial,
      hw: null,
      name,
      host,
      port,
      counterBase: null,
      learned: {},
      features: [],
      sources: ['beacon'],
    })),
  )
  return store
}

t.test('a fresh installation', async (t) => {
  const { env } = await quiet(t)
  const { code, text } = await diagnose(call({ env }))
  t.equal(code, 0)
  t.match(text, /^Configuration\n {2}\[ok\] {3}no file; defaults and environment: valid, with 0 cloud accounts/)
  t.match(text, /\[ok\] {3}.* holds no store yet/)
  t.match(text, /\[ok\] {3}embedded: 127\.0\.0\.1:\d+ is free/)
  t.match(text, /\[ok\] {3}127\.0\.0\.1:\d+ is free/)
  t.match(text, /\[ok\] {3}beacons can be heard/)
  t.match(text, /\[warn\] discovery\.port is 0, but devices send to 23500/)
  t.match(text, /\[warn\] none is held.*\n {9}-> configure the account/)
  t.match(text, /\[warn\] none is known yet\n {9}-> thermo2mqtt discover/)
  t.match(text, /\n\nNo problem found, 3 warnings\.$/)
})

t.test('thermostats: address, serial, clock, lock, key, signing', async (t) => {
  const { env, dataDir } = await quiet(t)
  const { house } = await openHouse(t, {
    addressing: 'ports',
    thermostats: [
      {
        model: 'ax',
        serial: 'AX000001',
        name: 'Signed',
        lock: 'lan',
        counterBase: '2000',
        clockOffset: 0,
        clockDrift: 1,
      },
      { model: 'oz', serial: 'OZ000002', name: 'Unix', lock: 'lan', counterBase: 'unix', clockOffset: 7200 },
      { model: 'ax', serial: 'AX000003', name: 'Wrong key', lock: 'lan', key: KEY },
      { model: 'ax', serial: 'AX000004', name: 'No key', lock: 'lan' },
      { model: 'ax', serial: 'AX000005', name: 'Locked', lock: 'both' },
      { model: 'ax', serial: 'AX000006', name: 'Open', lock: 'none', clockOffset: -1000 },
      { model: 'ax', serial: 'AX000007', name: 'Off' },
      { model: 'ax', serial: 'AX000008', name: 'Moved' },
    ],
  })
  const store = meet(t, dataDir, house, ['AX000001', 'OZ000002', 'AX000003'])
  house.thermostat('AX000003')?.rebind('FEDCBA9876543210')
  await house.thermostat('AX000007')?.unplug()
  const [first] = store.devices.load()
  if (first) {
    store.devices.save({ ...first, serial: 'AX000008', name: 'Moved' })
    store.devices.save({ ...first, serial: 'AX000009', name: 'Lost', host: null, port: null })
  }
  const brightness = house.thermostat('AX000001')?.parameter(23)
  const { code, text } = await diagnose(call({ env }))
  t.equal(code, 1)
  const of = (name: string) =>
    text.split('\n').filter((line) => line.includes(`] ${name} (`) || line.includes(`]   ${name} (`))
  t.match(text, /\[ok\] {3}3 keys from account home/)
  t.match(of('Signed'), [
    /^ {2}\[ok\] {3}Signed \(AX000001\): answers at 127\.0\.0\.1:\d+ under its serial$/,
    /its clock is [01] s (ahead of|behind) this machine's$/,
    /\[ok\] .*lock lan, key from account home: takes signed commands, counter base 2000 \(its brightness \d+ was written/,
  ])
  t.match(of('Unix'), [
    /\[ok\]/,
    /its clock is 7[12]\d\d s ahead of this machine's, as in a zone of 2 h$/,
    /\[ok\].*signed commands.*unix/,
  ])
  t.match(
    of('Wrong key')[2],
    /\[fail\].*lock lan, key from account home, but a signed write is refused: .*bound to another/,
  )
  t.match(of('No key')[2], /\[fail\].*no key is held/)
  t.match(of('Locked')[2], /\[fail\].*lock both/)
  t.match(of('Open'), [
    /\[ok\]/,
    /\[warn\].*its clock is \d{3,4} s behind this machine's$/,
    /\[ok\].*lock none: commands need no signature/,
  ])
  t.match(of('Off'), [/\[fail\].*Nothing answers at/])
  t.match(of('Moved'), [/\[fail\].*another thermostat answers \(AX000001, not AX000008\)/])
  t.match(of('Lost'), [/\[warn\].*its address is not known/])
  t.match(text, /\n5 problems found, \d warnings?\.$/)
  for (const { key } of house.thermostats) t.notMatch(text, key)

  const writes = house.thermostat('AX000001')?.writes ?? []
  t.ok(
    writes.length >= 1 && writes.every(({ body }) => JSON.stringify(body).includes(`"par":[[23,2,"${brightness}"]]`)),
    'nothing else is written',
  )
  for (const serial of ['AX000004', 'AX000005', 'AX000006']) {
    t.strictSame(house.thermostat(serial)?.writes, [], `${serial} is only read`)
  }
})

t.test('relays: reached, with the clock of a D2W, and signed for', async (t) => {
  const { env, dataDir } = await quiet(t)
  const { house } = await openHouse(t, {
    addressing: 'ports',
    thermostats: [],
    relays: [
      { model: 'ms', serial: 'MS000001', name: 'Relay', clockOffset: 0, quirks: { minSpacing: 0 } },
      { model: 'd2w', serial: 'DW000002', name: 'Mains', clockOffset: 1000, quirks: { minSpacing: 0 } },
    ],
  })
  const { store } = open(t, dataDir, {})
  store.keys.put(
    'home',
    house.relays.map(({ serial, key }) => ({ serial, key })),
  )
  meet(t, dataDir, house, [])
  const { text } = await diagnose(call({ env }))
  t.match(text, /\[ok\] {3}Relay \(MS000001\): answers at 127\.0\.0\.1:\d+ under its serial/)
  t.match(text, /\[ok\] {3}Mains \(DW000002\): answers at 127\.0\.0\.1:\d+, as a D2W does, without its serial/)
  t.match(text, /\[warn\] Mains \(DW000002\): its clock is \d+ s ahead/)
  for (const name of ['Relay \\(MS000001\\)', 'Mains \\(DW000002\\)']) {
    t.match(text, new RegExp(`\\[ok\\] {3}${name}: lock lan, key from account home: .*signed commands.*brightness`))
  }
})

t.test('accounts: keys come, and no password is sent twice', async (t) => {
  const { env, dataDir } = await quiet(t)
  const { house } = await openHouse(t, {
    addressing: 'ports',
    thermostats: [{ model: 'oz', serial: 'OZ000001', name: 'Hall', lock: 'lan' }],
  })
  const [terneo, welrok] = house.clouds
  const [device] = house.thermostats
  const yaml = `
cloud:
  accounts:
    - {id: good, provider: welrok, url: '${welrok?.url}', username: house@welrok.example, password: virtual-house}
    - {id: bad, provider: terneo, url: '${terneo?.url}', username: house@terneo.example, password: wrong-hunter2}
    - {id: down, provider: terneo, url: 'http://127.0.0.1:9', username: me, password: wrong-hunter2}
devices:
  - {serial: OZ000001, host: 127.0.0.1, port: ${device?.port}}
  - {serial: OZ000002, totp_key: ${KEY}}
`
  const file = `${t.testdir({ 'config.yaml': yaml })}/config.yaml`
  chmodSync(file, 0o644)
  const given = { env: { ...env, T2M_CONFIG: file } }

  const fresh = await diagnose(call(given))
  t.equal(fresh.code, 1)
  t.match(fresh.text, /\[warn\] .*config\.yaml holds secrets, and other users.*\n {9}-> chmod 600/)
  t.match(fresh.text, /\[ok\] {3}good \(welrok\): signed in, lists 1 device\n/)
  t.match(fresh.text, /\[fail\] bad \(terneo\) is refused\. .*\n.*thermo2mqtt login --account=bad/)
  t.match(fresh.text, /\[warn\] down \(terneo\) can't be reached/)
  t.match(
    fresh.text,
    /\[ok\] {3}1 key from the configuration \(overrides what accounts say\)\n {2}\[ok\] {3}1 key from account good\n/,
  )
  t.match(fresh.text, /\[ok\] {3}Hall \(OZ000001\): lock lan, key from account good: takes signed commands/)
  t.match(fresh.text, /\[warn\] OZ000002: its address is not known/)
  t.notMatch(fresh.text, new RegExp(`hunter2|${KEY}|${device?.key}`))

  open(t, dataDir).store.close()
  const logins = () =>
    [terneo, welrok].map((cloud) => cloud?.requests.filter(({ path }) => path.startsWith('/api/login')).length)
  const before = logins()
  t.equal((await diagnose(call(given))).code, 1)
  const first = logins()
  t.strictSame(
    first,
    before.map((count) => (count ?? 0) + 1),
    'there was no store before to remember anything',
  )
  const again = await diagnose(call(given))
  t.equal(again.code, 1)
  t.strictSame(logins(), first, 'the stored sign-in is used, and the refused password not sent again')
  t.match(again.text, /\[ok\] {3}good \(welrok\): signed in/)
  t.match(again.text, /\[fail\] bad \(terneo\) is refused\. .*less than an hour ago/)
})

function listen(t: Test, server: Server): Promise<string> {
  t.teardown(() => server.close())
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(String(typeof address === 'object' ? address?.port : 0))
    }),
  )
}

t.test('ports that others have', async (t) => {
  const { env } = await quiet(t)
  const port = await listen(
    t,
    createServer((socket) => void socket.end('who?\r\n')),
  )
  const { code, text } = await diagnose(call({ env: { ...env, T2M_API_PORT: port, T2M_MQTT_EMBEDDED_PORT: port } }))
  t.equal(code, 1)
  t.match(text, /\[fail\] embedded: another program has 127\.0\.0\.1:\d+\n {9}-> give the embedded broker another/)
  t.match(text, /\[fail\] another program has 127\.0\.0\.1:\d+\n {9}-> give the bridge another api\.port/)
  const elsewhere = { T2M_API_HOST: '192.0.2.1', T2M_MQTT_EMBEDDED_HOST: '192.0.2.1', T2M_DISCOVERY_HOST: '192.0.2.1' }
  const secure = { T2M_MQTT_EMBEDDED_USERNAME: 'me', T2M_MQTT_EMBEDDED_PASSWORD: 'hunter2' }
  const wrong = await diagnose(call({ env: { ...env, ...elsewhere, ...secure } }))
  t.equal(wrong.code, 1)
  t.match(
    wrong.text,
    /the bridge can't listen on 192\.0\.2\.1:\d+ \(EADDRNOTAVAIL\)\n {9}-> correct mqtt\.embedded\.host/,
  )
  t.match(wrong.text, /the bridge can't listen on 192\.0\.2\.1:\d+ \(EADDRNOTAVAIL\)\n {9}-> correct api\.host/)
  t.match(wrong.text, /\[fail\] Can't listen for beacons on UDP 192\.0\.2\.1/)
})

t.test('brokers', async (t) => {
  const { Aedes } = await import('aedes')
  const broker = new Aedes({
    authenticate: (_client, name, password, done) => done(null, name === 'me' && String(password) === 'hunter2-pw'),
    authorizeSubscribe: (client, subscription, done) =>
      done(
        null,
        client?.id.startsWith('thermo2mqtt-visit') && subscription.topic.startsWith('secret/') ? null : subscription,
      ),
  })
  await broker.listen()
  const published: string[] = []
  broker.on('publish', ({ topic, retain }, client) => {
    if (client) published.push(`${topic} ${retain}`)
  })
  t.teardown(() => new Promise<void>((resolve) => broker.close(() => resolve())))
  const port = await listen(
    t,
    createServer((socket) => void broker.handle(socket)),
  )
  const { env } = await quiet(t)
  const url = `mqtt://127.0.0.1:${port}`
  const visit = async (more: Readonly<Record<string, string>>) => {
    const login = { T2M_MQTT_USERNAME: 'me', T2M_MQTT_PASSWORD: 'hunter2-pw' }
    const { code, text } = await diagnose(call({ env: { ...env, ...login, T2M_MQTT_URL: url, ...more } }))
    t.notMatch(text, /hunter2/)
    return { code, text: /MQTT broker\n(.*)REST and page/s.exec(text)?.[1] ?? '' }
  }
  t.match(await visit({}), {
    code: 0,
    text: /^ {2}\[ok\] {3}mqtt:\/\/127\.0\.0\.1:\d+: connected with MQTT (5|3\.1\.1); no bridge has been there yet\n$/,
  })
  t.strictSame(
    published.map((line) => line.replace(/[0-9a-f]{8}/, '<random>')),
    ['thermo2mqtt/bridge/check/<random> false'],
    'nothing retained',
  )
  t.match(await visit({ T2M_MQTT_PASSWORD: 'hunter2-no' }), {
    code: 1,
    text: /\[fail\].*\n {9}-> it refuses the user name or password; check mqtt\.username/,
  })
  t.match(await visit({ T2M_MQTT_BASE_TOPIC: 'secret' }), {
    code: 0,
    text: /\[warn\] it refuses to subscribe to secret\/bridge\/state.*\n.*access list/,
  })
  const native = { T2M_NATIVE_MQTT_ENABLED: 'true', T2M_NATIVE_MQTT_COMMANDS: 'mqtt' }
  t.match(await visit({ ...native, T2M_NATIVE_MQTT_TOPICS: 'home/{serial}' }), {
    code: 0,
    text: /\[ok\].*\n {2}\[ok\] {3}what devices publish by themselves may be heard on home\/\+\/get\/\+; commands go there too\n$/,
  })
  t.match(await visit({ ...native, T2M_NATIVE_MQTT_TOPICS: 'secret/{serial}' }), {
    code: 0,
    text: /\[ok\].*\n {2}\[warn\] it refuses to subscribe to secret\/\+\/get\/\+, secret\/\+\/\+, where devices.*\n.*native_mqtt\.topics/,
  })
  const gone = `mqtt://127.0.0.1:${await freeTcpPort()}`
  t.match(await visit({ T2M_MQTT_URL: gone }), { code: 1, text: /\[fail\].*ECONNREFUSED.*\n {9}-> check mqtt\.url/ })
  t.match(
    await visit({ T2M_MQTT_URL: `${gone},${url}` }),
    { code: 0, text: /\[warn\].*ECONNREFUSED.*\n.*\n {2}\[ok\]/ },
    'one of several is enough',
  )
  t.match(await visit({ T2M_MQTT_CA: '/dev/zero', T2M_MQTT_URL: 'mqtts://127.0.0.1' }), {
    code: 1,
    text: /\[fail\] mqtt\.ca: \/dev\/zero is not a PEM file/,
  })
  const embedded = {
    T2M_MQTT_URL: '',
    T2M_MQTT_EMBEDDED_PORT: port,
    T2M_MQTT_EMBEDDED_USERNAME: 'me',
    T2M_MQTT_EMBEDDED_PASSWORD: 'hunter2-pw',
  }
  t.match(await visit(embedded), { code: 1, text: /it is a broker: use it with mqtt\.url=mqtt:\/\/127/ })
})

t.test('stores that are not as they should be', async (t) => {
  const { env, dataDir } = await quiet(t)
  const { store } = open(t, dataDir)
  store.keys.put('home', [{ serial: 'AAAA0001', key: KEY }])
  store.close()
  const fine = await diagnose(call({ env }))
  t.match(fine.text, /\[ok\] {3}.*thermo2mqtt\.db opens; its master key is store\.key beside it\n/)
  t.match(fine.text, /\[ok\] {3}1 key from account home/)
  const other = t.testdir({ key: `${Buffer.alloc(32, 7).toString('base64')}\n`, file: '' })
  chmodSync(`${other}/key`, 0o600)
  const foreign = await diagnose(call({ env: { ...env, T2M_STORE_KEY_FILE: `${other}/key` } }))
  t.equal(foreign.code, 1)
  t.match(foreign.text, /\[fail\] The master key .* does not open what is stored/)
  const broken = await diagnose(call({ env: { ...env, T2M_STORE_KEY_FILE: `${other}/file` } }))
  t.equal(broken.code, 1)
  t.match(broken.text, /\[fail\] .*holds no master key/)
  const nowhere = await diagnose(call({ env: { ...env, T2M_DATA_DIR: `${other}/file/data` } }))
  t.equal(nowhere.code, 1)
  t.match(nowhere.text, /\[fail\] .*file\/data can't be made: .*file is no folder/)
})
