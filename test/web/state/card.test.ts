/** What the card of a thermostat says, without a browser. */
import t from 'tap'
import { FINDING_KINDS } from '../../../src/devices/ports.ts'
import { LANGUAGES, Texts } from '../../../src/web/i18n/index.ts'
import {
  awayEnd,
  dayLine,
  findingsOf,
  lastFailureOf,
  otherTemperature,
  refusalOf,
  sensorOf,
  untilOf,
} from '../../../src/web/state/card.ts'
import { device } from './page-rig.ts'

t.test('by what a thermostat measures, and what else it measures', async (t) => {
  const both = { floor_temperature: 33.9, air_temperature: 23.6 }
  t.equal(sensorOf({ control_type: 'floor' }), 'floor')
  t.equal(sensorOf({ control_type: 'air_floor_limits' }), 'air')
  t.equal(sensorOf({ control_type: null }), undefined)
  t.strictSame(otherTemperature({ ...both, control_type: 'air' }), { sensor: 'floor', value: 33.9 })
  t.strictSame(otherTemperature({ ...both, control_type: 'floor' }), { sensor: 'air', value: 23.6 })
  t.equal(otherTemperature({ control_type: 'floor', air_temperature: null }), undefined)
  t.equal(otherTemperature(both), undefined, 'which is the other one is not known')
})

t.test('until when what holds now lasts', async (t) => {
  const change = { schedule_next_change: '2026-01-15T20:00:00Z', schedule_next_setpoint: 25 }
  const boost = { mode: 'auto', preset: 'boost', timer_end: '2026-01-15T13:00:00Z', ...change }
  t.strictSame(untilOf(boost), { kind: 'boost', at: '2026-01-15T13:00:00Z', next: null })
  const away = { mode: 'auto', preset: 'away', away_end: null, ...change }
  t.strictSame(untilOf(away), { kind: 'away', at: null, next: null }, 'without an end')
  t.strictSame(untilOf({ mode: 'auto', preset: 'none', ...change }), {
    kind: 'schedule',
    at: '2026-01-15T20:00:00Z',
    next: 25,
  })
  t.equal(untilOf({ mode: 'auto', schedule_next_change: null }), undefined, 'its schedule is not known')
  t.strictSame(untilOf({ mode: 'heat' }), { kind: 'manual', at: null, next: null })
  t.equal(untilOf({ mode: 'off', ...change }), undefined)
})

t.test('a refusal is said before a command is tried, and once', async (t) => {
  const of = (lock: string, key_source: string | null, error: { code: string; message: string } | null = null) => {
    const one = device('a', { lock })
    return refusalOf({ ...one, health: { ...one.health, key_source, error } as typeof one.health })
  }
  t.equal(of('both', 'terneo'), 'LOCKED_BOTH')
  t.equal(of('lan', null), 'KEY_MISSING')
  t.equal(of('lan', 'terneo'), null)
  t.equal(of('cloud', null), null)
  t.equal(of('both', null, { code: 'LOCKED_BOTH', message: '' }), null, 'the bridge says it already')
})

t.test('the last failure, whoever asked', async (t) => {
  const error = { code: 'NOT_APPLIED', message: 'No.', at: '2026-01-15T12:00:00Z', about: ['target_temperature'] }
  t.strictSame(lastFailureOf({ last_error: error }), {
    code: 'NOT_APPLIED',
    at: '2026-01-15T12:00:00Z',
    about: ['target_temperature'],
  })
  for (const none of [null, 'x', [], {}, { code: 1, at: 2 }]) t.equal(lastFailureOf({ last_error: none }), null)
})

t.test('a night away ends in the morning, a week at the same time', async (t) => {
  t.equal(awayEnd('tonight', '2026-01-31T20:30:12'), '2026-02-01T07:00')
  t.equal(awayEnd('tonight', '2026-01-16T01:30:12'), '2026-01-16T07:00', 'after midnight')
  t.equal(awayEnd('week', '2026-01-28T20:30:12'), '2026-02-04T20:30')
})

t.test('a moment is said as short as it stays clear', async (t) => {
  const texts = await Texts.in('en', ['en-GB'])
  const now = '2026-01-15T12:00:00'
  const said = (day: number, hour: number, year = 2026) =>
    texts.moment(`${year}-01-${day}T${String(hour).padStart(2, '0')}:00:00`, { now })
  t.equal(said(15, 22), '22:00')
  t.match(said(16, 7), /^Fri 07:00$/)
  t.match(said(25, 7), /^25 Jan,? (at )?07:00$/)
  t.match(said(25, 7, 2027), /2027/)
  t.equal(texts.duration(30), '30 mins')
  t.equal(texts.duration(120), '2 hrs')
})

t.test('the line of a day shows gaps as gaps, and noise as noise', async (t) => {
  t.equal(dayLine([]), undefined)
  t.equal(dayLine([null, 21, null]), undefined, 'one value is no line')
  const line = dayLine([20, 22, null, null, 24, 24, null, 23])
  t.strictSame(
    line?.stretches.map((points) => points.split(' ').length),
    [2, 2],
    'a value alone is not drawn',
  )
  t.match(line, { min: 20, max: 24 })
  const heights = (dayLine([21, 21.1, 21])?.stretches[0] ?? '').split(' ').map((point) => Number(point.split(',')[1]))
  t.ok(Math.max(...heights) - Math.min(...heights) < 2, 'a tenth of a degree is not a swing')
})

t.test('what is unusual has a sentence in every language, and is not said twice', async (t) => {
  const of = (kind: string) => ({
    kind,
    since: '2026-01-15T12:00:00Z',
    message: 'In English.',
    evidence: {
      minutes: 40,
      drop: 1,
      usual: 15,
      rise: 2,
      temperature: 30,
      jump: 8,
      limit: 28,
      hours: 5,
      way: 3,
      drops: 6,
    },
  })
  const findings = FINDING_KINDS.map(of)
  t.strictSame(findingsOf({ findings }), findings)
  t.strictSame(findingsOf({ findings, clock_wrong: true }).length, findings.length - 1, 'the fault says it')
  t.strictSame(findingsOf({ findings: [{ kind: 'too_warm' }, null, 1] }), [], 'nothing half')
  t.strictSame(findingsOf({ findings: null }), [])
  const all = await Promise.all(LANGUAGES.map(({ language }) => Texts.in(language)))
  const untold = all.flatMap((texts) =>
    findings.flatMap(({ kind, evidence }) => {
      const text = texts.find(`finding.${kind}`, evidence)
      return text === null || text.includes('{') ? [`${texts.language} ${kind}: ${text}`] : []
    }),
  )
  t.strictSame(untold, [])
})
