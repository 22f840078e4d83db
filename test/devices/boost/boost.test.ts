import t from 'tap'
import { BOOST, boostRig, HOUR, MINUTE } from './rig.ts'

t.test('in manual mode: stored, then raised, and put back on time, with one write each', async (t) => {
  const { set, state, parameter, pass, kept, commits, link } = await boostRig(t)
  const { state: begun, rounded } = await set(BOOST)
  t.match(begun, { preset: 'boost', mode: 'heat', target_temperature: 35, timer_setpoint: 35 })
  t.match(begun, { timer_remaining: 1800, timer_end: '2026-01-15T12:30:01Z', boost_minutes: 30 })
  t.same(rounded, {})
  t.same(commits, ['save 35, device at 30'])
  t.equal(parameter(5), '35')
  await pass(10 * MINUTE + 30_000)
  t.match(state(), { preset: 'boost', timer_remaining: 1200, target_temperature: 35 })
  await pass(21 * MINUTE)
  t.match(state(), { preset: 'none', mode: 'heat', target_temperature: 30, timer_remaining: 0, timer_end: null })
  t.equal(parameter(5), '30')
  t.equal(kept.size, 0)
  t.same([link.writes, commits.length], [2, 2], 'flash of the device and disk of the bridge')
  t.equal(state().timer_setpoint, 35, 'for the next one')
})

t.test('while the schedule is followed: a temporary setpoint, again after each change of period', async (t) => {
  const { set, state, parameter, pass, link } = await boostRig(t)
  await set({ mode: 'auto' })
  const { state: begun } = await set({ preset: 'boost', boost_minutes: 360, target_temperature: 33 })
  t.match(begun, { preset: 'boost', mode: 'auto', operating_mode: 'temporary', target_temperature: 33 })
  t.equal(begun.timer_setpoint, 33)
  await pass(5 * HOUR + 5 * MINUTE)
  t.match(state(), { preset: 'boost', operating_mode: 'temporary', target_temperature: 33 }, 'it is past 17:00')
  t.equal(link.writes, 3)
  await pass(HOUR)
  t.match(state(), { preset: 'none', mode: 'auto', operating_mode: 'schedule', target_temperature: 30 })
  t.equal(parameter(29), '0')
  t.equal(state().timer_setpoint, null, 'the target was meant for that boost alone')
})

t.test('a temporary setpoint from before comes back, unless its period is over', async (t) => {
  const { set, state, pass } = await boostRig(t)
  await set({ mode: 'auto', target_temperature: 21 })
  await set(BOOST)
  await pass(31 * MINUTE)
  t.match(state(), { preset: 'none', operating_mode: 'temporary', target_temperature: 21 })
  await set({ ...BOOST, boost_minutes: 300 })
  await pass(5 * HOUR + MINUTE)
  t.match(state(), { preset: 'none', operating_mode: 'schedule', target_temperature: 30 })
})

t.test('off and away from before come back', async (t) => {
  const { set, state, parameter, pass } = await boostRig(t)
  await set({ mode: 'off' })
  t.match((await set(BOOST)).state, { preset: 'boost', mode: 'heat', target_temperature: 35 })
  await pass(31 * MINUTE)
  t.match([state().mode, state().preset, parameter(125), parameter(5)], ['off', 'none', '1', '30'])
  await set({ mode: 'heat', preset: 'away', away_end: '2026-02-01T10:00' })
  const away = [parameter(0), parameter(1)]
  t.match((await set(BOOST)).state, { preset: 'boost', target_temperature: 35, away_end: null })
  await pass(31 * MINUTE)
  t.match(state(), { preset: 'away', away_end: '2026-02-01T10:00:00', target_temperature: 5 })
  t.same([parameter(0), parameter(1), parameter(5)], [...away, '30'])
})

t.test('what somebody sets at the device meanwhile stays', async (t) => {
  const { set, state, parameter, pass, link, wall, kept } = await boostRig(t)
  await set(BOOST)
  link.unplugged = true
  await pass(2 * HOUR)
  wall(5, 27)
  link.unplugged = false
  await pass(6 * MINUTE)
  t.match([state().preset, parameter(5), kept.size], ['none', '27', 0])
  await set(BOOST)
  await pass(5 * MINUTE)
  wall(5, 24)
  await pass(MINUTE)
  t.match([state().preset, state().target_temperature, kept.size], ['none', 24, 0], 'at once while it is seen')
  await pass(HOUR)
  t.equal(parameter(5), '24')
  await set(BOOST)
  await pass(5 * MINUTE)
  wall(2, 0)
  await pass(HOUR)
  t.match([state().mode, parameter(5), kept.size], ['auto', '24', 0], 'nor does manual mode stay boosted behind it')
  await set(BOOST)
  await pass(5 * MINUTE)
  wall(29, 0)
  await pass(MINUTE)
  t.match([state().preset, state().operating_mode], ['none', 'schedule'], 'a temporary setpoint ended at the device')
})

