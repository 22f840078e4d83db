/** (c) Many devices, each polled every 10 s. */
import { type Bench, pause } from './bench.ts'
import type { Figure } from './figures.ts'
import { numberIn, type Peer } from './rpc.ts'

/** Small numbers cost little, which takes longer to measure; their bridges run side by side. */
const SMALL = { sizes: [0, 10, 100], window: 40_000 }
const LARGE = { size: 1000, window: 20_000 }
/** After all devices are online: what is learned of them is announced and stored. */
const SETTLE = 10_000
const POLLS_A_SECOND = 0.1

interface Usage {
  readonly devices: number
  /** Share of one core. */
  readonly share: number
  readonly p99: number
  readonly rss: number
}

async function usage(peer: Peer, devices: number, window: number): Promise<Usage> {
  await peer.call('begin')
  await pause(window)
  const end = await peer.call('end')
  return {
    devices,
    share: numberIn(end, 'cpu') / numberIn(end, 'elapsed'),
    p99: numberIn(end, 'p99'),
    rss: numberIn(end, 'rss'),
  }
}

export async function scale(bench: Bench): Promise<Figure[]> {
  const { house, bare, broker } = bench
  const total = SMALL.sizes.reduce((sum, size) => sum + size, LARGE.size)
  const rest = await bench.open(total)
  const start = (devices: number) =>
    bench.startBridge({ name: `scale${devices}`, url: broker.url, devices: rest.splice(0, devices), poll: '10s' })

  const { port } = await house.call('bare', { text: TELEMETRY })
  await bare.call('connect', { url: broker.url, topic: 'bare/hop' })
  const loop = (rounds: number) =>
    bare.call('loop', { port, topic: 'bare/state', payload: 'x'.repeat(1200), rounds, paced: true })
  await loop(1000)
  const floor = await loop(1000)

  const peers: { readonly devices: number; readonly peer: Peer }[] = []
  for (const devices of SMALL.sizes) peers.push({ devices, peer: await start(devices) })
  await pause(SETTLE)
  const small = await Promise.all(peers.map(({ devices, peer }) => usage(peer, devices, SMALL.window)))
  await Promise.all(peers.map(({ peer }) => peer.stop()))

  const peer = await start(LARGE.size)
  await pause(SETTLE)
  const large = await usage(peer, LARGE.size, LARGE.window)
  await peer.stop()
  return figures([...small, large], { cpu: numberIn(floor, 'cpu'), rss: numberIn(floor, 'rss') })
}

function figures(usages: readonly Usage[], floor: { readonly cpu: number; readonly rss: number }): Figure[] {
  const [idle, ...used] = usages
  const bareShare = (devices: number) => (devices * POLLS_A_SECOND * floor.cpu) / 10
  const perDevice = ({ devices, share }: Usage) => ((share - (idle?.share ?? 0)) / devices) * 100
  const common = (devices: number) => ({ part: 'c', goals: devices === LARGE.size })
  const list = used.flatMap((use): Figure[] => {
    const { part, goals } = common(use.devices)
    const at = `${use.devices} devices at 10 s: `
    return [
      {
        part,
        what: `${at}share of a core`,
        unit: '%',
        value: use.share * 100,
        floor: bareShare(use.devices),
        ...(goals ? { atMost: 50 } : {}),
      },
      {
        part,
        what: `${at}resident memory`,
        unit: 'MB',
        value: use.rss,
        floor: floor.rss,
        ...(goals ? { atMost: 180 } : {}),
      },
      { part, what: `${at}loop delay p99`, unit: 'ms', value: use.p99, ...(goals ? { atMost: 30 } : {}) },
    ]
  })
  const [least] = used
  const most = used.at(-1)
  if (!least || !most) return list
  return [
    ...list,
    {
      part: 'c',
      what: `cost a device at ${most.devices} against that at ${least.devices}`,
      unit: '% of a core',
      value: perDevice(most),
      floor: perDevice(least),
      of: 'ratio',
      atMost: 1.1,
    },
  ]
}

/** About what an AX answers. */
const TELEMETRY = JSON.stringify(
  Object.fromEntries([
    ['sn', '0123456789ABCDEF0123456789ABCD'],
    ...Array.from({ length: 40 }, (_, index) => [`f.${index}`, '0']),
  ]),
)
