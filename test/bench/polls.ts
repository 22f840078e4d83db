/** (b) CPU time of one poll. */
import { connectAsync } from 'mqtt'
import { type Bench, pause } from './bench.ts'
import { type Figure, median } from './figures.ts'
import { instant, numberIn, Peer } from './rpc.ts'

const NAME = 'polls'
/** ms of each measurement. */
const WINDOW = 2_000
const ROUNDS = 5
const LONG = 3_600_000

/** A state as the bridge publishes it, and the telemetry it was made from: the floor carries the same bytes. */
async function sample(bench: Bench, topic: string): Promise<string> {
  const client = await connectAsync(bench.broker.url)
  const payload = new Promise<string>((resolve) => client.on('message', (_topic, message) => resolve(String(message))))
  await client.subscribeAsync(topic)
  const state = await payload
  await client.endAsync()
  return state
}

/** CPU ms a poll, and polls a second. */
async function cost(bench: Bench, bridge: Peer): Promise<{ readonly perPoll: number; readonly perSecond: number }> {
  const before = numberIn(await bench.house.call('count'), 'requests')
  await bridge.call('begin')
  const start = instant()
  await pause(WINDOW)
  const cpu = numberIn(await bridge.call('end'), 'cpu')
  const polls = numberIn(await bench.house.call('count'), 'requests') - before
  return { perPoll: cpu / polls, perSecond: (polls * 1000) / (instant() - start) }
}

/** CPU ms a second of a bridge with nothing to do. */
async function idle(bench: Bench, device: Parameters<Bench['furnish']>[0]['devices']): Promise<number> {
  const bridge = Peer.fork('tight-bridge.ts')
  const folder = bench.furnish({ name: 'idle', url: bench.broker.url, devices: device, poll: '1h' })
  await bridge.call('start', { folder, poll: LONG })
  await pause(3_000)
  await bridge.call('begin')
  await pause(WINDOW)
  const cpu = numberIn(await bridge.call('end'), 'cpu')
  await bridge.stop()
  return (cpu * 1000) / WINDOW
}

export async function polls(bench: Bench): Promise<Figure[]> {
  const { house, bare, broker } = bench
  const devices = await bench.open(1)
  const [device] = devices
  if (!device) throw new Error('the house is empty')
  const idling = await idle(bench, devices)
  await house.call('vary')
  const bridge = Peer.fork('tight-bridge.ts')
  const folder = bench.furnish({ name: NAME, url: broker.url, devices, poll: '2s' })
  await bridge.call('start', { folder, poll: 0 })
  const payload = await sample(bench, `${NAME}/${device.serial}/state`)
  const text = await (
    await fetch(`http://${device.host}:${device.port}/api.cgi`, { method: 'POST', body: '{"cmd":4}' })
  ).text()
  const { port } = await house.call('bare', { text })
  await bare.call('connect', { url: broker.url, topic: 'bare/hop' })
  const loop = async (paced: boolean) =>
    numberIn(await bare.call('loop', { port, topic: 'bare/state', payload, rounds: 1500, paced }), 'cpu')
  await pause(3_000)
  await bridge.call('end')
  const values: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const { perPoll, perSecond } = await cost(bench, bridge)
    values.push(perPoll - idling / perSecond)
  }
  await bridge.stop()
  await loop(false)
  const paced: number[] = []
  const unbroken: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    paced.push(await loop(true))
    unbroken.push(await loop(false))
  }
  const figure = { part: 'b', unit: 'ms', value: median(values), of: 'ratio', atMost: 2 } as const
  return [
    { ...figure, what: 'CPU time of one poll with news; floor begun by a timer, as polls are', floor: median(paced) },
    { ...figure, what: 'the same; floor without a pause', floor: median(unbroken) },
  ]
}
