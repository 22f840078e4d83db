import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { newBackup, sealBackup } from '../../../src/store/backup/file.ts'
import type { Backups } from '../../../src/store/backup/index.ts'
import { applyStaged, isStaged } from '../../../src/store/backup/staged.ts'
import { REPLACED } from '../../../src/store/copies/replacement.ts'
import { COST } from '../../../src/store/secrets/passphrase-key.ts'
import { openHistory } from '../../../src/store/tables/history.ts'
import { KEY, SERIAL } from '../support.ts'
import { AUDIT, bytesOf, machine, made, PASSPHRASE, pieces, QUICK } from './support.ts'

const device = { hw: 'ax', name: 'Bath', host: null, port: null, counterBase: null, learned: {}, features: [] } as const

const EVENT = { at: 1, type: 'x', account: null, details: null } as const

/** Something of every kind that is sealed. */
function fill({ store }: ReturnType<typeof machine>): void {
  store.devices.save({ serial: SERIAL, ...device, sources: ['account:home'] })
  store.devices.giveName(SERIAL, 'Ванна')
  store.keys.put('home', [{ serial: SERIAL, key: KEY }])
  store.sessions.put('home', 'terneo', 'identity', { token: 'token-of-the-cloud' })
  store.values.setSecret('a.secret', 'secret-value')
  store.users.add('admin', 'hash')
  store.users.setTotpSecret(store.users.byName('admin')?.id ?? 0, 'JBSWY3DPEHPK3PXP')
  store.energy.save({ serial: SERIAL, wattHours: 1000, errorWattHours: 0, onSeconds: 60 })
  store.events.add([{ ...EVENT, serial: SERIAL, message: 'm' }])
}

t.test('that a copy came in the place of a database is not said of the one that is restored', async (t) => {
  const here = machine(t, t.testdir({}))
  here.store.values.set(REPLACED, JSON.stringify({ since: here.clock.now() - 1_000, at: here.clock.now() }))
  const backup = await made(here)
  const folder = join(t.testdirName, 'there')
  const there = machine(t, folder)
  const upload = await there.backups.receive(pieces(backup))
  await there.backups.restore(upload.id, PASSPHRASE, AUDIT)
  there.store.close()
  t.ok(applyStaged(folder, there.log.logger))
  t.equal(machine(t, folder).store.replaced, null)
  here.store.close()
  t.type(machine(t, here.dataDir).store.replaced?.since, 'number', 'but here it still is')
})

t.test('a backup of one machine is restored on another, with a master key of its own', async (t) => {
  const here = machine(t, t.testdir({}))
  fill(here)
  const backup = await made(here)
  const text = backup.toString('latin1')
  t.match(JSON.parse(text.slice(0, text.indexOf('\n'))), { format: 'thermo2mqtt backup', version: 1, bridge: '1.2.3' })
  t.strictSame(COST, { N: 131072, r: 8, p: 1 })
  for (const secret of [KEY, SERIAL, 'token-of-the-cloud', 'JBSWY3DPEHPK3PXP', 'SQLite']) t.notMatch(text, secret)
  t.strictSame(
    readdirSync(here.dataDir).filter((name) => name.startsWith('transfer-')),
    [],
    'nothing is left',
  )

  const folder = join(t.testdirName, 'there')
  const there = machine(t, folder)
  there.store.devices.save({ serial: 'OLD-1', ...device, sources: [] })
  const upload = await there.backups.receive(pieces(backup))
  t.match(upload, { size: backup.length, version: '1.2.3' })
  const restored = await there.backups.restore(upload.id, PASSPHRASE, AUDIT)
  t.match(restored, { version: '1.2.3', devices: 1, keys: 1, users: ['admin'] })
  t.ok(isStaged(folder))
  t.equal(there.store.devices.load()[0]?.serial, 'OLD-1', 'nothing changes before the next start')
  t.notOk(applyStaged(folder, there.log.logger), 'nor while the store is in use')
  t.match(there.log.problems(), [{ msg: /another process uses/ }])
  there.store.close()
  t.ok(applyStaged(folder, there.log.logger))
  t.notOk(isStaged(folder))
  const after = machine(t, folder)
  t.strictSame(
    after.store.devices.load().map(({ serial }) => serial),
    [SERIAL],
  )
  t.strictSame([...after.store.devices.givenNames()], [[SERIAL, 'Ванна']])
  t.match(after.store.keys.all(), [{ serial: SERIAL, key: KEY }])
  t.match(after.store.sessions.get('home', 'identity'), { token: 'token-of-the-cloud' })
  t.equal(after.store.values.getSecret('a.secret'), 'secret-value')
  t.equal(after.store.users.totpSecret(after.store.users.byName('admin')?.id ?? 0), 'JBSWY3DPEHPK3PXP')
  t.match(after.store.audit.page(9, null), [{ who: 'admin', action: 'restoreBackup' }])
  t.strictSame(after.log.problems(), [], 'no secret of another key')
  const modes = ['thermo2mqtt.db', 'before-restore', 'before-restore/thermo2mqtt.db'].map(
    (name) => statSync(join(folder, name)).mode & 0o777,
  )
  t.strictSame(modes, [0o600, 0o700, 0o600])
  const before = new Database(join(folder, 'before-restore/thermo2mqtt.db'))
  t.equal(before.prepare('SELECT serial FROM devices').pluck().get(), 'OLD-1', 'one generation is kept')
  before.close()
})

