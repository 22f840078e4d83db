import { writeFileSync } from 'node:fs'
import https from 'node:https'
import { createServer } from 'node:net'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { PASSWORD_COST, Passwords } from '../../../src/api/auth/credentials/passwords.ts'
import { prepareAdmin } from '../../../src/api/auth/first-admin.ts'
import { createApi } from '../../../src/api/index.ts'
import { QUICK_PASSWORDS } from '../../support/api.ts'
import { selfSigned } from '../../support/certificate.ts'
import { accessOptions, ask, BEARER, fakes, running, testStore } from '../support.ts'

function api(changes: Partial<Parameters<typeof createApi>[0]>) {
  const parts = fakes()
  const { store, remove } = testStore(parts)
  t.teardown(remove)
  const access = accessOptions(store)
  return createApi({ ...parts, host: '127.0.0.1', port: 0, access, readiness: () => ({}), version: '1', ...changes })
}

t.test('TLS of its own', async (t) => {
  const pem = selfSigned()
  const folder = t.testdir()
  const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  await t.rejects(api({ tls }).start(), { message: /^api\.tls\.(cert|key): .*ENOENT/ })
  writeFileSync(tls.cert, pem.cert)
  writeFileSync(tls.key, 'no key')
  await t.rejects(api({ tls }).start(), { message: /can't use the certificate/ })
  writeFileSync(tls.key, pem.key)
  const it = api({ tls })
  const { port, url } = await it.start()
  t.match(url, /^https:\/\/127\.0\.0\.1:/)
  const [status, headers] = await new Promise<[number | undefined, https.RequestOptions['headers']]>(
    (resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/api/v1/devices', ca: pem.cert, agent: false } as const
      const check = { checkServerIdentity: () => undefined, headers: { authorization: BEARER } }
      https
        .get({ ...options, ...check }, (answer) => resolve([answer.statusCode, answer.resume().headers]))
        .on('error', reject)
    },
  )
  t.equal(status, 200)
  t.match(headers, { 'strict-transport-security': /max-age/ })
  await it.stop()
})

/** Whether this machine has IPv6 on loopback. */
const ipv6 = () =>
  new Promise<boolean>((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(0, '::1', () => probe.close(() => resolve(true)))
  })

t.test('IPv6', async (t) => {
  if (!(await ipv6())) return void t.pass('left out: this machine has no IPv6')
  for (const [host, shown] of [
    ['::1', /^http:\/\/\[::1\]:\d+$/],
    ['::', /^http:\/\/\[::1\]:\d+$/],
  ] as const) {
    const it = api({ host })
    const { url } = await it.start()
    t.match(url, shown)
    t.equal((await fetch(`${url}/api/v1/devices`, { headers: { authorization: BEARER } })).status, 200)
    await it.stop()
  }
})

t.test('who is believed about who asks', async (t) => {
  const from = async (trustProxy: boolean | readonly string[], forwarded: string) => {
    const it = await running({ trustProxy })
    t.teardown(() => it.close())
    const body = '{"username":"admin","password":"wrong"}'
    const headers = { 'x-forwarded-for': forwarded }
    await ask(it.port, '/api/v1/login', { method: 'POST', authorization: null, body, headers })
    return it.access.audit.page(1, null)[0]?.address
  }
  t.equal(await from(false, '192.0.2.1'), '127.0.0.1')
  t.equal(await from(true, '192.0.2.1'), '192.0.2.1')
  t.equal(await from(true, '10.9.9.9, 192.0.2.1'), '192.0.2.1', 'what a client adds itself is not believed')
  t.equal(await from(['127.0.0.0/8'], '192.0.2.1'), '192.0.2.1')
  t.equal(await from(['127.0.0.1', '10.0.0.1'], '10.9.9.9, 192.0.2.1, 10.0.0.1'), '192.0.2.1')
  t.equal(await from(['10.0.0.0/8'], '192.0.2.1'), '127.0.0.1')
})

t.test('pages of other origins', async (t) => {
  const origin = 'https://home.example:8443'
  const it = await running({ allowedOrigins: [origin] })
  t.teardown(() => it.close())
  const asked = { 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization' }
  const preflight = (from: string) =>
    ask(it.port, '/api/v1/devices/A123/state', {
      method: 'OPTIONS',
      authorization: null,
      headers: { origin: from, ...asked },
    })
  const good = await preflight(origin)
  t.equal(good.status, 204)
  t.match(good.headers, {
    'access-control-allow-origin': origin,
    'access-control-allow-headers': /authorization/,
    vary: /Origin/i,
  })
  t.equal(good.headers['access-control-allow-credentials'], undefined)
  const answer = await ask(it.port, '/api/v1/devices', { headers: { origin } })
  t.match(answer, { status: 200, headers: { 'access-control-allow-origin': origin } })
  for (const other of ['https://home.example', 'http://home.example:8443', 'null', `${origin}.evil.example`]) {
    const refused = await preflight(other)
    t.equal(refused.status, 401, other)
    t.equal(refused.headers['access-control-allow-origin'], undefined)
  }
  const closed = await running()
  t.teardown(() => closed.close())
  t.equal(
    (await ask(closed.port, '/healthz', { headers: { origin } })).headers['access-control-allow-origin'],
    undefined,
  )
})

t.test('a fault of ours is not explained to callers', async (t) => {
  const it = await running()
  t.teardown(() => it.close())
  it.store.userSessions.add = () => {
    throw new Error('SQLITE_FULL: /data/thermo2mqtt.db')
  }
  const body = '{"username":"admin","password":"correct-horse-ключ"}'
  const answer = await ask(it.port, '/api/v1/login', { method: 'POST', authorization: null, body })
  t.match(answer, { status: 500, json: { error: { code: 'INTERNAL' }, detail: String } })
  t.notMatch(answer.text, /SQLITE|data/)
})

t.test('the first start', async (t) => {
  const parts = fakes()
  const { store, remove } = testStore(parts)
  t.teardown(remove)
  const said: string[] = []
  const passwords = new Passwords(QUICK_PASSWORDS)
  const prepare = (configured: string | null) =>
    prepareAdmin({
      ...accessOptions(store),
      passwords,
      configured,
      announce: (line) => said.push(line),
      logger: parts.logger,
    })
  const hash = () => store.users.byName('admin')?.password ?? null
  const openSession = (id: string) => {
    const until = { accessExpires: parts.clock.now() + 1_000, expires: parts.clock.now() + 1_000 }
    const [access, refresh] = [Buffer.from(`a${id}`), Buffer.from('r')]
    store.userSessions.add({ id, userId: 1, address: '', userAgent: '' }, Buffer.from('f'), {
      access,
      refresh,
      ...until,
    })
  }

  t.equal(await prepare(null), null)
  const [, made = ''] = /shown only this once: ([\w-]{20})$/.exec(said.join()) ?? []
  t.ok(await passwords.verify(made, hash()))
  const isMade = () => store.users.byName('admin')?.passwordMade
  t.ok(isMade(), 'to be changed at the first sign-in')
  t.equal(await prepare(null), null)
  t.equal(said.length, 1, 'once')
  openSession('one')
  t.same(await prepare('configured-1'), { name: 'admin', password: 'configured-1' })
  t.equal(hash(), null, 'the one before is gone')
  t.notOk(isMade(), 'somebody chose it')
  t.equal(store.userSessions.list().length, 0)
  openSession('two')
  await prepare('configured-1')
  t.equal(store.userSessions.list().length, 1, 'the same password ends nothing')
  await prepare('configured-2')
  t.equal(store.userSessions.list().length, 0)
  t.equal(await prepare(null), null)
  t.equal(said.length, 2, 'not configured any more: another is made')
  t.ok(hash())
  // The store itself keeps the last administrator.
  const forget = (id: number) => {
    const other = new Database(store.path)
    other.prepare('DELETE FROM users WHERE id = ?').run(id)
    other.close()
  }
  forget(1)
  store.values.setSecret('api.admin_password', 'of-the-first-release')
  await prepare(null)
  t.ok(await passwords.verify('of-the-first-release', hash()), 'what people know goes on')
  t.ok(isMade(), 'until they sign in: it was made, and stands in a log')
  t.equal(said.length, 2)
  t.notOk(store.values.hasSecret('api.admin_password'), 'and is hashed from now on')
  forget(2)
  store.users.add('olga', 'x')
  await prepare(null)
  t.equal(store.users.byName('admin'), undefined, 'whoever is there can make others')
})

t.test('passwords', async (t) => {
  const passwords = new Passwords(QUICK_PASSWORDS)
  const stored = await passwords.hash('correct horse')
  t.match(stored, /^scrypt\$4\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
  t.not(await passwords.hash('correct horse'), stored, 'salted')
  t.ok(await passwords.verify('correct horse', stored))
  for (const wrong of ['', 'correct hors', 'Correct horse', 'correct horse '])
    t.notOk(await passwords.verify(wrong, stored))
  for (const broken of [
    null,
    '',
    'x',
    stored.slice(0, -1),
    stored.replace('$4$', '$99$'),
    stored.replace('scrypt', 'plain'),
  ]) {
    t.notOk(await passwords.verify('correct horse', broken), String(broken))
  }
  const costly = await new Passwords({ ...PASSWORD_COST, r: PASSWORD_COST.r + 1 }).hash('correct horse')
  t.notOk(await passwords.verify('correct horse', costly), 'no stored hash makes the machine work more than ours do')
  const many = Array.from({ length: 40 }, () => Promise.resolve().then(() => passwords.verify('x', stored)))
  const settled = await Promise.allSettled(many)
  t.equal(settled.filter(({ status }) => status === 'fulfilled').length, 16, 'a bounded number waits')
  t.match(
    settled.find(({ status }) => status === 'rejected'),
    { reason: { code: 'RATE_LIMITED' } },
  )
  t.notOk(await passwords.verify('x', stored), 'and then goes on')
})

t.test('real costs: a name that is not there takes as long', async (t) => {
  const passwords = new Passwords()
  const stored = await passwords.hash('correct horse')
  t.match(stored, /^scrypt\$17\$8\$1\$/)
  const time = async (given: string | null) => {
    const start = performance.now()
    await passwords.verify('wrong', given)
    return performance.now() - start
  }
  // The best of some, if need be: other tests take their share of the processor.
  let [known, unknown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  const alike = () => unknown > known / 4 && known > unknown / 4
  for (let i = 0; i < 10 && !alike(); i++) {
    known = Math.min(known, await time(stored))
    unknown = Math.min(unknown, await time(null))
  }
  t.ok(alike(), `${known.toFixed(0)} and ${unknown.toFixed(0)} ms`)
})
