import { createServer } from 'node:http'
import fc from 'fast-check'
import t from 'tap'
import { LanDevice } from '../../src/lan/lan-device.ts'
import { DAYS } from '../../src/protocol/schedule.ts'
import { VirtualThermostat } from '../../src/simulator/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { SERIAL, type Teardown } from '../support/simulator.ts'
import { codeOf, defaults, errorOf, FakeKeys, passing, setpoint, startRig } from './support.ts'

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

t.test('one day of the schedule', async (t) => {
  for (const lock of ['none', 'lan'] as const) {
    for (const acknowledgement of ['short', 'full'] as const) {
      for (const kind of ['floor', 'air'] as const) {
        const { clock, unit, device } = await startRig(t, { lock, unit: { quirks: { acknowledgement } } })
        await passing(clock, device.readTelemetry())
        const day = { '2': [[480, 280] as const, [1080, 180] as const] }
        const week = await passing(clock, device.writeDay(kind, day))
        t.same(week.wednesday, [
          { time: '08:00', temperature: 28 },
          { time: '18:00', temperature: 18 },
        ])
        t.equal(unit.writes.length, 1)
        t.equal(unit.requests.length, acknowledgement === 'full' ? 2 : 3)
        const error = await errorOf(clock, device.writeDay(kind, { '2': [[480, 990]] }))
        t.ok(['NOT_APPLIED', 'KEY_REJECTED'].includes(error?.code ?? ''), `${lock} ${acknowledgement}: ${error?.code}`)
        if (acknowledgement === 'full') t.equal(error?.code, 'NOT_APPLIED')
        unit.quirks.dropWrites.push('applied')
        const tuesday = { '1': [[60, 200] as const] }
        t.same((await passing(clock, device.writeDay(kind, tuesday))).tuesday, [{ time: '01:00', temperature: 20 }])
        unit.quirks.injectReplies.push({
          on: 'write',
          reply: { raw: '{"tt":{"1":[[60,200]]},"ttAir":{"1":[[60,200]]}}' },
        })
        t.equal((await passing(clock, device.writeDay(kind, tuesday))).tuesday.length, 1, 'a reply with one day')
      }
    }
  }
})

t.test('resets', async (t) => {
  for (const lock of ['none', 'lan'] as const) {
    const { clock, unit, device } = await startRig(t, { lock, unit: { counterBase: 'unix' } })
    const factory = unit.parameter(4)
    unit.setLocally(4, 333)
    const list = await passing(clock, device.resetParameters())
    t.equal(list.get(4)?.value, factory)
    t.equal(unit.parameter(4), factory)
    await passing(clock, device.writeDay('floor', { '2': [[480, 280]] }))
    await passing(clock, device.resetSchedule())
    t.not((await passing(clock, device.readWeek('floor'))).wednesday.length, 1)
    t.same(Object.keys(unit.writes[0]?.body as object).slice(0, 2), ['cmd', 'sn'])
  }
  const keyless = await startRig(t, { lock: 'lan', keys: new FakeKeys(undefined) })
  t.equal(await codeOf(keyless.clock, keyless.device.resetParameters()), 'KEY_MISSING')
  t.equal(await codeOf(keyless.clock, keyless.device.resetSchedule()), 'KEY_MISSING')
})

t.test('a reset whose answer is lost', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'none' })
  unit.setLocally(4, 333)
  unit.quirks.dropWrites.push('applied')
  await passing(clock, device.resetParameters())
  t.equal(unit.writes.length, 1)
  await passing(clock, device.writeDay('floor', { '2': [[480, 280]] }))
  unit.quirks.dropWrites.push('lost')
  await passing(clock, device.resetSchedule())
  t.not((await passing(clock, device.readWeek('floor'))).wednesday.length, 1)
  unit.quirks.injectReplies.push({ on: 'write', reply: { raw: '{"success":"true"}' } })
  await passing(clock, device.resetSchedule())
})

t.test('the clock', async (t) => {
  for (const lock of ['none', 'lan'] as const) {
    for (const acknowledgement of ['short', 'full'] as const) {
      const { clock, unit, device } = await startRig(t, { lock, unit: { quirks: { acknowledgement } } })
      await passing(clock, device.readTelemetry())
      const now = Math.floor(unit.device.clock.seconds())
      await passing(clock, device.setTime(now + 7200, 2))
      t.ok(Math.abs(unit.device.clock.seconds() - now - 7200) < 30)
      t.equal(unit.device.clock.utcOffset, 2)
      const body = unit.writes[0]?.body as object
      t.same(Object.keys(body), lock === 'lan' ? ['sn', 'time', 'tzone', 'auth'] : ['sn', 'time', 'tzone'])
      await passing(clock, device.setTime(now))
      t.ok(Math.abs(unit.device.clock.seconds() - now) < 30)
      await passing(
        clock,
        device.write(() => setpoint(231)),
      )
      t.equal(unit.parameter(4), '231')
      unit.quirks.dropWrites.push('lost')
      await passing(clock, device.setTime(now + 500))
      t.ok(Math.abs(unit.device.clock.seconds() - now - 500) < 30)
    }
  }
})

t.test('restart and blink', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'both' })
  await passing(clock, device.readTelemetry())
  await passing(clock, device.blink())
  await passing(clock, device.restart())
  t.same(
    unit.requests.slice(1).map(({ path, body }) => [path, body]),
    [
      ['/test.cgi', { cmd: 'blink' }],
      ['/test.cgi', { cmd: 'restart' }],
    ],
  )
  t.equal(device.clockOffset, null)
  await unit.unplug()
  t.equal(await codeOf(clock, device.restart()), 'DEVICE_UNREACHABLE')
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
