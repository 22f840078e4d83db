import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { MIGRATIONS } from '../../../src/store/database/migrations.ts'
import { open } from '../support.ts'

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const bytes = (text: string): Buffer => Buffer.from(text)
const folder = () => mkdtempSync(join(tmpdir(), 't2m-users-'))

t.test('users and their second factors', async (t) => {
  const dataDir = folder()
  const { store, log } = open(t, dataDir)
  const { users } = store
  t.ok(users.add('admin', 'hash'))
  t.notOk(users.add('ADMIN', 'other'), 'the name is taken, however it is written')
  t.ok(users.add('olga', null))
  t.same(
    users.list().map(({ name, password }) => [name, password]),
    [
      ['admin', 'hash'],
      ['olga', null],
    ],
  )
  const olga = users.byName('olga')?.id ?? 0
  users.setPassword(olga, 'new')
  t.match(users.byName('Olga'), { id: olga, password: 'new', totp: false })
  t.equal(users.totpSecret(1), undefined)
  users.setTotpSecret(1, SECRET)
  t.equal(users.totpSecret(1), SECRET)
  t.match(users.get(1), { totp: false }, 'not asked for yet')
  users.activateTotp(1, [bytes('a'), bytes('b')])
  t.match(users.get(1), { totp: true })
  t.same(
    [users.useTotpStep(1, 5), users.useTotpStep(1, 5), users.useTotpStep(1, 4), users.useTotpStep(1, 6)],
    [true, false, false, true],
  )
  t.same([users.useRecoveryCode(1, bytes('a')), users.useRecoveryCode(1, bytes('a'))], [true, false])
  t.equal(users.useRecoveryCode(olga, bytes('b')), false, 'of somebody else')
  t.equal(users.recoveryCodesLeft(1), 1)
  t.notMatch(log.text(), SECRET)
  log.logger.info({ text: `leaks ${SECRET}` }, 'x')
  t.notMatch(log.text(), SECRET, 'the log knows it as a secret')
  const raw = new Database(store.path, { readonly: true })
  t.notMatch(raw.prepare('SELECT totp_sealed FROM users WHERE id = 1').pluck().get()?.toString(), SECRET, 'encrypted')
  raw.close()
  users.clearTotp(1)
  t.match(users.get(1), { totp: false })
  t.equal(users.recoveryCodesLeft(1), 0)
  users.setTotpSecret(olga, SECRET)
  store.close()

  const { store: foreign, log: problems } = open(t, dataDir, { keyFile: join(dataDir, 'another.key') })
  t.equal(foreign.users.totpSecret(olga), undefined, 'closed without its master key')
  t.match(problems.problems(), [{ msg: /1 second factors of users/ }])
})

t.test('where users have signed in from is remembered, within bounds', async (t) => {
  const { store, clock } = open(t, folder())
  store.users.add('admin', null)
  for (let i = 0; i < 40; i++) {
    clock.jumpWall(1)
    store.users.signedInFrom(1, `10.0.0.${i}`)
  }
  t.notOk(store.users.knows(1, '10.0.0.7'))
  t.ok(store.users.knows(1, '10.0.0.8') && store.users.knows(1, '10.0.0.39'))
  t.notOk(store.users.knows(2, '10.0.0.39'))
})

t.test('sessions', async (t) => {
  const { store, clock } = open(t, folder())
  const { users, userSessions: sessions } = store
  users.add('admin', null)
  const hashes = (name: string, lives = 1_000) => ({
    access: bytes(`access ${name}`),
    accessExpires: clock.now() + lives / 2,
    refresh: bytes(`refresh ${name}`),
    expires: clock.now() + lives,
  })
  const add = (id: string, lives?: number) =>
    sessions.add({ id, userId: 1, address: '::1', userAgent: 'test' }, bytes(`family ${id}`), hashes(id, lives))
  add('a')
  add('b', 5_000)
  t.match(sessions.byAccess(bytes('access a')), { id: 'a', userName: 'admin', userAgent: 'test' })
  t.match(sessions.refreshHashes('a'), { family: bytes('family a'), refresh: bytes('refresh a') })
  const from = { address: '127.0.0.1', userAgent: 'later' }
  t.ok(sessions.rotate('a', bytes('refresh a'), hashes('a2'), from))
  t.notOk(sessions.rotate('a', bytes('refresh a'), hashes('a3'), from), 'only in place of the one in force')
  t.equal(sessions.byAccess(bytes('access a')), undefined)
  t.match(sessions.get('a'), { address: '127.0.0.1' })
  clock.jumpWall(1_000)
  t.equal(sessions.get('a'), undefined)
  t.equal(sessions.refreshHashes('a'), undefined)
  t.same(
    sessions.list().map(({ id }) => id),
    ['b'],
  )
  sessions.prune()
  t.notOk(sessions.remove('a', 'ended'), 'forgotten')
  add('c', 5_000)
  t.same(sessions.removeOthers(1, 'c', 'password_changed'), ['b'])
  for (let i = 0; i < 120; i++) add(`many-${i}`, 60_000)
  t.equal(sessions.list().length, 100)
  t.ok(sessions.get('many-119'), 'the newest stays')
  t.notOk(users.remove(1), 'nobody else administers')
  t.equal(sessions.list().length, 100)
  users.add('second', null)
  t.ok(users.remove(1))
  t.equal(sessions.list().length, 0)
  t.equal(sessions.byAccess(bytes('access c')), undefined)
})