t.test('what a person asks of the bridge meanwhile stays, and ends the boost', async (t) => {
  const { set, state, parameter, pass, kept } = await boostRig(t)
  const cases: [string, object, object, string][] = [
    ['preset', { preset: 'none' }, { mode: 'heat', target_temperature: 30 }, '30'],
    ['target', { target_temperature: 22 }, { mode: 'heat', target_temperature: 22 }, '22'],
    ['manual setpoint', { manual_floor_setpoint: 23 }, { mode: 'heat', target_temperature: 23 }, '23'],
    ['off', { mode: 'off' }, { mode: 'off' }, '30'],
    ['auto', { mode: 'auto' }, { mode: 'auto', operating_mode: 'schedule', target_temperature: 25 }, '30'],
    ['auto at', { mode: 'auto', target_temperature: 20 }, { mode: 'auto', target_temperature: 20 }, '30'],
    ['heat', { mode: 'heat' }, { mode: 'heat', target_temperature: 30 }, '30'],
    ['power', { power_off: true }, { mode: 'off' }, '30'],
    ['both', { preset: 'none', target_temperature: 21 }, { mode: 'heat', target_temperature: 21 }, '21'],
  ]
  for (const [name, command, expected, manual] of cases) {
    await set({ mode: 'heat', target_temperature: 30 })
    await set(BOOST)
    await pass(5 * MINUTE)
    t.match((await set(command)).state, { preset: 'none', ...expected }, name)
    t.same([kept.size, parameter(5)], [0, manual], name)
  }
  await pass(HOUR)
  t.match(state(), { mode: 'heat', target_temperature: 21 }, 'and nothing comes afterwards')
  await set(BOOST)
  t.match((await set({ preset: 'away' })).state, { preset: 'away', target_temperature: 5 })
  await pass(HOUR)
  t.match([state().preset, parameter(5)], ['away', '21'])
})

t.test(
  'a second boost while one runs: another end and setpoint, and what was before the first comes back',
  async (t) => {
    const { set, state, pass, parameter, commits } = await boostRig(t)
    await set(BOOST)
    await pass(20 * MINUTE)
    t.match((await set({ preset: 'boost', boost_minutes: 60 })).state, {
      timer_remaining: 3600,
      target_temperature: 35,
    })
    await pass(30 * MINUTE)
    t.match((await set({ timer_setpoint: 38 })).state, {
      preset: 'boost',
      target_temperature: 38,
      timer_remaining: 1800,
    })
    t.match((await set({ brightness: 3, boost_minutes: 90 })).state, { preset: 'boost', timer_remaining: 1800 })
    t.equal(commits.length, 3)
    await pass(31 * MINUTE)
    t.match([state().preset, parameter(5)], ['none', '30'])
  },
)

t.test('the setpoint of a boost: three degrees more unless somebody sets one, within the limits', async (t) => {
  const { set, state, pass } = await boostRig(t)
  t.equal(state().timer_setpoint, null)
  t.equal((await set({ preset: 'boost' })).state.target_temperature, 33)
  t.equal((await set({ preset: 'none', target_temperature: 44 })).state.target_temperature, 44)
  t.equal((await set({ preset: 'boost' })).state.target_temperature, 45)
  await set({ preset: 'none', cooling: true })
  t.equal((await set({ preset: 'boost' })).state.target_temperature, 41, 'a load that cools gets three degrees less')
  await set({ preset: 'none', cooling: false })
  const { rounded } = await set({ timer_setpoint: 31.4 })
  t.same(rounded, { timer_setpoint: { asked: 31.4, set: 31 } })
  t.equal((await set({ preset: 'boost' })).state.target_temperature, 31)
  await set({ preset: 'none', floor_setpoint_max: 28, target_temperature: 20 })
  t.equal((await set({ preset: 'boost' })).state.target_temperature, 28, 'limits that have moved since')
  for (const bad of [29, 4, 'hot', true]) await t.rejects(set({ timer_setpoint: bad }))
  await t.rejects(set({ preset: 'boost', target_temperature: 29 }), { code: 'OUT_OF_RANGE' })
  t.equal((await set({ timer_setpoint: null })).state.timer_setpoint, 28, 'of the one that runs')
  await set({ preset: 'none' })
  t.equal(state().timer_setpoint, null)
  for (const bad of [0, 4, 1441, 'long', null]) await t.rejects(set({ preset: 'boost', boost_minutes: bad }))
  await pass(MINUTE)
  t.equal(state().preset, 'none')
})

t.test('commands that wait together with it', async (t) => {
  const { set, parameter, kept, pass } = await boostRig(t)
  const all = await Promise.all([set(BOOST), set({ target_temperature: 26 })])
  t.equal(all[1].state.target_temperature, 26)
  t.equal(all[1].state.preset, 'none')
  await Promise.all([set(BOOST), set({ preset: 'none' })])
  t.same([parameter(5), kept.size], ['26', 0])
  await pass(HOUR)
  t.equal(parameter(5), '26')
})
