import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'better-sqlite3'
import t from 'tap'
import { problemOf } from '../../../src/store/database/health.ts'
import { MIGRATIONS } from '../../../src/store/database/migrations.ts'
import { refuseJournal } from '../../support/unwritable.ts'
import { KEY, open, SERIAL } from '../support.ts'

t.test('the schema has the newest version, whole commits only, and survives power cuts', async (t) => {
  const { store } = open(t, t.testdir())
  const other = new Database(store.path)
  t.equal(other.pragma('user_version', { simple: true }), MIGRATIONS.length)
  t.equal(other.pragma('journal_mode', { simple: true }), 'wal')
  other.close()
})

t.test('a database of a later version is refused and left as it is', async (t) => {
  const dir = t.testdir()
  const first = open(t, dir).store
  first.values.set('a', 'b')
  first.close()
  const path = join(dir, 'thermo2mqtt.db')
  const later = new Database(path)
  later.pragma(`user_version = ${MIGRATIONS.length + 1}`)
  later.close()
  const before = readFileSync(path)
  t.throws(() => open(t, dir), {
    code: 'INTERNAL',
    message: /written by a later version .*schema \d+, this one knows \d+.*Install that version/,
  })
  t.same(readFileSync(path), before)
})

t.test('what is no database, or damaged, is set aside and a new one begun', async (t) => {
  const damages: Record<string, (path: string) => void> = {
    'no database': (path) => writeFileSync(path, 'x'.repeat(5000)),
    'cut in a page': (path) => truncateSync(path, statSync(path).size - 5000),
    'a page of noise': (path) => {
      const bytes = readFileSync(path)
      writeFileSync(path, bytes.fill(0xa5, 4096, 12_288))
    },
  }
  for (const [name, damage] of Object.entries(damages)) {
    const dir = t.testdir()
    const first = open(t, dir).store
    first.keys.put('home', [{ serial: SERIAL, key: KEY }])
    first.close()
    damage(join(dir, 'thermo2mqtt.db'))
    const { store, log } = open(t, dir)
    t.same(store.keys.all(), [], name)
    store.keys.put('home', [{ serial: SERIAL, key: KEY }])
    t.match(store.keys.of(SERIAL), [{ key: KEY }], name)
    const told = [
      { level: 'error', aside: /corrupt-2026-01-15/, msg: /damaged and was set aside/ },
      { msg: /no intact copy/ },
    ]
    t.match(log.problems(), told, name)
    t.ok(
      readdirSync(dir).some((file) => file.startsWith('thermo2mqtt.db.corrupt-')),
      name,
    )
    store.close()
  }
})

t.test('a large one is looked at as a whole after it was found damaged in use', async (t) => {
  const dir = t.testdir()
  const path = join(dir, 'thermo2mqtt.db')
  const first = open(t, dir).store
  first.values.set('large', 'x'.repeat(5_000_000))
  first.close()
  writeFileSync(path, readFileSync(path).fill(0xa5, 2_000_000, 2_100_000))
  const { store } = open(t, dir)
  t.throws(() => store.values.get('large'), { message: /SQLITE_CORRUPT/ })
  t.equal(store.health.problem, 'damaged')
  store.close()
  const next = open(t, dir)
  t.match(next.log.problems(), [{ msg: /damaged and was set aside/ }, { msg: /no intact copy/ }])
  next.store.close()
  t.strictSame(open(t, dir).log.problems(), [], 'once')
})

t.test('a path that cannot be opened is told', async (t) => {
  const dir = t.testdir({ 'thermo2mqtt.db': {} })
  t.throws(() => open(t, dir), { code: 'INTERNAL', message: /thermo2mqtt\.db can’t be opened \(SQLITE_CANTOPEN\)/ })
})

t.test('what can only be read is read, takes nothing, and is written again once it can be', async (t) => {
  const dir = t.testdir({ from: {}, to: {} })
  const from = open(t, join(dir, 'from')).store
  from.values.set('a', 'in the journal')
  // As after a power cut: with the journal and its index.
  cpSync(join(dir, 'from'), join(dir, 'to'), { recursive: true })
  const writable = refuseJournal(t, 'SQLITE_READONLY_DIRECTORY')
  t.throws(() => open(t, join(dir, 'to')), { message: /can’t be opened \(SQLITE_READONLY_DIRECTORY\)/ }, 'for commands')
  const { store, clock } = open(t, join(dir, 'to'), { evenUnwritable: true })
  t.equal(store.health.problem, 'read_only')
  t.equal(store.values.get('a'), 'in the journal')
  t.throws(() => store.values.set('a', 'b'), { code: 'INTERNAL', message: /SQLITE_READONLY/ })
  t.throws(() => store.transaction(() => undefined), { code: 'INTERNAL' })
  await clock.advance(15_000)
  t.equal(store.health.problem, 'read_only')
  writable()
  await clock.advance(15_000)
  t.equal(store.health.problem, null)
  store.values.set('a', 'b')
  store.close()
  t.equal(open(t, join(dir, 'to')).store.values.get('a'), 'b', 'in the file')
})

