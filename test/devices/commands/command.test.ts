import fc from 'fast-check'
import t from 'tap'
import { DeviceTimes } from '../../../src/devices/clock/times.ts'
import { parseCommand } from '../../../src/devices/commands/parse.ts'
import { type CommandContext, planCommand } from '../../../src/devices/commands/plan.ts'
import type { Readings } from '../../../src/devices/facts/readings.ts'
import { EPOCH_2000 } from '../../../src/protocol/epoch.ts'
import { parametersOf, readingsOf, telemetryOf, withValues } from '../support.ts'

const NOW = 820_000_000
const times = new DeviceTimes((NOW + EPOCH_2000) * 1000, 0, { place: 0 })

function plan(readings: Readings, command: unknown, context: Partial<CommandContext> = {}) {
  return planCommand(parseCommand(command, readings), {
    readings,
    learned: {},
    boostMinutes: 60,
    boostSetpoint: null,
    boost: null,
    now: (NOW + EPOCH_2000) * 1000,
    times,
    decided: new Map(),
    ...context,
  })
}

/** The first raw values by parameter id. */
const raws = (planned: ReturnType<typeof plan>) =>
  Object.fromEntries([...planned.changes].map(([id, change]) => [id, change.raws[0]]))

const code = (error: unknown) => (error as { code: string }).code

function refusal(readings: Readings, command: unknown): { code: string; message: string } {
  try {
    plan(readings, command)
  } catch (error) {
    return { code: code(error), message: (error as Error).message }
  }
  return { code: 'none', message: '' }
}

function inMode(name: string, operatingMode: string, parameters: Record<number, string> = {}): Readings {
  const readings = readingsOf(name)
  readings.applyParameters(withValues(parametersOf(name), parameters))
  const { fields } = telemetryOf(name)
  readings.applyTelemetry({
    fields: new Map([...fields, ['m.1', operatingMode]]),
    time: undefined,
    setpointStep: undefined,
  })
  return readings
}

t.test('a setpoint goes where it is in force', async (t) => {
  t.same(raws(plan(readingsOf('ax'), { target_temperature: 24 })), { 5: '24' }, 'manual by the floor')
  t.same(
    raws(plan(inMode('ax', '0', { 2: '0' }), { target_temperature: 24 })),
    { 29: '24' },
    'temporary in the schedule',
  )
  t.same(raws(plan(readingsOf('oz'), { target_temperature: 22.3 })), { 4: '223' }, 'manual by the air, in tenths')
  t.same(raws(plan(inMode('oz', '6'), { target_temperature: 25 })), { 65: '250' }, 'the timer')
  t.same(raws(plan(inMode('oz', '4'), { target_temperature: 15 })), { 66: '0', 67: '0', 4: '150' }, 'it ends away')
  const over = { 0: '536112000', 1: '536112000' }
  t.same(raws(plan(inMode('ax', '4'), { target_temperature: 15 })), { ...over, 5: '15' }, 'also by the floor')
  t.same(
    raws(plan(inMode('ax', '4', { 2: '0' }), { target_temperature: 15 })),
    { ...over, 29: '15' },
    'in the schedule',
  )
  t.same(raws(plan(inMode('ax', '4'), { away_floor_setpoint: 15 })), { 7: '15' }, 'away has a key of its own')
})

t.test('mode and setpoint in one command, in any order', async (t) => {
  const readings = inMode('ax', '0', { 2: '0', 125: '1' })
  const planned = plan(readings, { target_temperature: 24, mode: 'heat' })
  t.same(
    raws(planned),
    { 125: '0', 2: '1', 5: '24' },
    'the setpoint is that of manual mode, which the same command sets',
  )
  t.same(planned.changes.get(2)?.raws, ['1', '3'], 'some units take 3 for manual')
  t.equal(planned.setpoint, 24)
  t.same(
    plan(readings, { mode: 'heat' }, { learned: { program: 3 } }).changes.get(2)?.raws,
    ['3', '1'],
    'what is known goes first',
  )
  t.same(raws(plan(readings, { mode: 'off' })), { 125: '1' })
  t.same(raws(plan(readings, { mode: 'auto' })), { 125: '0', 2: '0' })
})

t.test('a command builds on what the one before it decided', async (t) => {
  const readings = inMode('ax', '0', { 2: '0' })
  const first = plan(readings, { mode: 'heat' })
  t.same(raws(plan(readings, { target_temperature: 24 }, { decided: first.decided })), { 5: '24' })
  const oz = inMode('oz', '4')
  const home = plan(oz, { preset: 'none' })
  t.same(raws(home), { 66: '0', 67: '0', 64: '0' })
  t.same(raws(plan(oz, { target_temperature: 22 }, { decided: home.decided })), { 4: '220' })
  const away = plan(readingsOf('oz'), { preset: 'away' })
  t.same(raws(plan(readingsOf('oz'), { target_temperature: 15 }, { decided: away.decided })), {
    66: '0',
    67: '0',
    4: '150',
  })
  const boost = plan(readingsOf('oz'), { preset: 'boost' })
  t.same(raws(plan(readingsOf('oz'), { target_temperature: 27 }, { decided: boost.decided })), { 65: '270' })
})

