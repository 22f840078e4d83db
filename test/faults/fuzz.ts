/** Bad input by the thousand on each of the five ways in: beacons, devices' answers, MQTT, REST, the clouds' answers. */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connectAsync } from 'mqtt'
import type { VirtualHouse } from '../../src/simulator/index.ts'
import { eventually, merged } from '../support/e2e.ts'
import { fixture } from '../support/fixtures.ts'
import { unusedPort } from '../support/unused-port.ts'
import type { BridgeProcess } from './bridge-process.ts'
import { Count, type Fault, unless } from './fault.ts'
import { mutated } from './mutate.ts'
import { embeddedUrl, first, type Rig } from './rig.ts'

/** MiB by which memory may grow, garbage not yet collected included. */
const GROWTH = 120

const LIVES =
  'the bridge is the same process, answers, has no fault of its own in its log, has grown little, and a command works'

interface Watched {
  readonly house: VirtualHouse
  readonly bridge: BridgeProcess
  readonly mqttPort: number
}

async function open(rig: Rig, settings = {}): Promise<Watched> {
  const house = await rig.house({ thermostats: [{ model: 'ax' }, { model: 'oz' }] })
  const mqttPort = await unusedPort()
  const bridge = await rig.bridge(house, merged({ mqtt: { embedded: { port: mqttPort } } }, settings))
  await bridge.start()
  await bridge.online(first(house).serial)
  return { house, bridge, mqttPort }
}

/** What is wrong with the bridge after `send`; nothing when all is well. */
async function after({ house, bridge }: Watched, send: () => Promise<void>): Promise<string[]> {
  const { pid, rss } = bridge
  await send()
  if (!bridge.running || bridge.pid !== pid) return [`the bridge ended:\n${bridge.lines.slice(-5).join('\n')}`]
  const { serial } = first(house)
  await bridge.online(serial)
  const target = first(house).parameter(5) === '22' ? 23 : 22
  const { status } = await bridge.rest('PATCH', `/api/v1/devices/${serial}/state`, {
    mode: 'heat',
    target_temperature: target,
  })
  const faults = bridge.lines.filter((line) =>
    /fault in the program|A listener of|uncaught|"level":"fatal"/i.test(line),
  )
  const grown = bridge.rss - rss
  return [
    unless((await bridge.health()) === 200, '/healthz does not answer 200'),
    unless(status === 200, `a good command answers ${status}`),
    unless(faults.length === 0, `a fault of its own: ${faults[0]}`),
    unless(grown < GROWTH, `memory grew by ${Math.round(grown)} MiB`),
  ].filter((sentence) => sentence !== undefined)
}

/** A fault that sends `count` bad inputs to a bridge with these settings. */
function fuzz(
  id: string,
  what: string,
  count: number,
  prepare: (rig: Rig, random: () => number) => Promise<{ watched: Watched; send: () => Promise<void> }>,
): Fault {
  return {
    id,
    what: `${what}: ${LIVES}`,
    async run(rig, { times, random }) {
      const { watched, send } = await prepare(rig, random)
      const tally = new Count()
      const wrong = await after(watched, async () => {
        for (let i = 0; i < count * times && watched.bridge.running; i++) {
          tally.tried++
          await send()
        }
      })
      return { tried: tally.tried, lost: wrong }
    },
  }
}

const beacons = fuzz('beacons', 'UDP packets that are almost beacons, or not at all', 20_000, async (rig, random) => {
  const port = await unusedPort()
  const watched = await open(rig, { discovery: { enabled: true, host: '127.0.0.1', port } })
  const socket = createSocket('udp4')
  rig.after(async () => socket.close())
  const beacon: unknown = JSON.parse(first(watched.house).beacon())
  const send = () =>
    new Promise<void>((resolve) =>
      socket.send(mutated(random, beacon).subarray(0, 60_000), port, '127.0.0.1', () => resolve()),
    )
  return { watched, send }
})

const answers = fuzz(
  'answers',
  'answers of four thermostats that are almost what was asked for',
  20,
  async (rig, random) => {
    const watched = await open(rig, { device: { min_spacing: '0', timeout: '1s' } })
    const samples = ['ax-telemetry', 'ax-parameters', 'schedule', 'refusals', 'd2w'].map((name) => fixture(name))
    const reply = () => {
      const sample = samples[Math.floor(random() * samples.length)]
      const raw = mutated(random, random() < 0.5 ? sample : Object.values(sample ?? {})[1]).toString('latin1')
      return { raw, ...(random() < 0.2 ? { status: 200 + Math.floor(random() * 400) } : {}) }
    }
    const send = async () => {
      const tries = watched.house.thermostats.map(({ device, serial }) => {
        device.quirks.injectReplies.push(reply())
        const brightness = Math.floor(random() * 9)
        return watched.bridge.rest('PATCH', `/api/v1/devices/${serial}/state`, { brightness })
      })
      await Promise.all(tries)
    }
    return { watched, send }
  },
)

