/** Commits on a slow card: the loop is free, and nobody is told too soon. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { NO_BOOST } from '../../../src/devices/boost/facts.ts'
import { OwnTimer } from '../../../src/devices/boost/timer.ts'
import { Energy } from '../../../src/devices/energy/energy.ts'
import { openStore } from '../../../src/store/store.ts'
import { readingsOf } from '../../devices/support.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { KEY, logBook, SERIAL } from '../support.ts'

const DATABASE = 'thermo2mqtt.db'
const USAGE = { errorWattHours: 1, onSeconds: 60 }
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A store on a disk that takes what it is given when it is told to. */
function slow(t: Test, dataDir = t.testdir()) {
  const { logger, secrets, ...log } = logBook()
  const waiting: { take: (bytes: number) => void; refuse: (error: Error) => void }[] = []
  const sync = () => new Promise<number>((take, refuse) => waiting.push({ take, refuse }))
  const clock = new FakeClock()
  const store = openStore({ dataDir, clock, logger, secrets, free: true, sync })
  t.teardown(() => store.close())
  return { store, clock, waiting, log, logger, dataDir }
}

/** What happens in order, among it the end of `promise`. */
function watch(promise: Promise<void>): string[] {
  const seen: string[] = []
  promise.then(
    () => seen.push('durable'),
    (error: unknown) => seen.push(String(error)),
  )
  return seen
}

t.test('a commit does not wait for the disk, and durable does', async (t) => {
  const { store, waiting } = slow(t)
  store.keys.put('home', [{ serial: SERIAL, key: KEY }])
  const seen = watch(store.durable())
  await turn()
  t.same(seen, [])
  store.users.add('olena', 'hash')
  waiting.shift()?.take(1)
  await turn()
  t.same(seen, ['durable'])
  const later = watch(store.durable())
  await turn()
  t.same(later, [], 'what came meanwhile needs another one')
  waiting.shift()?.take(1)
  await turn()
  t.same(later, ['durable'])
  await store.durable()
})

const BOOST = {
  serial: SERIAL,
  started: 0,
  ends: 1,
  key: 'temporary_setpoint',
  setpoints: [],
  before: {},
  period: null,
} as const

t.test('the connection itself waits for no disk, whatever is kept', async (t) => {
  const { pragma } = Database.prototype
  const set: string[] = []
  Database.prototype.pragma = function (this: Database.Database, source, options) {
    if (source.startsWith('synchronous') || source.startsWith('wal_')) set.push(source)
    return pragma.call(this, source, options)
  }
  t.teardown(() => {
    Database.prototype.pragma = pragma
  })
  const { store } = slow(t)
  t.same(set.splice(0), ['synchronous = FULL', 'wal_autocheckpoint = 0', 'synchronous = OFF'])
  store.energy.save({ serial: SERIAL, wattHours: 1, ...USAGE })
  store.boosts.save(BOOST)
  store.sessions.put('home', 'terneo', 'who', { token: 'x' })
  store.values.setSecret('a', 'secret of a value')
  store.devices.giveName(SERIAL, 'Bath')
  store.devices.forget(SERIAL)
  t.same(set, [])
  store.close()
  t.same(set, ['synchronous = FULL'], 'before the journal is taken into the file at the end')
})

t.test('a device is told of a boost when what was there before is on the disk', async (t) => {
  const { store, clock, waiting, logger } = slow(t)
  const timer = new OwnTimer({
    clock,
    logger,
    memory: store.boosts,
    facts: { serial: SERIAL, readings: readingsOf('ax'), boost: NO_BOOST },
    read: async () => undefined,
    onChange: () => undefined,
  })
  t.teardown(() => timer.stop())
  const seen = watch(timer.before(BOOST))
  await turn()
  t.same(seen, [])
  waiting.shift()?.take(1)
  await turn()
  t.same(seen, ['durable'])
  const refused = watch(timer.before({ ...BOOST, ends: 2 }))
  waiting.shift()?.refuse(Object.assign(new Error('broken'), { code: 'EIO' }))
  await turn()
  t.match(refused, [/does not accept the data to be saved \(EIO\)/], 'nothing is sent')
})

t.test('a count that starts again at nothing says so when that is on the disk', async (t) => {
  const { store, clock, waiting, logger } = slow(t)
  const energy = new Energy({ clock, logger, memory: store.energy, pollInterval: 60_000, figures: new Map() })
  const seen = watch(energy.of(SERIAL).reset())
  await turn()
  t.same(seen, [])
  waiting.shift()?.take(1)
  await turn()
  t.same(seen, ['durable'])
})

