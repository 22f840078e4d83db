/** The bridge as an app of Home Assistant, from an empty system to a thermostat on the dashboard. */
import { spawnSync } from 'node:child_process'
import { chownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import t, { type Test } from 'tap'
import { COMMANDS } from '../../../src/commands/index.ts'
import { Supervisor } from '../../../src/commands/supervisor/index.ts'
import { SettingsError } from '../../../src/config/errors.ts'
import type { Clock } from '../../../src/core/clock.ts'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { startBroker } from '../../mqtt/broker/rig.ts'
import { eventually } from '../../support/e2e.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { FakeSupervisor, SUPERVISOR_ADDRESS } from '../../support/supervisor.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { call, openHouse, QUICK, temporaryFolder } from '../support.ts'

const OLENA = { id: '0123456789abcdef0123456789abcdef', username: 'olena', name: 'Олена' }
const MOSQUITTO = { host: 'core-mosquitto', port: 1883, ssl: false, username: 'addons', password: 'of-the-app' }

interface App {
  readonly env: Record<string, string>
  readonly supervisor: Supervisor
  readonly warnings: string[]
}

function app(
  t: Test,
  fake: FakeSupervisor,
  clock: Clock,
  options: object = {},
  more: Record<string, string> = {},
): App {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'options.json'), JSON.stringify(options))
  const env = { SUPERVISOR_TOKEN: fake.token, T2M_DATA_DIR: folder, T2M_API_HOST: '0.0.0.0', ...more }
  const warnings: string[] = []
  const network = { api: `http://${fake.host}`, machine: '127.0.0.1', supervisor: SUPERVISOR_ADDRESS }
  const supervisor = Supervisor.of({ env, clock, network, warn: (line) => warnings.push(line) })
  if (!supervisor) throw new Error('no app')
  return { env, supervisor, warnings }
}

t.test('outside of Home Assistant there is no Supervisor', async (t) => {
  t.equal(Supervisor.of({ env: {}, clock: new FakeClock(), warn: () => undefined }), undefined)
})

t.test('addresses, options and the broker become settings', async (t) => {
  const fake = await FakeSupervisor.start(t)
  const plain = await app(t, fake, new FakeClock()).supervisor.environment()
  t.match(plain, { T2M_API_HOST: '127.0.0.1', T2M_API_INGRESS_PROXY: SUPERVISOR_ADDRESS, T2M_API_INGRESS_USERS: '' })
  t.notOk('T2M_API_INGRESS_ROLE' in plain, 'an app from before there were roles')
  t.equal(plain.T2M_MQTT_EMBEDDED_PORT, '18830', 'where it is not in the way of Mosquitto')
  t.notOk('T2M_MQTT_URL' in plain, 'nobody offers a broker')

  fake.mqtt = MOSQUITTO
  const options = { lan_access: true, users: ['olena', 'petro'], role: 'look', administrators: ['olena'] }
  t.match(await app(t, fake, new FakeClock(), options).supervisor.environment(), {
    T2M_API_HOST: '0.0.0.0',
    T2M_API_INGRESS_USERS: 'olena,petro',
    T2M_API_INGRESS_ROLE: 'look',
    T2M_API_INGRESS_ADMINISTRATORS: 'olena',
    T2M_MQTT_URL: 'mqtt://core-mosquitto:1883',
    T2M_MQTT_USERNAME: 'addons',
    T2M_MQTT_PASSWORD: 'of-the-app',
  })
  fake.mqtt = { ...MOSQUITTO, ssl: true, host: 'fd0c::3' }
  t.match(await app(t, fake, new FakeClock()).supervisor.environment(), { T2M_MQTT_URL: 'mqtts://[fd0c::3]:1883' })

  fake.asked.length = 0
  const own = app(t, fake, new FakeClock(), {}, { T2M_MQTT_URL: 'mqtt://192.168.1.5' })
  t.match(await own.supervisor.environment(), { T2M_MQTT_URL: 'mqtt://192.168.1.5', T2M_MQTT_USERNAME: undefined })
  t.same(fake.asked, [])
  t.notOk('T2M_MQTT_URL' in (await app(t, fake, new FakeClock()).supervisor.environment(0)))
  t.same(fake.asked, [], 'a health check needs no broker')
})

