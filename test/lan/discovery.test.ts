import { createSocket, type Socket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { BridgeError } from '../../src/core/errors.ts'
import { Discovery, type DiscoveryEvents, type DiscoveryOptions } from '../../src/lan/discovery.ts'
import { identify } from '../../src/lan/identify.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { SERIAL, startThermostat, type Teardown } from '../support/simulator.ts'
import { type Line, passing, testLogger } from './support.ts'

const fixture: { datagrams: string[] } = JSON.parse(
  readFileSync(new URL('../fixtures/beacons.json', import.meta.url), 'utf8'),
)

const beacon = (serial: string) => JSON.stringify({ sn: serial, hw: 'oz', connection: 'cloudCon', wifi: '-60' })

interface Ear {
  readonly discovery: Discovery
  readonly port: number
  readonly clock: FakeClock
  readonly found: DiscoveryEvents['found'][]
  readonly alive: DiscoveryEvents['alive'][]
  readonly lines: Line[]
}

async function listen(t: Teardown, options: Partial<DiscoveryOptions> = {}): Promise<Ear> {
  const clock = new FakeClock()
  const lines: Line[] = []
  const discovery = new Discovery({
    host: '127.0.0.1',
    port: 0,
    devicePort: 1,
    timeout: 2000,
    clock,
    random: () => 0.5,
    logger: testLogger(lines),
    ...options,
  })
  const { port } = await discovery.start()
  t.teardown(() => discovery.stop())
  const ear: Ear = { discovery, port, clock, found: [], alive: [], lines }
  discovery.on('found', (event) => ear.found.push(event))
  discovery.on('alive', (event) => ear.alive.push(event))
  return ear
}

/** Somebody on the LAN, with an address of their own. */
async function somebody(
  t: Teardown,
  host = '127.0.0.1',
): Promise<(port: number, datagram: string | Buffer) => Promise<void>> {
  const socket: Socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, host, resolve))
  t.teardown(() => new Promise<void>((resolve) => socket.close(() => resolve())))
  return (port, datagram) =>
    new Promise((resolve, reject) => {
      socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()))
    })
}

/** Lets time and sockets go on until it is so. */
async function until(clock: FakeClock, so: () => boolean, step = 1): Promise<void> {
  for (let i = 0; i < 3000 && !so(); i++) await clock.advance(step)
  if (!so()) throw new Error('it never came to be so')
}

const dropped = (ear: Ear) => Object.values(ear.discovery.stats()).reduce((sum, count) => sum + count, 0)

t.test('a device is found once it has confirmed its serial', async (t) => {
  const unit = await startThermostat(t)
  const ear = await listen(t, { devicePort: unit.port })
  const send = await somebody(t)
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.found.length > 0)
  t.same(ear.found, [{ serial: SERIAL, address: { host: '127.0.0.1', port: unit.port }, hw: 'oz' }])
  t.same(ear.alive, [])
  ear.discovery.know(SERIAL, { host: '127.0.0.1', port: unit.port })
  ear.discovery.know(SERIAL, { host: '127.0.0.1', port: unit.port })
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.alive.length > 0)
  t.match(ear.alive[0], { serial: SERIAL, beacon: { serial: SERIAL, hw: 'oz', cloud: true } })
  t.equal(unit.requests.length, 1, 'known, it is not asked again')
  ear.discovery.forget(SERIAL)
  await ear.clock.advance(61_000)
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.found.length > 1)
})

t.test('a moved device is believed after it was asked', async (t) => {
  const unit = await startThermostat(t)
  const ear = await listen(t, { devicePort: unit.port })
  ear.discovery.know(SERIAL, { host: '127.0.0.9', port: unit.port })
  await unit.moveTo('127.0.0.7')
  const send = await somebody(t, '127.0.0.7')
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.found.length > 0)
  t.same(ear.found[0]?.address, { host: '127.0.0.7', port: unit.port })
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.alive.length > 0)
  t.equal(unit.requests.length, 1, 'even when nobody wrote the new address down')
})

t.test('published beacons are understood; without a device behind them they come to nothing', async (t) => {
  const ear = await listen(t)
  const send = await somebody(t)
  const serials = new Set(fixture.datagrams.map((text) => String(JSON.parse(text).sn)))
  for (const serial of serials) ear.discovery.know(serial, { host: '127.0.0.1', port: 80 })
  for (const text of fixture.datagrams) await send(ear.port, text)
  await until(ear.clock, () => ear.alive.length === fixture.datagrams.length)
  t.same(new Set(ear.alive.map(({ serial }) => serial)), serials)
  t.equal(dropped(ear), 0)
})

