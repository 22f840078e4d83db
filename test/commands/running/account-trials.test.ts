/** Accounts sign in before they are saved: what becomes of each try, and what is left of those that fail. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { Desk } from '../../../src/app/settings/desk.ts'
import { loadEffective, loadWith } from '../../../src/app/settings/kept.ts'
import type { Kept } from '../../../src/config/index.ts'
import type { BridgeError } from '../../../src/core/errors.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { type ServiceFault, seededRandom, VirtualBearer } from '../../../src/simulator/index.ts'
import { openSettings } from '../../../src/store/settings.ts'
import { DATABASE, openStore } from '../../../src/store/store.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { temporaryFolder } from '../support.ts'
import { bridge } from './alive.ts'

const USER = 'me@example.com'
const PASSWORD = 'hunter2-of-the-cloud'
const DEVICES = [{ serial: '404CCAAAD4E8A89860609800000149', name: 'Hall', key: 'AAD4EXAJX4E8A8XT' }]

/** A service that mails codes, and a way to ask the desk of a bridge's settings for an account there. */
async function desk(t: Test, { has2fa = true, quirks = {} }: { has2fa?: boolean; quirks?: object } = {}) {
  const clock = new FakeClock()
  const accounts = [{ user: USER, password: PASSWORD, has2fa, devices: DEVICES }]
  const service = new VirtualBearer({ clock, random: seededRandom(1), accounts, quirks })
  await service.start()
  t.teardown(() => service.stop())
  const dataDir = temporaryFolder(t)
  const secrets = new SecretValues()
  const lines: string[] = []
  const logger = createLogger({ level: 'trace', secrets, write: (line) => lines.push(line) })
  const store = openStore({ dataDir, clock, secrets, logger })
  t.teardown(() => store.close())
  const options = { flags: { data_dir: dataDir }, env: {}, cwd: dataDir }
  const applied: (readonly string[])[] = []
  const made = async () => {
    const one = new Desk({
      clock,
      logger,
      secrets,
      loaded: await loadEffective(clock, options),
      load: (values: Kept) => loadWith(clock, options, values),
      open: () => {
        const opened = openSettings({ dataDir, clock, secrets, logger })
        if (!opened) throw new Error('there is no store')
        return opened
      },
      apply: (keys) => applied.push(keys),
      failed: null,
    })
    t.teardown(() => one.stop())
    return one
  }
  const account = {
    provider: 'bearer',
    url: service.url,
    username: USER,
    password: PASSWORD,
    devices: { path: '/api/v1/devices/', items: 'results' },
  }
  /** What is in the store of accounts and their sessions. */
  const kept = () => {
    const opened = openSettings({ dataDir, clock, secrets, logger })
    const settings = [...(opened?.settings.all().keys() ?? [])]
    opened?.close()
    return { settings, sessions: sessionsIn(dataDir) }
  }
  return { service, clock, made, account, kept, applied, lines, secrets }
}

function sessionsIn(dataDir: string): unknown {
  const database = new Database(join(dataDir, DATABASE), { readonly: true })
  const count: unknown = database.prepare('SELECT count(*) FROM account_sessions').pluck().get()
  database.close()
  return count
}

const NOTHING = { settings: [], sessions: 0 }
const last = (codes: readonly string[]): string => codes.at(-1) ?? ''
const wrong = (code: string): string => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

t.test('a wrong password leaves nothing, and the right one is sent once', async (t) => {
  const { service, made, account, kept, applied, lines, secrets } = await desk(t, { has2fa: false })
  const one = await made()
  await t.rejects(one.addAccount({ ...account, password: 'hunter2-mistyped' }), { code: 'CLOUD_AUTH' })
  t.same(kept(), NOTHING)
  t.same(applied, [], 'the bridge is not restarted')
  t.equal(secrets.scrub('hunter2-mistyped'), 'hunter2-mistyped', 'it is not remembered')
  t.match(await one.addAccount(account), { id: 'bearer', sign_in: null, devices: 1, lists_devices: true })
  t.equal(service.asked('login'), 2)
  t.match(kept(), { sessions: 1 })
  t.equal(applied.length, 1)
  t.notMatch(lines.join(''), /hunter2|CLOUD_AUTH/)
})

t.test('the secrets of a saved account stay masked, whoever tries or gives up the same besides', async (t) => {
  const { service, made, account, secrets } = await desk(t)
  const said = `with ${account.password}`
  const masked = 'with ********'
  const one = await made()
  const first = await one.addAccount(account)
  t.equal(secrets.scrub(said), masked, 'while it is tried')
  const other = await one.addAccount({ ...account, id: 'other' })
  await one.submitCode(first.sign_in ?? '', service.mails[0] ?? '')
  t.equal(secrets.scrub(said), masked, 'saved')
  await one.cancelSignIn(other.sign_in ?? '')
  t.equal(secrets.scrub(said), masked, 'when the other is given up')
  const third = await one.addAccount({ ...account, id: 'third', password: 'hunter2-of-the-file' }).catch(() => null)
  t.equal(third, null)
  t.equal(secrets.scrub('hunter2-of-the-file'), 'hunter2-of-the-file', 'of one that is not saved it does not')
})

