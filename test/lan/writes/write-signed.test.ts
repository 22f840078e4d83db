import t from 'tap'
import { KEY, SERIAL } from '../../support/simulator.ts'
import { codeOf, FakeKeys, passing, setpoint, startRig } from '../support.ts'

t.test('a write to a locked device costs one request and is signed by the device clock', async (t) => {
  const { clock, unit, device, learned, accepted } = await startRig(t, { lock: 'lan', unit: { clockOffset: 4321 } })
  await passing(clock, device.readParameters())
  await passing(clock, device.readTelemetry())
  const before = unit.requests.length
  const outcome = await passing(
    clock,
    device.write(() => setpoint(245)),
  )
  t.equal(unit.requests.length - before, 1)
  t.equal(unit.parameter(4), '245')
  t.equal(outcome.parameters.get(4)?.value, '245')
  t.same(outcome.notApplied, [])
  t.same([...outcome.used], [[4, '245']])
  const body = unit.requests.at(-1)?.body
  t.same(Object.keys(body as object), ['sn', 'time', 'auth', 'par'])
  t.match(body, { sn: SERIAL, time: /^\d+$/, auth: /^\d{9}$/ })
  t.same(learned, ['2000'])
  t.same(accepted, [KEY])
  t.equal(device.clockOffset, 4321)
  t.equal(device.counterBase, '2000')
})

t.test('jumps of the wall clock change nothing', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'lan' })
  await passing(clock, device.readTelemetry())
  for (const jump of [86_400_000, -400 * 86_400_000, 12_345]) {
    clock.jumpWall(jump)
    const before = unit.requests.length
    const value = 200 + (Math.abs(jump) % 7)
    await passing(
      clock,
      device.write(() => setpoint(value)),
    )
    t.equal(unit.parameter(4), String(value))
    t.equal(unit.requests.length - before, 1)
  }
})

t.test('the clock is asked for when it is not known', async (t) => {
  for (const telemetryTime of [true, false]) {
    const { clock, unit, device } = await startRig(t, { lock: 'lan', unit: { telemetryTime } })
    await passing(
      clock,
      device.write(() => setpoint(231)),
    )
    t.equal(unit.parameter(4), '231')
    const cmds = unit.requests.map(({ body }) => (body as { cmd?: number }).cmd)
    t.same(cmds, telemetryTime ? [4, undefined] : [4, 3, undefined])
  }
})

t.test('both counter bases are learned, and a remembered one is used at once', async (t) => {
  for (const counterBase of ['2000', 'unix'] as const) {
    for (const refusal of ['block', 'block-with-sn', 'silent'] as const) {
      for (const acknowledgement of ['short', 'full'] as const) {
        const unitOptions = { counterBase, quirks: { refusal, acknowledgement } }
        const { clock, unit, device, learned } = await startRig(t, { lock: 'lan', unit: unitOptions })
        await passing(clock, device.readParameters())
        await passing(
          clock,
          device.write(() => setpoint(231)),
        )
        t.equal(unit.parameter(4), '231', `${counterBase} ${refusal} ${acknowledgement}`)
        t.same(learned, [counterBase])
        const before = unit.writes.length
        await passing(
          clock,
          device.write(() => setpoint(232)),
        )
        t.equal(unit.writes.length - before, 1)
        t.same(learned, [counterBase])
      }
    }
  }
  const { clock, unit, device, learned } = await startRig(t, {
    lock: 'lan',
    unit: { counterBase: 'unix' },
    device: { counterBase: 'unix' },
  })
  await passing(
    clock,
    device.write(() => setpoint(231)),
  )
  t.equal(unit.writes.length, 1)
  t.same(learned, [])
})

t.test('a base that was learned wrong is corrected', async (t) => {
  const { clock, unit, device, learned, keys } = await startRig(t, {
    lock: 'lan',
    unit: { counterBase: 'unix' },
    device: { counterBase: '2000' },
  })
  await passing(
    clock,
    device.write(() => setpoint(231)),
  )
  t.equal(unit.parameter(4), '231')
  t.same(learned, ['unix'])
  t.equal(keys.refreshes, 1)
})

