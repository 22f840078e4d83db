/** Away: start and end as people say them, as devices hold them, and as the state shows them. */
import fc from 'fast-check'
import t from 'tap'
import { DeviceTimes } from '../../../src/devices/clock/times.ts'
import { parseCommand } from '../../../src/devices/commands/parse.ts'
import { planCommand } from '../../../src/devices/commands/plan.ts'
import type { Readings } from '../../../src/devices/facts/readings.ts'
import { EPOCH_2000 } from '../../../src/protocol/epoch.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { startRegistry } from '../rig.ts'
import { parametersOf, readingsOf, stateOf, withValues } from '../support.ts'

/** Thursday 2026-01-15 12:00 UTC, 14:00 in Kyiv. */
const NOON = Date.UTC(2026, 0, 15, 12)
const seconds = (iso: string) => String(Date.parse(iso) / 1000 - EPOCH_2000)

/** Seconds by which Kyiv is ahead of UTC: two hours, three from the last Sunday of March to that of October, at 1:00 UTC. */
const KYIV = (moment: number): number => {
  const summer = moment >= Date.UTC(2026, 2, 29, 1) && moment < Date.UTC(2026, 9, 25, 1)
  return summer ? 10_800 : 7_200
}
const LOCAL = new DeviceTimes(NOON, 7_200, { host: KYIV })
const UTC = new DeviceTimes(NOON, 0, { host: KYIV })
const zoned = (hours: number) => new DeviceTimes(NOON, 0, { place: hours, host: KYIV })

function plan(readings: Readings, command: object, times: DeviceTimes | null = LOCAL) {
  const planned = planCommand(parseCommand(command, readings), {
    readings,
    learned: {},
    boostMinutes: 60,
    boostSetpoint: null,
    boost: null,
    now: NOON,
    times,
    decided: new Map(),
  })
  return Object.fromEntries([...planned.changes].map(([id, change]) => [id, change.raws[0]]))
}

function errorOf(readings: Readings, command: object, times: DeviceTimes | null = LOCAL): string {
  try {
    plan(readings, command, times)
    return 'none'
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return `${code}: ${message}`
  }
}

/** The unit of a fixture with these raw values. */
function holding(name: string, values: Record<number, string>): Readings {
  const readings = readingsOf(name)
  readings.applyParameters(withValues(parametersOf(name), values))
  return readings
}

t.test('local time and times with an offset, on devices that count in local time and in UTC', async (t) => {
  const holiday = { away_start: '2026-02-20T18:00', away_end: '2026-02-27T12:00:30' }
  t.same(plan(readingsOf('ax'), holiday), { 0: seconds('2026-02-20T18:00Z'), 1: seconds('2026-02-27T12:00:30Z') })
  const instants = { away_start: '2026-02-20T16:00Z', away_end: '2026-02-27T11:00:30+01:00' }
  t.same(plan(readingsOf('ax'), instants), plan(readingsOf('ax'), holiday), 'the same moments')
  const utc = { 0: seconds('2026-02-20T16:00Z'), 1: seconds('2026-02-27T10:00:30Z') }
  t.same(plan(readingsOf('ax'), holiday, UTC), utc, 'the zone of the host is the one at hand')
  t.same(plan(readingsOf('ax'), instants, UTC), utc)
  const told = { 66: seconds('2026-02-20T13:00Z'), 67: seconds('2026-02-27T07:00:30Z') }
  t.same(plan(readingsOf('oz'), holiday, zoned(5)), told, 'a device that tells its zone')
  t.same(
    plan(readingsOf('oz'), holiday, new DeviceTimes(NOON, 5 * 3600, { place: 5, host: KYIV })),
    told,
    'whatever it counts in',
  )
  const named = { away_start_utc: '2026-02-20T13:00', away_end_utc: '2026-02-27T09:00:30+02:00' }
  t.same(plan(readingsOf('oz'), named, zoned(5)), told, 'the keys of UTC take UTC unless told otherwise')
})