t.test('what is no good backup changes nothing, and says why', async (t) => {
  const here = machine(t)
  fill(here)
  const good = await made(here)
  const head = good.indexOf(0x0a) + 1
  const withHeader = (changes: object) =>
    Buffer.concat([
      Buffer.from(`${JSON.stringify({ ...JSON.parse(good.subarray(0, head).toString()), ...changes })}\n`),
      good.subarray(head),
    ])
  const flipped = (at: number) => {
    const copy = Buffer.from(good)
    copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
    return copy
  }
  const bad: readonly [string, Buffer, string][] = [
    ['nothing', Buffer.alloc(0), 'foreign'],
    ['a photo', Buffer.from([0xff, 0xd8, 0xff, ...Buffer.alloc(5000)]), 'foreign'],
    ['a database', readFileSync(here.store.path), 'foreign'],
    ['exported keys', Buffer.from('{"format":"thermo2mqtt keys","version":1}\n'), 'foreign'],
    ['the beginning of a header', good.subarray(0, 60), 'cut_off'],
    ['the header alone', good.subarray(0, head), 'cut_off'],
    ['all but a byte', good.subarray(0, -1), 'cut_off'],
    ['a byte more', Buffer.concat([good, Buffer.alloc(1)]), 'damaged'],
    ['a later format', withHeader({ version: 2, bridge: '9.0.0' }), 'later_version'],
    ['a cost beyond reason', withHeader({ N: 2 ** 30 }), 'damaged'],
    ['a GiB for the passphrase', withHeader({ N: 2 ** 20, r: 8, p: 1 }), 'damaged'],
    ['twice of what ours take', withHeader({ ...COST, N: 2 * COST.N }), 'damaged'],
    ['a part elsewhere', withHeader({ parts: [{ name: '../x.db', bytes: 1 }] }), 'damaged'],
  ]
  for (const [what, bytes, reason] of bad) {
    await t.rejects(here.backups.receive(pieces(bytes)), { code: 'BAD_REQUEST', details: { reason } }, what)
  }
  const opens: readonly [string, Buffer, string, string][] = [
    ['another passphrase', good, 'another passphrase', 'passphrase'],
    ['a bit of the header', withHeader({ created: '2020-01-01T00:00:00.000Z' }), PASSPHRASE, 'passphrase'],
    ['a bit of the beginning', flipped(head + 5), PASSPHRASE, 'passphrase'],
    ['a bit of the end', flipped(good.length - 30), PASSPHRASE, 'damaged'],
  ]
  for (const [what, bytes, passphrase, reason] of opens) {
    const { id } = await here.backups.receive(pieces(bytes))
    await t.rejects(here.backups.restore(id, passphrase, AUDIT), { code: 'BAD_REQUEST', details: { reason } }, what)
  }
  await t.rejects(here.backups.restore('none', PASSPHRASE, AUDIT), { code: 'BAD_REQUEST' }, 'no such upload')
  const small = machine(t, join(t.testdirName, 'small'), 5000)
  await t.rejects(
    small.backups.receive(pieces(good)),
    { code: 'BAD_REQUEST', details: { reason: 'too_large' } },
    'larger than allowed',
  )
  t.notOk(isStaged(here.dataDir))
  t.equal(here.store.keys.all().length, 1)
  here.backups.stop()
  const left = [here.dataDir, small.dataDir]
    .flatMap((folder) => readdirSync(folder))
    .filter((name) => /^transfer/.test(name))
  t.strictSame(left, [], 'nothing is left on the disk')
})

