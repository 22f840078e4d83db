/** (h) The first minutes of a house as most are: what one request costs while hardly any code is compiled. */
import { connectAsync } from 'mqtt'
import { type Bench, pause, type VirtualDevice } from './bench.ts'
import type { Figure } from './figures.ts'
import { numberIn, type Peer } from './rpc.ts'

const NAME = 'cold'
const DEVICES = 20
const POLL = 15_000
const SPACING = 500
/** ms after all devices are online, and ms that are measured then. */
const SETTLE = 60_000
const WINDOW = 180_000

/** What a process has done since its start. */
interface Done {
  /** ms of all its threads. */
  readonly cpu: number
  readonly requests: number
  readonly messages: number
  readonly bytes: number
}

/** Bridge and floor side by side, each with devices of its own, so that the machine is the same for both. */
export async function cold(bench: Bench): Promise<Figure[]> {
  const { house, bare, broker } = bench
  const all = await bench.open(2 * DEVICES)
  const [devices, others] = [all.slice(0, DEVICES), all.slice(DEVICES)]
  await house.call('vary')
  const heard = await listen(broker.url)
  const bridge = await bench.startBridge({
    ...{ name: NAME, url: broker.url, devices, poll: `${POLL / 1000}s`, spacing: `${SPACING}ms` },
  })
  await startFloor(bench, others, await heard.state)
  await pause(SETTLE)

  const look = async () => {
    const [total, own] = await Promise.all([house.call('count'), bare.call('count')])
    const requests = numberIn(own, 'requests')
    const asked = { bridge: numberIn(total, 'requests') - requests, bare: requests }
    return {
      bridge: await done(bridge, asked.bridge, heard.of(NAME)),
      bare: await done(bare, asked.bare, heard.of('bare')),
    }
  }
  const before = await look()
  await pause(WINDOW)
  const after = await look()
  await heard.end()
  await bridge.stop()
  return figures(each(before.bridge, after.bridge), each(before.bare, after.bare))
}

async function startFloor({ bare, broker }: Bench, devices: readonly VirtualDevice[], payload: string): Promise<void> {
  await bare.call('connect', { url: broker.url, topic: 'bare/hop' })
  const ports = devices.map(({ port }) => port)
  await bare.call('poll', { ports, payload, interval: POLL, spacing: SPACING })
}

async function done(peer: Peer, requests: number, heard: Pick<Done, 'messages' | 'bytes'>): Promise<Done> {
  return { cpu: numberIn(await peer.call('life'), 'cpu'), requests, ...heard }
}

/** What each request between two looks cost and brought. */
function each(before: Done, after: Done): Omit<Done, 'requests'> {
  const share = (key: keyof Done) => (after[key] - before[key]) / (after.requests - before.requests)
  return { cpu: share('cpu'), messages: share('messages'), bytes: share('bytes') }
}

/** Counts what is published, by the first level of its topic. */
async function listen(url: string) {
  const client = await connectAsync(url, { protocolVersion: 5 })
  const counts = new Map<string, { messages: number; bytes: number }>()
  const of = (name: string) => ({ ...(counts.get(name) ?? { messages: 0, bytes: 0 }) })
  const state = new Promise<string>((resolve) => {
    client.on('message', (topic, payload) => {
      const [name = '', , last] = topic.split('/')
      const { messages, bytes } = of(name)
      counts.set(name, { messages: messages + 1, bytes: bytes + topic.length + payload.length })
      if (name === NAME && last === 'state' && payload.length > 1_000) resolve(payload.toString())
    })
  })
  await client.subscribeAsync([`${NAME}/#`, 'bare/#'])
  return { state, of, end: () => client.endAsync(true) }
}

type Each = ReturnType<typeof each>

function figures(bridge: Each, bare: Each): Figure[] {
  const at = `${DEVICES} devices at ${POLL / 1000} s: `
  const figure = { part: 'h', value: bridge.cpu, floor: bare.cpu, unit: 'ms' }
  const shown = (what: string, unit: string, key: keyof Each): Figure => ({
    ...{ part: 'h', what: `${at}${what}`, unit, value: bridge[key], floor: bare[key] },
  })
  return [
    { ...figure, what: `${at}CPU time of the process a request`, of: 'ratio', atMost: 1.5 },
    { ...figure, what: `${at}the same, on such a machine`, atMost: 1.85 },
    shown('messages published a request', '', 'messages'),
    shown('bytes published a request', 'B', 'bytes'),
  ]
}