t.test('the state shows local time, as it was set', async (t) => {
  const shown = (readings: Readings, times: DeviceTimes | null) => {
    const { away_start, away_end } = stateOf(readings, { times })
    return [away_start, away_end]
  }
  const values = (times: DeviceTimes, start: string, end: string) => {
    const { 0: from = '', 1: to = '' } = plan(readingsOf('ax'), { away_start: start, away_end: end }, times)
    return holding('ax', { 0: from, 1: to })
  }
  const summer = ['2026-07-01T12:00:00', '2026-11-01T12:00:00']
  for (const times of [LOCAL, UTC]) t.same(shown(values(times, summer[0] ?? '', summer[1] ?? ''), times), summer)
  const oz = holding('oz', { 66: seconds('2026-07-01T09:00Z'), 67: seconds('2026-11-01T10:00Z') })
  t.same(shown(oz, zoned(2)), summer, 'in the place of the host, whose clocks change')
  t.same(shown(oz, zoned(5)), ['2026-07-01T14:00:00', '2026-11-01T15:00:00'], 'elsewhere the hours that it names')
  const older = holding('oz', { 0: seconds('2026-07-01T12:00Z'), 1: seconds('2026-11-01T12:00Z') })
  t.same(shown(older, new DeviceTimes(NOON, 7_200, { place: 2, host: KYIV })), summer, 'set by its older parameters')
  for (const none of ['536112000', '0']) t.same(shown(holding('ax', { 0: none, 1: none }), LOCAL), [null, null])
  t.same(shown(holding('oz', { 66: '0', 67: '0' }), zoned(2)), [null, null])
})

