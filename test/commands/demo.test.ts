/** The demo and the house alone, in processes of their own, used as their printed guide says. */
import { readdirSync } from 'node:fs'
import mqtt, { type MqttClient } from 'mqtt'
import t, { type Test } from 'tap'
import { ownUdpPort } from '../../src/commands/ports.ts'
import { isObject, parseJson } from '../../src/core/json.ts'
import { freeTcpPort, start, temporaryFolder } from './support.ts'

const PASSWORD = 'thermo2mqtt-demo'

interface Open {
  readonly rest: string
  readonly broker: string
  /** The serial of the command that the guide shows. */
  readonly serial: string
  readonly tmp: string
  /** Ends it as Ctrl+C under npm does: twice. */
  end(): Promise<void>
}

/** Opens the demo on ports that are free, with a real configuration lying about that is none of its business. */
async function open(t: Test, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Open> {
  const tmp = temporaryFolder(t)
  const cwd = t.testdir({ config: { 'local.yaml': 'this: is not for the demo' } })
  const env = {
    TMPDIR: tmp,
    T2M_CONFIG: '/nowhere.yaml',
    T2M_CLOUD_PROVIDER: 'terneo',
    T2M_MQTT_EMBEDDED_PORT: String(await freeTcpPort()),
    T2M_API_PORT: String(await freeTcpPort()),
    T2M_DISCOVERY_PORT: String(await ownUdpPort('127.0.0.1', 0)),
    T2M_DEVICE_POLL_INTERVAL: '2s',
    ...more,
  }
  const demo = start(t, ['demo', ...args], { cwd, env })
  const [, rest = ''] = await demo.shows(/REST +(http:\S+)\/docs/)
  const [, broker = ''] = await demo.shows(/MQTT +(mqtt:\S+)/)
  const [, serial = ''] = await demo.shows(/thermo2mqtt\/([0-9A-F]{30})\/set/)
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
  return { rest, broker, serial, tmp, end }
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

t.test('a temperature set over MQTT and over REST reaches the virtual device', async (t) => {
  const { rest, broker, serial, end } = await open(t, ['--seed=3'])
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

  const headers = { authorization: `Bearer ${PASSWORD}`, 'content-type': 'application/json' }
  const answer = await fetch(`${rest}/api/v1/devices/${serial}/state`, {
    method: 'PATCH',
    headers,
    body: '{"target_temperature":25}',
  })
  t.equal(answer.status, 200)
  const read = await fetch(`${rest}/api/v1/devices/${serial}`, { headers })
  t.match(await read.json(), { online: true, state: { target_temperature: 25 } })
  await client.endAsync()
  await end()
})

t.test('two demos beside each other', async (t) => {
  const first = await open(t, ['--thermostats=1'])
  const ports = { T2M_API_PORT: new URL(first.rest).port, T2M_MQTT_EMBEDDED_PORT: new URL(first.broker).port }
  await t.test('the other', async (t) => {
    const demo = await open(t, ['--thermostats=2', '--seed=2'], ports)
    t.not(demo.rest, first.rest)
    t.not(demo.broker, first.broker)
    const headers = { authorization: `Bearer ${PASSWORD}` }
    const list = async () => (await fetch(`${demo.rest}/api/v1/devices`, { headers })).text()
    for (let tries = 0; tries < 60; tries++) {
      if ((await list()).match(/"online":true/g)?.length === 2) break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    t.equal((await list()).match(/"online":true/g)?.length, 2, 'its own thermostats are found')
    await demo.end()
  })
  await first.end()
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
  t.match(stderr, /^The house is open/)
})

t.test('a demo without a place for its data', async (t) => {
  const { code, stderr } = await start(t, ['demo'], { env: { TMPDIR: '/dev/null' } }).ended
  t.equal(code, 1)
  t.match(stderr, /^thermo2mqtt: The demo can't make a folder for its data, \/dev\/null\/thermo2mqtt-demo-[^\n]*\n$/)
})