t.test('without room for the index of the journal, the file itself is read', async (t) => {
  const dir = t.testdir()
  const path = join(dir, 'thermo2mqtt.db')
  const first = open(t, dir).store
  first.values.set('a', 'b')
  first.close()
  // Where the journal should be; nobody opens that, with whatever rights.
  mkdirSync(`${path}-wal`)
  const { store } = open(t, dir, { evenUnwritable: true })
  t.match([store.health.problem, store.values.get('a')], ['failed', 'b'])
  t.equal(problemOf('SQLITE_IOERR_SHMSIZE'), 'full')
  const nothing = t.testdir({ 'thermo2mqtt.db': '', 'thermo2mqtt.db-wal': {} })
  t.throws(() => open(t, nothing, { evenUnwritable: true }), { code: 'INTERNAL', message: /can’t be opened/ })
})

t.test('another process holding the file for long is told, not waited for', async (t) => {
  const { store } = open(t, t.testdir())
  const other = new Database(store.path)
  other.exec('BEGIN IMMEDIATE')
  t.ok(store.sound)
  t.throws(() => store.values.set('a', 'b'), { code: 'INTERNAL', message: /SQLITE_BUSY/ })
  other.exec('ROLLBACK')
  other.close()
  t.equal(store.values.get('a'), undefined)
  t.notOk(store.sound, 'that it can be read again says nothing about writing')
  t.throws(() =>
    store.transaction(() => {
      store.values.set('a', 'b')
      throw new Error('no')
    }),
  )
  t.notOk(store.sound, 'nor does what was taken back')
  store.values.set('a', 'b')
  t.ok(store.sound)
  store.close()
  t.notOk(store.sound)
})

t.test('two opened at once share one master key and see each other', async (t) => {
  const dir = t.testdir()
  const [service, command] = [open(t, dir).store, open(t, dir).store]
  command.keys.put('home', [{ serial: SERIAL, key: KEY }])
  t.match(service.keys.of(SERIAL), [{ key: KEY }])
})

t.test('whoever opens it once more in the same process takes no lock from it', async (t) => {
  const dir = t.testdir()
  const { store } = open(t, dir)
  open(t, dir).store.close()
  // Who believes to be alone with it takes the journal away.
  const alone = `const db = new (require('better-sqlite3'))(process.argv[1], { timeout: 0 })
    try { console.log(db.pragma('journal_mode = DELETE', { simple: true })) } catch (error) { console.log(error.code) }`
  const { stdout } = spawnSync(process.execPath, ['-e', alone, store.path], {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  })
  t.equal(stdout.trim(), 'SQLITE_BUSY')
})

t.test('killed at any moment, everything reported as committed is there', async (t) => {
  const dir = t.testdir()
  for (const commits of [1, 7, 40]) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'commit-loop.ts'), dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH },
    })
    const reported: string[] = []
    for await (const serial of createInterface({ input: child.stdout })) {
      reported.push(serial)
      if (reported.length === commits) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    t.equal(child.signalCode, 'SIGKILL')
    t.ok(existsSync(join(dir, 'thermo2mqtt.db-wal')), 'it did not close')
    const { store, log } = open(t, dir)
    for (const serial of reported) {
      t.match(store.keys.of(serial), [{ key: serial.padStart(16, 'K') }], serial)
      t.match(
        store.devices.load().filter((device) => device.serial === serial),
        [{ name: serial }],
      )
    }
    t.same(log.problems(), [])
    store.close()
  }
})

t.test('opening takes little time', async (t) => {
  const dir = t.testdir()
  open(t, dir).store.close()
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    open(t, dir).store.close()
    return performance.now() - start
  })
  const best = Math.min(...times)
  t.comment(`best of five: ${best.toFixed(1)} ms`)
  t.ok(best < 30)
})