t.test('bad datagrams are counted by reason, and logged once a minute', async (t) => {
  const ear = await listen(t)
  const send = await somebody(t)
  const bad: [string | Buffer, string][] = [
    ['hello', 'not_json'],
    ['', 'not_json'],
    ['[1]', 'not_json'],
    ['"text"', 'not_json'],
    [Buffer.from([0xff, 0x00, 0x7b]), 'not_json'],
    [Buffer.alloc(65_000, '{'), 'too_long'],
    [`{"sn":"${SERIAL}","x":"${'y'.repeat(2000)}"}`, 'too_long'],
    ['{}', 'bad_serial'],
    ['{"sn":12345678}', 'bad_serial'],
    ['{"sn":["404CCAAAD4E8A89860609800000149"]}', 'bad_serial'],
    ['{"sn":{"toString":1}}', 'bad_serial'],
    ['{"sn":""}', 'bad_serial'],
    ['{"sn":"4/../4"}', 'bad_serial'],
    ['{"sn":"404C+AAAA"}', 'bad_serial'],
    ['{"sn":"404C#AAAA"}', 'bad_serial'],
    ['{"sn":"404C\\u0000AAAA"}', 'bad_serial'],
    [`{"sn":"${'A'.repeat(65)}"}`, 'bad_serial'],
  ]
  const expected: Record<string, number> = { too_long: 0, not_json: 0, bad_serial: 0, unconfirmed: 0, flood: 0 }
  for (const [datagram, reason] of bad) {
    expected[reason] = (expected[reason] ?? 0) + 1
    await send(ear.port, datagram)
    await until(ear.clock, () => dropped(ear) === Object.values(expected).reduce((a, b) => a + b, 0))
    t.same(ear.discovery.stats(), expected, `${datagram.toString().slice(0, 40)}`)
  }
  t.equal(ear.lines.length, 3, 'one line a reason')
  await ear.clock.advance(60_000)
  await send(ear.port, 'hello')
  await until(ear.clock, () => ear.lines.length === 4)
  t.same([...ear.found, ...ear.alive], [])
})

t.test('wrong types beside a good serial do no harm', async (t) => {
  const ear = await listen(t)
  const send = await somebody(t)
  ear.discovery.know('ABCD1234', { host: '127.0.0.1', port: 80 })
  const rest = ['{"toString":1}', '[[[]]]', '1e999', 'true', 'null', '"x"']
  for (const value of rest) {
    await send(ear.port, `{"sn":"ABCD1234","wifi":${value},"hw":${value},"cloud":${value},"connection":${value}}`)
  }
  await until(ear.clock, () => ear.alive.length === rest.length)
  for (const { beacon } of ear.alive) t.match(beacon, { wifi: null, cloud: null })
})

t.test('a listener that throws keeps nobody from hearing', async (t) => {
  const ear = await listen(t)
  const send = await somebody(t)
  ear.discovery.know('ABCD1234', { host: '127.0.0.1', port: 80 })
  ear.discovery.on('alive', () => {
    throw new Error('a bug')
  })
  await send(ear.port, beacon('ABCD1234'))
  await until(ear.clock, () => ear.lines.some(({ level }) => level === 'error'))
  await send(ear.port, beacon('ABCD1234'))
  await until(ear.clock, () => ear.alive.length === 2)
})

t.test('the serial of another device is not adopted', async (t) => {
  const unit = await startThermostat(t)
  const ear = await listen(t, { devicePort: unit.port })
  const send = await somebody(t)
  ear.discovery.know('0000000000000000000000000000AA', { host: '127.0.0.9', port: 80 })
  await send(ear.port, beacon('0000000000000000000000000000AA'))
  await until(ear.clock, () => ear.discovery.stats().unconfirmed === 1)
  unit.quirks.injectReplies.push({ raw: '{"deviceId":0,"par":{"1":245}}' })
  await send(ear.port, beacon('0000000000000000000000000000AB'))
  await until(ear.clock, () => ear.discovery.stats().unconfirmed === 2)
  unit.quirks.injectReplies.push({ raw: '{"par":[[4,3,"200"]]}' })
  await send(ear.port, beacon('0000000000000000000000000000AC'))
  await until(ear.clock, () => ear.discovery.stats().unconfirmed === 3)
  unit.quirks.injectReplies.push({ raw: '{"sn":"a/b/c/d","par":[[4,3,"200"]]}' }, 'block')
  await send(ear.port, beacon('0000000000000000000000000000AD'))
  await until(ear.clock, () => ear.discovery.stats().unconfirmed === 4)
  await send(ear.port, beacon('0000000000000000000000000000AE'))
  await until(ear.clock, () => ear.discovery.stats().unconfirmed === 5)
  t.same(ear.found, [])
  t.equal(unit.requests.length, 5)
})