t.test('API tokens', async (t) => {
  const { store, clock } = open(t, folder())
  const { apiTokens } = store
  apiTokens.add({ id: 'x', name: 'one', scopes: ['read', 'admin'], createdBy: 'admin', expires: null }, bytes('hash'))
  t.match(apiTokens.list(), [{ id: 'x', scopes: ['read', 'admin'], created: clock.now(), lastUsed: null }])
  apiTokens.used('x', 5)
  t.match(apiTokens.byHash(bytes('hash')), { lastUsed: 5 })
  t.same([apiTokens.remove('x'), apiTokens.remove('x')], [true, false])
  t.equal(apiTokens.byHash(bytes('hash')), undefined)
})

t.test('the audit log is bounded, and strangers have bounds of their own', async (t) => {
  const { store, log } = open(t, folder())
  const entry = {
    at: 1,
    who: 'admin',
    via: 'session',
    address: null,
    action: 'a',
    target: null,
    details: null,
  } as const
  const many = (count: number, via: 'session' | 'none', outcome: string) =>
    store.audit.add(Array.from({ length: count }, () => ({ ...entry, via, outcome })))
  many(100, 'session', 'first')
  many(3_000, 'none', 'knock')
  const all = store.audit.page(20_000, null)
  t.equal(all.filter(({ via }) => via === 'none').length, 2_000)
  t.equal(all.filter(({ outcome }) => outcome === 'first').length, 100, 'not pushed out')
  many(10_050, 'session', 'later')
  t.equal(store.audit.page(20_000, null).length, 10_000)
  const [newest] = store.audit.page(1, null)
  t.match(store.audit.page(1, newest?.id ?? 0), [{ id: (newest?.id ?? 0) - 1 }])
  log.secrets.remember('hunter2-secret')
  store.audit.add([{ ...entry, outcome: 'ok', details: '{"a":"hunter2-secret"}' }])
  t.notMatch(store.audit.page(1, null)[0]?.details, 'hunter2')
  t.doesNotThrow(() => store.audit.add([]))
})

t.test('of a password from before it is known that it was made only while nobody has signed in with it', async (t) => {
  const before = MIGRATIONS.findIndex((step) => step.includes('password_made'))
  const made = (signedIn: boolean) => {
    const dataDir = folder()
    const db = new Database(join(dataDir, 'thermo2mqtt.db'))
    for (const step of MIGRATIONS.slice(0, before)) db.exec(step)
    db.pragma(`user_version = ${before}`)
    db.exec("INSERT INTO users (id, name, password, created) VALUES (1, 'admin', 'hash', 0), (2, 'olga', 'hash', 0)")
    if (signedIn) db.exec("INSERT INTO user_addresses (user_id, address, last_used) VALUES (1, '::1', 0)")
    db.close()
    return open(t, dataDir)
      .store.users.list()
      .map(({ name, passwordMade }) => [name, passwordMade])
  }
  const [admin, olga] = [(is: boolean) => ['admin', is], ['olga', false]]
  t.same(made(false), [admin(true), olga])
  t.same(made(true), [admin(false), olga])
})

t.test('users from before there were roles may do everything, and so may the tokens they made', async (t) => {
  const before = MIGRATIONS.findIndex((step) => step.includes('COLUMN role'))
  const dataDir = folder()
  const db = new Database(join(dataDir, 'thermo2mqtt.db'))
  for (const step of MIGRATIONS.slice(0, before)) db.exec(step)
  db.pragma(`user_version = ${before}`)
  db.exec("INSERT INTO users (id, name, created) VALUES (1, 'admin', 0), (2, 'olga', 0)")
  db.exec(`INSERT INTO api_tokens (id, name, hash, scopes, created, created_by)
    VALUES ('a', 'a', x'00', 'read admin', 0, 'OLGA'), ('b', 'b', x'01', 'admin', 0, 'homeassistant:olga')`)
  db.close()
  const { users, apiTokens } = open(t, dataDir).store
  t.same(
    users.list().map(({ name, role }) => [name, role]),
    [
      ['admin', 'administer'],
      ['olga', 'administer'],
    ],
  )
  t.match(apiTokens.list(), [
    { scopes: ['read', 'admin'], maker: 2 },
    { scopes: ['admin'], maker: null },
  ])
  t.ok(users.setRole(1, 'look'))
  t.notOk(users.setRole(2, 'control'), 'somebody has to administer')
  t.notOk(users.remove(2))
  t.ok(users.setRole(1, 'administer'))
  t.ok(users.remove(2), 'with the tokens made')
  t.match(apiTokens.list(), [{ id: 'b' }])
})

t.test('a database of the first release is taken over', async (t) => {
  const dataDir = folder()
  const db = new Database(join(dataDir, 'thermo2mqtt.db'))
  db.exec(MIGRATIONS[0] ?? '')
  db.exec("INSERT INTO plain_values (name, value) VALUES ('mqtt.client_id', 'kept')")
  db.pragma('user_version = 1')
  db.close()
  const { store } = open(t, dataDir)
  t.equal(store.values.get('mqtt.client_id'), 'kept')
  t.ok(store.users.add('admin', null))
})
