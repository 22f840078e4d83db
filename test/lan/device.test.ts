import { createServer } from 'node:http'
import fc from 'fast-check'
import t from 'tap'
import { Shared } from '../../src/core/shared.ts'
import { LanDevice } from '../../src/lan/lan-device.ts'
import { DAYS, type Week } from '../../src/protocol/schedule.ts'
import { VirtualThermostat } from '../../src/simulator/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { SERIAL, type Teardown } from '../support/simulator.ts'
import { codeOf, defaults, errorOf, passing, setpoint, startRig } from './support.ts'

t.test('reads', async (t) => {
  const { clock, device, unit } = await startRig(t, { lock: 'cloud', unit: { utcOffset: 2, clockOffset: 100 } })
  t.equal(device.lock, null)
  t.equal(device.clockOffset, null)
  t.equal(device.counterBase, null)
  const telemetry = await passing(clock, device.readTelemetry())
  t.equal(telemetry.fields.get('m.3'), '1')
  t.equal(device.lock, 'cloud')
  t.equal(device.clockOffset, 100)
  t.equal((await passing(clock, device.readParameters())).get(4)?.value, unit.parameter(4))
  t.equal((await passing(clock, device.readTime())).zone, 2)
  t.same(Object.keys(await passing(clock, device.readWeek('floor'))), DAYS)
  t.same(Object.keys(await passing(clock, device.readWeek('air'))), DAYS)
  t.same(device.address, { host: unit.host, port: unit.port })
})

t.test('devices with the same schedule hold it once', async (t) => {
  const weeks = new Shared<Week>()
  const [one, other] = [await startRig(t, { device: { weeks } }), await startRig(t, { device: { weeks } })]
  const read = await passing(one.clock, one.device.readWeek('floor'))
  t.equal(await passing(other.clock, other.device.readWeek('floor')), read)
})

t.test('requests never overlap and keep their distance', async (t) => {
  const { clock, unit, device } = await startRig(t, {
    lock: 'lan',
    unit: { quirks: { minSpacing: 400, latency: 100 } },
  })
  const jobs = [
    ...Array.from({ length: 5 }, () => device.readTelemetry()),
    ...Array.from({ length: 5 }, (_, i) => device.write(() => setpoint(220 + i))),
    device.readParameters(),
    device.blink(),
  ]
  await passing(clock, Promise.all(jobs))
  t.same(
    unit.requests.filter(({ reason }) => reason !== ''),
    [],
    'it never had to say that it is busy',
  )
  const ends = unit.requests.map(({ at }) => at)
  for (const [i, end] of ends.entries()) {
    const before = ends[i - 1]
    if (before !== undefined) t.ok(end - before >= 600, `${end - before}`)
  }
  t.equal(clock.waiting, 0, 'no timer while idle')
})

t.test('writes go before reads that wait, also before those that came earlier', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'none' })
  await passing(clock, device.readTelemetry())
  const read = device.readParameters()
  await clock.advance(300)
  const write = device.write(() => setpoint(231))
  await passing(clock, Promise.all([read, write]))
  t.same(
    unit.requests.map(({ write }) => write),
    [false, true, false],
  )
})

/** A web server that gives one answer after the other. */
async function answering(t: Teardown, answers: string[]): Promise<number> {
  const server = createServer((request, response) => {
    request.resume()
    const answer = answers.shift()
    if (answer === undefined) response.destroy()
    else response.end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

t.test('whatever a unit answers to a restart', async (t) => {
  const clock = new FakeClock()
  const port = await answering(t, [
    '',
    '<html>',
    '{}',
    '{"success":"block"}',
    '{"status":"timeout"}',
    '{"success":"true"}',
  ])
  const device = new LanDevice({ ...defaults(clock), address: { host: '127.0.0.1', port } })
  for (let i = 0; i < 3; i++) await passing(clock, device.restart())
  t.equal(await codeOf(clock, device.restart()), 'LAN_LOCKED')
  await passing(clock, device.restart())
  await passing(clock, device.restart())
  await passing(clock, device.restart())
  t.equal(await codeOf(clock, device.restart()), 'DEVICE_WEDGED')
})

t.test('any reply at all leads to a result or to an error with a code', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'lan', device: { minSpacing: 0 } })
  await passing(clock, device.readTelemetry())
  const fields = ['sn', 'par', 'tt', 'ttAir', 'time', 'tzone', 'success', 'status', 'm.3', 't.1', 'setPointStep']
  const odd = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(SERIAL, 'constructor', { toString: 1 }, [[114, 7, 'x']]),
  )
  const object = fc.dictionary(fc.constantFrom(...fields), odd).map((value) => JSON.stringify(value))
  const jobs = [
    () => device.readTelemetry(),
    () => device.readParameters(),
    () => device.readTime(),
    () => device.readWeek('floor'),
    () => device.write(() => setpoint(231)),
    () => device.writeDay('air', { '2': [[480, 280]] }),
    () => device.resetParameters(),
    () => device.resetSchedule(),
    () => device.setTime(700_000_000),
  ]
  await fc.assert(
    fc.asyncProperty(fc.oneof(object, fc.string()), fc.constantFrom(...jobs), async (raw, job) => {
      unit.quirks.injectReplies = [{ raw }, { raw }]
      // Anything but a BridgeError is thrown on.
      await errorOf(clock, job())
    }),
    { numRuns: 150 },
  )
})

