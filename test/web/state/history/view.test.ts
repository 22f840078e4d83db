/** Which part of the history is shown, and how it stands in the address. */
import t from 'tap'
import { closer, moved, spanOf, stepsOf, viewIn, yesterday, zoomedIn } from '../../../../src/web/state/history/view.ts'

t.test('whole days of the calendar, as they stand in the address', async (t) => {
  const today = '2026-03-31'
  t.strictSame(viewIn([], today), { range: 'day', last: null })
  t.strictSame(viewIn(['week', '2026-03-20'], today), { range: 'week', last: '2026-03-20' })
  for (const last of ['2026-02-30', '2026-03-31', '2027-01-01', 'yesterday', '2026-3-1'])
    t.equal(viewIn(['year', last], today).last, null, last)
  for (const view of [yesterday(today), viewIn(['month'], today), viewIn(['week', '2026-03-20'], today)])
    t.strictSame(viewIn(stepsOf(view), today), view, 'the address leads back')
  t.strictSame(yesterday(today), { range: 'day', last: '2026-03-30' })
  t.strictSame(moved(viewIn([], today), -1, today), yesterday(today), 'before today is yesterday')
  t.strictSame(moved(yesterday(today), 1, today), viewIn([], today))
  t.strictSame(moved(viewIn(['week'], today), -1, today).last, '2026-03-24')
  const momentOf = (local: string) => new Date(local).getTime()
  t.equal(spanOf(viewIn([], today), momentOf), null)
  const span = spanOf({ range: 'week', last: '2026-03-31' }, momentOf)
  const midnight = (date: number) => new Date(2026, 2, date).getTime() / 1000
  t.strictSame(span, { from: midnight(25), to: midnight(32) }, 'from midnight to midnight, also when clocks change')
})

t.test('the device beside and what is zoomed in stand in the address', async (t) => {
  const today = '2026-03-31'
  for (const steps of [
    ['day', 'now', 'beside=B74E2E592D42'],
    ['week', '2026-03-20', 'beside=A-1_b', 'zoom=1773990000-1774000000'],
    ['month', 'now', 'zoom=1-9'],
  ])
    t.strictSame(stepsOf(viewIn(steps, today)), steps, 'the address leads back')
  for (const nonsense of [
    'beside=',
    'beside=x',
    'beside=../../settings',
    'beside=<script>1',
    `beside=${'a1'.repeat(200)}`,
    'beside=Küche-1',
    'zoom=5-5',
    'zoom=9-1',
    'zoom=-1-5',
    'zoom=NaN-Infinity',
    'zoom=1e9-2e9',
    `zoom=1-${'9'.repeat(300)}`,
    'shadow=B74E2E592D42',
    '%',
  ])
    t.strictSame(viewIn(['week', 'now', nonsense], today), { range: 'week', last: null }, nonsense)
})

t.test('zoomed in: within the range, never closer than ten minutes', async (t) => {
  const whole = { from: 10_000, to: 20_000 }
  const cases = [
    [undefined, undefined],
    [
      { from: 12_000, to: 14_000 },
      { from: 12_000, to: 14_000 },
    ],
    [
      { from: 5_000, to: 12_000 },
      { from: 10_000, to: 12_000 },
    ],
    [
      { from: 19_990, to: 30_000 },
      { from: 19_400, to: 20_000 },
    ],
    [
      { from: 15_000, to: 15_001 },
      { from: 15_000, to: 15_600 },
    ],
    [{ from: 0, to: 9_000 }, undefined],
    [{ from: 20_000, to: 21_000 }, undefined],
    [{ from: 0, to: 99_000 }, undefined],
  ] as const
  for (const [zoom, shown] of cases) t.strictSame(zoomedIn(zoom, whole), shown, JSON.stringify(zoom))
  t.strictSame(closer(whole, 15_000, whole), { from: 12_500, to: 17_500 })
  t.strictSame(closer(whole, 20_000, whole), { from: 15_000, to: 20_000 }, 'at the edge')
  t.strictSame(closer({ from: 12_000, to: 12_700 }, 12_100, whole), { from: 12_000, to: 12_600 })
  t.equal(closer({ from: 12_000, to: 12_600 }, 12_300, whole), undefined, 'no closer')
})
