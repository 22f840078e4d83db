import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { HOUR, until } from '../support.ts'
import { account, MailedCode } from './second-factor-rig.ts'

t.test('a code is waited for, told once, never asked for again unasked, and ends in a session', async (t) => {
  const provider = new MailedCode()
  const { account: home, clock, log } = account(t, provider)
  home.start()
  await until(() => home.view.state === 'code_needed')
  t.match(home.view.error, { code: 'CLOUD_CODE_NEEDED', message: /A code was sent by e-mail.*thermo2mqtt login/ })
  await clock.advance(48 * HOUR)
  await home.sync()
  await home.refresh('ANY1')
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
