/** What clients on a network do to the embedded broker. */
import { connect as connectTcp } from 'node:net'
import { connectAsync, type MqttClient } from 'mqtt'
import { eventually } from '../support/e2e.ts'
import { unusedPort } from '../support/unused-port.ts'
import type { BridgeProcess } from './bridge-process.ts'
import { Count, type Effort, type Fault, unless } from './fault.ts'
import { embeddedUrl, first, type Rig } from './rig.ts'

const MEGABYTE = Buffer.alloc(1_000_000, 'x')
/** MiB that clients may take of the bridge's memory. */
const GROWTH = 150

interface Open {
  readonly bridge: BridgeProcess
  readonly serial: string
  readonly port: number
  readonly url: string
}

async function open(rig: Rig, embedded = {}): Promise<Open> {
  const house = await rig.house({ thermostats: [{ model: 'ax', quirks: { minSpacing: 0 } }] })
  const port = await unusedPort()
  const bridge = await rig.bridge(house, { mqtt: { embedded: { port, ...embedded } } })
  await bridge.start()
  await bridge.online(first(house).serial)
  return { bridge, serial: first(house).serial, port, url: embeddedUrl(port) }
}

async function client(rig: Rig, url: string, options = {}): Promise<MqttClient> {
  const made = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0, ...options })
  made.on('error', () => undefined)
  rig.after(() => made.endAsync(true))
  return made
}

/** What is wrong with memory, health and commands after `attack`. */
async function held({ bridge, serial }: Open, attack: () => Promise<void>): Promise<(string | undefined)[]> {
  const before = bridge.rss
  await attack()
  if (!bridge.running) return [`the bridge ended: ${bridge.lines.slice(-3).join(' ')}`]
  const grown = Math.round(bridge.rss - before)
  const { status } = await bridge.rest('PATCH', `/api/v1/devices/${serial}/state`, { brightness: 3 })
  return [
    unless(grown < GROWTH, `memory grew by ${grown} MiB`),
    unless(status === 200, `a good command answers ${status}`),
    unless((await bridge.health()) === 200, '/healthz does not answer 200'),
  ]
}

async function retained(rig: Rig, { times }: Effort) {
  const at = await open(rig)
  const count = new Count()
  const wrong = await held(at, async () => {
    for (let i = 0; i < 600 * times; i++) {
      const one = await client(rig, at.url).catch(() => undefined)
      // The broker may throw out who asks too much of it.
      for (let left = 50; one?.connected && left > 0; left--, i++) {
        const sent = one.publishAsync(`flood/${i}`, MEGABYTE, { retain: true, qos: 1 })
        await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 2_000))]).catch(() => undefined)
      }
      await one?.endAsync(true)
    }
  })
  count.take(
    ...wrong,
    unless(
      at.bridge.lines.some((line) => /retain/i.test(line)),
      'the log does not tell of what was refused',
    ),
  )
  return count.outcome
}

/** Subscribes to everything by hand, and reads no byte of what comes. */
async function deaf(rig: Rig, { times }: Effort) {
  const at = await open(rig)
  const socket = connectTcp(at.port, '127.0.0.1')
  socket.on('error', () => undefined)
  rig.after(async () => socket.destroy())
  socket.write(Buffer.from([0x10, 0x10, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 4, 0x64, 0x65, 0x61, 0x66]))
  socket.write(Buffer.from([0x82, 6, 0, 1, 0, 1, 0x23, 0]))
  await new Promise((resolve) => setTimeout(resolve, 300))
  socket.pause()
  const loud = await client(rig, at.url)
  const count = new Count()
  const wrong = await held(at, async () => {
    for (let i = 0; i < 400 * times; i++) await loud.publishAsync('loud/topic', MEGABYTE, { qos: 1 })
  })
  count.take(...wrong)
  return count.outcome
}

async function guesses(rig: Rig) {
  const at = await open(rig, { username: 'home', password: 'a long enough pass phrase' })
  let answered = 0
  const end = performance.now() + 10_000
  const guess = async (n: number): Promise<void> => {
    for (let i = 0; performance.now() < end; i++) {
      const refused = connectAsync(at.url, {
        protocolVersion: 4,
        reconnectPeriod: 0,
        connectTimeout: 3_000,
        username: 'home',
        password: `${n}-${i}`,
      })
      const code = await refused.then(
        (open) => open.endAsync(true).then(() => undefined),
        (error: unknown) => (error instanceof Error ? error.message : ''),
      )
      // Who has to wait is told that the server is unavailable, whether the password is right or not.
      if (/bad user/i.test(code ?? '')) answered++
    }
  }
  await Promise.all([1, 2, 3, 4].map(guess))
  const logged = () => at.bridge.lines.some((line) => /"level":"(warn|error)"/.test(line) && /password/i.test(line))
  await eventually('logged', logged, 5_000).catch(() => undefined)
  const count = new Count()
  count.take(
    unless(answered < 100, `${answered} guesses at the password were checked in 10 s`),
    unless(logged(), 'the log does not warn of the guesses'),
    unless((await at.bridge.health()) === 200, '/healthz does not answer 200'),
  )
  return count.outcome
}

async function fifth(rig: Rig) {
  const at = await open(rig)
  const count = new Count()
  const made = await client(rig, at.url, { protocolVersion: 5 }).catch((error: unknown) => String(error))
  count.take(unless(typeof made !== 'string', `a client of MQTT 5 is told ${String(made)}`))
  return count.outcome
}

export const EMBEDDED: readonly Fault[] = [
  {
    id: 'retained',
    what: 'a client has the embedded broker keep 600 messages of 1 MB: its memory stays bounded, and the log tells of it',
    run: retained,
  },
  {
    id: 'deaf',
    what: 'a client of the embedded broker subscribes to everything and reads nothing, while 400 MB are published: memory stays bounded',
    run: deaf,
  },
  {
    id: 'broker-guesses',
    what: 'four clients guess the password of the embedded broker for 10 s: they are slowed down, and the log warns',
    run: guesses,
  },
  { id: 'mqtt-5', what: 'a client of the embedded broker speaks MQTT 5', run: fifth },
]
