import { createSocket } from 'node:dgram'
import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { identify } from '../../../src/lan/discovery/identify.ts'
import { Discovery } from '../../../src/lan/discovery/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { passing, testLogger } from '../support.ts'
import { beacon, dropped, fixture, listen, somebody, until } from './rig.ts'

t.test('a device is found once it has confirmed its serial', async (t) => {
  const unit = await startThermostat(t)
  const ear = await listen(t, { devicePort: unit.port })
  const send = await somebody(t)
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.found.length > 0)
  t.match(ear.found, [{ serial: SERIAL, address: { host: '127.0.0.1', port: unit.port }, hw: 'oz' }])
  t.equal(ear.found[0]?.identity.parameters.get(23)?.value, '10', 'with what it answered')
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

t.test('a virtual device of the simulated house is asked at its port, as nothing else is', async (t) => {
  // An address that no house has, so that nobody else uses the port there.
  const host = `127.23.${200 + (process.pid % 50)}.${process.pid % 250}`
  const unit = await startThermostat(t, { host, port: 8023 })
  const ear = await listen(t, { devicePort: 80 })
  const send = await somebody(t, host)
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.found.length > 0)
  t.match(ear.found, [{ serial: SERIAL, address: { host, port: 8023 } }])
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
  t.same(ear.alive, [], 'whether it has moved is for others to find out')
  ear.discovery.know(SERIAL, { host: '127.0.0.7', port: unit.port })
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.alive.length > 0)
  t.equal(unit.requests.length, 1)
})

t.test('a device whose host is given by a name is where the name says', async (t) => {
  const unit = await startThermostat(t)
  const ear = await listen(t, { devicePort: unit.port })
  ear.discovery.know(SERIAL, { host: 'localhost', port: unit.port })
  const send = await somebody(t)
  await send(ear.port, unit.beacon())
  // The first ones come while the name is looked up.
  while (ear.alive.length < 2) {
    await send(ear.port, unit.beacon())
    await ear.clock.advance(1)
  }
  t.same([ear.found, unit.requests], [[], []], 'nobody has to be asked, and it has not moved')
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

t.test('who can not be reached is asked again only after growing pauses', async (t) => {
  const unit = await startThermostat(t)
  const ear = await listen(t, { devicePort: unit.port })
  const send = await somebody(t)
  await unit.unplug()
  let asked = 0
  const counts: number[] = []
  for (let minute = 0; minute < 8; minute++) {
    const before = ear.lines.filter(({ message }) => message.includes('could not be identified')).length
    const drops = dropped(ear)
    await send(ear.port, unit.beacon())
    await until(ear.clock, () => dropped(ear) > drops)
    asked += ear.lines.filter(({ message }) => message.includes('could not be identified')).length - before
    counts.push(asked)
    await ear.clock.advance(60_500)
  }
  t.same(counts, [1, 2, 2, 3, 3, 3, 3, 4])
  await unit.plugIn()
  await ear.clock.advance(600_000)
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.found.length === 1)
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
  const options = { clock, timeout: 1000, minSpacing: 0, random: () => 0.5 }
  const address = { host: unit.host, port: unit.port }
  const { serial, parameters } = await passing(clock, identify(address, options))
  t.equal(serial, SERIAL)
  t.equal(parameters.get(114)?.type, 7)
  unit.quirks.injectReplies.push({ raw: '{"success":"true"}' })
  await t.rejects(passing(clock, identify(address, options)), BridgeError)
})