t.test('a clock that moved is asked for afresh before anything is blamed', async (t) => {
  const { clock, unit, device, keys } = await startRig(t, { lock: 'lan', device: { counterBase: '2000' } })
  await passing(clock, device.readTelemetry())
  unit.device.clock.set(unit.device.clock.seconds() + 7200)
  await passing(
    clock,
    device.write(() => setpoint(231)),
  )
  t.equal(unit.parameter(4), '231')
  t.equal(unit.writes.length, 2)
  t.equal(keys.refreshes, 0)
})

t.test('a device bound anew is commanded with the new key', async (t) => {
  for (const refusal of ['block', 'silent'] as const) {
    for (const counterBase of ['2000', 'unix'] as const) {
      const rig = await startRig(t, {
        lock: 'lan',
        unit: { counterBase, quirks: { refusal, acknowledgement: 'short' } },
      })
      const { clock, unit, device, keys, accepted } = rig
      await passing(clock, device.readParameters())
      keys.cloud = unit.rebind()
      await passing(
        clock,
        device.write(() => setpoint(231)),
      )
      t.equal(unit.parameter(4), '231')
      t.equal(keys.refreshes, 1)
      t.same(accepted, [keys.cloud])
      keys.cloud = unit.rebind()
      await passing(
        clock,
        device.write(() => setpoint(232)),
      )
      t.equal(unit.parameter(4), '232')
      t.equal(keys.refreshes, 2)
    }
  }
})

t.test('a wrong key is told after a bounded number of requests', async (t) => {
  for (const refusal of ['block', 'silent'] as const) {
    const rig = await startRig(t, {
      lock: 'lan',
      keys: new FakeKeys('BBBBBBBBBBBBBBBB'),
      unit: { quirks: { refusal } },
    })
    const { clock, unit, device, keys, accepted } = rig
    await passing(clock, device.readParameters())
    t.equal(
      await codeOf(
        clock,
        device.write(() => setpoint(231)),
      ),
      'KEY_REJECTED',
    )
    t.ok(unit.writes.length <= 4, `${unit.writes.length} writes`)
    t.ok(unit.requests.length <= 10, `${unit.requests.length} requests`)
    t.equal(keys.refreshes, 1)
    t.same(accepted, [])
    t.not(unit.parameter(4), '231')
  }
})

t.test('a code used before is not blamed on the key', async (t) => {
  for (const refusal of ['block', 'silent'] as const) {
    const rig = await startRig(t, {
      lock: 'lan',
      unit: { quirks: { refusal, refuseReplayedCodes: true, acknowledgement: 'short' } },
    })
    const { clock, unit, device, keys } = rig
    await passing(clock, device.readParameters())
    await passing(
      clock,
      device.write(() => setpoint(231)),
    )
    const start = clock.monotonic()
    await passing(
      clock,
      device.write(() => setpoint(232)),
      50,
    )
    t.equal(unit.parameter(4), '232')
    t.ok(clock.monotonic() - start < 40_000)
    t.equal(keys.refreshes, 0)
  }
})

t.test('a key that is no longer its own is KEY_REJECTED, however the device refuses it', async (t) => {
  for (const refusal of ['block', 'silent'] as const) {
    const quirks = { refusal, acknowledgement: 'short' } as const
    const { clock, unit, device } = await startRig(t, { lock: 'lan', unit: { quirks } })
    await passing(clock, device.readParameters())
    await passing(
      clock,
      device.write(() => setpoint(231)),
    )
    await clock.advance(120_000)
    // Bound to another account; ours goes on listing the old key.
    unit.rebind()
    const code = await codeOf(
      clock,
      device.write(() => setpoint(232)),
    )
    t.equal(code, 'KEY_REJECTED', refusal)
  }
})