t.test('who can not be reached is asked again only after growing pauses', async (t) => {
  const unit = await startThermostat(t)
  const ear = await listen(t, { devicePort: unit.port })
  const send = await somebody(t)
  await unit.unplug()
  let asked = 0
  const counts: number[] = []
  for (let minute = 0; minute < 8; minute++) {
    const before = ear.lines.filter(({ message }) => message.includes('could not be asked')).length
    const drops = dropped(ear)
    await send(ear.port, unit.beacon())
    await until(ear.clock, () => dropped(ear) > drops)
    asked += ear.lines.filter(({ message }) => message.includes('could not be asked')).length - before
    counts.push(asked)
    await ear.clock.advance(60_500)
  }
  t.same(counts, [1, 2, 2, 3, 3, 3, 3, 4])
  await unit.plugIn()
  await ear.clock.advance(600_000)
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.found.length === 1)
})

t.test('thousands of serials from one sender neither fill memory nor flood anybody', async (t) => {
  const unit = await startThermostat(t, { quirks: { latency: 50 } })
  const ear = await listen(t, { devicePort: unit.port })
  const send = await somebody(t)
  const count = 3000
  for (let i = 0; i < count; i++) {
    await send(ear.port, beacon(`F${String(i).padStart(29, '0')}`))
    if (i % 20 === 0) await ear.clock.advance(1)
  }
  await until(ear.clock, () => dropped(ear) > count - 10, 5)
  t.ok(unit.requests.length <= 5, `${unit.requests.length} questions`)
  t.ok(ear.discovery.stats().flood > count - 10)
  t.ok(ear.lines.length < 20)
  // A known device is heard all the same.
  ear.discovery.know(SERIAL, { host: '127.0.0.1', port: unit.port })
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.alive.length === 1)
})

t.test('two instances share a port, and both hear a broadcast', async (t) => {
  const first = await listen(t, { host: '0.0.0.0' })
  const second = await listen(t, { host: '0.0.0.0', port: first.port })
  t.equal(second.port, first.port)
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>((resolve) => socket.close(() => resolve())))
  socket.setBroadcast(true)
  for (const { discovery } of [first, second]) discovery.know('ABCD1234', { host: '127.0.0.1', port: 80 })
  socket.send(beacon('ABCD1234'), first.port, '127.255.255.255')
  await until(first.clock, () => first.alive.length === 1 && second.alive.length === 1)
})

t.test('a port that can not be had is told; another start works', async (t) => {
  const holder = createSocket('udp4')
  await new Promise<void>((resolve) => holder.bind(0, '127.0.0.1', resolve))
  const { port } = holder.address()
  const clock = new FakeClock()
  const discovery = new Discovery({
    host: '127.0.0.1',
    port,
    timeout: 1000,
    clock,
    random: () => 0.5,
    logger: testLogger(),
  })
  t.teardown(() => discovery.stop())
  await t.rejects(discovery.start(), { code: 'INTERNAL', message: /another program/ })
  await discovery.stop()
  await new Promise<void>((resolve) => holder.close(() => resolve()))
  t.same(await discovery.start(), { host: '127.0.0.1', port })
  t.same(await discovery.start(), { host: '127.0.0.1', port })
  const elsewhere = new Discovery({
    host: '192.0.2.1',
    port: 0,
    timeout: 1000,
    clock,
    random: () => 0.5,
    logger: testLogger(),
  })
  await t.rejects(elsewhere.start(), { code: 'INTERNAL', message: /no such address/ })
})

t.test('stop ends the questions under way', async (t) => {
  const unit = await startThermostat(t)
  unit.quirks.injectReplies.push('no-answer')
  const ear = await listen(t, { devicePort: unit.port })
  const send = await somebody(t)
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => unit.requests.length === 1)
  await ear.discovery.stop()
  await until(ear.clock, () => ear.clock.waiting === 0)
  t.same(ear.found, [])
  const { port } = await ear.discovery.start()
  await send(port, unit.beacon())
  await until(ear.clock, () => ear.found.length === 1)
})

t.test('who is it', async (t) => {
  const unit = await startThermostat(t)
  const clock = new FakeClock()
  const options = { clock, timeout: 1000, random: () => 0.5 }
  const address = { host: unit.host, port: unit.port }
  const { serial, parameters } = await passing(clock, identify(address, options))
  t.equal(serial, SERIAL)
  t.equal(parameters.get(114)?.type, 7)
  unit.quirks.injectReplies.push({ raw: '{"success":"true"}' })
  await t.rejects(passing(clock, identify(address, options)), BridgeError)
})
