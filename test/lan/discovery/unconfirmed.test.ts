/** A thermostat that is heard but can't be confirmed is never invisible: cause and remedy, once for each serial and sender. */
import { createServer } from 'node:http'
import t from 'tap'
import { UnconfirmedDevices } from '../../../src/lan/discovery/unconfirmed.ts'
import type { Quirks } from '../../../src/simulator/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat, type Teardown } from '../../support/simulator.ts'
import { beacon, listen, somebody, until } from './rig.ts'

async function heard(t: Teardown, quirks: Partial<Quirks>, serial = SERIAL) {
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock, quirks })
  const ear = await listen(t, { clock, devicePort: unit.port })
  const send = await somebody(t)
  const say = async () => {
    await send(ear.port, beacon(serial))
    await ear.clock.advance(1)
  }
  await say()
  return { unit, ear, say }
}

const warnings = (lines: readonly { level: string; message: string }[]) =>
  lines.filter(({ level }) => level === 'warn').map(({ message }) => message)

t.test('each cause has its remedy', async (t) => {
  const causes: [Partial<Quirks>, string, RegExp, string?][] = [
    [{ deafTo: [1, 4] }, 'empty', /power off and on/],
    [{ latency: 11_000 }, 'timeout', /device\.timeout/],
    [{ busyNext: 99 }, 'busy', /Another program/],
    [{}, 'other_device', /network_mode: host.*devices, host/, 'OTHER00001'],
    [{ injectReplies: ['html'] }, 'no_thermostat', /router.*network_mode: host.*devices, host/],
  ]
  for (const [quirks, reason, remedy, serial = SERIAL] of causes) {
    const { ear } = await heard(t, quirks, serial)
    await until(ear.clock, () => ear.discovery.unconfirmed().length > 0, 25)
    t.match(ear.discovery.unconfirmed(), [{ serial, host: '127.0.0.1', hw: 'oz', reason, message: remedy }], reason)
    t.equal(warnings(ear.lines).length, 1, reason)
    t.match(warnings(ear.lines)[0], remedy)
  }
})

t.test('it is told once, and is gone when it is found', async (t) => {
  const { unit, ear, say } = await heard(t, { deafTo: [1, 4] })
  const told: unknown[] = []
  ear.discovery.on('unconfirmed', (device) => told.push(device))
  for (let minute = 0; minute < 20; minute++) {
    await say()
    await ear.clock.advance(60_000)
  }
  await until(ear.clock, () => ear.discovery.unconfirmed().length === 1, 25)
  t.equal(warnings(ear.lines).length, 1)
  t.equal(told.length, 1)
  unit.quirks.deafTo = []
  await ear.clock.advance(600_000)
  await say()
  await until(ear.clock, () => ear.found.length === 1, 25)
  t.same(ear.discovery.unconfirmed(), [])
})

t.test('half a device is confirmed by the serial of its telemetry', async (t) => {
  const { ear } = await heard(t, { deafTo: [1] })
  await until(ear.clock, () => ear.found.length === 1, 25)
  t.same(warnings(ear.lines), [])
})

t.test('a page of a router in its place', async (t) => {
  const server = createServer((_request, response) => response.writeHead(404).end('<html></html>'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise((resolve) => server.close(() => resolve(undefined))))
  const address = server.address()
  const ear = await listen(t, { devicePort: typeof address === 'object' && address ? address.port : 0 })
  const send = await somebody(t)
  await send(ear.port, beacon(SERIAL))
  await until(ear.clock, () => ear.discovery.unconfirmed().length > 0, 25)
  t.match(ear.discovery.unconfirmed(), [{ reason: 'no_thermostat' }])
})

t.test('whoever sends rubbish fills neither memory nor log, and hides nobody', async (t) => {
  const clock = new FakeClock()
  let told = 0
  const devices = new UnconfirmedDevices({ clock, onNew: () => told++ })
  const why = { reason: 'unreachable', message: 'x' } as const
  for (let i = 0; i < 10_000; i++) devices.note({ serial: `S${i}`, host: '192.168.1.66', hw: null }, why)
  t.equal(devices.list().length, 16)
  devices.note({ serial: SERIAL, host: '192.168.1.7', hw: null }, why)
  t.equal(devices.list().length, 17, 'another sender still has room')
  for (let i = 0; i < 10_000; i++) devices.note({ serial: `S${i}`, host: `10.0.${i >> 8}.${i & 255}`, hw: null }, why)
  t.equal(devices.list().length, 64)
  t.equal(told, 51, 'and of sixteen that one sender made up, three')
  await clock.advance(15 * 60_000 + 1)
  t.same(devices.list(), [], 'silent for long')
})

t.test('the gateway of a bridged container network is recognised, and told once', async (t) => {
  const ear = await listen(t)
  const send = await somebody(t)
  const said: unknown[] = []
  ear.discovery.on('unconfirmed', ({ reason }) => said.push(reason))
  for (const digit of [1, 2, 3, 4, 5]) {
    await send(ear.port, beacon(`GATE0000${digit}`))
    await until(ear.clock, () => ear.discovery.unconfirmed().length === digit, 25)
  }
  const gateway =
    /^Several thermostats are heard from 127\.0\.0\.1, but none of them is there.*network_mode: host.*devices, host/
  t.match(
    ear.discovery.unconfirmed(),
    [1, 2, 3, 4, 5].map((digit) => ({ serial: `GATE0000${digit}`, reason: 'gateway', message: gateway })),
  )
  t.equal(warnings(ear.lines).filter((line) => gateway.test(line)).length, 1, 'once in the log')
  t.same(said, ['unreachable', 'unreachable', 'gateway'], 'and as an event, which doctor shows')
})

t.test('an address at which one of them is, is no gateway', async (t) => {
  const clock = new FakeClock()
  const told: string[] = []
  const devices = new UnconfirmedDevices({ clock, onNew: ({ reason }) => told.push(reason) })
  const host = '192.168.1.7'
  for (const [serial, reason] of [
    ['A1', 'other_device'],
    ['A2', 'unreachable'],
    ['A3', 'timeout'],
    ['A4', 'empty'],
  ] as const)
    devices.note({ serial, host, hw: null }, { reason, message: reason })
  t.same(told, ['other_device', 'unreachable', 'timeout', 'empty'])
  for (const serial of ['B1', 'B2'])
    devices.note({ serial, host: '10.0.0.1', hw: null }, { reason: 'unreachable', message: 'x' })
  t.notOk(
    devices.list().some(({ reason }) => reason === 'gateway'),
    'two may be chance',
  )
})