t.test('a code is asked for before anything is saved', async (t) => {
  const { service, made, account, kept, applied } = await desk(t)
  const one = await made()
  const asked = await one.addAccount(account)
  t.match(asked, { id: null, sign_in: String, code_from: 'email' })
  const signIn = asked.sign_in ?? ''
  t.same(kept(), NOTHING)
  const code = last(service.mails)
  await t.rejects(one.submitCode(signIn, wrong(code)), { code: 'CLOUD_AUTH' })
  t.match(await one.submitCode(signIn, code), { id: 'bearer', sign_in: null, devices: 1 })
  t.equal(service.mails.length, 1)
  t.match(kept(), { sessions: 1 })
  t.equal(applied.length, 1)
  await t.rejects(one.submitCode(signIn, code), { code: 'BAD_REQUEST', details: { reason: 'over' } })
})

t.test('a sign-in that is given up, forgotten or restarted leaves nothing', async (t) => {
  const { clock, service, made, account, kept, secrets } = await desk(t)
  const over = { code: 'BAD_REQUEST', details: { reason: 'over' } }
  const begun = async (one: Desk) => (await one.addAccount(account)).sign_in ?? ''
  const one = await made()
  const first = await begun(one)
  await one.cancelSignIn(first)
  await t.rejects(one.submitCode(first, last(service.mails)), over)
  const second = await begun(one)
  await clock.advance(10 * 60_000)
  await t.rejects(one.submitCode(second, last(service.mails)), over, 'after ten minutes')
  const third = await begun(one)
  await one.stop()
  t.equal(secrets.scrub(account.password), account.password, 'it is not remembered')
  const next = await made()
  await t.rejects(next.submitCode(third, last(service.mails)), over, 'after a restart')
  await t.rejects(next.cancelSignIn(third), over)
  t.same(kept(), NOTHING)
})

t.test('two people add the same account at once', async (t) => {
  const { service, made, account, kept, applied } = await desk(t)
  const one = await made()
  const [mine, yours] = await Promise.all([one.addAccount(account), one.addAccount(account)])
  t.equal(mine.sign_in, yours.sign_in, 'both wait for the one code')
  t.equal(service.mails.length, 1)
  const code = last(service.mails)
  const both = await Promise.allSettled([
    one.submitCode(mine.sign_in ?? '', code),
    one.submitCode(mine.sign_in ?? '', code),
  ])
  t.same(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await t.rejects(one.addAccount(account), { code: 'BAD_REQUEST', message: /There is this account already: bearer/ })
  await t.rejects(
    one.addAccount({ ...account, id: 'bearer' }),
    { message: /There is bearer already/ },
    'still starting',
  )
  t.equal(applied.length, 1)
  t.equal(kept().settings.filter((key) => key.endsWith('.username')).length, 1)
})

t.test('what the service asks for is heeded, and told', async (t) => {
  const { clock, service, made, account, kept } = await desk(t, { has2fa: false })
  const one = await made()
  service.faults.push({ on: 'login', fault: { status: 429, retryAfter: '90' } })
  await t.rejects(one.addAccount(account), { code: 'CLOUD_RATE_LIMITED', details: { retry_after: 90 } })
  const logins = service.asked('login')
  await t.rejects(one.addAccount(account), {
    message: /for another 90 s\. Try again then\.$/,
    details: { retry_after: 90 },
  })
  t.equal(service.asked('login'), logins, 'it is not called')
  t.same(kept(), NOTHING)
  await clock.advance(91_000)
  t.match(await one.addAccount(account), { id: 'bearer' }, 'and no longer than that')
})

const FAULTS: readonly ServiceFault[] = [
  'cut',
  'bad-gateway',
  'bad-json',
  'empty',
  { status: 500 },
  { redirect: 'https://elsewhere.example/login' },
  { status: 429 },
]

t.test('whoever tries an account is told what to do: nobody else tries it again', async (t) => {
  const { clock, service, made, account, kept } = await desk(t, { has2fa: false })
  const one = await made()
  const messages: string[] = []
  const failed = (error: BridgeError) => void messages.push(error.message)
  for (const fault of FAULTS)
    for (const on of ['login', 'devices']) {
      service.faults.push({ on, fault })
      await one.addAccount(account).catch(failed)
      await clock.advance(1_000)
    }
  service.faults.push({ on: 'login', fault: 'no-answer' })
  await clock.until(one.addAccount(account).catch(failed))
  for (const url of [`http://127.0.0.1:${await unusedPort()}`, `${service.url}/nowhere`])
    await one.addAccount({ ...account, url }).catch(failed)
  t.equal(messages.length, 2 * FAULTS.length + 3)
  const helps = /[.)] (Check what you entered, or wait|Wait) a while, and try again\.$/
  t.strictSame(
    messages.filter((message) => !helps.test(message) || /tried again|tries|by hand/.test(message)),
    [],
  )
  t.same(kept(), NOTHING)
  t.match(await one.addAccount(account), { id: 'bearer' }, 'as they are told')
})

