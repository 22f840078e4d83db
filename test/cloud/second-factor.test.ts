import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Account } from '../../src/cloud/account.ts'
import { CodeRefused, Deferred, SessionRejected } from '../../src/cloud/failures.ts'
import { AccountRecord } from '../../src/cloud/memory.ts'
import { Pace } from '../../src/cloud/pace.ts'
import type { Provider, Session, Step } from '../../src/cloud/provider.ts'
import { SignIn } from '../../src/cloud/sign-in.ts'
import { TotpMemory } from '../../src/cloud/totp-memory.ts'
import { BridgeError } from '../../src/core/errors.ts'
import { EventBus } from '../../src/core/events.ts'
import { open } from '../store/support.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { HOUR, until } from './support.ts'

/** A login flow that has its code mailed: what later flows do, without the wire. */
class MailedCode implements Provider {
  readonly calls: string[] = []
  readonly good = new Set<string>()
  code = '123456'
  expiresAt: number | undefined
  canRefresh = false
  down = false
  /** Milliseconds that it wants to be left alone. */
  wait: number | undefined
  tries = 3
  #mails = 0

  async start(): Promise<Step> {
    this.calls.push('start')
    this.#fail()
    this.#mails++
    this.tries = 3
    return {
      kind: 'code_needed',
      challenge: { prompt: 'A code was sent by e-mail.', reference: `/otp/${this.#mails}/secret`, since: 0 },
    }
  }

  async resume({ reference }: { reference: string }, code: string): Promise<Step> {
    this.calls.push(`resume ${reference} ${code}`)
    this.#fail()
    if (code === this.code) return { kind: 'signed_in', session: this.#session('first') }
    this.tries--
    throw new CodeRefused('That code is not the one that was sent.', this.tries === 0)
  }

  async refresh(session: Session): Promise<Session | undefined> {
    this.calls.push(`refresh ${session.refreshToken}`)
    this.#fail()
    return this.canRefresh ? this.#session('renewed') : undefined
  }

  async logout(session: Session): Promise<void> {
    this.calls.push(`logout ${session.token}`)
    this.#fail()
    this.good.delete(session.token)
  }

  authorise<Request>(request: Request): Request {
    return request
  }

  async devices(session: Session): Promise<undefined> {
    this.calls.push(`devices ${session.token}`)
    this.#fail()
    if (!this.good.has(session.token)) throw new SessionRejected('cloud.example')
  }

  #session(name: string): Session {
    const token = `${name}-token`
    this.good.add(token)
    return {
      token,
      refreshToken: `${name}-refresh`,
      ...(this.expiresAt === undefined ? {} : { expiresAt: this.expiresAt }),
    }
  }

  #fail(): void {
    if (this.wait !== undefined) throw new Deferred('CLOUD_RATE_LIMITED', 'cloud.example asks to wait.', this.wait)
    if (this.down) throw new BridgeError('CLOUD_UNREACHABLE', 'cloud.example is down.')
  }
}

function account(t: Test, provider: MailedCode, dataDir = t.testdir(), clock = new FakeClock()) {
  const { store, log } = open(t, dataDir, { clock })
  const settings = { id: 'home', provider: 'mailed', username: 'me', password: 'myPassword' }
  const record = new AccountRecord({
    store: store.sessions,
    account: settings,
    base: new URL('https://cloud.example'),
    secrets: log.secrets,
  })
  const account = new Account({
    ...settings,
    connect: async () => provider,
    signIn: new SignIn({ account: 'home', record, clock }),
    pace: new Pace({ syncInterval: HOUR, clock, random: () => 0.5 }),
    totp: new TotpMemory({
      store: store.values,
      account: 'home',
      identity: 'me',
      configured: null,
      secrets: log.secrets,
    }),
    keys: store.keys,
    clock,
    logger: log.logger,
    events: new EventBus(() => {}),
  })
  const close = async () => {
    await account.stop()
    store.close()
  }
  t.teardown(close)
  return { account, clock, log, close }
}

t.test('a code is waited for, told once, never asked for again unasked, and ends in a session', async (t) => {
  const provider = new MailedCode()
  const { account: home, clock, log } = account(t, provider)
  home.start()
  await until(() => home.view.state === 'code_needed')
  t.match(home.view.error, { code: 'CLOUD_CODE_NEEDED', message: /A code was sent by e-mail.*thermo2mqtt login/ })
  await clock.advance(48 * HOUR)
  await home.sync()
  await home.refresh()
  t.same(provider.calls, ['start'], 'one mail')
  t.equal(log.problems().length, 1)
  t.notMatch(JSON.stringify([home.view, log.lines]), /secret/)
  t.match(await home.submitCode(' 123456 '), { state: 'ready', error: null })
  t.same(provider.calls.slice(1), ['resume /otp/1/secret 123456', 'devices first-token'])
  await t.rejects(home.submitCode('123456'), { code: 'BAD_REQUEST' })
})

