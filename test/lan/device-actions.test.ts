import t from 'tap'
import { codeOf, errorOf, FakeKeys, passing, setpoint, startRig } from './support.ts'

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
