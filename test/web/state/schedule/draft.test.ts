/** A schedule being edited. */
import fc from 'fast-check'
import t from 'tap'
import type { SchedulePeriod, ScheduleWeek } from '../../../../src/devices/schedule/types.ts'
import {
  addPeriod,
  changedDays,
  clashes,
  copyDay,
  DAYS,
  dayOf,
  decided,
  minutesOf,
  moveTime,
  NO_DRAFT,
  nudgeTime,
  removePeriod,
  setTemperature,
  stretchesOf,
  timeOf,
  undo,
  weekOf,
  withDay,
  without,
} from '../../../../src/web/state/schedule/draft.ts'

const DAY: readonly SchedulePeriod[] = [
  { time: '06:00', temperature: 22 },
  { time: '08:00', temperature: 18 },
  { time: '22:00', temperature: 'off' },
]
const WEEK: ScheduleWeek = {
  monday: DAY,
  tuesday: DAY,
  wednesday: DAY,
  thursday: DAY,
  friday: DAY,
  saturday: DAY,
  sunday: [{ time: '00:00', temperature: 20 }],
}

const times = (periods: readonly SchedulePeriod[]) => periods.map(({ time }) => time)

t.test('a period moves between its neighbours', async (t) => {
  t.strictSame(times(moveTime(DAY, 1, 540)), ['06:00', '09:00', '22:00'])
  t.strictSame(times(moveTime(DAY, 1, 0)), ['06:00', '06:01', '22:00'])
  t.strictSame(times(moveTime(DAY, 2, 9999)), ['06:00', '08:00', '23:59'])
  t.strictSame(times(moveTime(DAY, 0, -5)), ['00:00', '08:00', '22:00'])
  t.strictSame(times(nudgeTime(DAY, 1, 1)), ['06:00', '08:10', '22:00'])
  t.strictSame(times(nudgeTime(moveTime(DAY, 1, 487), 1, -1)), ['06:00', '08:00', '22:00'])
})

t.test('whatever is done, times stay ascending and inside of the day', async () => {
  const step = fc.tuple(
    fc.constantFrom('move', 'nudge', 'add', 'remove'),
    fc.nat(7),
    fc.integer({ min: -100, max: 1600 }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let day = DAY
      for (const [what, index, minutes] of steps) {
        const at = index % day.length
        if (what === 'move') day = moveTime(day, at, minutes)
        if (what === 'nudge') day = nudgeTime(day, at, minutes % 2 === 0 ? 1 : -1)
        if (what === 'add') day = addPeriod(day, 8)
        if (what === 'remove') day = removePeriod(day, at)
      }
      const all = day.map(({ time }) => minutesOf(time))
      return all.length > 0 && all.length <= 8 && all.every((at, i) => at >= 0 && at < 1440 && at > (all[i - 1] ?? -1))
    }),
  )
})

t.test('periods are added in the longest stretch, and one always stays', async (t) => {
  t.strictSame(times(addPeriod(DAY, 8)), ['06:00', '08:00', '15:00', '22:00'])
  t.equal(addPeriod(DAY, 3), DAY)
  t.strictSame(times(removePeriod(DAY, 0)), ['08:00', '22:00'])
  t.equal(removePeriod(WEEK.sunday, 0), WEEK.sunday)
  t.equal(addPeriod([], 8).length, 0)
  const late = [{ time: '23:59', temperature: 20 }]
  t.equal(addPeriod(late, 8), late, 'no room')
})

t.test('undo goes back a step at a time; a movement is one step', async (t) => {
  const warmer = withDay(NO_DRAFT, WEEK, 'monday', setTemperature(DAY, 0, 25))
  const moving = withDay(warmer, WEEK, 'monday', setTemperature(DAY, 0, 26), { keep: false })
  t.strictSame(changedDays(moving, WEEK), ['monday'])
  t.strictSame(weekOf(undo(moving), WEEK), WEEK)
  t.equal(undo(NO_DRAFT), NO_DRAFT)
  const copied = copyDay(moving, WEEK, 'monday', ['friday', 'sunday'])
  t.strictSame(changedDays(copied, WEEK), ['monday', 'friday', 'sunday'])
  t.strictSame(weekOf(copied, WEEK).sunday, setTemperature(DAY, 0, 26))
  t.strictSame(changedDays(undo(copied), WEEK), ['monday'])
  let many = NO_DRAFT
  for (let i = 0; i < 200; i++) many = withDay(many, WEEK, 'monday', setTemperature(DAY, 0, i))
  t.ok(many.before.length <= 50)
})