t.test('a moved device', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'lan' })
  await passing(clock, device.readTelemetry())
  const old = { ...device.address }
  await unit.moveTo('127.0.0.2', 0)
  t.equal(await codeOf(clock, device.readTelemetry()), 'DEVICE_UNREACHABLE')
  const stranger = new VirtualThermostat({
    serial: '0000000000000000000000000000AA',
    model: 'ax',
    key: 'BBBBBBBBBBBBBBBB',
    clock,
    random: () => 0.5,
    ...old,
  })
  await stranger.start()
  t.teardown(() => stranger.stop())
  const error = await errorOf(clock, device.readTelemetry())
  t.equal(error?.code, 'DEVICE_BAD_REPLY')
  t.same(error?.details, { reason: 'other_device' })
  t.match(error?.message, SERIAL)
  device.setAddress({ host: unit.host, port: unit.port })
  await passing(
    clock,
    device.write(() => setpoint(231)),
  )
  t.equal(unit.parameter(4), '231')
})

t.test('keep-alive, when asked for, uses one connection', async (t) => {
  for (const keepAlive of [true, false]) {
    const { clock, unit, device } = await startRig(t, { lock: 'lan', device: { keepAlive } })
    await passing(clock, device.readTelemetry())
    await passing(
      clock,
      device.write(() => setpoint(231)),
    )
    t.equal(unit.parameter(4), '231')
    // A unit that restarted has closed the connection that the next request would use.
    await unit.restart()
    await unit.powerCycle()
    await passing(
      clock,
      device.write(() => setpoint(232)),
    )
    t.equal(unit.parameter(4), '232')
  }
})

t.test('stop lets the write in flight finish and rejects what waits', async (t) => {
  const { clock, unit, device } = await startRig(t, {
    lock: 'none',
    unit: { quirks: { latency: 500, acknowledgement: 'short' } },
  })
  const write = device.write(() => setpoint(231))
  const read = device.readTelemetry()
  await clock.advance(100)
  const stopped = device.stop()
  t.equal(await codeOf(clock, read), 'DEVICE_UNREACHABLE')
  await passing(clock, stopped)
  t.same((await write).notApplied, [])
  t.equal(unit.parameter(4), '231')
  t.equal(await codeOf(clock, device.readTelemetry()), 'DEVICE_UNREACHABLE')
  t.equal(
    await codeOf(
      clock,
      device.write(() => []),
    ),
    'DEVICE_UNREACHABLE',
  )
  t.equal(clock.waiting, 0)
})

t.test('stop gives the write in flight 3 s, whatever the time-out', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'none', device: { timeout: 60_000 } })
  await passing(clock, device.readTelemetry())
  unit.quirks.injectReplies.push('no-answer', 'no-answer', 'no-answer', 'no-answer')
  const write = errorOf(
    clock,
    device.write(() => setpoint(231)),
  )
  await clock.advance(1000)
  const start = clock.monotonic()
  await passing(clock, device.stop())
  t.ok(clock.monotonic() - start <= 3100)
  t.equal((await write)?.code, 'OUTCOME_UNKNOWN')
})

t.test('stop ends a read at once', async (t) => {
  const { clock, unit, device } = await startRig(t)
  unit.quirks.injectReplies.push('no-answer')
  const read = errorOf(clock, device.readTelemetry())
  await clock.advance(100)
  const start = clock.monotonic()
  await passing(clock, device.stop())
  t.ok(clock.monotonic() - start < 100)
  t.equal((await read)?.code, 'DEVICE_UNREACHABLE')
})
