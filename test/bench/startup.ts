/** (e) From the start of the process to `online` on MQTT. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { connectAsync } from 'mqtt'
import { type Bench, MAIN, pause } from './bench.ts'
import { type Figure, median } from './figures.ts'
import { instant } from './rpc.ts'

const NAME = 'startup'
const DEVICES = 10
const ROUNDS = 11
const BARE = fileURLToPath(new URL('./bare-online.mjs', import.meta.url))

export async function startup(bench: Bench): Promise<Figure[]> {
  const { broker } = bench
  const devices = await bench.open(DEVICES)
  const plan = { name: NAME, url: broker.url, devices, poll: '10s', spacing: '500ms' }
  const folder = bench.furnish(plan)
  // The first start makes the store and the cache of compiled code; all others find them.
  await (await bench.startBridge(plan)).stop()
  const value: number[] = []
  const floor: number[] = []
  const online = await watch(broker.url)
  for (let round = 0; round <= ROUNDS; round++) {
    const bridge = await online.after([MAIN, 'run', `--data_dir=${folder}`], `${NAME}/bridge/state`)
    const bare = await online.after([BARE, broker.url, 'bare/state'], 'bare/state')
    if (round === 0) continue
    value.push(bridge)
    floor.push(bare)
  }
  await online.end()
  return [
    {
      part: 'e',
      what: `process start → online on MQTT, median of ${ROUNDS}`,
      unit: 'ms',
      value: median(value),
      floor: median(floor),
      atMost: 500,
    },
  ]
}

async function watch(url: string) {
  const client = await connectAsync(url, { protocolVersion: 5 })
  let heard: (topic: string) => void = () => undefined
  client.on('message', (topic, payload, { retain }) => {
    if (!retain && payload.toString() === 'online') heard(topic)
  })
  await client.subscribeAsync(['+/bridge/state', 'bare/state'])
  return {
    /** Starts Node with `args`, waits for `online` on `topic`, ends the process, and tells the ms that it took. */
    async after(args: readonly string[], topic: string): Promise<number> {
      const online = new Promise<number>((resolve) => {
        heard = (from) => from === topic && resolve(instant())
      })
      const start = instant()
      const child = spawn(process.execPath, [...args], {
        env: { PATH: process.env.PATH, HOME: process.env.HOME },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const took = (await online) - start
      await pause(300)
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      return took
    },
    end: () => client.endAsync(),
  }
}