t.test('across a change of the clocks', async (t) => {
  const ax = readingsOf('ax')
  const over = { away_start: '2026-03-28T18:00', away_end: '2026-03-30T08:00' }
  t.same(plan(ax, over), { 0: seconds('2026-03-28T18:00Z'), 1: seconds('2026-03-30T08:00Z') }, 'its clock changes too')
  t.same(plan(ax, over, UTC), { 0: seconds('2026-03-28T16:00Z'), 1: seconds('2026-03-30T05:00Z') })
  t.same(plan(ax, { ...over, away_end: '2026-03-30T05:00Z' }), plan(ax, over))
  const gap = errorOf(ax, { away_end: '2026-03-29T03:30' })
  t.match(gap, /^OUT_OF_RANGE: away_end can't be 2026-03-29T03:30: clocks are put forward/)
  const twice = errorOf(ax, { away_end: '2026-10-25T03:30' })
  t.match(twice, /^OUT_OF_RANGE: .* occurs twice.* 2026-10-25T03:30\+0[23]:00\.$/)
  t.match(errorOf(ax, { away_end: '2026-10-25T03:30' }, UTC), /occurs twice/)
  const [first, second] = ['+03:00', '+02:00'].map((zone) => plan(ax, { away_end: `2026-10-25T03:30${zone}` }, UTC)[1])
  t.equal(Number(second) - Number(first), 3600)
  t.equal(errorOf(readingsOf('oz'), { away_end: '2026-10-25T03:30' }, zoned(5)), 'none', 'another place')
})

t.test('whatever is asked: it is shown as it was asked, or refused because there is no such time, or two', async () => {
  const places = [LOCAL, UTC, ...[-11, -3.5, 0, 2, 3, 5.75, 14].map(zoned)]
  // Until clocks are said to change no more.
  const asked = fc.integer({ min: NOON + 86_400_000, max: Date.UTC(2105, 11, 31) })
  fc.assert(
    fc.property(fc.constantFrom('ax', 'oz'), fc.constantFrom(...places), asked, (name, times, moment) => {
      const readings = readingsOf(name)
      const away_end = new Date(moment).toISOString().slice(0, 19)
      const told = errorOf(readings, { away_end }, times)
      if (told !== 'none') return /no such|put forward|comes twice/.test(told)
      const raws = Object.fromEntries(
        Object.entries(plan(readings, { away_end }, times)).map(([id, raw]) => [id, raw ?? '']),
      )
      const bounded = Object.values(raws).every((raw) => Number(raw) >= 0 && Number(raw) <= 0xffffffff)
      return bounded && stateOf(holding(name, raws), { times }).away_end === away_end
    }),
    { numRuns: 400 },
  )
})

/** What stands for no end: six years after the start. */
const endless = (start: string) => String(Number(start) + 2192 * 86_400)

t.test('what is left out is now, without an end, or as it was', async (t) => {
  const ax = readingsOf('ax')
  const now = Number(seconds('2026-01-15T14:00Z'))
  const yesterday = String(now - 86_400)
  const end = seconds('2026-01-20T10:00Z')
  t.same(plan(ax, { preset: 'away' }), { 0: yesterday, 1: endless(yesterday) })
  t.same(plan(ax, { away_end: '2026-01-20T10:00' }), { 0: yesterday, 1: end })
  t.same(plan(ax, { preset: 'away', away_end: '2026-01-20T10:00' }), { 0: yesterday, 1: end })
  t.same(plan(ax, { away_end: '2026-01-20T10:00', away_start: null }), { 0: yesterday, 1: end })
  const start = seconds('2026-01-18T10:00Z')
  t.same(plan(ax, { away_start: '2026-01-18T10:00' }), { 0: start, 1: endless(start) })
  const set = holding('ax', { 0: start, 1: end })
  t.same(plan(set, { away_end: '2026-01-25T10:00' }), { 0: start, 1: seconds('2026-01-25T10:00Z') })
  t.same(plan(set, { away_start: '2026-01-17T10:00' }), { 0: seconds('2026-01-17T10:00Z'), 1: end })
  const over = holding('ax', { 0: seconds('2025-07-01T00:00Z'), 1: seconds('2025-07-09T00:00Z') })
  t.same(plan(over, { away_end: '2026-01-20T10:00' }), { 0: yesterday, 1: end }, 'one that is over says nothing')
  t.same(plan(over, { away_start: '2026-01-18T10:00' })[1], endless(start))
})

t.test(
  'an away without an end is shown as one, in whatever the device counts and after whatever restart',
  async (t) => {
    for (const [name, times] of [
      ['ax', LOCAL],
      ['ax', UTC],
      ['oz', zoned(2)],
      ['oz', zoned(5)],
    ] as const) {
      const raws = Object.entries(plan(readingsOf(name), { preset: 'away' }, times)).map(([id, raw]) => [id, raw ?? ''])
      const away = holding(name, Object.fromEntries(raws))
      const state = stateOf(away, { times })
      t.match(state, { away_start: /^2026-01-1[45]T/, away_end: null }, name)
      if (name === 'oz') t.match(state, { away_start_utc: /^2026-01-14T/, away_end_utc: null })
      t.equal(stateOf(away, { times: null }).away_end, null, 'also while its clock is not known')
      const moved = plan(away, { away_start: '2026-03-01T10:00' }, times)
      const [from = '', to] = name === 'ax' ? [moved[0], moved[1]] : [moved[66], moved[67]]
      t.equal(to, endless(from), 'another start leaves it without one')
    }
    const start = seconds('2026-01-14T12:00Z')
    const dated = holding('ax', { 0: start, 1: String(Number(endless(start)) + 1) })
    t.equal(stateOf(dated, { times: LOCAL }).away_end, '2032-01-15T12:00:01', 'an end that somebody set')
  },
)

t.test('clearing, with the value for none that each model has', async (t) => {
  const cleared = [{ away_start: null, away_end: null }, { away_end: null }, { away_start: '' }, { preset: 'none' }]
  for (const command of cleared) {
    t.same(plan(readingsOf('ax'), command), { 0: '536112000', 1: '536112000' })
    const { 64: _, ...oz } = plan(readingsOf('oz'), command)
    t.same(oz, { 66: '0', 67: '0' })
  }
  t.same(plan(readingsOf('oz'), { away_end_utc: null }), { 66: '0', 67: '0' })
  const older = holding('oz', { 0: seconds('2026-01-01T12:00Z'), 1: seconds('2026-11-01T12:00Z') })
  t.same(plan(older, { away_end: null }, zoned(2)), { 66: '0', 67: '0', 0: '0', 1: '0' }, 'set by its older parameters')
})

t.test('what is refused, and why', async (t) => {
  const cases: [object, RegExp][] = [
    [{ away_start: '2026-02-02T10:00', away_end: '2026-02-01T10:00' }, /^OUT_OF_RANGE: .*before it starts/],
    [{ away_start: '2026-02-02T10:00', away_end: '2026-02-02T08:00Z' }, /^OUT_OF_RANGE: .*before it starts, or as/],
    [{ away_end: '2026-01-15T13:59:59' }, /^OUT_OF_RANGE: .*by the clock of the device, that time has passed/],
    [{ away_start: '2025-01-01T00:00', away_end: '2025-02-01T00:00' }, /^OUT_OF_RANGE: .*that time has passed/],
    [{ preset: 'away', away_end: '2001-01-01T00:00' }, /^OUT_OF_RANGE: .*that time has passed/],
    [{ away_end: '2106-02-07T06:28:16Z' }, /^OUT_OF_RANGE: .*end in February 2106/],
    [{ away_end: '2136-02-07T06:28:16Z' }, /^OUT_OF_RANGE: .*2106/],
    [{ away_end: '9999-12-31T23:59' }, /^OUT_OF_RANGE: .*2106/],
    [{ away_start: '1999-12-31T23:59:59Z' }, /^OUT_OF_RANGE/],
    [{ away_end: '2026-02-30T10:00' }, /^BAD_REQUEST: .*ISO time, such as/],
    [{ away_end: '2026-02-20T24:00' }, /^BAD_REQUEST/],
    [{ away_end: '2026-02-20T10:00+25:00' }, /^BAD_REQUEST/],
    [{ away_end: 'tomorrow' }, /^BAD_REQUEST/],
    [{ away_end: '2026-02-20' }, /^BAD_REQUEST/],
    [{ away_end: 820_000_000 }, /^BAD_REQUEST/],
    [{ away_end: Number.NaN }, /^BAD_REQUEST/],
    [{ away_end: true }, /^BAD_REQUEST/],
    [{ away_end: {} }, /^BAD_REQUEST/],
  ]
  const failures = cases.filter(([command, message]) => !message.test(errorOf(readingsOf('ax'), command)))
  t.strictSame(failures, [])
  t.match(errorOf(readingsOf('ax'), { away_end: '2026-02-20T10:00' }, null), /^DEVICE_UNREACHABLE: The clock/)
  const twice = { away_end: '2026-02-20T10:00', away_end_utc: '2026-02-20T10:00' }
  t.match(errorOf(readingsOf('oz'), twice, zoned(2)), /^BAD_REQUEST: .*set the same value/)
  t.equal(errorOf(readingsOf('ax'), { away_end: '2106-02-07T06:28:15Z' }), 'none')
})

for (const model of ['sx', 'az', 'old', 'oz'] as const) {
  t.test(`${model}: goes away and comes back when it was told to; what is refused is not sent`, async (t) => {
    const clock = new FakeClock(NOON)
    const options = { model, clock, lock: 'none', utcOffset: 2, clockCounts: 'local', telemetryTime: true } as const
    const unit = await startThermostat(t, options)
    const rig = startRegistry(t, unit, { clock, hw: model === 'old' ? 'oz' : model, timezone: 'Europe/Kyiv' })
    await rig.refresh()
    const set = async (command: object) => (await rig.passing(rig.registry.set(SERIAL, command))).state
    await set({ mode: 'heat', ...(model === 'oz' ? { control_type: 'floor' } : {}), away_floor_setpoint: 12 })
    const told = await set({ away_start: '2026-01-15T15:00', away_end: '2026-01-15T16:00+02:00' })
    t.match(told, { preset: 'none', away_start: '2026-01-15T15:00:00', away_end: '2026-01-15T16:00:00' })
    await clock.advance(3_600_000)
    t.match((await rig.refresh()).state, { preset: 'away', operating_mode: 'away', target_temperature: 12 })
    t.match(await set({ away_floor_setpoint: 14 }), { preset: 'away', target_temperature: 14 })
    await clock.advance(3_600_000)
    t.match((await rig.refresh()).state, { preset: 'none', operating_mode: 'manual' })
    t.match(await set({ preset: 'away' }), { preset: 'away', away_end: null, target_temperature: 14 })
    const nudged = { preset: 'none', mode: 'heat', away_start: null, target_temperature: 22, away_floor_setpoint: 14 }
    t.match(await set({ target_temperature: 22 }), nudged, 'a setpoint ends away and holds')
    await set({ mode: 'auto', preset: 'away' })
    const scheduled = { preset: 'none', mode: 'auto', operating_mode: 'temporary', target_temperature: 23 }
    t.match(await set({ target_temperature: 23 }), { ...scheduled, away_floor_setpoint: 14 })
    await set({ mode: 'heat' })
    const { length } = unit.writes
    for (const away_end of ['2026-01-15T15:59', '2110-01-01T00:00', 'soon']) {
      t.ok(await rig.errorOf(rig.registry.set(SERIAL, { away_end })), away_end)
    }
    t.equal(unit.writes.length, length)
    t.match(await set({ away_start: null }), { away_start: null, away_end: null })
  })
}
