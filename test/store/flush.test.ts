/** Commits on a slow card: the loop is free, and nobody is told too soon. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { Energy } from '../../src/devices/energy.ts'
import { openStore } from '../../src/store/store.ts'
import { readingsOf } from '../devices/support.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { KEY, logBook, SERIAL } from './support.ts'

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

t.test('the connection itself waits for no disk, save for what a device is told after', async (t) => {
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
  t.same(set.splice(0), ['synchronous = FULL', 'synchronous = NORMAL', 'wal_autocheckpoint = 0'])
  store.energy.save({ serial: SERIAL, wattHours: 1, ...USAGE })
  t.same(set, [])
  store.boosts.save({
    serial: SERIAL,
    started: 0,
    ends: 1,
    key: 'temporary_setpoint',
    setpoints: [],
    before: {},
    period: null,
  })
  t.same(set, ['synchronous = FULL', 'synchronous = NORMAL', 'wal_autocheckpoint = 0'])
})

t.test('a disk that refuses is told, and tried again by the next commit', async (t) => {
  const { store, waiting } = slow(t)
  store.values.set('a', 'b')
  const seen = watch(store.durable())
  waiting.shift()?.refuse(Object.assign(new Error('broken'), { code: 'EIO' }))
  await turn()
  t.match(seen, [/does not take what is to be remembered \(EIO\)/])
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

t.test('a journal that has become large is taken into the file by a thread', async (t) => {
  const { store, waiting, dataDir } = slow(t)
  store.values.set('large', 'x'.repeat(5_000_000))
  const before = statSync(join(dataDir, DATABASE)).size
  t.ok(before < 1_000_000)
  waiting.shift()?.take(5_000_000)
  while (statSync(join(dataDir, DATABASE)).size === before) await new Promise((resolve) => setTimeout(resolve, 5))
  t.equal(store.values.get('large')?.length, 5_000_000)
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
