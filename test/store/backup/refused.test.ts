/** What is no good backup changes nothing, and says why. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { applyStaged, isStaged } from '../../../src/store/backup/staged.ts'
import { MIGRATIONS } from '../../../src/store/database/migrations.ts'
import {
  AUDIT,
  contentOf,
  crafted,
  type Entry,
  EVENT,
  fill,
  machine,
  made,
  PASSPHRASE,
  pieces,
  sealed,
} from './support.ts'

const CHUNK = 64 * 1024 + 16

t.test('what is no backup, or no whole one, is refused before its passphrase is asked for', async (t) => {
  const here = machine(t)
  const good = await made(here)
  const payload = good.indexOf('\n', good.indexOf('\n--- ') + 1) + 1
  const header = good.subarray(0, payload).toString()
  const other = (from: string | RegExp, to: string) =>
    Buffer.concat([Buffer.from(header.replace(from, to)), good.subarray(payload)])
  const stanza = /-> scrypt .*\n.*\n/.exec(header)?.[0] ?? ''
  const bad: readonly [string, Buffer, string][] = [
    ['nothing', Buffer.alloc(0), 'foreign'],
    ['a photo', Buffer.from([0xff, 0xd8, 0xff, ...Buffer.alloc(5000)]), 'foreign'],
    ['a database', readFileSync(here.store.path), 'foreign'],
    ['a file of keys in the first format', Buffer.from('{"format":"thermo2mqtt keys","version":1}\n'), 'foreign'],
    ['a file that a key opens', other('-> scrypt', '-> X25519'), 'foreign'],
    ['a header without end', Buffer.from(`age-encryption.org/v1\n${'a'.repeat(1e6)}`), 'foreign'],
    ['a later age', other('/v1', '/v2'), 'foreign'],
    ['the beginning of the first line', good.subarray(0, 10), 'cut_off'],
    ['the beginning of a header', good.subarray(0, 100), 'cut_off'],
    ['the header alone', good.subarray(0, payload), 'cut_off'],
    ['no whole chunk', good.subarray(0, payload + 31), 'cut_off'],
    ['twice the work that is taken', other(/ 1\n/, ' 19\n'), 'damaged'],
    ['all memory and time', other(/ 1\n/, ' 63\n'), 'damaged'],
    ['more than all', other(/ 1\n/, ' 4294967297\n'), 'damaged'],
    ['work that is none', other(/ 1\n/, ' 01\n'), 'damaged'],
    ['work for two', other(stanza, stanza + stanza), 'damaged'],
    ['another stanza beside it', other(stanza, `${stanza}-> X25519 a\nb\n`), 'damaged'],
  ]
  for (const [what, bytes, reason] of bad) {
    await t.rejects(here.backups.receive(pieces(bytes)), { code: 'BAD_REQUEST', details: { reason } }, what)
  }
  const small = machine(t, join(t.testdirName, 'small'), 5000)
  await t.rejects(
    small.backups.receive(pieces(good)),
    { code: 'BAD_REQUEST', details: { reason: 'too_large' } },
    'larger than allowed',
  )
  const folders = [here.dataDir, small.dataDir]
  const left = folders.flatMap((folder) => readdirSync(folder)).filter((name) => /^transfer/.test(name))
  t.strictSame(left, [], 'nothing is left on the disk')
})

t.test('what was changed, cut off or put together anew does not open', async (t) => {
  const here = machine(t)
  fill(here)
  here.store.events.add(
    Array.from({ length: 99 }, (_, i) => ({ ...EVENT, serial: `S-${i}`, message: 'x'.repeat(900) })),
  )
  const good = await made(here)
  const payload = good.indexOf('\n', good.indexOf('\n--- ') + 1) + 1
  const first = payload + 16
  /** With another byte there, which is a character of base64. */
  const changed = (at: number) => {
    const copy = Buffer.from(good)
    copy.write(copy[at] === 0x41 ? 'B' : 'A', at)
    return copy
  }
  const without = (from: number, to: number) => Buffer.concat([good.subarray(0, from), good.subarray(to)])
  t.ok(good.length > first + 2 * CHUNK, 'three chunks')
  const swapped = [
    good.subarray(0, first),
    good.subarray(first + CHUNK, first + 2 * CHUNK),
    good.subarray(first, first + CHUNK),
  ]
  const opens: readonly [string, Buffer, string, string][] = [
    ['another passphrase', good, 'another passphrase', 'passphrase'],
    ['the salt', changed(good.indexOf('scrypt ') + 9), PASSPHRASE, 'passphrase'],
    ['the file key', changed(good.indexOf(' 1\n') + 9), PASSPHRASE, 'passphrase'],
    ['the tag of the header', changed(good.indexOf('\n--- ') + 9), PASSPHRASE, 'damaged'],
    ['a bit of the beginning', changed(first + 5), PASSPHRASE, 'damaged'],
    ['a bit of the end', changed(good.length - 30), PASSPHRASE, 'damaged'],
    ['all but a byte', good.subarray(0, -1), PASSPHRASE, 'damaged'],
    ['a byte more', Buffer.concat([good, Buffer.alloc(1)]), PASSPHRASE, 'damaged'],
    ['whole chunks, but not the last', good.subarray(0, first + 2 * CHUNK), PASSPHRASE, 'damaged'],
    ['a chunk less', without(first + CHUNK, first + 2 * CHUNK), PASSPHRASE, 'damaged'],
    ['another order', Buffer.concat([...swapped, good.subarray(first + 2 * CHUNK)]), PASSPHRASE, 'damaged'],
  ]
  for (const [what, bytes, passphrase, reason] of opens) {
    const { id } = await here.backups.receive(pieces(bytes))
    await t.rejects(here.backups.restore(id, passphrase, AUDIT), { code: 'BAD_REQUEST', details: { reason } }, what)
  }
  await t.rejects(here.backups.restore('none', PASSPHRASE, AUDIT), { code: 'BAD_REQUEST' }, 'no such upload')
  t.notOk(isStaged(here.dataDir))
  t.equal(here.store.keys.all().length, 1)
  here.backups.stop()
  t.strictSame(
    readdirSync(here.dataDir).filter((name) => /^transfer/.test(name)),
    [],
    'nothing is left on the disk',
  )
})