t.test('a disk that refuses is told, and tried again by the next commit', async (t) => {
  const { store, waiting } = slow(t)
  store.values.set('a', 'b')
  const seen = watch(store.durable())
  waiting.shift()?.refuse(Object.assign(new Error('broken'), { code: 'EIO' }))
  await turn()
  t.match(seen, [/does not accept the data to be saved \(EIO\)/])
  t.equal(store.health.problem, 'failed')
  store.values.set('a', 'c')
  const again = watch(store.durable())
  await turn()
  for (const { take } of waiting.splice(0)) take(1)
  await turn()
  t.same(again, ['durable'])
})

t.test('energy is shown when it is on the disk, since it must not fall by a power cut', async (t) => {
  const { store, clock, waiting, logger } = slow(t)
  const energy = new Energy({
    clock,
    logger,
    memory: store.energy,
    pollInterval: 60_000,
    figures: new Map([[SERIAL, 1_000]]),
  })
  const heating = readingsOf('ax')
  const device = energy.of(SERIAL)
  device.take(heating, undefined)
  await clock.advance(60_000)
  device.take(heating, undefined)
  await clock.advance(60_000)
  t.equal(device.committed, null)
  for (let times = 0; times < 5; times++) {
    for (const { take } of waiting.splice(0)) take(1)
    await turn()
  }
  t.type(device.committed?.wattHours, 'number')
  energy.stop()
})

const soon = () => new Promise((resolve) => setTimeout(resolve, 5))

t.test('a journal that has become large is taken into the file by a process, and is empty then', async (t) => {
  const { store, waiting, dataDir } = slow(t)
  const journal = join(dataDir, `${DATABASE}-wal`)
  store.values.set('large', 'x'.repeat(5_000_000))
  const before = statSync(join(dataDir, DATABASE)).size
  t.ok(before < 1_000_000)
  waiting.shift()?.take(5_000_000)
  while (statSync(journal).size > 0) await soon()
  t.ok(statSync(join(dataDir, DATABASE)).size > 5_000_000)
  t.equal(store.values.get('large')?.length, 5_000_000)
  store.values.set('after', 'it')
  t.ok(statSync(journal).size < 100_000, 'it begins anew')
})

t.test(
  'while it is taken in, and after a commit meanwhile, the journal is never begun anew over what stands in it',
  async (t) => {
    const { store, waiting, dataDir } = slow(t)
    const journal = join(dataDir, `${DATABASE}-wal`)
    const header = () => readFileSync(journal).subarray(0, 32)
    store.values.set('large', 'x'.repeat(5_000_000))
    const [before, file] = [header(), statSync(join(dataDir, DATABASE)).size]
    waiting.shift()?.take(5_000_000)
    store.values.set('meanwhile', 'it')
    while (statSync(join(dataDir, DATABASE)).size === file) await soon()
    // Whole in the file, or nearly: each of these would begin it anew if it could.
    for (let commits = 0; commits < 50; commits++) {
      store.values.set('meanwhile', String(commits))
      await soon()
    }
    t.same(header(), before)
    while (statSync(journal).size > 0) await soon()
    t.equal(store.values.get('meanwhile'), '49')
  },
)

t.test('with somebody who reads on, the journal waits, and is emptied once they are gone', async (t) => {
  const { store, waiting, dataDir } = slow(t)
  const journal = join(dataDir, `${DATABASE}-wal`)
  const reader = new Database(join(dataDir, DATABASE))
  t.teardown(() => reader.close())
  store.values.set('large', 'x'.repeat(5_000_000))
  const before = statSync(join(dataDir, DATABASE)).size
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM plain_values').get()
  waiting.shift()?.take(5_000_000)
  while (statSync(join(dataDir, DATABASE)).size === before) await soon()
  store.values.set('after', 'it')
  reader.exec('COMMIT')
  for (let pause = 50; statSync(journal).size > 0; pause *= 2) {
    store.values.set('after', 'it')
    for (const { take } of waiting.splice(0)) take(5_000_000)
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
  t.equal(store.values.get('after'), 'it')
})

t.test('with the real disk, everything is there when durable says so', async (t) => {
  const { logger, secrets } = logBook()
  const dataDir = t.testdir()
  const store = openStore({ dataDir, clock: new FakeClock(), logger, secrets, free: true })
  store.values.set('a', 'b')
  await store.durable()
  store.values.set('a', 'c')
  store.close()
  await store.durable()
})