t.test('a day that is as it was is not changed', async (t) => {
  const warmer = withDay(NO_DRAFT, WEEK, 'monday', setTemperature(DAY, 0, 25))
  t.strictSame(withDay(warmer, WEEK, 'monday', setTemperature(DAY, 0, 22)).changes, {})
  t.strictSame(copyDay(NO_DRAFT, WEEK, 'monday', ['tuesday']).changes, {}, 'they are alike')
})

const warm = (temperature: number) => setTemperature(DAY, 0, temperature)
const MINE = withDay(NO_DRAFT, WEEK, 'monday', warm(25))

t.test('days that were changed elsewhere meanwhile are shown, and not written back', async (t) => {
  const meanwhile = { ...WEEK, tuesday: warm(30), sunday: [] }
  t.strictSame(weekOf(MINE, meanwhile), { ...meanwhile, monday: warm(25) })
  t.strictSame(changedDays(MINE, meanwhile), ['monday'])
  t.strictSame(clashes(MINE, meanwhile), [])
})

t.test('a day that was changed on both sides is asked about, until it is decided', async (t) => {
  const theirs = { ...WEEK, monday: warm(19), friday: warm(19) }
  t.strictSame(clashes(MINE, theirs), ['monday'])
  const further = withDay(MINE, theirs, 'monday', warm(26))
  t.strictSame(clashes(further, theirs), ['monday'], 'to go on changing it decides nothing')
  t.strictSame(clashes(withDay(MINE, theirs, 'tuesday', warm(26)), theirs), ['monday'])

  const own = decided(MINE, theirs, 'monday', 'own')
  t.strictSame([clashes(own, theirs), changedDays(own, theirs)], [[], ['monday']])
  t.strictSame(weekOf(own, theirs).monday, warm(25))
  t.strictSame(clashes(own, { ...theirs, monday: warm(18) }), ['monday'], 'changed there once more')
  t.strictSame(clashes(undo(own), theirs), ['monday'], 'undone')

  const saved = decided(MINE, theirs, 'monday', 'saved')
  t.strictSame([clashes(saved, theirs), changedDays(saved, theirs)], [[], []])
  t.strictSame(weekOf(undo(saved), theirs).monday, warm(25), 'undone')
  t.strictSame(decided(NO_DRAFT, theirs, 'monday', 'own').changes, {}, 'nothing to decide')
})

t.test('the same change on both sides, or back to what it was, is no clash', async (t) => {
  const alike = { ...WEEK, monday: warm(25) }
  t.strictSame([clashes(MINE, alike), changedDays(MINE, alike)], [[], []])
  const further = withDay(MINE, alike, 'monday', warm(26))
  t.strictSame([clashes(further, alike), changedDays(further, alike)], [[], ['monday']])
  const theirs = { ...WEEK, monday: warm(19) }
  const back = withDay(MINE, theirs, 'monday', warm(22))
  t.strictSame([clashes(back, theirs), weekOf(back, theirs)], [[], theirs])
})

t.test('what was changed while the device took the rest is still there', async (t) => {
  const twice = withDay(MINE, WEEK, 'friday', warm(25))
  const meanwhile = withDay(twice, WEEK, 'monday', warm(26))
  const saved = weekOf(twice, WEEK)
  t.strictSame(without(twice, twice.changes, saved), NO_DRAFT)
  const left = without(withDay(meanwhile, WEEK, 'sunday', warm(26)), twice.changes, saved)
  t.strictSame(changedDays(left, saved), ['monday', 'sunday'])
  t.strictSame(weekOf(left, saved).monday, warm(26))
  t.strictSame(clashes(left, saved), [])
})

t.test('a day begins with what the day before left', async (t) => {
  t.strictSame(
    stretchesOf(WEEK, 'monday').map(({ from, to, temperature, index }) => [timeOf(from), to, temperature, index]),
    [
      ['00:00', 360, 20, null],
      ['06:00', 480, 22, 0],
      ['08:00', 1320, 18, 1],
      ['22:00', 1440, 'off', 2],
    ],
  )
  t.equal(stretchesOf(WEEK, 'sunday').length, 1)
  for (const day of DAYS) t.equal(stretchesOf(WEEK, day)[0]?.from, 0)
})

t.test('a schedule opens on the day that it is', async (t) => {
  t.equal(dayOf('2026-03-29T00:00:00'), 'sunday')
  t.equal(dayOf('2026-03-30T23:59:59'), 'monday')
})
