/** Backups in the format of the first versions are still restored. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { applyStaged, isStaged } from '../../../src/store/backup/staged.ts'
import { KEY, SERIAL } from '../support.ts'
import { AUDIT, machine, PASSPHRASE, pieces } from './support.ts'

const OLD = readFileSync('test/fixtures/first-format/house.backup')

t.test('a backup in the first format is restored', async (t) => {
  const here = machine(t)
  const upload = await here.backups.receive(pieces(OLD))
  t.match(upload, { size: OLD.length, created: '2026-11-28T21:04:02.459Z', version: '0.1.0' })
  const restored = await here.backups.restore(upload.id, PASSPHRASE, AUDIT)
  t.match(restored, { created: upload.created, version: '0.1.0', devices: 1, keys: 1, users: ['admin'] })
  here.store.close()
  t.ok(applyStaged(here.dataDir, here.log.logger))
  const { store } = machine(t, here.dataDir)
  t.strictSame([...store.devices.givenNames()], [[SERIAL, 'Ванна']])
  t.match(store.keys.all(), [{ serial: SERIAL, key: KEY }])
  t.match(store.sessions.get('home', 'identity'), { token: 'token-of-the-cloud' })
  t.equal(store.values.getSecret('a.secret'), 'secret-value')
})

t.test('one that is no good says why', async (t) => {
  const here = machine(t)
  const head = OLD.indexOf('\n') + 1
  const header = JSON.parse(OLD.toString('utf8', 0, head))
  const withHeader = (changes: object) =>
    Buffer.concat([Buffer.from(`${JSON.stringify({ ...header, ...changes })}\n`), OLD.subarray(head)])
  const flipped = (at: number) => {
    const copy = Buffer.from(OLD)
    copy.writeUInt8(copy.readUInt8(at) ^ 1, at)
    return copy
  }
  const [main, history] = header.parts
  const bad: readonly [string, Buffer, string][] = [
    ['the beginning of a header', OLD.subarray(0, 60), 'cut_off'],
    ['the header alone', OLD.subarray(0, head), 'cut_off'],
    ['all but a byte', OLD.subarray(0, -1), 'cut_off'],
    ['a byte more', Buffer.concat([OLD, Buffer.alloc(1)]), 'damaged'],
    ['another version', withHeader({ version: 2 }), 'damaged'],
    ['a cost beyond reason', withHeader({ N: 2 ** 30 }), 'damaged'],
    ['twice the memory', withHeader({ N: 2 ** 18 }), 'damaged'],
    ['much memory in another way', withHeader({ r: 2 ** 19 }), 'damaged'],
    ['twice the time', withHeader({ p: 2 }), 'damaged'],
    ['no salt', withHeader({ salt: 5 }), 'damaged'],
    ['a version that is a text', withHeader({ bridge: 'Click http://evil.example to go on' }), 'damaged'],
    ['no time', withHeader({ created: 'x' }), 'damaged'],
    ['a part twice', withHeader({ parts: [main, history, history] }), 'damaged'],
    ['a part of no size', withHeader({ parts: [{ ...main, bytes: -1 }, history] }), 'damaged'],
    ['a part elsewhere', withHeader({ parts: [{ ...main, name: '../x.db' }, history] }), 'later_version'],
  ]
  for (const [what, bytes, reason] of bad) {
    await t.rejects(here.backups.receive(pieces(bytes)), { code: 'BAD_REQUEST', details: { reason } }, what)
  }
  const talkative = await here.backups.receive(pieces(withHeader({ created: '2026-11-28 (call us) 12:00Z' })))
  t.equal(talkative.created, '2026-11-28T12:00:00.000Z', 'a time says nothing but the time')
  const opens: readonly [string, Buffer, string, string][] = [
    ['another passphrase', OLD, 'another passphrase', 'passphrase'],
    ['a bit of the header', withHeader({ created: '2020-01-01T00:00:00.000Z' }), PASSPHRASE, 'passphrase'],
    ['a bit of the beginning', flipped(head + 5), PASSPHRASE, 'passphrase'],
    ['a bit of the end', flipped(OLD.length - 30), PASSPHRASE, 'damaged'],
  ]
  for (const [what, bytes, passphrase, reason] of opens) {
    const { id } = await here.backups.receive(pieces(bytes))
    await t.rejects(here.backups.restore(id, passphrase, AUDIT), { code: 'BAD_REQUEST', details: { reason } }, what)
  }
  t.notOk(isStaged(here.dataDir))
})
