/** (g) A cloud that lists a crowd of devices: the first list, and a restart with all of them known. */
import { Agent, get } from 'node:http'
import { connectAsync } from 'mqtt'
import { isObject, type JsonObject, parseJson } from '../../src/core/json.ts'
import { type Bench, MAIN, PROBE, pause } from './bench.ts'
import { freePort } from './broker.ts'
import type { Figure } from './figures.ts'
import { instant, numberIn, Peer } from './rpc.ts'

const SIZES = [300, 1000, 10_000] as const
/** Records in a page of the list. */
const PAGE = 100
/** ms between two looks at `/healthz`: more of them would be a good part of what is measured, half a millisecond of CPU each. */
const LOOK_EVERY = 20
/** ms after the last device was counted, in which the rest of the work is done. */
const AFTER = 5_000
/** ms until the crowd must have been listed. */
const LONGEST = 180_000
const LOGIN = { email: 'house@terneo.example', password: 'only-for-the-benchmark' }

interface Run {
  /** CPU ms of the process from its start on. */
  readonly cpu: number
  /** ms of the slowest answer of `/healthz`. */
  readonly slowest: number
  /** ms from the start of the process until all devices were counted. */
  readonly took: number
}

export async function crowd(bench: Bench): Promise<Figure[]> {
  const cloud = Peer.fork('cloud.ts')
  const figures: Figure[] = []
  let floors: readonly Run[] = []
  for (const size of [1, ...SIZES]) {
    const { url } = await cloud.call('open', { devices: size, page: PAGE, ...LOGIN })
    const port = await freePort()
    const name = `crowd${size}`
    const folder = bench.furnish({ name, url: bench.broker.url, devices: [], poll: '10s', more: settings(port, url) })
    const plan = { name, folder, port, size }
    const runs = [await run(bench, plan), await run(bench, plan)]
    if (size === 1) floors = runs
    else figures.push(...runs.flatMap((one, index) => shown(size, WHAT[index] ?? '', one, floors[index])))
  }
  await cloud.stop()
  return figures
}

const WHAT = ['devices are listed', 'devices, a restart']

function settings(port: number, url: unknown): JsonObject {
  const account = { id: 'home', provider: 'terneo', username: LOGIN.email, password: LOGIN.password, url }
  return {
    api: { port, admin_password: LOGIN.password },
    cloud: { accounts: [{ ...account, allow_insecure: true }] },
  }
}

interface Plan {
  readonly name: string
  readonly folder: string
  readonly port: number
  readonly size: number
}

async function run(bench: Bench, { name, folder, port, size }: Plan): Promise<Run> {
  const client = await connectAsync(bench.broker.url)
  const counted = new Promise<void>((resolve) => {
    client.on('message', (_topic, payload, { retain }) => {
      const info = parseJson(payload.toString())
      const { devices, accounts } = isObject(info) ? info : {}
      const [account]: readonly unknown[] = Array.isArray(accounts) ? accounts : []
      if (retain || !isObject(devices) || !isObject(account)) return
      if (devices.total === size && account.devices === size && account.state === 'ready') resolve()
    })
  })
  await client.subscribeAsync(`${name}/bridge/info`)
  const start = instant()
  const peer = Peer.spawn(['--import', PROBE, MAIN, 'run', `--data_dir=${folder}`], { cwd: folder })
  const looks = new Looks(port)
  const late = pause(LONGEST).then(() => Promise.reject(new Error(`${size} devices are not counted`)))
  await Promise.race([counted, late])
  const took = instant() - start
  await pause(AFTER)
  const slowest = await looks.end()
  const cpu = numberIn(await peer.call('life'), 'cpu')
  await client.endAsync(true)
  await peer.stop()
  return { cpu, slowest, took }
}

/** Looks at `/healthz` all the time, from its first answer on. */
class Looks {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #over: Promise<void>
  #slowest = 0
  #ends = false

  constructor(port: number) {
    this.#over = this.#look(port)
  }

  async end(): Promise<number> {
    this.#ends = true
    await this.#over
    this.#agent.destroy()
    return this.#slowest
  }

  async #look(port: number): Promise<void> {
    let answered = false
    while (!this.#ends) {
      const start = instant()
      const ok = await this.#ask(port)
      if (answered || ok) this.#slowest = Math.max(this.#slowest, instant() - start)
      if (answered && !ok) throw new Error('/healthz does not answer any more')
      answered = ok
      await pause(LOOK_EVERY)
    }
  }

  #ask(port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const sent = get({ host: '127.0.0.1', port, path: '/healthz', agent: this.#agent }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode === 200))
      })
      sent.on('error', () => resolve(false))
    })
  }
}

function shown(size: number, what: string, { cpu, slowest, took }: Run, floor: Run | undefined): Figure[] {
  const goal = size === 10_000 ? { atMost: 5_000 } : size === 1_000 ? { atMost: 1_000 } : {}
  const figure = (
    name: string,
    value: number,
    below: number | undefined,
    goal: Pick<Figure, 'atMost'> = {},
  ): Figure => ({
    ...{ part: 'g', what: `${size} ${what}: ${name}`, unit: 'ms', value, ...goal },
    ...(below === undefined ? {} : { floor: below }),
  })
  return [
    figure('CPU time of the process', cpu, floor?.cpu, goal),
    figure('slowest answer of /healthz', slowest, floor?.slowest, { atMost: 100 }),
    figure('process start → all in bridge/info', took, floor?.took),
  ]
}
