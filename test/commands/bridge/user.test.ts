import t, { type Test } from 'tap'
import { Passwords } from '../../../src/api/auth/credentials/passwords.ts'
import { user } from '../../../src/commands/bridge/user.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { openStore } from '../../../src/store/store.ts'
import { QUICK_PASSWORDS } from '../../support/api.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { call, temporaryFolder } from '../support.ts'

const passwords = new Passwords(QUICK_PASSWORDS)

function house(t: Test, env: Readonly<Record<string, string>> = {}) {
  const dataDir = temporaryFolder(t)
  const secrets = new SecretValues()
  const logger = createLogger({ level: 'silent', secrets, write: () => undefined })
  const store = openStore({ dataDir, clock: new FakeClock(Date.now()), logger, secrets })
  t.teardown(() => store.close())
  const run = async (
    words: readonly string[],
    answers: readonly (string | undefined)[] = [],
    options: Readonly<Record<string, string>> = {},
  ) => {
    const given = call({ words, options, flags: { data_dir: dataDir }, env, answers })
    await user(given, passwords)
    return given.terminal
  }
  const check = (name: string, password: string) =>
    passwords.verify(password, store.users.byName(name)?.password ?? null)
  return { store, run, check }
}

t.test('users are made, get another password, and go', async (t) => {
  const { store, run, check } = house(t)
  t.match((await run(['list'])).text, /no users yet/)
  t.match(
    (await run(['add', 'olga'], ['a-good-password', 'a-good-password'])).text,
    /^Created the user olga with the role administer\.$/,
  )
  t.ok(await check('OLGA', 'a-good-password'))
  await t.rejects(run(['add', 'Olga'], ['a-good-password', 'a-good-password']), { message: /already/ })
  const made = await run(['add', 'taras'], [undefined])
  const [, password = ''] = /shown only this once: (\S{20})$/.exec(made.text) ?? []
  t.ok(await check('taras', password))
  const isMade = (name: string) => store.users.byName(name)?.passwordMade
  t.same([isMade('olga'), isMade('taras')], [false, true], 'what is shown has to be changed')
  await run(['password', 'taras'], ['vier bunte Gurken', 'vier bunte Gurken'])
  t.equal(isMade('taras'), false)
  await run(['password', 'taras'], [undefined])
  t.equal(isMade('taras'), true)
  const id = store.users.byName('olga')?.id ?? 0
  store.userSessions.add({ id: 'x', userId: id, address: '::1', userAgent: '' }, Buffer.from('f'), {
    access: Buffer.from('a'),
    refresh: Buffer.from('r'),
    accessExpires: Date.now() + 60_000,
    expires: Date.now() + 60_000,
  })
  t.match((await run(['list'])).text, /^olga +administer +own +no +1 +\d{4}-/m)
  const changed = await run(['password', 'olga'], ['another-password', 'another-password'])
  t.match(changed.text, /1 sessions were ended/)
  t.ok(changed.asked.every(({ hidden }) => hidden))
  t.notMatch(changed.text + changed.errs.join(), /another-password/)
  t.same(store.userSessions.list(), [])
  t.ok(await check('olga', 'another-password'))
  store.users.setTotpSecret(id, 'JBSWY3DPEHPK3PXP')
  store.users.activateTotp(id, [Buffer.from('one')])
  t.match((await run(['totp-off', 'olga'])).text, /without a code/)
  t.match(store.users.get(id), { totp: false })
  t.match((await run(['totp-off', 'olga'])).text, /needed no code/)
  t.match((await run(['remove', 'olga'])).text, /Removed/)
  await t.rejects(run(['remove', 'taras']), { message: /Nobody else administers/ })
  const log = store.audit.page(20, null)
  t.same(
    log.map(({ action, target }) => `${action} ${target}`),
    [
      'user remove olga',
      'user totp-off olga',
      'user totp-off olga',
      'user password olga',
      'user password taras',
      'user password taras',
      'user add taras',
      'user add olga',
    ],
  )
  t.ok(log.every(({ via, who, outcome }) => via === 'machine' && who && outcome === 'ok'))
})

t.test('roles: given, changed, and never without somebody who administers', async (t) => {
  const { store, run } = house(t)
  await run(['add', 'olga'], [undefined])
  t.match((await run(['add', 'taras'], [undefined], { role: 'control' })).text, /taras with the role control\./)
  t.match((await run(['list'])).text, /^taras +control +own/m)
  t.match((await run(['role', 'taras', 'look'])).text, /^taras has the role look now\.$/)
  t.equal(store.users.byName('taras')?.role, 'look')
  await t.rejects(run(['role', 'olga', 'look']), { message: /Nobody else administers/ })
  await t.rejects(run(['remove', 'olga']), { message: /Nobody else administers/ })
  await t.rejects(run(['role', 'taras', 'root']), { name: 'UsageError', message: /look, control or administer/ })
  await t.rejects(run(['add', 'iryna'], [undefined], { role: 'root' }), { name: 'UsageError' })
  const maker = store.users.byName('taras')?.id ?? 0
  store.apiTokens.add(
    { id: 'x', name: 'x', scopes: ['read'], createdBy: 'taras', maker, expires: null },
    Buffer.from('h'),
  )
  t.match((await run(['remove', 'taras'])).text, /with all sessions and API tokens/)
  t.same([store.users.list().map(({ name }) => name), store.apiTokens.list()], [['olga'], []])
})

t.test('mistakes change nothing', async (t) => {
  const { store, run } = house(t)
  await t.rejects(run(['add', 'a b']), { message: /user name/ })
  await t.rejects(run(['add', '<script>']), { message: /user name/ })
  await t.rejects(run(['add', 'olga'], ['short']), { message: /8 to 256/ })
  await t.rejects(run(['add', 'olga'], ['Passw0rd2024']), { message: /passwords that attackers try/ })
  await t.rejects(run(['add', 'olga'], ['olga-1990']), { message: /passwords that attackers try/ })
  await t.rejects(run(['add', 'olga'], ['a-good-password', 'a-bad-password']), { message: /do not match/ })
  await t.rejects(run(['password', 'olga'], ['a-good-password', 'a-good-password']), { message: /no user/ })
  await t.rejects(run(['remove', 'olga']), { message: /no user/ })
  await t.rejects(run(['nonsense']), { name: 'UsageError' })
  t.same(store.users.list(), [])
  t.same(store.audit.page(10, null), [])
})

t.test('what the configuration sets is changed there', async (t) => {
  const { store, run } = house(t, { T2M_API_ADMIN_PASSWORD: 'set-by-configuration' })
  store.users.add('admin', null)
  store.users.add('olga', null)
  t.match((await run(['list'])).text, /^admin +administer +api\.admin_password/m)
  await t.rejects(run(['password', 'admin'], ['a-good-password', 'a-good-password']), {
    message: /api\.admin_password/,
  })
  await t.rejects(run(['remove', 'admin']), { message: /api\.admin_password/ })
  await t.resolves(run(['password', 'olga'], ['a-good-password', 'a-good-password']))
})
