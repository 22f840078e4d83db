import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { NOTHING } from '../../../src/history/samples.ts'
import type { HistorySample, HistoryStep } from '../../../src/history/types.ts'
import { HISTORY_SQL, type HistoryRepository, openHistory } from '../../../src/store/tables/history.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { logBook, SERIAL } from '../support.ts'

const OTHER = 'other-1'

function openedIn(t: Test, dataDir: string): { memory: HistoryRepository; log: ReturnType<typeof logBook> } {
  const log = logBook()
  const memory = openHistory({ dataDir, clock: new FakeClock(), logger: log.logger })
  t.teardown(() => memory.close())
  return { memory, log }
}

const sampleAt = (at: number, values: Partial<HistorySample> = {}): HistorySample => ({
  ...NOTHING,
  at,
  known: 0,
  ...values,
})

const times = (memory: HistoryRepository, serial: string, step: HistoryStep) =>
  memory.read(serial, step, 0, 1e10).map(({ at }) => at)

t.test('samples come back as they were, in order, of one device and step', async (t) => {
  const dir = t.testdir()
  const { memory } = openedIn(t, dir)
  const full = sampleAt(20, {
    known: 10,
    floor_temperature: -12.25,
    load: 0.333,
    power: 1300,
    energy: 1.234,
    voltage: 229.4,
  })
  memory.write([
    { serial: SERIAL, step: 10, sample: sampleAt(30) },
    { serial: SERIAL, step: 10, sample: full },
    { serial: SERIAL, step: 300, sample: sampleAt(0) },
    { serial: OTHER, step: 10, sample: sampleAt(25) },
  ])
  memory.close()
  const again = openedIn(t, dir).memory
  t.strictSame(again.read(SERIAL, 10, 20, 31), [full, sampleAt(30)])
  t.strictSame(again.read(SERIAL, 10, 0, 30), [full], 'the end is not part of it')
  t.strictSame(again.read('unknown', 10, 0, 100), [])
  t.strictSame(
    [...again.newest(10)].sort(),
    [
      [SERIAL, 30],
      [OTHER, 25],
    ].sort(),
  )
  t.strictSame([...again.newest(3600)], [])
  again.write([{ serial: SERIAL, step: 10, sample: sampleAt(30, { power: 5 }) }])
  t.match(again.read(SERIAL, 10, 30, 31), [{ power: 5 }], 'the newer one replaces')
  t.equal(statSync(join(dir, 'history.db')).mode & 0o777, 0o600)
})

t.test('a commit is whole or nothing', async (t) => {
  const { memory } = openedIn(t, t.testdir())
  const broken = { serial: OTHER, step: 10 as const, sample: sampleAt(Number.NaN) }
  t.throws(() => memory.write([{ serial: SERIAL, step: 10, sample: sampleAt(10) }, broken]), { code: 'INTERNAL' })
  t.strictSame(times(memory, SERIAL, 10), [])
})

t.test('what is old goes piece by piece, what is forgotten at once', async (t) => {
  const { memory } = openedIn(t, t.testdir())
  const rows = [SERIAL, OTHER].flatMap((serial) =>
    [10, 20, 30, 40, 50].map((at) => ({ serial, step: 10 as const, sample: sampleAt(at) })),
  )
  memory.write([...rows, { serial: SERIAL, step: 300, sample: sampleAt(0) }])
  memory.prune([SERIAL], 10, 45, 3)
  t.strictSame(times(memory, SERIAL, 10), [40, 50], 'three at most')
  memory.prune([SERIAL], 10, 45, 3)
  t.strictSame(times(memory, SERIAL, 10), [50], 'none that is young enough')
  t.strictSame(times(memory, SERIAL, 300), [0], 'only of this step')
  t.strictSame(times(memory, OTHER, 10), [10, 20, 30, 40, 50], 'only of these devices')
  memory.forget(OTHER)
  memory.forget('unknown')
  t.strictSame([...memory.newest(10).keys()], [SERIAL])
  memory.write([{ serial: OTHER, step: 10, sample: sampleAt(60) }])
  t.strictSame(times(memory, OTHER, 10), [60], 'one that comes back begins anew')
})

t.test('every statement finds its rows by the index', async (t) => {
  const dir = t.testdir()
  openedIn(t, dir)
  const db = new Database(join(dir, 'history.db'), { readonly: true })
  t.teardown(() => db.close())
  const plans = Object.entries(HISTORY_SQL).map(([name, sql]) => {
    const rows: unknown[] = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...Array(sql.split('?').length - 1).fill(0))
    return [name, JSON.stringify(rows)] as const
  })
  const planOf = (name: string) => plans.find(([other]) => other === name)?.[1]
  t.match(planOf('read'), 'SEARCH history USING PRIMARY KEY (device=? AND step=? AND at>? AND at<?)')
  t.strictSame(
    plans.filter(([, plan]) => /SCAN history(?!_devices)|TEMP B-TREE/.test(plan)),
    [],
    'none reads through all of the table or sorts',
  )
})

t.test('numbers lose no more than is shown of them', async (t) => {
  const { memory } = openedIn(t, t.testdir())
  const celsius = fc.double({ min: -60, max: 130, noNaN: true })
  fc.assert(
    fc.property(
      celsius,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 2e9 }),
      (c, load, wh) => {
        memory.write([
          { serial: SERIAL, step: 10, sample: sampleAt(10, { air_temperature: c, load, energy: wh / 1000 }) },
        ])
        const [read] = memory.read(SERIAL, 10, 10, 11)
        return (
          Math.abs((read?.air_temperature ?? 999) - c) <= 0.00501 &&
          Math.abs((read?.load ?? 999) - load) <= 0.000501 &&
          read?.energy === wh / 1000
        )
      },
    ),
    { numRuns: 50 },
  )
})

t.test('a file that is none is set aside, one that cannot be opened is said', async (t) => {
  const dir = t.testdir({ broken: {}, closed: {} })
  writeFileSync(join(dir, 'broken', 'history.db'), 'no database at all '.repeat(100))
  const { memory, log } = openedIn(t, join(dir, 'broken'))
  memory.write([{ serial: SERIAL, step: 10, sample: sampleAt(10) }])
  t.ok(readdirSync(join(dir, 'broken')).some((name) => name.startsWith('history.db.corrupt-')))
  t.match(log.problems(), [{ msg: /set aside/ }, { msg: /The history starts again/ }])
  if (process.getuid?.() === 0) return
  chmodSync(join(dir, 'closed'), 0o500)
  t.throws(() => openedIn(t, join(dir, 'closed')), { code: 'INTERNAL', message: /No history is recorded/ })
})
