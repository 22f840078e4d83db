/** The bridge takes settings that are made over REST, without anybody restarting it, and goes back when it can't. */
import { createServer } from 'node:net'
import { connectAsync } from 'mqtt'
import t from 'tap'
import { COMMANDS } from '../../../src/commands/index.ts'
import { SystemClock } from '../../../src/core/clock.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { brokerProblem } from '../../../src/mqtt/client/failures.ts'
import { openSettings } from '../../../src/store/settings.ts'
import { eventually } from '../../support/e2e.ts'
import { listening } from '../../support/listening.ts'
import { call, openHouse, temporaryFolder } from '../support.ts'
import { type Alive, bridge } from './alive.ts'

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
    /^BAD_REQUEST: mqtt\.password would be sent to a different address.* Enter it again/,
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

t.test('accounts and devices come and go', async (t) => {
  const { house, description } = await openHouse(t, { thermostats: [{ model: 'ax' }] })
  const alive = await bridge(t)
  const [cloud] = description.clouds
  const [unit] = house.thermostats
  if (!cloud || !unit) throw new Error('an empty house')
  const { provider, url, email: username, password } = cloud
  const wanted = { provider, url, username }
  const mistyped = { ...wanted, password: 'hunter2-wrong' }
  t.match(await alive.refused('POST', '/cloud/accounts', mistyped), /^CLOUD_AUTH/, 'the cloud refuses')
  t.equal(await alive.anew('POST', '/cloud/accounts', { ...wanted, password }), 201)
  const account = async () => ((await alive.ask('GET', '/cloud/accounts')).body.accounts as Setting[])[0]
  t.equal((await alive.ask('PATCH', `/cloud/accounts/${provider}`, { url: 'http://127.0.0.1:1' })).status, 400)
  t.match(await alive.refused('PATCH', `/cloud/accounts/${provider}`, { password: 'hunter2-wrong' }), /^CLOUD_AUTH/)
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

t.test('what was set and is in the way now is told, and can be taken away', async (t) => {
  const dataDir = temporaryFolder(t)
  const before = await bridge(t, dataDir)
  const { description } = await openHouse(t, { thermostats: [] })
  const [{ provider, url, email: username, password } = {}] = description.clouds
  t.equal(await before.anew('POST', '/cloud/accounts', { provider, url, username, password }), 201)
  await before.stop()
  const env = { T2M_CLOUD_PROVIDER: 'terneo', T2M_CLOUD_USERNAME: 'x', T2M_CLOUD_PASSWORD: 'hunter2-env' }
  const alive = await bridge(t, dataDir, { ...env, T2M_CLOUD_URL: String(url) })
  t.match((await alive.ask('GET', '/settings')).body, {
    accounts: [{ id: 'terneo', fixed: true }],
    left_out: [{ key: 'cloud.accounts[terneo]', message: /"terneo" is the id of cloud\.accounts\[0\] too, from page/ }],
  })
  t.match(await alive.refused('PATCH', '/cloud/accounts/terneo', { username: 'y' }), /^READ_ONLY/)
  t.equal(await alive.anew('DELETE', '/cloud/accounts/terneo'), 200)
  t.match((await alive.ask('GET', '/settings')).body, { accounts: [{ fixed: true }], left_out: [] })
})

t.test('settings with which it can’t start are taken back', async (t) => {
  const port = await listening(t, createServer())
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

t.test('a restart that is asked for happens here, and no broken file ends a bridge that runs', async (t) => {
  const alive = await bridge(t)
  const client = await connectAsync(`mqtt://127.0.0.1:${alive.broker.port}`)
  Object.assign(alive.env, { T2M_DEVICE_POLL_INTERVAL: 'soon' })
  await client.publishAsync('thermo2mqtt/bridge/request/restart', '{}', { qos: 1 })
  await client.endAsync(true)
  await eventually('it has started anew', () => alive.starts() > 1)
  const { body } = await alive.ask('GET', '/settings')
  t.match(body, { applying: false, failed: { message: /"soon" is not a duration/ } })
  t.match(await alive.refused('PATCH', '/settings', { 'log.level': 'info' }), /^READ_ONLY/)
  t.match(await alive.refused('PATCH', '/settings', { locale: 'uk' }), /^BAD_REQUEST: device\.poll_interval: "soon"/)
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

t.test('why a broker can’t be had, for programs', async (t) => {
  const of = (code: string | number, message = 'no') => brokerProblem(Object.assign(new Error(message), { code }))
  const codes = [
    5,
    135,
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ECONNRESET',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    1,
  ]
  t.strictSame(
    codes.map((code) => of(code)),
    ['auth', 'auth', 'tls', 'tls', 'closed', 'not_found', 'timeout', 'other'],
  )
  t.equal(brokerProblem(new Error('connack timeout')), 'timeout')
  t.equal(brokerProblem(undefined), 'closed')
})