t.test('the addresses are those of Home Assistant’s own network', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'options.json'), '{}')
  const env = { SUPERVISOR_TOKEN: 'x', T2M_DATA_DIR: folder, T2M_MQTT_URL: 'mqtt://192.168.1.5' }
  const supervisor = Supervisor.of({ env, clock: new FakeClock(), warn: () => undefined })
  t.match(await supervisor?.environment(), { T2M_API_HOST: '172.30.32.1', T2M_API_INGRESS_PROXY: '172.30.32.2' })
})

t.test('a Supervisor that is busy is asked again, and not waited for in vain', async (t) => {
  const fake = await FakeSupervisor.start(t)
  fake.ready = false
  const clock = new FastClock(200, Date.now())
  const { supervisor, warnings } = app(t, fake, clock)
  t.notOk('T2M_MQTT_URL' in (await supervisor.environment()))
  t.equal(fake.asked.length, 5)
  t.match(warnings, [/does not say whether there is a broker/])
  fake.mqtt = { ...MOSQUITTO, host: 'a b' }
  fake.ready = true
  t.notOk('T2M_MQTT_URL' in (await supervisor.environment()), 'nor is nonsense taken')
  fake.mqtt = MOSQUITTO
  t.match(await supervisor.environment(), { T2M_MQTT_URL: 'mqtt://core-mosquitto:1883' })
  fake.ready = false
  t.match(await supervisor.environment(), { T2M_MQTT_URL: 'mqtt://core-mosquitto:1883' }, 'the last word holds')
})

t.test('options that can’t be read end the start, with the reason', async (t) => {
  const fake = await FakeSupervisor.start(t)
  const { supervisor, env } = app(t, fake, new FakeClock())
  for (const text of ['', '[]', '{']) {
    writeFileSync(join(env.T2M_DATA_DIR ?? '', 'options.json'), text)
    await t.rejects(supervisor.environment(), SettingsError, text)
  }
})

t.test('a user name that is none does not let everybody in', async (t) => {
  const fake = await FakeSupervisor.start(t)
  for (const users of [[''], ['olena', ' '], [7], ['a,b']]) {
    for (const option of ['users', 'administrators']) {
      const { supervisor } = app(t, fake, new FakeClock(), { [option]: users })
      await t.rejects(supervisor.environment(), SettingsError, JSON.stringify(users))
    }
  }
})

t.test('a broker that is gone is waited for, another password is a change', async (t) => {
  const fake = await FakeSupervisor.start(t)
  fake.mqtt = MOSQUITTO
  const { supervisor } = app(t, fake, new FastClock(600, Date.now()))
  await supervisor.environment()
  const changed = supervisor.brokerChange(new AbortController().signal)
  const looks = (count: number) => eventually('it is looked', () => fake.asked.length > count)
  fake.mqtt = null
  await looks(fake.asked.length + 2)
  fake.mqtt = MOSQUITTO
  await looks(fake.asked.length + 2)
  t.equal(await Promise.race([changed, 'still waiting']), 'still waiting')
  fake.mqtt = { ...MOSQUITTO, password: 'another' }
  t.equal(await changed, 'Home Assistant offers a broker')
})