t.test('a wrong code leaves the next try; after too many a new code is sent', async (t) => {
  const provider = new MailedCode()
  const { account: home } = account(t, provider)
  await home.sync()
  await t.rejects(home.submitCode('000000'), { code: 'CLOUD_AUTH', message: /not the one/ })
  t.match(home.view, { state: 'code_needed' })
  await t.rejects(home.submitCode('000001'), { code: 'CLOUD_AUTH' })
  await t.rejects(home.submitCode('000002'), { code: 'CLOUD_AUTH' })
  t.match(home.view, { state: 'code_needed' })
  t.match(await home.submitCode('123456'), { state: 'ready' })
  t.same(
    provider.calls.map((call) => call.split(' ').slice(0, 2).join(' ')),
    ['start', ...Array(3).fill('resume /otp/1/secret'), 'start', 'resume /otp/2/secret', 'devices first-token'],
  )
})

t.test('a code is taken as people copy it', async (t) => {
  for (const given of ['123 456', '123-456', ' 12 34 56\n', '123\u00a0456', '123\u2011456', '123 \u2013 456']) {
    const provider = new MailedCode()
    const { account: home, close } = account(t, provider, mkdtempSync(join(t.testdir(), 'data-')))
    await home.sync()
    t.match(await home.submitCode(given), { state: 'ready' }, JSON.stringify(given))
    await close()
  }
  const provider = new MailedCode()
  const { account: home } = account(t, provider)
  await home.sync()
  provider.code = 'ABCD-1234'
  t.match(await home.submitCode(' ABCD-1234 '), { state: 'ready' }, 'dashes of a recovery code are its own')
  for (const bad of ['', '   ', '-'.repeat(65), '1'.repeat(65)]) {
    await t.rejects(home.submitCode(bad), { code: 'BAD_REQUEST', message: /1 to 64 characters/ })
  }
})

t.test('waiting for a code survives a restart', async (t) => {
  const provider = new MailedCode()
  const dataDir = t.testdir()
  const first = account(t, provider, dataDir)
  await first.account.sync()
  await first.close()
  const { account: home, log } = account(t, provider, dataDir)
  t.match(home.view, { state: 'code_needed' })
  home.start()
  await until(() => home.view.error !== null)
  log.logger.info('/otp/1/secret')
  t.notMatch(log.text(), /otp/)
  t.match(await home.submitCode('123456'), { state: 'ready' })
  t.same(provider.calls, ['start', 'resume /otp/1/secret 123456', 'devices first-token'])
})

t.test('signing in by hand has a new code sent', async (t) => {
  const provider = new MailedCode()
  const { account: home } = account(t, provider)
  t.match(await home.login(), { state: 'code_needed' })
  t.match(await home.login(), { state: 'code_needed' })
  await home.submitCode('123456')
  t.same(provider.calls, ['start', 'start', 'resume /otp/2/secret 123456', 'devices first-token'])
  t.match(await home.login(), { state: 'ready' })
  t.equal(provider.calls.length, 5, 'who is signed in needs no code')
})

t.test('a sign-in by another process is taken over', async (t) => {
  const provider = new MailedCode()
  const dataDir = t.testdir()
  const { account: service, clock } = account(t, provider, dataDir)
  service.start()
  await until(() => service.view.state === 'code_needed')
  const { account: command } = account(t, provider, dataDir)
  await command.login()
  t.match(await command.submitCode('123456'), { state: 'ready' })
  await clock.advance(60_000)
  await until(() => service.view.state === 'ready')
  t.same(provider.calls, [
    'start',
    'start',
    'resume /otp/2/secret 123456',
    'devices first-token',
    'devices first-token',
  ])
  provider.good.clear()
  provider.canRefresh = true
  await command.sync()
  await service.sync()
  t.same(provider.calls.slice(-5), [
    'devices first-token',
    'refresh first-refresh',
    'devices renewed-token',
    'devices first-token',
    'devices renewed-token',
  ])
  provider.good.clear()
  provider.canRefresh = false
  await command.sync()
  t.match(await service.sync(), { state: 'code_needed' })
  await command.login()
  await service.submitCode('123456')
  t.equal(
    provider.calls.findLast((call) => call.startsWith('resume')),
    'resume /otp/5/secret 123456',
    'the newest login',
  )
})

t.test('the cloud down while a code is given: said, and the code can be given again', async (t) => {
  const provider = new MailedCode()
  const { account: home } = account(t, provider)
  await home.sync()
  provider.down = true
  await t.rejects(home.submitCode('123456'), { code: 'CLOUD_UNREACHABLE' })
  t.match(home.view, { state: 'code_needed' })
  provider.down = false
  t.match(await home.submitCode('123456'), { state: 'ready' })
})

