import t, { type Test } from 'tap'
import type { AccountView } from '../../../src/cloud/events.ts'
import { login, type SignInTarget, signIn } from '../../../src/commands/accounts/login.ts'
import { UsageError } from '../../../src/commands/command.ts'
import { SystemClock } from '../../../src/core/clock.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { open } from '../../store/support.ts'
import { EMAIL, KEY, PASSWORD, SERIAL, startCloud } from '../../support/simulator.ts'
import { call, FakeTerminal, run, temporaryFolder } from '../support.ts'

const account = (t: Test, url: string) => ({
  T2M_CLOUD_PROVIDER: 'welrok',
  T2M_CLOUD_URL: url,
  T2M_DATA_DIR: temporaryFolder(t),
})

t.test('signs in, and shows what came without the keys', async (t) => {
  const { url } = await startCloud(t, { clock: new SystemClock() })
  const env = { ...account(t, url), T2M_CLOUD_USERNAME: EMAIL, T2M_CLOUD_PASSWORD: PASSWORD }
  const given = call({ env })
  t.equal(await login(given), 0)
  const { text, asked } = given.terminal
  t.strictSame(asked, [])
  t.match(text, /^Signed in: account welrok \(welrok\)/)
  t.match(text, /1 device, 1 key stored\./)
  t.match(text, new RegExp(`^${SERIAL}  az +-     \\*{8}$`, 'm'))
  t.notMatch(text, KEY)
  t.notMatch(text, /What you typed/)
  const { store } = open(t, env.T2M_DATA_DIR)
  t.match(store.keys.of(SERIAL), [{ key: KEY, source: 'welrok' }])
})

t.test('asks for what the configuration lacks, and keeps none of it', async (t) => {
  const cloud = await startCloud(t, { clock: new SystemClock() })
  const given = call({ env: account(t, cloud.url), answers: [EMAIL, PASSWORD] })
  t.equal(await login(given), 0)
  t.strictSame(given.terminal.asked, [
    { question: 'E-mail or user name: ', hidden: false },
    { question: 'Password: ', hidden: true },
  ])
  t.match(given.terminal.text, /What you typed is not saved/)
})

t.test('the same through a pipe, in a process of its own', async (t) => {
  const { url } = await startCloud(t, { clock: new SystemClock() })
  const { code, stdout, stderr } = await run(t, ['login'], { env: account(t, url), input: `${EMAIL}\n${PASSWORD}\n` })
  t.equal(code, 0, stderr)
  t.match(stdout, /^Signed in/)
  t.notMatch(stdout + stderr, new RegExp(`${PASSWORD}|${KEY}`))
})

t.test('nobody answers', async (t) => {
  const given = call({ env: account(t, 'http://127.0.0.1:9'), answers: [EMAIL] })
  await t.rejects(login(given), { name: 'SettingsError', message: /^cloud\.accounts\[0\]\.password: missing/ })
})

t.test('a wrong password, and a cloud that is not there', async (t) => {
  const { url } = await startCloud(t, { clock: new SystemClock() })
  const wrong = call({ env: { ...account(t, url), T2M_CLOUD_USERNAME: EMAIL, T2M_CLOUD_PASSWORD: 'hunter2' } })
  await t.rejects(login(wrong), {
    name: 'BridgeError',
    code: 'CLOUD_AUTH',
    message: /refuses the user name or password/,
  })
  const down = call({
    env: { ...account(t, 'http://127.0.0.1:9'), T2M_CLOUD_USERNAME: EMAIL, T2M_CLOUD_PASSWORD: 'hunter2' },
  })
  await t.rejects(login(down), { code: 'CLOUD_UNREACHABLE' })
})

