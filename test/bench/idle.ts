/** (i) What a bridge takes that has nothing to do: memory, and the CPU time of its start. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Bench, PROBE, pause, type VirtualDevice } from './bench.ts'
import { type Figure, median } from './figures.ts'
import { numberIn, Peer } from './rpc.ts'

const BARE = fileURLToPath(new URL('./bare-online.mjs', import.meta.url))
/** As the settings have it when nobody says otherwise. */
const POLL = '15s'
/** MB that a bridge with so many devices may take. */
const GOALS = [
  [0, 80],
  [10, 90],
  [1000, 150],
] as const
/** ms after all devices are online, in which the rest is loaded, announced and stored, and the heap comes to rest. */
const REST = 75_000
/** ms from `online` on that count as the start. */
const START = 5_000
const STARTS = 5

export async function idle(bench: Bench): Promise<Figure[]> {
  const { url } = bench.broker
  const rest = await bench.open(GOALS.reduce((sum, [size]) => sum + size, 0))
  const plan = (devices: readonly VirtualDevice[]) => ({ name: `idle${devices.length}`, url, devices, poll: POLL })
  const bare = (alone: boolean) =>
    Peer.spawn([...(alone ? [] : ['--import', PROBE]), BARE, url, 'bare/idle'], { cwd: '.', alone })

  // The first start makes the store and the cache of compiled code; all others find them.
  await (await bench.startBridge(plan([]))).stop()
  const cpu: number[] = []
  const floor: number[] = []
  for (let round = 0; round < STARTS; round++) {
    cpu.push(await cpuOfStart(await bench.startBridge(plan([]))))
    floor.push(await cpuOfStart(bare(false)))
  }
  const least = bare(true)
  const bridges: Peer[] = []
  for (const [size] of GOALS) bridges.push(await bench.startBridge(plan(rest.splice(0, size)), true))
  await pause(REST)
  const memory = GOALS.map(
    ([size, atMost], index): Figure => ({
      part: 'i',
      what: `${size === 0 ? 'no' : size} devices at ${POLL}: resident memory`,
      unit: 'MB',
      value: memoryOf(bridges[index]),
      floor: memoryOf(least),
      atMost,
    }),
  )
  await Promise.all([least, ...bridges].map((peer) => peer.stop()))
  return [
    ...memory,
    {
      part: 'i',
      what: `CPU time of a start without devices, until 5 s after it is online, median of ${STARTS}`,
      unit: 'ms',
      value: median(cpu),
      floor: median(floor),
      atMost: 600,
    },
  ]
}

async function cpuOfStart(peer: Peer): Promise<number> {
  await pause(START)
  const cpu = numberIn(await peer.call('life'), 'cpu')
  await peer.stop()
  return cpu
}

/** MB, as the system counts them. */
function memoryOf(peer: Peer | undefined): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(peer?.process.pid)], { encoding: 'utf8' })) / 1024
}
