import t from 'tap'
import { passing, setpoint, startRig } from '../support.ts'

t.test('a value that is there already is no proof of anything', async (t) => {
  const rig = await startRig(t, {
    lock: 'lan',
    unit: { counterBase: 'unix', quirks: { refusal: 'silent', acknowledgement: 'short' } },
  })
  const { clock, unit, device, learned } = rig
  await passing(clock, device.readParameters())
  const held = Number(unit.parameter(4))
  t.same(
    (
      await passing(
        clock,
        device.write(() => setpoint(held)),
      )
    ).notApplied,
    [],
  )
  t.same(learned, [])
  // One value of two that is there already must not pass for a write that worked.
  const both = [...setpoint(held), { id: 23, type: 2 as const, raws: ['4'] }]
  t.same(
    (
      await passing(
        clock,
        device.write(() => both),
      )
    ).notApplied,
    [],
  )
  t.equal(unit.parameter(23), '4')
  t.same(learned, ['unix'])
})

t.test('the other way to say the same is tried when the first is ignored', async (t) => {
  for (const lock of ['none', 'lan'] as const) {
    for (const acknowledgement of ['short', 'full'] as const) {
      const rig = await startRig(t, { lock, unit: { model: 'az', quirks: { manualCode: 3, acknowledgement } } })
      const { clock, unit, device, keys } = rig
      unit.setLocally(2, 0)
      await passing(clock, device.readParameters())
      const changes = [
        { id: 2, type: 2 as const, raws: ['1', '3'] },
        { id: 23, type: 2 as const, raws: ['4'] },
      ]
      const alone = await passing(
        clock,
        device.write(() => changes.slice(0, 1)),
      )
      t.same([...alone.used], [[2, '3']], `${lock} ${acknowledgement}`)
      t.equal(unit.writes.length, 2)
      unit.setLocally(2, 0)
      await passing(clock, device.readParameters())
      const outcome = await passing(
        clock,
        device.write(() => changes),
      )
      t.same(
        new Map(outcome.used),
        new Map([
          [2, '3'],
          [23, '4'],
        ]),
      )
      t.equal(unit.writes.length, 4)
      t.equal(keys.refreshes, 0)
    }
  }
})

t.test('values that the device refuses are told by id', async (t) => {
  for (const lock of ['none', 'lan'] as const) {
    for (const acknowledgement of ['short', 'full'] as const) {
      const { clock, unit, device, keys } = await startRig(t, { lock, unit: { quirks: { acknowledgement } } })
      await passing(clock, device.readParameters())
      const some = [...setpoint(241), { id: 5, type: 3 as const, raws: ['9990'] }]
      t.same(
        (
          await passing(
            clock,
            device.write(() => some),
          )
        ).notApplied,
        [5],
      )
      t.equal(unit.parameter(4), '241')
      const none = await passing(
        clock,
        device.write(() => setpoint(9990)),
      )
      t.same(none.notApplied, [4], `${lock} ${acknowledgement}`)
      if (acknowledgement === 'full') t.equal(keys.refreshes, 0)
      const unknown = await passing(
        clock,
        device.write(() => [{ id: 999, type: 2, raws: ['1'] }]),
      )
      t.same(unknown.notApplied, [999])
    }
  }
})

t.test('prepare is called when the turn has come; an empty list sends nothing', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'none' })
  const order: string[] = []
  const wanted = [230]
  const reads = [device.readTelemetry(), device.readTelemetry().then(() => order.push('read'))]
  const first = device.write(() => setpoint(wanted.splice(0).at(-1) ?? 0)).then(() => order.push('write'))
  const second = device.write(() => [])
  wanted.push(240)
  t.equal(device.busy, true)
  await passing(clock, Promise.all([...reads, first, second]))
  t.same(order, ['write', 'read'])
  t.equal(unit.parameter(4), '240')
  t.equal(unit.writes.length, 1)
  t.same(await second, { parameters: new Map(), notApplied: [], used: new Map() })
  t.equal(device.busy, false)
  await t.rejects(
    passing(
      clock,
      device.write(() => {
        throw new Error('no')
      }),
    ),
    /no/,
  )
})
