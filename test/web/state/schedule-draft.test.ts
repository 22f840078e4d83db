/** A schedule being edited. */
import fc from 'fast-check'
import t from 'tap'
import type { SchedulePeriod, ScheduleWeek } from '../../../src/devices/schedule/types.ts'
import {
  addPeriod,
  changedDays,
  copyDay,
  DAYS,
  dayOf,
  draftOf,
  minutesOf,
  moveTime,
  nudgeTime,
  removePeriod,
  setTemperature,
  stretchesOf,
  timeOf,
  undo,
  withDay,
} from '../../../src/web/state/schedule-draft.ts'

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
  const start = draftOf(WEEK)
  const warmer = withDay(start, 'monday', setTemperature(DAY, 0, 25))
  const moving = withDay(warmer, 'monday', setTemperature(DAY, 0, 26), { keep: false })
  t.strictSame(changedDays(WEEK, moving.week), ['monday'])
  t.equal(undo(moving).week, WEEK)
  t.equal(undo(start), start)
  const copied = copyDay(moving, 'monday', ['friday', 'sunday'])
  t.strictSame(changedDays(WEEK, copied.week), ['monday', 'friday', 'sunday'])
  t.strictSame(changedDays(WEEK, undo(copied).week), ['monday'])
  let many = start
  for (let i = 0; i < 200; i++) many = withDay(many, 'monday', DAY)
  t.ok(many.before.length <= 50)
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
  t.equal(dayOf(new Date(2026, 2, 29)), 'sunday')
  t.equal(dayOf(new Date(2026, 2, 30)), 'monday')
})
