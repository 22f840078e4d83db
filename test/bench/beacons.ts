/** (d) Beacons of known devices. */
import { ownUdpPort } from '../../src/commands/running/ports.ts'
import { type Bench, pause } from './bench.ts'
import type { Figure } from './figures.ts'
import { numberIn, Peer } from './rpc.ts'

const DEVICES = 100
/** Beacons a second, tried in turn until two in a row are too much. */
const RATES = [5_000, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 60_000, 80_000, 100_000]
const WINDOW = 1_500
const TRIES = 2
/** Share of the datagrams that must have arrived, and ms of loop delay (p99), for a rate to count. */
const ARRIVED = 0.99
const LONGEST_DELAY = 30

interface Absorbed {
  readonly perSecond: number
  readonly p99: number
  readonly cpu: number
}

/** Tells how `target` takes a flood: undefined when it is too much. */
async function flood(target: Peer, sender: Peer, argument: { readonly rate: number }): Promise<Absorbed | undefined> {
  await target.call('begin')
  const { sent, elapsed } = await sender.call('send', { ...argument, ms: WINDOW })
  await pause(100)
  const end = await target.call('end')
  const datagrams = numberIn(end, 'datagrams')
  const p99 = numberIn(end, 'p99')
  if (datagrams < ARRIVED * Number(sent) || p99 >= LONGEST_DELAY) return undefined
  return { perSecond: (datagrams * 1000) / Number(elapsed), p99, cpu: numberIn(end, 'cpu') / datagrams }
}

async function most(
  target: Peer,
  sender: Peer,
  argument: { readonly port: number; readonly beacons: readonly string[] },
): Promise<Absorbed> {
  let best: Absorbed = { perSecond: 0, p99: 0, cpu: 0 }
  for (const rate of RATES) {
    let absorbed: Absorbed | undefined
    for (let left = TRIES; left > 0 && !absorbed; left--) {
      absorbed = await flood(target, sender, { ...argument, rate })
    }
    if (!absorbed) break
    best = absorbed
  }
  return best
}

export async function beacons(bench: Bench): Promise<Figure[]> {
  const { bare, broker } = bench
  const devices = await bench.open(DEVICES)
  const port = await ownUdpPort('127.0.0.1', 0)
  const bridge = await bench.startBridge({ name: 'beacons', url: broker.url, devices, poll: '1h', beacons: port })
  const sender = Peer.fork('flood.ts')
  const texts = devices.map(({ serial }) =>
    JSON.stringify({ sn: serial, hw: 'ax', cloud: 'true', connection: 'cloudCon', wifi: '-61', display: '23.5' }),
  )
  await pause(5_000)
  const value = await most(bridge, sender, { port, beacons: texts })
  await bridge.stop()
  const { port: barePort } = await bare.call('bind')
  const floor = await most(bare, sender, { port: Number(barePort), beacons: texts })
  await bare.call('unbind')
  await sender.stop()
  return [
    {
      part: 'd',
      what: 'beacons of known devices absorbed a second, loop delay p99 < 30 ms',
      unit: '/s',
      value: value.perSecond,
      floor: floor.perSecond,
      atLeast: 20_000,
    },
    { part: 'd', what: 'loop delay p99 at that rate', unit: 'ms', value: value.p99, floor: floor.p99, atMost: 30 },
    { part: 'd', what: 'CPU time of a beacon', unit: 'µs', value: value.cpu * 1000, floor: floor.cpu * 1000 },
  ]
}