t.test(
  'from an empty Home Assistant to a thermostat on the dashboard, no file edited and no broker typed',
  async (t) => {
    const fake = await FakeSupervisor.start(t)
    fake.user = OLENA
    const { house, description } = await openHouse(t, { thermostats: [{ model: 'ax' }] })
    const clock = new FastClock(20, Date.now())
    const port = await unusedPort()
    const { env, supervisor } = app(t, fake, clock)
    const more = { ...QUICK, T2M_API_PORT: String(port), T2M_LOG_LEVEL: 'silent', T2M_DISCOVERY_ENABLED: 'false' }
    const embedded = { T2M_MQTT_EMBEDDED_PORT: String(await unusedPort()) }
    Object.assign(env, more, embedded)
    const input = call({ env: await supervisor.environment(), supervisor, clock })
    const run = (await COMMANDS.run())(input)
    const stop = () => {
      input.signals.emit('SIGTERM', 'SIGTERM')
      return run
    }
    t.teardown(stop)
    let path = fake.showApp(port)
    const ask = async (method: string, what: string, body?: object) => {
      const response = await fetch(`http://${fake.host}${path}api/v1${what}`, {
        method,
        headers: {
          authorization: 'Ingress',
          connection: 'close',
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      }).catch(() => undefined)
      const answer = parseJson((await response?.text()) ?? '')
      return { status: response?.status ?? 0, body: isObject(answer) ? answer : {} }
    }
    const mqtt = async () => Object((await ask('GET', '/info')).body.mqtt)
    await eventually('the bridge runs, on its own broker', async () => (await mqtt()).embedded === true)
    t.match((await ask('GET', '/me')).body, { name: 'homeassistant:olena', scopes: ['read', 'control', 'admin'] })

    // Mosquitto is installed, while the bridge runs.
    const { username, password } = MOSQUITTO
    const { broker } = await startBroker(t, { username, password })
    fake.mqtt = { ...MOSQUITTO, host: '127.0.0.1', port: broker.port }
    const client = await connectAsync(`mqtt://127.0.0.1:${broker.port}`, { username, password })
    t.teardown(() => client.endAsync(true))
    const topics = new Set<string>()
    client.on('message', (topic, payload) => payload.length > 0 && topics.add(topic))
    await client.subscribeAsync('homeassistant/#')
    await eventually(
      'it is on Mosquitto',
      async () => {
        const { connected, embedded: own } = await mqtt()
        return connected === true && own === false
      },
      30_000,
    )
    path = fake.showApp(port)

    const [cloud] = description.clouds
    const [unit] = house.thermostats
    if (!cloud || !unit) throw new Error('an empty house')
    const { provider, url, email, password: secret } = cloud
    t.equal((await ask('POST', '/cloud/accounts', { provider, url, username: email, password: secret })).status, 201)
    const { serial, host, port: devicePort } = unit
    await eventually('the device is added', async () => {
      await ask('POST', '/settings/devices', { serial, host, port: devicePort })
      return JSON.stringify((await ask('GET', '/settings')).body).includes(serial)
    })
    await eventually(
      'it is on the dashboard',
      () =>
        [...topics].some(
          (topic) => topic.startsWith('homeassistant/device/') && topic.toLowerCase().includes(serial.toLowerCase()),
        ),
      30_000,
    )
    t.equal(await stop(), 0)
  },
)

t.test('a root of an app becomes nobody special, and its folder with it', async (t) => {
  if (process.getuid?.() !== 0) return t.comment('only root can try this')
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'copies'))
  writeFileSync(join(folder, 'options.json'), '{}', { mode: 0o600 })
  writeFileSync(join(folder, 'copies', 'a.db'), '')
  const outside = join(temporaryFolder(t), 'outside')
  writeFileSync(outside, '')
  symlinkSync(outside, join(folder, 'link'))
  chownSync(join(folder, 'copies', 'a.db'), 1000, 1000)
  const module = new URL('../../../src/commands/supervisor/step-down.ts', import.meta.url).href
  const script = `
    const { stepDown } = await import(${JSON.stringify(module)})
    stepDown(${JSON.stringify(folder)})
    const { readFileSync, writeFileSync } = await import('node:fs')
    writeFileSync(${JSON.stringify(join(folder, 'new'))}, readFileSync(${JSON.stringify(join(folder, 'options.json'))}))
    console.log(process.getuid(), process.getgid(), process.getgroups().join())
    try { process.setuid(0) } catch { console.log('for good') }`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  })
  t.equal(stdout, '1000 1000 1000\nfor good\n', 'as the user node')
  for (const name of ['', 'options.json', 'copies', 'copies/a.db', 'link', 'new'])
    t.equal(lstatSync(join(folder, name)).uid, 1000, name)
  t.equal(lstatSync(outside).uid, 0, 'what a link leads to stays')
})