t.test('a code that could not be given is to be given once more', async (t) => {
  const { service, made, account } = await desk(t)
  const one = await made()
  const { sign_in: id } = await one.addAccount(account)
  service.faults.push({ on: 'code', fault: 'cut' })
  await t.rejects(one.submitCode(id ?? '', last(service.mails)), { message: /\)\. Give the code once more\.$/ })
  t.match(await one.submitCode(id ?? '', last(service.mails)), { id: 'bearer', sign_in: null })
})

t.test('a list of devices that is not there is told before the account is saved', async (t) => {
  const { service, made, account, kept } = await desk(t, { has2fa: false, quirks: { logout: true } })
  const one = await made()
  await t.rejects(one.addAccount({ ...account, devices: { path: '/nowhere' } }), { code: 'CLOUD_UNREACHABLE' })
  t.same(kept(), NOTHING)
  t.equal(service.asked('logout'), 1, 'and the session is ended')
  t.match(await one.addAccount({ ...account, devices: {} }), { sign_in: null, lists_devices: false, devices: 0 })
})

t.test('a change is tried too, and the account goes on as before until it works', async (t) => {
  const { service, made, account, kept } = await desk(t, { has2fa: false })
  const first = await made()
  await first.addAccount(account)
  const one = await made()
  await t.rejects(one.changeAccount('bearer', { password: 'hunter2-mistyped' }), { code: 'CLOUD_AUTH' })
  t.match(kept(), { sessions: 1 })
  service.changePassword(USER, 'hunter2-another')
  t.match(await one.changeAccount('bearer', { password: 'hunter2-another' }), { id: 'bearer', sign_in: null })
  const logins = service.asked('login')
  t.match(await one.changeAccount('bearer', { devices: { path: '/elsewhere' } }), { sign_in: null })
  t.equal(service.asked('login'), logins, 'where the list is says nothing about the sign-in')
})

t.test('a service that hangs holds up no other change, nor the end of the bridge', async (t) => {
  const { service, made, account } = await desk(t, { has2fa: false })
  const one = await made()
  service.faults.push({ on: 'login', fault: 'no-answer' })
  const hanging = one.addAccount(account)
  hanging.catch(() => undefined)
  await one.change({ 'homeassistant.enabled': false })
  await one.stop()
  await t.rejects(hanging, { code: 'CLOUD_UNREACHABLE' })
})

t.test('while the bridge stops, nobody begins to sign in', async (t) => {
  const { clock, service, made, account, kept } = await desk(t)
  const one = await made()
  const { waiting } = clock
  await one.stop()
  await t.rejects(one.addAccount(account), { code: 'CLOUD_UNREACHABLE', message: /the bridge stops or restarts/ })
  t.same([service.asked('login'), clock.waiting], [0, waiting])
  t.same(kept(), NOTHING)
})

t.test('over REST, through a restart', async (t) => {
  const { service, account } = await desk(t)
  const alive = await bridge(t)
  const asked = await alive.ask('POST', '/cloud/accounts', account)
  t.match(asked, { status: 202, body: { sign_in: String, code_from: 'email' } })
  const path = `/cloud/sign-ins/${asked.body.sign_in}`
  t.match(await alive.refused('POST', `${path}/code`, { code: wrong(last(service.mails)) }), /^CLOUD_AUTH/)
  t.match((await alive.ask('GET', '/settings')).body, { accounts: [] })
  t.equal(alive.starts(), 1)
  t.equal(await alive.anew('POST', `${path}/code`, { code: last(service.mails) }), 200)
  t.match(await alive.ask('GET', '/cloud/accounts'), { body: { accounts: [{ id: 'bearer' }] } })
  t.equal(service.mails.length, 1, 'the session is there after the restart')
  t.match(await alive.ask('DELETE', path), { status: 400 })
  const { text } = await alive.ask('GET', '/audit?limit=50')
  t.match(text, /"action":"submitSignInCode","target":"bearer"/)
  t.notMatch(text, new RegExp(`hunter2|${last(service.mails)}`))
})
