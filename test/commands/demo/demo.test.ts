/** The demo and the house alone, in processes of their own, used as their printed guide says. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import t, { type Test } from 'tap'
import { simulate } from '../../../src/commands/demo/simulate.ts'
import { ownUdpPort } from '../../../src/commands/running/ports.ts'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { VIRTUAL_HOUSE } from '../../../src/core/network/addresses.ts'
import type { HouseDescription } from '../../../src/simulator/index.ts'
import { blocks, read } from '../../docs/support.ts'
import { eventually } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { bridge } from '../running/alive.ts'
import { call, start, temporaryFolder } from '../support.ts'

const HEADERS = { authorization: 'Bearer t2m_demo-only-everybody-knows-this-token-000000' }

/** A guide without what differs from house to house. */
const withoutHouse = (guide: string): string =>
  guide
    .trim()
    .replace(/with \d+ thermostats(?: and \d+ relays)?/, 'with thermostats')
    .replace(/\b[0-9A-F]{30}\b/g, '<serial>')
    .replace(/(?<=127\.0\.0\.1:|-p )\d+/g, '<port>')

interface Open {
  readonly rest: string
  readonly broker: string
  /** The serial of the command that the guide shows. */
  readonly serial: string
  readonly guide: string
  /** Ends it as Ctrl+C under npm does: twice. */
  end(): Promise<void>
}

/** Opens the demo on ports that are free, with a real configuration lying about that is none of its business. */
async function open(t: Test, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Open> {
  const tmp = temporaryFolder(t)
  const cwd = temporaryFolder(t)
  mkdirSync(join(cwd, 'config'))
  writeFileSync(join(cwd, 'config', 'local.yaml'), 'this: is not for the demo')
  const env = {
    TMPDIR: tmp,
    T2M_CONFIG: '/nowhere.yaml',
    T2M_CLOUD_PROVIDER: 'terneo',
    T2M_MQTT_EMBEDDED_PORT: String(await unusedPort()),
    T2M_API_PORT: String(await unusedPort()),
    T2M_DISCOVERY_PORT: String(await ownUdpPort('127.0.0.1', 0)),
    T2M_DEVICE_POLL_INTERVAL: '2s',
    ...more,
  }
  const demo = start(t, ['demo', ...args], { cwd, env })
  const [, rest = ''] = await demo.shows(/REST +(http:\S+)\/docs/)
  const [, broker = ''] = await demo.shows(/MQTT +(mqtt:\S+)/)
  const [, serial = ''] = await demo.shows(/thermo2mqtt\/([0-9A-F]{30})\/set/)
  const [guide] = await demo.shows(/A simulated house[\s\S]*? ends the demo\./)
  const end = async () => {
    demo.child.kill('SIGINT')
    demo.child.kill('SIGINT')
    const { code, stderr } = await demo.ended
    t.equal(code, 0)
    t.equal(stderr, '')
    t.strictSame(
      readdirSync(tmp).filter((name) => name.startsWith('thermo2mqtt')),
      [],
      'nothing is left behind',
    )
  }
  return { rest, broker, serial, guide, end }
}

/** Resolves with the first JSON on a topic for which `wanted` is true. */
function message(client: MqttClient, wanted: (topic: string, body: Record<string, unknown>) => boolean) {
  return new Promise<Record<string, unknown>>((resolve) => {
    const listener = (topic: string, payload: Buffer) => {
      const body = parseJson(payload.toString())
      if (!isObject(body) || !wanted(topic, body)) return
      client.off('message', listener)
      resolve(body)
    }
    client.on('message', listener)
  })
}

/** Sets a temperature as people do, over MQTT and then over REST. */
async function command(t: Test, { rest, broker, serial }: Open): Promise<void> {
  const client = mqtt.connect(broker)
  t.teardown(() => client.end(true))
  const state = `thermo2mqtt/${serial}/state`
  const shown = message(client, (topic, body) => topic === state && body.mode !== null)
  await client.subscribeAsync('thermo2mqtt/#')
  t.equal((await shown).lock, 'lan', 'it takes only what is signed')
  const result = message(client, (topic) => topic === `thermo2mqtt/${serial}/result`)
  const taken = message(client, (topic, body) => topic === state && body.target_temperature === 24)
  await client.publishAsync(`thermo2mqtt/${serial}/set`, '{"mode":"heat","target_temperature":24}')
  t.match(await result, { ok: true })
  t.match(await taken, { mode: 'heat' })
  const answer = await fetch(`${rest}/api/v1/devices/${serial}/state`, {
    method: 'PATCH',
    headers: { ...HEADERS, 'content-type': 'application/json' },
    body: '{"target_temperature":25}',
  })
  t.match(await answer.json(), { state: { target_temperature: 25 } })
  t.equal(answer.status, 200)
  const past = await fetch(`${rest}/api/v1/devices/${serial}/history?from=-7d&step=1d`, { headers: HEADERS })
  t.match(
    await past.json(),
    { samples: Array(7).fill({ floor_temperature: Number, energy: Number }) },
    'a week to look at',
  )
  await client.endAsync()
}

/** Changes a setting as the page does; the demo starts anew by itself, and its house is the same. */
async function setting(t: Test, { rest }: Open): Promise<void> {
  const ask = (method: string, body?: string) =>
    fetch(`${rest}/api/v1/settings`, {
      method,
      headers: { ...HEADERS, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body } : {}),
    })
  t.equal((await ask('PATCH', '{"device.timeout":"7s"}')).status, 200)
  const view = await eventually('it has started anew', async () => {
    // While it does, nobody answers.
    const text = await ask('GET').then(
      (answer) => answer.text(),
      () => '',
    )
    return text.includes('"applying":false') && text.includes('"value":"7s"') && JSON.parse(text)
  })
  t.match(view.accounts, [{ id: 'terneo', fixed: true, source: /the-simulated-house$/ }, { id: 'welrok' }])
}

