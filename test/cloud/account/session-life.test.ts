import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { HOUR, until } from '../support.ts'
import { account, MailedCode } from './second-factor-rig.ts'

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
  await service.refresh('ANY1')
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