/** A backup that opens, of a database that somebody has made. */
async function crafted(backups: Backups, path: string, parts?: readonly { name: string; bytes: number }[]) {
  const bytes = readFileSync(path)
  const key = await newBackup(PASSPHRASE, QUICK)
  const about = {
    created: new Date(0).toISOString(),
    bridge: '9.9.9',
    parts: parts ?? [{ name: 'thermo2mqtt.db', bytes: bytes.length }],
  }
  const file = await bytesOf(sealBackup(key, about, pieces(bytes)).chunks)
  return (await backups.receive(pieces(file))).id
}

t.test('a backup that opens is looked at before anything is changed', async (t) => {
  const here = machine(t)
  const changes: readonly [string, string, string][] = [
    ['a later schema', 'PRAGMA user_version = 9999', 'later_version'],
    ['no schema', 'PRAGMA user_version = 0', 'damaged'],
    ['a trigger', 'CREATE TRIGGER x AFTER INSERT ON users BEGIN SELECT 1; END', 'damaged'],
    ['another column', 'ALTER TABLE users ADD COLUMN x TEXT', 'damaged'],
    ['a table less', 'DROP TABLE audit', 'damaged'],
    ['a serial that is none', "INSERT INTO given_names VALUES ('../../x', 'y')", 'damaged'],
    [
      'a device that is none',
      "INSERT INTO devices (serial, learned, features, sources) VALUES ('A-1', '{', '[]', '[]')",
      'damaged',
    ],
    ['a session of nobody', "INSERT INTO recovery_codes VALUES (77, x'00')", 'damaged'],
  ]
  const copy = join(t.testdirName, 'copy.db')
  for (const [what, sql, reason] of changes) {
    const db = new Database(here.store.path)
    writeFileSync(copy, db.serialize())
    db.close()
    const changed = new Database(copy)
    changed.pragma('journal_mode = DELETE')
    changed.pragma('foreign_keys = OFF')
    changed.exec(sql)
    changed.close()
    const id = await crafted(here.backups, copy)
    await t.rejects(here.backups.restore(id, PASSPHRASE, AUDIT), { code: 'BAD_REQUEST', details: { reason } }, what)
  }
  const broken = readFileSync(copy)
  broken.fill(0xff, 5000, 9000)
  writeFileSync(copy, broken)
  const id = await crafted(here.backups, copy)
  await t.rejects(
    here.backups.restore(id, PASSPHRASE, AUDIT),
    { code: 'BAD_REQUEST', details: { reason: 'damaged' } },
    'damaged pages',
  )
  const size = statSync(copy).size
  const odd = await crafted(here.backups, copy, [{ name: 'other.db', bytes: size }])
  await t.rejects(
    here.backups.restore(odd, PASSPHRASE, AUDIT),
    { code: 'BAD_REQUEST', details: { reason: 'later_version' } },
    'unknown part',
  )
  t.notOk(isStaged(here.dataDir))
})

t.test('an older schema is brought up to date', async (t) => {
  const here = machine(t)
  const old = join(t.testdirName, 'old.db')
  const { MIGRATIONS } = await import('../../../src/store/database/migrations.ts')
  const db = new Database(old)
  for (const step of MIGRATIONS.slice(0, 2)) db.exec(step)
  db.pragma('user_version = 2')
  db.close()
  await here.backups.restore(await crafted(here.backups, old), PASSPHRASE, AUDIT)
  here.store.close()
  t.ok(applyStaged(here.dataDir, here.log.logger))
  t.strictSame(machine(t, here.dataDir).store.energy.load(), [])
})

