/** The bridge takes settings that are made over REST, without anybody restarting it, and goes back when it can't. */
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { loadWith } from '../../src/app/kept-settings.ts'
import type { AppAddresses } from '../../src/app.ts'
import { COMMANDS } from '../../src/commands/index.ts'
import { live } from '../../src/commands/life.ts'
import type { loadSettings } from '../../src/config/index.ts'
import { SystemClock } from '../../src/core/clock.ts'
import { createLogger } from '../../src/core/logger.ts'
import { SecretValues } from '../../src/core/secrets.ts'
import { openSettings } from '../../src/store/settings.ts'
import { QUICK_PASSWORDS, type SignedIn, signIn } from '../support/api.ts'
import { eventually, FastClock } from '../support/e2e.ts'
import { call, openHouse, QUICK, temporaryFolder } from './support.ts'

const PASSWORD = 'hunter2-admin'

interface Alive {
  readonly url: string
  readonly broker: { readonly host: string; readonly port: number }
  readonly flags: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  /** How often it has started. */
  starts(): number
  ask(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown>; text: string }>
  /** The answer, once the bridge has started anew. */
  anew(method: string, path: string, body?: unknown): Promise<number>
  /** As `ask`, but only what went wrong. */
  refused(method: string, path: string, body?: unknown): Promise<string>
  stop(): Promise<void>
}

