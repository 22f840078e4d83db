/** A thermostat that is heard but can't be confirmed is never invisible: cause and remedy, once for each serial and sender. */
import { createServer } from 'node:http'
import t from 'tap'
import { UnconfirmedDevices } from '../../src/lan/unconfirmed.ts'
import type { Quirks } from '../../src/simulator/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { SERIAL, startThermostat, type Teardown } from '../support/simulator.ts'
import { beacon, listen, somebody, until } from './discovery-rig.ts'

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
  t.equal(told, 64)
  await clock.advance(15 * 60_000 + 1)
  t.same(devices.list(), [], 'silent for long')
})