t.test('a crash between any two steps of the exchange loses nothing', async (t) => {
  const here = machine(t)
  fill(here)
  const backup = await made(here)
  const { id } = await here.backups.receive(pieces(backup))
  here.store.energy.save({ serial: SERIAL, wattHours: 1500, errorWattHours: 0, onSeconds: 90 })
  await here.backups.restore(id, PASSPHRASE, AUDIT)
  here.store.close()
  const at = (name: string) => join(here.dataDir, name)
  writeFileSync(at('before-restore'), 'in the way')
  t.notOk(applyStaged(here.dataDir, here.log.logger), 'what can’t be done now ends nothing')
  t.match(here.log.problems().at(-1), { level: 'error', msg: /the next start tries again/ })
  rmSync(at('before-restore'))
  t.ok(applyStaged(here.dataDir, here.log.logger))
  const again = machine(t, here.dataDir)
  t.equal(again.store.energy.load()[0]?.wattHours, 1500, 'energy never falls')
  const second = await again.backups.receive(pieces(backup))
  await again.backups.restore(second.id, PASSPHRASE, AUDIT)
  again.store.close()
  // As if it had crashed after the old file was moved, with a journal left behind.
  renameSync(at('thermo2mqtt.db'), at('before-restore/thermo2mqtt.db'))
  writeFileSync(at('thermo2mqtt.db-wal'), 'of the old file')
  t.ok(applyStaged(here.dataDir, here.log.logger))
  t.notOk(existsSync(at('thermo2mqtt.db-wal')), 'a journal never meets another file')
  t.match(machine(t, here.dataDir).store.keys.all(), [{ key: KEY }])
})

t.test('a backup is one moment, whatever is written meanwhile; the history is in it', async (t) => {
  const here = machine(t)
  const { clock, log, dataDir } = here
  const history = openHistory({ dataDir, clock, logger: log.logger })
  t.teardown(() => history.close())
  const pairs = () =>
    here.store.transaction(() => {
      for (const name of ['a', 'b']) here.store.values.set(name, String(count))
    })
  let count = 0
  pairs()
  here.store.events.add(
    Array.from({ length: 5000 }, (_, i) => ({ ...EVENT, serial: `S-${i}`, message: 'x'.repeat(900) })),
  )
  const writing = setInterval(() => {
    count++
    pairs()
  }, 0)
  const backup = await made(here)
  clearInterval(writing)
  t.ok(count > 0, `${count} writes meanwhile`)
  t.match(JSON.parse(backup.subarray(0, backup.indexOf(0x0a)).toString()).parts, [
    { name: 'thermo2mqtt.db' },
    { name: 'history.db' },
  ])
  const { id } = await here.backups.receive(pieces(backup))
  await here.backups.restore(id, PASSPHRASE, AUDIT)
  here.store.close()
  history.close()
  t.ok(applyStaged(dataDir, log.logger))
  const { values } = machine(t, dataDir).store
  t.equal(values.get('a'), values.get('b'))
  t.ok(existsSync(join(dataDir, 'history.db')))
})

t.test('one at a time, and an upload is not kept for ever', async (t) => {
  const here = machine(t)
  fill(here)
  const first = await here.backups.make(PASSPHRASE)
  await t.rejects(here.backups.make(PASSPHRASE), { code: 'RATE_LIMITED', details: { retry_after: 10 } })
  first.discard()
  const bytes = await made(here)
  const { id } = await here.backups.receive(pieces(bytes))
  const folder = () => readdirSync(here.dataDir).filter((name) => name.startsWith('transfer-'))
  t.equal(folder().length, 1)
  await here.clock.advance(15 * 60_000)
  t.equal(folder().length, 0)
  await t.rejects(here.backups.restore(id, PASSPHRASE, AUDIT), { code: 'BAD_REQUEST' })
  await here.backups.receive(pieces(bytes))
  here.backups.start()
  t.equal(folder().length, 0, 'what a crash left is thrown away at the next start')
})
