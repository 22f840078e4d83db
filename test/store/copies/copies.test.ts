import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { copiesOf, DailyCopies } from '../../../src/store/copies/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { KEY, logBook, open, SERIAL } from '../support.ts'

const DAY = 24 * 3_600_000
const DATABASE = 'thermo2mqtt.db'
const USAGE = { errorWattHours: 1, onSeconds: 60 }

/** Makes the copy that is due, and waits for its end. */
async function copied(t: Test, dataDir: string, clock: FakeClock, free = 1e12) {
  const log = logBook()
  const damaged: string[] = []
  const before = copiesOf(join(dataDir, DATABASE)).length
  const copies = new DailyCopies({
    database: join(dataDir, DATABASE),
    ...{ clock, logger: log.logger, free: async () => free },
    onDamaged: (code) => damaged.push(code),
  })
  copies.start()
  t.teardown(() => copies.stop())
  await clock.advance(30_000)
  await copies.idle()
  await copies.stop()
  return { log, damaged, made: copiesOf(join(dataDir, DATABASE)).length - before }
}

/** A store with a key and a count of energy, a copy of it, and what came after that. */
async function house(t: Test, dataDir: string, clock = new FakeClock()): Promise<FakeClock> {
  const { store } = open(t, dataDir, { clock })
  store.keys.put('home', [{ serial: SERIAL, key: KEY }])
  store.users.add('olena', 'hash')
  store.energy.save({ serial: SERIAL, wattHours: 1_000, ...USAGE })
  t.equal((await copied(t, dataDir, clock)).made, 1)
  store.users.add('late', 'hash')
  store.energy.save({ serial: SERIAL, wattHours: 1_500, ...USAGE })
  store.close()
  return clock
}

const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  'cut to a byte': (path) => writeFileSync(path, 'x'),
  'cut to nothing': (path) => writeFileSync(path, ''),
  'no database': (path) => writeFileSync(path, 'x'.repeat(5_000)),
  'garbage for a header': (path) => writeFileSync(path, readFileSync(path).fill(0xa5, 0, 100)),
  'a page of zeros': (path) => writeFileSync(path, readFileSync(path).fill(0, 4_096, 8_192)),
  'cut in a page': (path) => truncateSync(path, statSync(path).size - 5_000),
}

t.test('the newest sound copy comes in the place of a damaged database', async (t) => {
  const wrong: unknown[] = []
  for (const [name, damage] of Object.entries(DAMAGES)) {
    const dir = t.testdir()
    const clock = await house(t, dir)
    const [copy] = copiesOf(join(dir, DATABASE))
    damage(join(dir, DATABASE))
    const { store, log } = open(t, dir, { clock })
    const there = [store.keys.of(SERIAL)[0]?.key, store.users.list().map((user) => user.name), store.replaced?.since]
    const kept = readdirSync(dir).some((file) => file.startsWith(`${DATABASE}.corrupt-`))
    const told = log.problems().some(({ msg }) => msg.includes(new Date(copy?.at ?? 0).toISOString()))
    const energy = store.energy.load()[0]?.wattHours
    const right = JSON.stringify(there) === JSON.stringify([KEY, ['olena'], copy?.at])
    if (!right || !kept || !told || (energy !== 1_500 && energy !== 1_000))
      wrong.push({ name, there, kept, told, energy })
    store.close()
  }
  t.same(wrong, [])
})

t.test('energy that can still be read does not fall', async (t) => {
  const dir = t.testdir()
  const clock = await house(t, dir)
  const path = join(dir, DATABASE)
  const db = new Database(path)
  const page = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'users'").pluck().get())
  db.close()
  writeFileSync(path, readFileSync(path).fill(0xa5, (page - 1) * 4_096, page * 4_096))
  const { store, log } = open(t, dir, { clock })
  t.match(log.problems().at(-1), { msg: /energy counted until the damage could be read and was kept/ })
  t.equal(store.energy.load()[0]?.wattHours, 1_500)
})

t.test('what is missing is said for a week', async (t) => {
  const dir = t.testdir()
  const clock = await house(t, dir)
  writeFileSync(join(dir, DATABASE), 'x')
  open(t, dir, { clock }).store.close()
  const later = open(t, dir, { clock })
  t.type(later.store.replaced?.since, 'number')
  t.same(later.log.problems(), [])
  later.store.close()
  await clock.advance(7 * DAY)
  t.equal(open(t, dir, { clock }).store.replaced, null)
})