async function bridge(t: Test, dataDir = temporaryFolder(t), more: Record<string, string> = {}): Promise<Alive> {
  const clock = new FastClock(10)
  const env = { ...QUICK, T2M_API_ADMIN_PASSWORD: PASSWORD, T2M_DISCOVERY_ENABLED: 'false', ...more }
  const flags = { data_dir: dataDir, 'api.port': '0', 'log.level': 'silent' }
  let end = (_reason: string) => {}
  const ended = new Promise<string>((resolve) => {
    end = resolve
  })
  let starts = 0
  let begun = (_addresses: AppAddresses) => {}
  const started = new Promise<AppAddresses>((resolve) => {
    begun = resolve
  })
  // Any free port, as a test must, and yet for the page to set.
  const free = async (loading: ReturnType<typeof loadSettings>) => {
    const loaded = await loading
    const { mqtt } = loaded.settings
    const port = mqtt.embedded.port === 1883 ? 0 : mqtt.embedded.port
    return { ...loaded, settings: { ...loaded.settings, mqtt: { ...mqtt, embedded: { ...mqtt.embedded, port } } } }
  }
  const lives = live({
    clock,
    terminal: call({}).terminal,
    devicePort: 80,
    ended,
    load: (kept) => free(loadWith(clock, { flags, env }, kept)),
    onStarted: (addresses) => {
      starts++
      begun(addresses)
    },
    app: { passwordCost: QUICK_PASSWORDS },
  })
  const { api, broker } = await Promise.race([started, lives.then(() => Promise.reject(new Error('ended')))])
  const stop = async () => {
    end('the test ends')
    await lives
  }
  t.teardown(stop)
  const signedIn: SignedIn = await signIn(api.url, PASSWORD)
  const ask: Alive['ask'] = async (method, path, body) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await fetch(`${api.url}/api/v1${path}`, {
      method,
      headers: { ...signedIn, ...json, connection: 'close' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, text, body: JSON.parse(text) }
  }
  return {
    url: api.url,
    broker: broker ?? { host: '', port: 0 },
    flags,
    env,
    starts: () => starts,
    ask,
    async anew(method, path, body) {
      const before = starts
      const { status } = await ask(method, path, body)
      await eventually('the bridge has started anew', () => starts > before)
      return status
    },
    async refused(method, path, body) {
      const { status, text } = await ask(method, path, body)
      const { error } = JSON.parse(text)
      return error ? `${error.code}: ${error.message}` : `${status}`
    },
    stop,
  }
}

type Setting = Record<string, unknown>

async function settingOf({ ask }: Alive, key: string): Promise<Setting | undefined> {
  const { body } = await ask('GET', '/settings')
  return (body.settings as Setting[]).find((setting) => setting.key === key)
}

t.test('settings are changed, kept and taken back', async (t) => {
  const alive = await bridge(t)
  const status = await alive.anew('PATCH', '/settings', {
    'device.poll_interval': '20s',
    'homeassistant.enabled': false,
  })
  t.equal(status, 200)
  t.match(await settingOf(alive, 'device.poll_interval'), { value: '20s', source: 'page', fixed: false })
  t.match((await alive.ask('GET', '/settings')).body, { applying: false, failed: null })
  t.equal((await alive.ask('PATCH', '/settings', { 'device.poll_interval': '20s' })).body.applying, false, 'no news')

  const secret = { 'mqtt.url': ['mqtt://127.0.0.1:1'], 'mqtt.username': 'me', 'mqtt.password': 'hunter2-mqtt' }
  await alive.anew('PATCH', '/settings', secret)
  t.match(await settingOf(alive, 'mqtt.password'), { value: null, set: true, source: 'page' })

  const config = call({ flags: alive.flags, env: alive.env })
  await (await COMMANDS.config())(config)
  t.match(config.terminal.text, /^device\.poll_interval = 20s {2}\(page\)$/m)
  t.match(config.terminal.text, /^mqtt\.password = \*{8} {2}\(page\)$/m)
  t.match(config.terminal.text, /^data_dir = .* {2}\(flag --data_dir\)$/m)

  t.match(
    await alive.refused('PATCH', '/settings', { 'mqtt.url': 'mqtt://127.0.0.1:2' }),
    /^BAD_REQUEST: mqtt\.password would be sent to another address.* Give it again/,
  )
  t.match(await alive.ask('POST', '/settings/mqtt/test', {}), {
    body: { ok: false, brokers: [{ problem: 'refused' }] },
  })
  await alive.anew('PATCH', '/settings', { 'mqtt.url': null, 'mqtt.username': '', 'mqtt.password': null })
  t.match(await settingOf(alive, 'mqtt.url'), { set: false, source: 'default' })
  t.equal(alive.starts(), 4)

  const { text } = await alive.ask('GET', '/audit?limit=50')
  t.match(text, /"action":"changeSettings","target":"mqtt\.url mqtt\.username mqtt\.password"/)
  t.notMatch(text + config.terminal.text, /hunter2/)
})

t.test('what is not allowed changes nothing', async (t) => {
  const alive = await bridge(t, undefined, {
    T2M_MQTT_USERNAME: 'fixed',
    T2M_CLOUD_PROVIDER: 'terneo',
    T2M_CLOUD_USERNAME: 'x',
    T2M_CLOUD_PASSWORD: 'hunter2-cloud',
    T2M_CLOUD_URL: 'http://127.0.0.1:1',
  })
  const account = { provider: 'welrok', username: 'me', password: 'hunter2-new', url: 'http://127.0.0.1:1' }
  const cases: Readonly<Record<string, readonly [method: string, path: string, body: unknown, said: RegExp]>> = {
    'no such setting': ['PATCH', '/settings', { 'mqtt.ulr': 'x' }, /^UNKNOWN_KEY: There is no setting "mqtt\.ulr"/],
    'a name of objects': ['PATCH', '/settings', JSON.parse('{"__proto__": "x"}'), /^(UNKNOWN_KEY|BAD_REQUEST)/],
    'not for the page': [
      'PATCH',
      '/settings',
      { 'log.format': 'json' },
      /^READ_ONLY: log\.format can’t be set here.*T2M_LOG_FORMAT/,
    ],
    'fixed by the environment': [
      'PATCH',
      '/settings',
      { 'mqtt.username': 'x' },
      /^READ_ONLY: mqtt\.username is fixed by environment variable T2M_MQTT_USERNAME\. Change it there/,
    ],
    'fixed by a flag': ['PATCH', '/settings', { data_dir: 'x' }, /^READ_ONLY: data_dir is fixed by flag --data_dir/],
    'a list': ['PATCH', '/settings', { devices: [] }, /^READ_ONLY: devices is a list/],
    'a value out of range': [
      'PATCH',
      '/settings',
      { 'homeassistant.enabled': false, 'device.timeout': '1ms' },
      /^READ_ONLY: device\.timeout is fixed/,
    ],
    'a bad value, and all with it': [
      'PATCH',
      '/settings',
      { 'homeassistant.enabled': false, 'cloud.sync_interval': '1s' },
      /^BAD_REQUEST: cloud\.sync_interval: "1s" is too short, from page; allowed: a duration/,
    ],
    'a value of no kind': [
      'PATCH',
      '/settings',
      { 'mqtt.url': { a: 1 } },
      /^BAD_REQUEST: The request is not as it must be/,
    ],
    nothing: ['PATCH', '/settings', {}, /^BAD_REQUEST/],
    'half a pair': [
      'PATCH',
      '/settings',
      { 'mqtt.embedded.username': 'home' },
      /^BAD_REQUEST: mqtt\.embedded\.username: given without mqtt\.embedded\.password/,
    ],
    'an address with a password in it': [
      'PATCH',
      '/settings',
      { 'mqtt.url': 'mqtt://me:hunter2@b' },
      /must not hold a user name or password/,
    ],
    'a file that is none': [
      'PATCH',
      '/settings',
      { 'mqtt.url': 'mqtts://b', 'mqtt.ca': '/no/such' },
      /^BAD_REQUEST: mqtt\.ca cannot be read/,
    ],
    'an account that there is': [
      'POST',
      '/cloud/accounts',
      { ...account, id: 'terneo' },
      /^BAD_REQUEST: There is terneo already, from environment variable T2M_CLOUD_PROVIDER/,
    ],
    'an account with a bad id': ['POST', '/cloud/accounts', { ...account, id: '<b>' }, /^UNKNOWN_KEY: .* an id has/],
    'an account of nobody': [
      'POST',
      '/cloud/accounts',
      { ...account, provider: 'acme' },
      /provider: "acme" is not one of the choices/,
    ],
    'an account without a password': [
      'POST',
      '/cloud/accounts',
      { ...account, password: '' },
      /password: the value is empty/,
    ],
    'an account in clear': [
      'POST',
      '/cloud/accounts',
      { ...account, url: 'http://192.0.2.1' },
      /would send the password unencrypted/,
    ],
    'an account without its server': [
      'POST',
      '/cloud/accounts',
      { ...account, provider: 'bearer', url: null },
      /url: missing for provider bearer/,
    ],
    'an account with more': ['POST', '/cloud/accounts', { ...account, admin: true }, /^BAD_REQUEST: The request/],
    'the account of the environment': [
      'PATCH',
      '/cloud/accounts/terneo',
      { username: 'y' },
      /^READ_ONLY: cloud\.accounts\[terneo\] is fixed by environment/,
    ],
    'the same, away': ['DELETE', '/cloud/accounts/terneo', undefined, /^READ_ONLY/],
    'no account': ['DELETE', '/cloud/accounts/other', undefined, /^BAD_REQUEST: The settings have no such item/],
    'a device with a bad serial': ['POST', '/settings/devices', { serial: '../../x1' }, /^UNKNOWN_KEY/],
    'a serial without a digit': ['POST', '/settings/devices', { serial: 'abcdef' }, /is not a serial number/],
    'a device with a bad key': [
      'POST',
      '/settings/devices',
      { serial: 'ABC12345', totp_key: 'hunter2' },
      /totp_key: the value is not 16/,
    ],
    'a device with a bad host': [
      'POST',
      '/settings/devices',
      { serial: 'ABC12345', host: '300.1.1.1' },
      /"300\.1\.1\.1" is not a host/,
    ],
    'a broker that is none': [
      'POST',
      '/settings/mqtt/test',
      { url: 'http://me:hunter2@b' },
      /^BAD_REQUEST: mqtt\.url: the value/,
    ],
  }
  const before = (await alive.ask('GET', '/settings')).text
  const wrong: string[] = []
  for (const [what, [method, path, body, said]] of Object.entries(cases)) {
    const answer = await alive.refused(method, path, body)
    if (!said.test(answer) || /hunter2/.test(answer)) wrong.push(`${what}: ${answer}`)
  }
  t.strictSame(wrong, [])
  t.equal((await alive.ask('GET', '/settings')).text, before)
  t.equal(alive.starts(), 1)
})

t.test('accounts and devices come and go', async (t) => {
  const { house, description } = await openHouse(t, { thermostats: [{ model: 'ax' }] })
  const alive = await bridge(t)
  const [cloud] = description.clouds
  const [unit] = house.thermostats
  if (!cloud || !unit) throw new Error('an empty house')
  const { provider, url, email: username, password } = cloud
  t.equal(await alive.anew('POST', '/cloud/accounts', { provider, url, username, password: 'hunter2-wrong' }), 201)
  const account = async () => ((await alive.ask('GET', '/cloud/accounts')).body.accounts as Setting[])[0]
  await eventually('the cloud refuses', async () => (await account())?.state === 'auth_failed')
  t.equal((await alive.ask('PATCH', `/cloud/accounts/${provider}`, { url: 'http://127.0.0.1:1' })).status, 400)
  await alive.anew('PATCH', `/cloud/accounts/${provider}`, { password })
  await eventually('the account is ready', async () => (await account())?.state === 'ready')
  const { serial, host, port } = unit
  t.equal(await alive.anew('POST', '/settings/devices', { serial, host, port, name: '<img src=x>' }), 201)
  await eventually('it is online', async () => (await alive.ask('GET', `/devices/${serial}`)).body.online === true)
  t.match((await alive.ask('PATCH', `/devices/${serial}/state`, { mode: 'heat', target_temperature: 21 })).status, 200)
  t.match((await alive.ask('GET', '/settings')).body, {
    accounts: [{ id: provider, source: 'page', fixed: false }],
    devices: [{ id: serial, source: 'page', fixed: false }],
  })
  t.equal(await alive.anew('PATCH', `/settings/devices/${serial}`, { name: null, power: 1500 }), 200)
  t.equal(await alive.anew('DELETE', `/cloud/accounts/${provider}`), 200)
  t.equal(await account(), undefined)
  await alive.anew('DELETE', `/settings/devices/${serial}`)
  t.match((await alive.ask('GET', '/settings')).body, { accounts: [], devices: [] })
  t.notMatch((await alive.ask('GET', '/audit?limit=50')).text, new RegExp(`${password}|hunter2`))
})

t.test('settings with which it can’t start are taken back', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await new Promise((resolve) => taken.once('listening', resolve))
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const dataDir = temporaryFolder(t)
  const alive = await bridge(t, dataDir)
  t.equal(await alive.anew('PATCH', '/settings', { 'mqtt.embedded.port': port, 'homeassistant.enabled': false }), 200)
  const { body } = await alive.ask('GET', '/settings')
  t.match(body, { applying: false, failed: { message: new RegExp(`${port}`) } })
  t.match(await settingOf(alive, 'homeassistant.enabled'), { value: true, source: 'default' })
  await alive.anew('PATCH', '/settings', { 'homeassistant.enabled': false })
  t.equal((await alive.ask('GET', '/settings')).body.failed, null, 'forgotten with the next change')
  await alive.stop()

  const clock = new SystemClock()
  const secrets = new SecretValues()
  const logger = createLogger({ level: 'silent', secrets, write: () => undefined })
  const kept = () => {
    const opened = openSettings({ dataDir, clock, logger, secrets })
    if (!opened) throw new Error('no store')
    return opened
  }
  const late = kept()
  late.settings.change(new Map([['mqtt.embedded.port', { value: port, secret: false }]]))
  late.settings.change(new Map([['later.version', { value: 'x', secret: true }]]))
  late.close()
  const again = await bridge(t, dataDir)
  t.match((await again.ask('GET', '/settings')).body, { failed: {} }, 'also when another process made the change')
  await again.stop()
  const stays = kept()
  stays.settings.change(new Map([['later.version', { value: 'x', secret: true }]]))
  stays.settings.confirm()
  stays.close()
  const third = await bridge(t, dataDir)
  await third.anew('PATCH', '/settings', { 'device.poll_interval': '1m' })
  await third.stop()
  const left = kept()
  t.equal(left.settings.all().get('later.version'), 'x', 'what a later version has set is not lost')
  left.close()
})