t.test('presets', async (t) => {
  t.same(raws(plan(readingsOf('ax'), { preset: 'away' })), {
    0: String(NOW - 86_400),
    1: String(NOW - 86_400 + 2192 * 86_400),
  })
  t.same(raws(plan(readingsOf('ax'), { preset: 'none' })), { 0: '536112000', 1: '536112000' })
  t.same(raws(plan(readingsOf('oz'), { preset: 'boost' })), { 64: String(NOW + 3600) })
  const both = plan(readingsOf('oz'), { preset: 'boost', boost_minutes: 30 })
  t.equal(both.boostMinutes, 30)
  t.same(raws(both), { 64: String(NOW + 1800) }, 'the minutes of the same command')
  const off = readingsOf('oz')
  off.applyParameters(withValues(parametersOf('oz'), { 125: '1' }))
  t.match(refusal(off, { preset: 'boost' }), { code: 'BAD_REQUEST', message: /does not switch it on/ })
  t.match(raws(plan(off, { preset: 'boost', mode: 'auto' })), { 125: '0', 2: '0', 64: String(NOW + 3600) })
  t.throws(() => plan(readingsOf('ax'), { preset: 'away' }, { times: null }), { code: 'DEVICE_UNREACHABLE' })
})

t.test('rounding is told, never hidden', async (t) => {
  t.same(plan(readingsOf('ax'), { target_temperature: 24.0 }).rounded, {}, '24.0 is 24')
  const rounded = plan(readingsOf('ax'), { target_temperature: 23.6, hysteresis: 0.54 })
  t.same(raws(rounded), { 5: '24', 19: '5' })
  t.same(rounded.rounded, { target_temperature: { asked: 23.6, set: 24 }, hysteresis: { asked: 0.54, set: 0.5 } })
  t.same(plan(readingsOf('ax'), { target_temperature: '24' }).rounded, {}, 'a text is not a rounding')
  t.same(plan(readingsOf('ax'), { rated_power: 2010 }).rounded, { rated_power: { asked: 2010, set: 2020 } })
})

t.test('limits move with the control type, in the same command too', async (t) => {
  t.equal(refusal(readingsOf('oz'), { target_temperature: 40 }).code, 'OUT_OF_RANGE', 'the air stops at 35')
  t.same(raws(plan(readingsOf('oz'), { target_temperature: 40, control_type: 'floor' })), { 3: '0', 5: '400' })
  t.same(raws(plan(readingsOf('ax'), { floor_setpoint_max: 30 })), { 26: '30' })
})

t.test('in any order: what is asked together is judged together', async (t) => {
  const raised = { 26: '50', 5: '48' }
  t.same(raws(plan(readingsOf('ax'), { manual_floor_setpoint: 48, floor_setpoint_max: 50 })), raised)
  t.same(raws(plan(readingsOf('ax'), { floor_setpoint_max: 50, target_temperature: 48 })), raised)
  t.same([...plan(readingsOf('ax'), { target_temperature: 48, floor_setpoint_max: 50 }).changes.keys()], [26, 5])
  const lowered = { manual_floor_setpoint: 30, floor_setpoint_max: 25 }
  t.match(refusal(readingsOf('ax'), lowered), { code: 'OUT_OF_RANGE', message: /5 to 25/ })
  const end = String(NOW + 86_400)
  const away_end = new Date((NOW + 86_400 + EPOCH_2000) * 1000).toISOString().slice(0, 19)
  const gone = plan(readingsOf('ax'), { away_end })
  const back = { 0: '536112000', 1: '536112000', 5: '15' }
  t.same(raws(plan(readingsOf('ax'), { target_temperature: 15 }, { decided: gone.decided })), back)
  const later = { away_start: away_end, target_temperature: 15 }
  t.match(raws(plan(readingsOf('ax'), later)), { 0: end, 5: '15' }, 'away is yet to come')
  t.match(raws(plan(inMode('ax', '4'), { away_end: null, target_temperature: 25 })), { 5: '25' }, 'it is over')
  t.same(raws(plan(readingsOf('ax'), { mode: 'cool', cooling: true })), { 118: '1', 125: '0', 2: '1' })
})