/** Waits until as many as wanted are online. */
const online = ({ rest }: Open, wanted: number) =>
  eventually(`${wanted} are online`, async () => {
    const text = await (await fetch(`${rest}/api/v1/devices`, { headers: HEADERS })).text()
    return text.match(/"online":true/g)?.length === wanted
  })

t.test('a temperature set by MQTT and REST reaches the virtual device, with another demo beside', async (t) => {
  const first = await open(t, ['--seed=3', '--thermostats=1'])
  const ports = { T2M_API_PORT: new URL(first.rest).port, T2M_MQTT_EMBEDDED_PORT: new URL(first.broker).port }
  const [second] = await Promise.all([open(t, ['--seed=2', '--thermostats=20'], ports), command(t, first)])
  const [printed = ''] = blocks(read('docs/demo.md'), 'text')
  t.equal(withoutHouse(first.guide), withoutHouse(printed), 'the guide is the one of docs/demo.md')
  t.not(second.rest, first.rest)
  t.not(second.broker, first.broker)
  // Each finds its own thermostats, and not those of the other.
  await online(second, 20)
  await online(first, 1)
  await setting(t, first)
  await Promise.all([first.end(), second.end()])
})

t.test('the house alone', async (t) => {
  const port = await ownUdpPort('127.0.0.1', 0)
  const house = start(t, ['simulate', '--thermostats=3', `--discovery.port=${port}`])
  await house.shows(/\n}\n$/)
  const { clouds, thermostats } = JSON.parse(house.stdout())
  t.equal(thermostats.length, 3)
  const [{ host, port: at, serial }] = thermostats
  const reply = await fetch(`http://${host}:${at}/api.cgi`, { method: 'POST', body: '{"cmd":4}' })
  t.match(await reply.json(), { sn: serial })
  t.match(clouds, [{ provider: 'terneo' }, { provider: 'welrok' }])
  house.child.kill('SIGTERM')
  const { code, stderr } = await house.ended
  t.equal(code, 0)
  // Another house on this machine has the addresses with that port.
  const own = thermostats.every((unit: { host: string }) => unit.host.startsWith(VIRTUAL_HOUSE.network))
  t.match(stderr, own ? /^The house is running/ : /^Some devices could not have an address .*\n.*The house is running/)
})

t.test('a bridge beside the house finds it, and commands it with the account that it prints', async (t) => {
  const port = String(await ownUdpPort('127.0.0.1', 0))
  const clock = new FastClock(4, Date.now())
  const given = call({ clock, flags: { 'discovery.port': port }, options: { thermostats: '2', seed: '11' } })
  const ended = simulate(given)
  t.teardown(async () => {
    given.signals.emit('SIGTERM', 'SIGTERM')
    await ended
  })
  const { errs } = given.terminal
  await eventually('the house runs', () => errs.some((line) => line.startsWith('The house is running.')))
  const { clouds, thermostats }: HouseDescription = JSON.parse(given.terminal.text)
  const env = { T2M_DISCOVERY_ENABLED: 'true', T2M_DISCOVERY_HOST: '127.0.0.1', T2M_DISCOVERY_PORT: port }
  const alive = await bridge(
    t,
    temporaryFolder(t),
    { ...env, T2M_DEVICE_TIMEOUT: '20s' },
    { clock, devicePort: 80, quiet: 0 },
  )
  // Where another house has the addresses of this one, it says that its devices are to be named.
  for (const { serial, host, port } of thermostats)
    if (!host.startsWith(VIRTUAL_HOUSE.network)) await alive.anew('POST', '/settings/devices', { serial, host, port })
  const [cloud] = clouds
  if (!cloud) return t.fail('there is a cloud')
  const { provider, url, email: username, password } = cloud
  t.equal(await alive.anew('POST', '/cloud/accounts', { provider, url, username, password }), 201)
  const [first] = thermostats
  await eventually('its thermostats are there, with the keys of the account', async () => {
    const { devices } = (await alive.ask('GET', '/devices')).body
    const known = Array.isArray(devices) ? devices : []
    return (
      known.length === thermostats.length &&
      known.every(({ online }) => online === true) &&
      known.some(({ serial, health }) => serial === first?.serial && Object(health).key_source === provider)
    )
  })
  const { status, text } = await alive.ask('PATCH', `/devices/${first?.serial}/state`, { brightness: 3 })
  t.equal(status, 200, text)
})

t.test('a demo without a place for its data', async (t) => {
  const { code, stderr } = await start(t, ['demo'], { env: { TMPDIR: '/dev/null' } }).ended
  t.equal(code, 1)
  t.match(stderr, /^thermo2mqtt: The demo can't make a folder for its data, \/dev\/null\/thermo2mqtt-demo-[^\n]*\n$/)
})

t.test('a demo in a folder of one’s own promises nothing that is not put there', async (t) => {
  const folder = temporaryFolder(t)
  const demo = await open(t, ['--thermostats=1', `--data_dir=${folder}`])
  t.match(demo.guide, `what is recorded in ${folder}`)
  t.notMatch(demo.guide, /previous week|or family|demo-only/)
  const answer = await fetch(`${demo.rest}/api/v1/devices`, { headers: HEADERS })
  t.equal(answer.status, 401, 'the API token of a demo is not among those of the folder')
  await demo.end()
})
