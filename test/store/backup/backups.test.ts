import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { applyStaged, isStaged } from '../../../src/store/backup/staged.ts'
import { REPLACED } from '../../../src/store/copies/replacement.ts'
import { openHistory } from '../../../src/store/tables/history.ts'
import { KEY, SERIAL } from '../support.ts'
import { AUDIT, device, EVENT, fill, machine, made, PASSPHRASE, pieces } from './support.ts'

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
  t.match(text, /^age-encryption\.org\/v1\n-> scrypt /)
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
  t.match(upload, { size: backup.length, created: null, version: null }, 'nothing can be read before it is open')
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