const COMMANDS: readonly unknown[] = [
  { mode: 'heat', target_temperature: 21.5, transaction: 'a' },
  { preset: 'away', away_end: '2027-01-01T00:00:00Z' },
  { floor: { monday: [{ time: '06:00', temperature: 30 }] }, air: null },
  { id: 'home', code: '123456', transaction: 7 },
]

const messages = fuzz(
  'messages',
  'MQTT messages on every topic that the bridge listens to',
  5_000,
  async (rig, random) => {
    const watched = await open(rig)
    const client = await connectAsync(embeddedUrl(watched.mqttPort))
    rig.after(() => client.endAsync(true))
    const { serial } = first(watched.house)
    const ends = ['set', 'set/mode', 'set/target_temperature', 'get', 'action', 'schedule/set']
    const topics = [
      ...ends.map((end) => `thermo2mqtt/${serial}/${end}`),
      ...['account_code', 'rename', 'forget', 'x'].map((action) => `thermo2mqtt/bridge/request/${action}`),
      'homeassistant/status',
      `homeassistant/device/thermo2mqtt_${serial}/config`,
      'thermo2mqtt/bridge/state',
      'thermo2mqtt/bridge/info',
    ]
    const send = async () => {
      const topic = topics[Math.floor(random() * topics.length)] ?? ''
      const body = mutated(random, COMMANDS[Math.floor(random() * COMMANDS.length)])
      await client.publishAsync(topic, body, { qos: random() < 0.5 ? 0 : 1, retain: random() < 0.02 })
    }
    return { watched, send }
  },
)

const requests = fuzz('requests', 'REST requests with bad paths, bodies and headers', 3_000, async (rig, random) => {
  const watched = await open(rig)
  const { serial } = first(watched.house)
  const made = await watched.bridge.rest('POST', '/api/v1/tokens', {
    name: 'fuzz',
    scopes: ['read', 'control', 'admin'],
  })
  const authorization = `Bearer ${String(made.body.token)}`
  const paths = [
    `devices/${serial}/state`,
    `devices/${serial}/schedule`,
    `devices/${serial}`,
    'login',
    'tokens',
    'settings',
    'cloud/accounts',
  ]
  const send = async () => {
    const path = paths[Math.floor(random() * paths.length)]
    const method = ['PATCH', 'PUT', 'POST'][Math.floor(random() * 3)] ?? 'POST'
    const tail = random() < 0.2 ? encodeURIComponent(mutated(random, 'x').toString('latin1').slice(0, 300)) : ''
    const body = mutated(random, COMMANDS[Math.floor(random() * COMMANDS.length)])
    const headers = { authorization, 'content-type': random() < 0.9 ? 'application/json' : 'text/plain' }
    const answer = await fetch(`${watched.bridge.url}/api/v1/${path}${tail}`, {
      method,
      headers,
      body: new Uint8Array(body),
    })
    await answer.arrayBuffer()
  }
  return { watched, send }
})

const clouds = fuzz('clouds', "answers of an account's cloud that are almost right", 60, async (rig, random) => {
  const bodies = Object.values(fixture('cloud-terneo-welrok'))
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      mutated(
        random,
        request.url?.includes('login')
          ? { access_token: 'a'.repeat(40) }
          : bodies[Math.floor(random() * bodies.length)],
      ),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  rig.after(async () => server.close())
  const { port } = server.address() as AddressInfo
  const house = await rig.house({ thermostats: [{ model: 'ax' }] })
  const { serial, host, port: devicePort, key } = first(house)
  const accounts = [
    { id: 'bad', provider: 'terneo', url: `http://127.0.0.1:${port}`, username: 'a@b.example', password: 'x' },
  ]
  const bridge = await rig.bridge(house, {
    cloud: { accounts },
    devices: [{ serial, host, port: devicePort, totp_key: key }],
  })
  await bridge.start()
  await eventually('the device is there', async () => (await bridge.device(serial)).online === true)
  const send = async () => {
    await bridge.rest('POST', '/api/v1/cloud/accounts/bad/login')
    await bridge.rest('POST', '/api/v1/cloud/accounts/bad/sync')
  }
  return { watched: { house, bridge, mqttPort: 0 }, send }
})

export const FUZZ: readonly Fault[] = [beacons, answers, messages, requests, clouds]