/** What a good backup holds, with some of it replaced. */
async function parts(t: Parameters<typeof machine>[0]) {
  const here = machine(t)
  fill(here)
  const content = await contentOf(await made(here))
  const text = (name: string) => content.get(name)?.toString() ?? ''
  const [about, key, db] = [text('backup.json'), text('store.key'), content.get('thermo2mqtt.db') ?? Buffer.alloc(0)]
  const restore = async (file: Buffer) => {
    const { id } = await here.backups.receive(pieces(file))
    return await here.backups.restore(id, PASSPHRASE, AUDIT)
  }
  return { here, about, key, db, restore }
}

t.test('an archive that opens is taken only when it is a backup', async (t) => {
  const { here, about, key, db, restore } = await parts(t)
  const good: readonly Entry[] = [
    ['backup.json', about],
    ['store.key', key],
    ['thermo2mqtt.db', db],
  ]
  const [aboutEntry, keyEntry, dbEntry] = good as [Entry, Entry, Entry]
  const later = { reason: 'later_version' }
  const cases: readonly [string, readonly Entry[], object][] = [
    ['nothing', [], { reason: 'foreign' }],
    ['somebody else’s archive', [['notes.txt', 'x']], { reason: 'foreign' }],
    [
      'another program',
      [['backup.json', about.replace('thermo2mqtt', 'other')], keyEntry, dbEntry],
      { reason: 'foreign' },
    ],
    ['a file that this version does not know', [...good, ['more.db', 'x']], later],
    ['a file elsewhere', [...good, ['../x', 'x']], later],
    ['a link', [...good, ['x', '', { type: 'symlink', linkname: '/etc/passwd' }]], later],
    [
      'a link in place of the database',
      [aboutEntry, keyEntry, ['thermo2mqtt.db', '', { type: 'symlink', linkname: '/x' }]],
      later,
    ],
    ['a database twice', [...good, dbEntry], { reason: 'damaged' }],
    ['no database', [aboutEntry, keyEntry], { reason: 'damaged' }],
    ['no key', [aboutEntry, dbEntry], { reason: 'damaged' }],
    ['a key that is none', [aboutEntry, ['store.key', 'key'], dbEntry], { reason: 'damaged' }],
    ['a key without end', [aboutEntry, ['store.key', 'x'.repeat(5000)], dbEntry], { reason: 'damaged' }],
    ['no time', [['backup.json', '{"program":"thermo2mqtt","version":"1"}'], keyEntry, dbEntry], { reason: 'damaged' }],
    [
      'no version',
      [['backup.json', `{"program":"thermo2mqtt","created":"2026-01-01"}`], keyEntry, dbEntry],
      { reason: 'damaged' },
    ],
  ]
  for (const [what, entries, details] of cases) {
    await t.rejects(restore(await crafted(entries)), { code: 'BAD_REQUEST', details }, what)
  }
  const foreign: object = { reason: 'foreign' }
  const keys = restore(await sealed(Buffer.from('{"keys":[]}')))
  await t.rejects(keys, { code: 'BAD_REQUEST', details: foreign }, 'exported keys')
  t.notOk(isStaged(here.dataDir))
  // As a person packs it anew: GNU tar begins with the folder.
  const anew: readonly Entry[] = [
    ['./', '', { type: 'directory' }],
    ...good.map(([name, bytes]) => [`./${name}`, bytes] as const),
  ]
  t.match(await restore(await crafted(anew)), { version: '1.2.3', devices: 1, keys: 1 })
})

t.test('a database that opens is looked at before anything is changed', async (t) => {
  const { here, about, key, db, restore } = await parts(t)
  const withDatabase = async (bytes: Uint8Array) =>
    restore(
      await crafted([
        ['backup.json', about],
        ['store.key', key],
        ['thermo2mqtt.db', bytes],
      ]),
    )
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
  for (const [what, sql, reason] of changes) {
    const changed = new Database(db)
    changed.pragma('foreign_keys = OFF')
    changed.exec(sql)
    const bytes = changed.serialize()
    changed.close()
    await t.rejects(withDatabase(bytes), { code: 'BAD_REQUEST', details: { reason } }, what)
  }
  const broken = Buffer.from(db).fill(0xff, 5000, 9000)
  await t.rejects(withDatabase(broken), { code: 'BAD_REQUEST', details: { reason: 'damaged' } }, 'damaged pages')
  t.notOk(isStaged(here.dataDir))
})

t.test('an older schema is brought up to date', async (t) => {
  const { here, about, key, restore } = await parts(t)
  const old = new Database(':memory:')
  for (const step of MIGRATIONS.slice(0, 2)) old.exec(step)
  old.pragma('user_version = 2')
  const bytes = old.serialize()
  old.close()
  await restore(
    await crafted([
      ['backup.json', about],
      ['store.key', key],
      ['thermo2mqtt.db', bytes],
    ]),
  )
  here.store.close()
  t.ok(applyStaged(here.dataDir, here.log.logger))
  t.strictSame(machine(t, here.dataDir).store.devices.load(), [])
})