t.test('who is asked to wait while a code is given waits, and then the code is still good', async (t) => {
  const provider = new MailedCode()
  const { account: home, clock } = account(t, provider)
  await home.sync()
  provider.wait = 60_000
  await t.rejects(home.submitCode('123456'), { code: 'CLOUD_RATE_LIMITED' })
  provider.wait = undefined
  await t.rejects(home.submitCode('123456'), { code: 'CLOUD_RATE_LIMITED', message: /another 60 s/ })
  t.equal(provider.calls.length, 2)
  await clock.advance(60_000)
  t.match(await home.submitCode('123456'), { state: 'ready' })
})

t.test('a session is renewed before its end and after a 401, by the password only if that fails', async (t) => {
  const provider = new MailedCode()
  const { account: home, clock } = account(t, provider)
  provider.expiresAt = clock.now() + 2 * HOUR
  await home.sync()
  await home.submitCode('123456')
  provider.canRefresh = true
  await clock.advance(HOUR)
  await until(() => provider.calls.length === 4)
  t.equal(provider.calls.at(-1), 'devices first-token')
  provider.expiresAt = clock.now() + 9 * HOUR
  await clock.advance(HOUR)
  await until(() => provider.calls.length === 6)
  t.same(provider.calls.slice(-2), ['refresh first-refresh', 'devices renewed-token'])
  provider.good.clear()
  await home.sync()
  t.same(provider.calls.slice(-3), ['devices renewed-token', 'refresh renewed-refresh', 'devices renewed-token'])
  provider.good.clear()
  provider.canRefresh = false
  await home.sync()
  t.same(provider.calls.slice(-3), ['devices renewed-token', 'refresh renewed-refresh', 'start'])
  t.match(home.view, { state: 'code_needed' })
})

t.test('log-out revokes; it is done even if the cloud is away', async (t) => {
  const provider = new MailedCode()
  const { account: home } = account(t, provider)
  await home.sync()
  await home.submitCode('123456')
  provider.down = true
  t.match(await home.logout(), {
    state: 'signed_out',
    error: { code: 'CLOUD_UNREACHABLE', message: /could not be asked to end the session/ },
  })
  t.equal(provider.calls.at(-1), 'logout first-token')
  provider.down = false
  t.match(await home.login(), { state: 'code_needed' }, 'the session is gone')
  await home.submitCode('123456')
  t.match(await home.logout(), { state: 'signed_out', error: null })
})

t.test('log-out while the service wants to be left alone: forgotten, and nothing is sent', async (t) => {
  const provider = new MailedCode()
  const dataDir = t.testdir()
  const { account: home, clock, close } = account(t, provider, dataDir)
  await home.sync()
  await home.submitCode('123456')
  provider.wait = 60_000
  await home.sync()
  const { length } = provider.calls
  t.match(await home.logout(), { state: 'signed_out', error: { code: 'CLOUD_RATE_LIMITED' } })
  provider.wait = undefined
  await clock.advance(24 * HOUR)
  t.match(await home.sync(), { state: 'signed_out' })
  await close()
  const { account: again } = account(t, provider, dataDir)
  t.match(await again.sync(), { state: 'signed_out' })
  t.equal(provider.calls.length, length)
})

t.test('a sign-out by another process is honoured, and so is its sign-in', async (t) => {
  const provider = new MailedCode()
  const dataDir = t.testdir()
  const clock = new FakeClock()
  const { account: service } = account(t, provider, dataDir, clock)
  await service.sync()
  await service.submitCode('123456')
  const { account: command } = account(t, provider, dataDir, clock)
  t.match(await command.logout(), { state: 'signed_out', error: null })
  const { length } = provider.calls
  await clock.advance(2 * HOUR)
  await until(() => service.view.state === 'signed_out')
  await service.refresh()
  t.match(await service.sync(), { state: 'signed_out', error: null })
  await t.rejects(service.totp('setup', {}), { message: /signed out/ })
  t.equal(provider.calls.length, length, 'nothing was sent')

  t.match(await command.login(), { state: 'code_needed' })
  await clock.advance(60_000)
  await until(() => service.view.state === 'code_needed')
  t.match(await command.submitCode('123456'), { state: 'ready' })
  await clock.advance(60_000)
  await until(() => service.view.state === 'ready')

  t.match(await command.logout(), { state: 'signed_out' })
  t.match(await service.login(), { state: 'code_needed' }, 'who asks for it is signed in')
  t.match(await service.submitCode('123456'), { state: 'ready' })
})