t.test('an older copy takes over from a damaged one, and a new database from none', async (t) => {
  const dir = t.testdir()
  const clock = await house(t, dir)
  await clock.advance(DAY)
  t.equal((await copied(t, dir, clock)).made, 1)
  const path = join(dir, DATABASE)
  const [newest, older] = copiesOf(path)
  writeFileSync(newest?.path ?? '', readFileSync(newest?.path ?? '').fill(0xa5, 4_096, 8_192))
  writeFileSync(path, 'x')
  const { store } = open(t, dir, { clock })
  t.equal(store.replaced?.since, older?.at)
  store.close()
  writeFileSync(path, 'x')
  await clock.advance(1)
  const anew = open(t, dir, { clock })
  t.match(anew.log.problems(), [{ msg: /set aside/ }, { msg: /copy .* is unusable/ }, { msg: /no intact copy/ }])
  t.same([anew.store.keys.all(), anew.store.replaced], [[], null])
})

t.test('a journal that ends in nonsense costs what stands there, and nothing else', async (t) => {
  const dir = t.testdir({ from: {}, to: {} })
  const from = open(t, join(dir, 'from')).store
  from.keys.put('home', [{ serial: SERIAL, key: KEY }])
  cpSync(join(dir, 'from'), join(dir, 'to'), { recursive: true })
  const journal = join(dir, 'to', `${DATABASE}-wal`)
  writeFileSync(journal, Buffer.concat([readFileSync(journal), Buffer.alloc(9_000, 0xa5)]))
  const { store, log } = open(t, join(dir, 'to'))
  t.match(store.keys.of(SERIAL), [{ key: KEY }])
  t.same(log.problems(), [])
})

t.test('a copy a day, the last seven, for the owner alone', async (t) => {
  const dir = t.testdir()
  const clock = await house(t, dir)
  t.equal((await copied(t, dir, clock)).made, 0, 'not due')
  const counts: number[] = []
  for (let day = 0; day < 8; day++) {
    await clock.advance(DAY)
    await copied(t, dir, clock)
    counts.push(copiesOf(join(dir, DATABASE)).length)
  }
  t.same(counts, [2, 3, 4, 5, 6, 7, 7, 7])
  const modes = copiesOf(join(dir, DATABASE)).map(({ path }) => statSync(path).mode & 0o777)
  t.same([...new Set(modes)], [0o600])
  t.equal(statSync(join(dir, 'copies')).mode & 0o777, 0o700)
  const bytes = readFileSync(copiesOf(join(dir, DATABASE))[0]?.path ?? '', 'latin1')
  t.same([bytes.includes(SERIAL), bytes.includes(KEY)], [true, false], 'secrets stay sealed')
})

t.test('a copy never takes the last of the room', async (t) => {
  const dir = t.testdir()
  const { clock, store } = open(t, dir)
  store.values.set('a', 'b')
  const { log, made } = await copied(t, dir, clock, 64 * 1024 * 1024)
  t.equal(made, 0)
  t.match(log.problems(), [{ level: 'warn', msg: /daily copy .* can’t be made \(ENOSPC\)/ }])
  t.same(readdirSync(join(dir, 'copies')), [])
})

t.test('a copy that is damaged tells that the database is, and is not kept', async (t) => {
  const dir = t.testdir()
  const clock = await house(t, dir)
  await clock.advance(DAY)
  const path = join(dir, DATABASE)
  writeFileSync(path, readFileSync(path).fill(0xa5, 8_192, 20_000))
  const { damaged, made } = await copied(t, dir, clock)
  t.match(damaged, [/^SQLITE_CORRUPT/])
  t.equal(made, 0)
  t.equal(copiesOf(path).length, 1, 'the sound one stays')
})

t.test('killed while it copies, it leaves nothing that passes for a copy', async (t) => {
  const dir = t.testdir()
  const { clock, store } = open(t, dir)
  store.values.set('large', 'x'.repeat(40_000_000))
  const child = spawn(process.execPath, [new URL('./copy-loop.ts', import.meta.url).pathname, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(createInterface({ input: child.stdout }), 'line')
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.same(copiesOf(join(dir, DATABASE)), [])
  t.equal((await copied(t, dir, clock)).made, 1)
  t.same(readdirSync(join(dir, 'copies')).length, 1, 'what was unfinished is gone')
  t.ok(existsSync(join(dir, DATABASE)))
})

t.test('a folder that may not be written is told once', { skip: process.getuid?.() === 0 }, async (t) => {
  const dir = t.testdir()
  const { clock } = open(t, dir)
  chmodSync(dir, 0o500)
  const { log } = await copied(t, dir, clock)
  chmodSync(dir, 0o700)
  t.equal(log.problems().length, 1)
})