t.test('what is refused, and how', async (t) => {
  const ax = readingsOf('ax')
  const cases: [unknown, string, RegExp][] = [
    ['heat', 'BAD_REQUEST', /JSON object/],
    [null, 'BAD_REQUEST', /JSON object/],
    [[], 'BAD_REQUEST', /JSON object/],
    [{}, 'BAD_REQUEST', /empty/],
    [Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, 1])), 'BAD_REQUEST', /more than 64/],
    [{ colour: 'red' }, 'UNKNOWN_KEY', /Terneo AX has no "colour"/],
    [{ __proto__x: 1 }, 'UNKNOWN_KEY', /no "__proto__x"/],
    [{ humidity: 3 }, 'UNKNOWN_KEY', /no "humidity"/],
    [{ load: true }, 'READ_ONLY', /load can be read/],
    [{ floor_temperature: 20 }, 'READ_ONLY', /floor_temperature/],
    [{ target_temperature: 46 }, 'OUT_OF_RANGE', /5 to 45/],
    [{ target_temperature: 4.9 }, 'OUT_OF_RANGE', /5 to 45/],
    [{ target_temperature: 'warm' }, 'BAD_REQUEST', /number/],
    [{ target_temperature: Number.NaN }, 'BAD_REQUEST', /number/],
    [{ target_temperature: Number.POSITIVE_INFINITY }, 'BAD_REQUEST', /number/],
    [{ target_temperature: null }, 'BAD_REQUEST', /number/],
    [
      { target_temperature: 15, away_end: '2030-01-01T10:00' },
      'BAD_REQUEST',
      /and away_end begins it\. .* away_floor_setp/,
    ],
    [{ target_temperature: 15, preset: 'away' }, 'BAD_REQUEST', /ends away, and preset begins it/],
    [{ preset: 'boost', away_end: '2030-01-01T10:00' }, 'BAD_REQUEST', /boost while away_end/],
    [{ mode: 'cool' }, 'OUT_OF_RANGE', /off, heat, auto/],
    [{ mode: 'dry' }, 'OUT_OF_RANGE', /off, heat, auto/],
    [{ preset: 'eco' }, 'OUT_OF_RANGE', /none, away, boost/],
    [{ brightness: 10 }, 'OUT_OF_RANGE', /0 to 9/],
    [{ child_lock: { on: true } }, 'BAD_REQUEST', /not nested/],
    [{ child_lock: 'maybe' }, 'BAD_REQUEST', /true or false/],
    [{ night_start: '25:00' }, 'UNKNOWN_KEY', /no night_start/],
    [{ cloud_lock: true }, 'BAD_REQUEST', /both locks/],
  ]
  for (const [command, expected, message] of cases) {
    const refused = refusal(ax, command)
    t.equal(refused.code, expected, JSON.stringify(command)?.slice(0, 60))
    t.match(refused.message, message)
  }
  const deep = JSON.parse(`${'['.repeat(9_000)}${']'.repeat(9_000)}`)
  t.equal(refusal(ax, { mode: deep }).code, 'BAD_REQUEST', 'too deep to be shown')
  t.equal(refusal(readingsOf('sx'), { night_start: '25:00' }).code, 'OUT_OF_RANGE')
  t.equal(refusal(readingsOf('oz'), { boost_minutes: 4 }).code, 'OUT_OF_RANGE')
})

t.test('the last lock can still be lifted', async (t) => {
  t.same(raws(plan(readingsOf('ax'), { lan_lock: false, cloud_lock: true })), { 114: '0', 115: '1' })
})

t.test('the clock of a device: UTC, its zone, or wrong', async (t) => {
  const host = (NOW + EPOCH_2000) * 1000
  const there = (ahead: number, place: number) => new DeviceTimes(host, ahead, { place })
  t.equal(there(0, 3).utcOffset, 0, 'counts in UTC, whatever zone it names')
  t.equal(there(3 * 3600 + 5, 3).utcOffset, 3 * 3600, 'counts in its local time')
  t.equal(there(3 * 3600 + 5, 3).error, 5)
  const unset = new DeviceTimes(host, 1000 - NOW, { host: () => 7200 })
  t.match(unset, { counts: 'local', fits: false, right: NOW + 7200 }, 'never set: meant for local time')
  t.same(raws(plan(readingsOf('ax'), { preset: 'away' }, { times: new DeviceTimes(host, 1000 - NOW, { place: 0 }) })), {
    0: '1',
    1: String(1 + 2192 * 86_400),
  })
  t.equal(there(3 * 3600, 3).boostEnd(60), there(0, 0).boostEnd(60))
})

t.test('a clock that is wrong by up to half an hour is not taken for one in another zone', async () => {
  const host = (NOW + EPOCH_2000) * 1000
  const zone = fc.constantFrom(-9.5, -5, -2.5, 0, 1, 2, 3, 5.5, 5.75, 12.75, 14).map((hours) => hours * 3600)
  const wrong = fc.integer({ min: -1799, max: 1799 })
  fc.assert(
    fc.property(zone, wrong, (ahead, error) => {
      const local = new DeviceTimes(host, ahead + error, { host: () => ahead })
      const told = new DeviceTimes(host, ahead + error, { place: ahead / 3600 })
      return [local, told].every((times) => times.error === error || Math.abs(ahead) <= 3600)
    }),
  )
})

t.test('a clock of which it is known what it counts is wrong by what it differs', async () => {
  const host = (NOW + EPOCH_2000) * 1000
  const zone = fc.integer({ min: -12, max: 14 }).map((hours) => hours * 3600)
  const wrong = fc.integer({ min: -50 * 86_400, max: 50 * 86_400 })
  fc.assert(
    fc.property(zone, wrong, fc.constantFrom('utc', 'local'), (ahead, error, counts) => {
      const right = counts === 'utc' ? 0 : ahead
      const times = new DeviceTimes(host, right + error, { counts, host: () => ahead })
      return times.error === error && times.right === NOW + right
    }),
  )
})