t.test('a broker is tried before it is set', async (t) => {
  const alive = await bridge(t)
  const { broker } = alive
  const test = async (body: unknown) => (await alive.ask('POST', '/settings/mqtt/test', body)).body
  const silent = createServer((socket) => void socket.on('error', () => undefined).end()).listen(0, '127.0.0.1')
  t.teardown(() => silent.close())
  await new Promise((resolve) => silent.once('listening', resolve))
  const hangs = silent.address()
  const closes = typeof hangs === 'object' && hangs ? hangs.port : 0
  const url = `mqtt://127.0.0.1:${broker.port}`
  t.match(await test({ url }), { ok: true, brokers: [{ url, ok: true, problem: null }] })
  t.match(await test({ url: ['mqtt://127.0.0.1:1', url] }), {
    ok: true,
    brokers: [{ problem: 'refused' }, { ok: true }],
  })
  t.match(await test({ url: `mqtts://127.0.0.1:${broker.port}` }), { brokers: [{ problem: /tls|closed/ }] })
  t.match(await test({ url: `mqtt://127.0.0.1:${closes}` }), { brokers: [{ problem: 'closed' }] })
  t.match(await test({ url: 'mqtt://no-such-host.invalid' }), { ok: false, brokers: [{ problem: 'not_found' }] })
  await alive.anew('PATCH', '/settings', { 'mqtt.embedded.username': 'home', 'mqtt.embedded.password': 'hunter2-home' })
  t.match(await test({ url, username: 'home', password: 'hunter2-home' }), { ok: true })
  t.match(await test({ url, username: 'home', password: 'hunter2' }), { brokers: [{ problem: 'auth' }] })
  t.equal(alive.starts(), 2, 'nothing was set')
})
