import t from 'tap'
import { DAY, HOUR, houseRig, MANUAL_FLOOR, outcomesOf, POWER_OFF } from './rig.ts'

const MODELS = ['az', 'ax', 'oz', 'ms'] as const
const SHOWN = ['mode', 'preset', 'target_temperature', 'manual_floor_setpoint'] as const

t.test('every mode and back, whatever each device did before', async (t) => {
  const { house, set, state, at, store } = await houseRig(t, MODELS)
  await set(0, { mode: 'heat', target_temperature: 24 })
  await set(2, { mode: 'off' })
  const shown = () => [0, 1, 2].map((index) => SHOWN.map((key) => state(index)[key] ?? null))
  const before = shown()
  t.match(before, [['heat', 'none', 24], ['auto', 'none', 25], ['off']])
  const writes = () => MODELS.map((_, index) => at(index).link.writes)
  const first = writes()

  const frost = await house({ mode: 'frost_protection' })
  t.same(outcomesOf(frost), ['done', 'done', 'done', 'skipped'], 'a relay may hold a freezer')
  t.match(
    shown(),
    [
      ['heat', 'none', 7],
      ['heat', 'none', 7],
      ['heat', 'none', 7],
    ],
    'even what was off is protected',
  )
  t.same(
    writes().map((count, index) => count - (first[index] ?? 0)),
    [1, 1, 1, 0],
    'one write each',
  )
  t.same(outcomesOf(await house({ mode: 'off' })), ['done', 'done', 'done', 'skipped'])
  t.match(shown(), [['off'], ['off'], ['off']])
  t.same(outcomesOf(await house({ mode: 'away' })), ['done', 'done', 'done', 'skipped'])
  t.match(
    shown(),
    [
      ['heat', 'away'],
      ['auto', 'away'],
      ['off', 'none'],
    ],
    'what was off needs no away',
  )
  t.same(outcomesOf(await house({ mode: 'normal' })), ['done', 'done', 'done', 'skipped'])
  t.same(shown(), before)
  t.same(store.kept(), [], 'nothing is left to take back')
})

t.test('away until a time is held by the device itself, and the house is normal then', async (t) => {
  const { house, state, later, pass, registry, events, stop } = await houseRig(t, ['az', 'oz'])
  const until = later(3 * DAY)
  const change = await house({ mode: 'away', until })
  t.match(change, { mode: 'away', until, room: null, devices: [{ name: 'Room 0', outcome: 'done', error: null }, {}] })
  t.match(registry().house.view(), { mode: 'away', until, counts: { done: 2, waiting: 0 } })
  t.match(events.at(-1), { type: 'house_mode', details: { mode: 'away', until, room: null } })
  t.match([state(0), state(1)], [{ preset: 'away' }, { preset: 'away' }])
  await pass(3 * DAY - HOUR)
  t.match([state(0), state(1)], [{ preset: 'away' }, { preset: 'away' }])
  await pass(2 * HOUR)
  t.match(
    [state(0), state(1)],
    [
      { mode: 'auto', preset: 'none' },
      { mode: 'auto', preset: 'none' },
    ],
  )
  t.match(registry().house.view(), { mode: 'normal', until: null })
  t.match(events.at(-1), { type: 'house_mode', details: { mode: 'normal' } })
  await stop()
})

t.test('frost protection ends by the bridge’s clock, also when it was down then', async (t) => {
  const { house, state, later, pass, start, stop, registry } = await houseRig(t, ['az'])
  await house({ mode: 'frost_protection', until: later(2 * HOUR) })
  t.match(state(0), { mode: 'heat', target_temperature: 7 })
  await stop()
  await pass(DAY)
  await start()
  await pass(20_000)
  t.match(state(0), { mode: 'auto', manual_floor_setpoint: 30 })
  t.equal(registry().house.view().mode, 'normal')
})

t.test('what somebody has set since stays', async (t) => {
  const { house, set, state, wall, pass } = await houseRig(t, ['az', 'ax', 'oz', 'az'])
  await house({ mode: 'frost_protection' })
  await set(0, { target_temperature: 21 })
  wall(1, MANUAL_FLOOR, 19)
  await set(2, { preset: 'boost' })
  await set(3, { target_temperature: 7 })
  await pass(70_000)
  const back = await house({ mode: 'normal' })
  t.same(
    outcomesOf(back),
    ['changed', 'changed', 'done', 'changed'],
    'by a command, even to the same; a boost only interrupts',
  )
  t.match([0, 1, 2, 3].map(state), [
    { mode: 'heat', target_temperature: 21 },
    { mode: 'heat', target_temperature: 19 },
    { mode: 'auto', preset: 'none' },
    { mode: 'heat', target_temperature: 7 },
  ])
})

t.test('what runs is put back: a temporary setpoint, a boost, an away of its own', async (t) => {
  const { house, set, state, later } = await houseRig(t, ['az', 'az', 'az', 'oz'])
  await set(0, { target_temperature: 22 })
  await set(1, { mode: 'heat', target_temperature: 24 })
  await set(1, { preset: 'boost', boost_minutes: 60, timer_setpoint: 35 })
  await set(2, { preset: 'away', away_end: later(9 * DAY) })
  await set(3, { preset: 'boost' })
  const { away_end: end } = state(2)
  t.same(outcomesOf(await house({ mode: 'off' })), ['done', 'done', 'done', 'done'])
  t.match([0, 1, 2, 3].map(state), [{ mode: 'off' }, { mode: 'off' }, { mode: 'off' }, { mode: 'off' }])
  await house({ mode: 'frost_protection' })
  t.match([0, 1, 2, 3].map(state), Array(4).fill({ mode: 'heat', preset: 'none', target_temperature: 7 }))
  t.same(outcomesOf(await house({ mode: 'normal' })), ['done', 'done', 'done', 'done'])
  t.match([0, 1, 2, 3].map(state), [
    { mode: 'auto', target_temperature: 22, operating_mode: 'temporary' },
    { mode: 'heat', preset: 'none', target_temperature: 24 },
    { mode: 'auto', preset: 'away', away_end: end },
    { mode: 'auto', preset: 'none' },
  ])
})

t.test('a device’s own limits, and a load that cools', async (t) => {
  const { house, set, state, parameter } = await houseRig(t, ['az', 'az'])
  await set(0, { floor_setpoint_min: 12 })
  await set(1, { cooling: true })
  t.same(outcomesOf(await house({ mode: 'frost_protection' })), ['done', 'done'])
  t.match(state(0), { mode: 'heat', target_temperature: 12 })
  t.equal(parameter(1, POWER_OFF), '1', 'a cooler protects nothing from frost')
})