t.test('a provider whose list nobody knows, and one that is not built in', async (t) => {
  const { url } = await startCloud(t, { clock: new SystemClock() })
  const cwd = t.testdir({
    'two.yaml': `cloud: {accounts: [{id: a, provider: terneo, username: ${EMAIL}, password: ${PASSWORD}, url: '${url}'},
      {id: b, provider: welrok, username: ${EMAIL}, password: ${PASSWORD}, url: '${url}'}]}`,
  })
  const env = { T2M_CONFIG: `${cwd}/two.yaml`, T2M_DATA_DIR: temporaryFolder(t) }
  await t.rejects(login(call({ env })), {
    name: 'UsageError',
    message: 'there are several accounts; choose one with --account=<id>. The settings have: a, b',
  })
  await t.rejects(login(call({ env, options: { account: 'c' } })), UsageError)
  const given = call({ env, options: { account: 'b' } })
  t.equal(await login(given), 0)
  t.match(given.terminal.text, /Signed in: account b/)
})

/** Clouds that want a code, and take `right`. */
class Coded implements SignInTarget {
  readonly given: string[] = []
  logins = 0
  /** Whether the bridge had begun to sign in before. */
  waits = false
  readonly #right: string

  constructor(right: string) {
    this.#right = right
  }

  view(state: AccountView['state'], message?: string): AccountView {
    const error = message === undefined ? null : ({ code: 'CLOUD_CODE_NEEDED', message } as const)
    const code = { takes_code: true, code_from: 'email', lists_devices: true } as const
    return { id: 'home', provider: 'bearer', state, ...code, devices: 0, last_sync: null, error }
  }

  list(): readonly AccountView[] {
    return this.waits ? [this.view('code_needed')] : []
  }

  async login(): Promise<AccountView> {
    this.logins++
    return this.view('code_needed', 'A code is needed. It was sent by e-mail. Give it with: thermo2mqtt login')
  }

  async submitCode(_id: string, code: string): Promise<AccountView> {
    this.given.push(code)
    if (code === this.#right) return this.view('ready')
    throw new BridgeError('CLOUD_AUTH', 'That code is not the one that was sent.')
  }
}

t.test('the second factor', async (t) => {
  const right = new FakeTerminal(['111111', ' 222222 '])
  const clouds = new Coded('222222')
  await signIn(clouds, 'home', right)
  t.strictSame(clouds.given, ['111111', '222222'])
  t.strictSame(right.asked[0], { question: 'A code is needed. It was sent by e-mail.\nCode: ', hidden: true })
  t.strictSame(right.errs, ['That code is not the one that was sent.'])

  const wrong = new Coded('222222')
  await t.rejects(signIn(wrong, 'home', new FakeTerminal(['1', '2', '3', '222222'])), {
    code: 'CLOUD_AUTH',
    message: /^None of 3 codes was accepted/,
  })
  t.equal(wrong.given.length, 3)

  await t.rejects(signIn(new Coded('1'), 'home', new FakeTerminal([])), { code: 'CLOUD_CODE_NEEDED' })
  const down: SignInTarget = {
    list: () => [],
    login: async () => new Coded('1').view('code_needed'),
    submitCode: async () => {
      throw new BridgeError('CLOUD_UNREACHABLE', 'It is gone.')
    },
  }
  await t.rejects(signIn(down, 'home', new FakeTerminal(['1'])), { code: 'CLOUD_UNREACHABLE' })
  const odd: SignInTarget = { ...down, login: async () => new Coded('1').view('signed_out') }
  await t.rejects(signIn(odd, 'home', new FakeTerminal()), { message: 'The account is signed_out.' })
})

t.test('a code that is waited for already', async (t) => {
  const clouds = new Coded('222222')
  clouds.waits = true
  const held = new FakeTerminal(['222222'])
  await signIn(clouds, 'home', held)
  t.equal(clouds.logins, 0, 'another login would make it void')
  t.match(held.asked, [{ question: /^An earlier sign-in is still waiting/, hidden: true }])

  const lost = new FakeTerminal(['', '222222'])
  await signIn(clouds, 'home', lost)
  t.equal(clouds.logins, 1)
  t.match(lost.asked, [{ question: /earlier/ }, { question: /sent by e-mail/ }])
  await t.rejects(signIn(clouds, 'home', new FakeTerminal([undefined])), { code: 'CLOUD_CODE_NEEDED' })
})
