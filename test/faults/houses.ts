/** Houses that are large, and devices that hang. */
import { connectAsync } from 'mqtt'
import { SystemClock } from '../../src/core/clock.ts'
import { isObject } from '../../src/core/json.ts'
import { randomKey, randomSerial, VirtualCloud } from '../../src/simulator/index.ts'
import { eventually } from '../support/e2e.ts'
import { unusedPort } from '../support/unused-port.ts'
import type { BridgeProcess } from './bridge-process.ts'
import { Count, type Effort, type Fault, unless } from './fault.ts'
import { embeddedUrl, first, type Rig } from './rig.ts'

const LISTED = 1000

async function listed(bridge: BridgeProcess): Promise<number> {
  const { body } = await bridge.rest('GET', '/api/v1/devices')
  return Array.isArray(body.devices) ? body.devices.length : 0
}

/** The longest answer of `/healthz` in ms until `done`. */
async function slowest(bridge: BridgeProcess, done: Promise<unknown>): Promise<number> {
  let over = false
  const end = done.finally(() => {
    over = true
  })
  let worst = 0
  while (!over) {
    const began = performance.now()
    if ((await bridge.health(60_000)) === 200) worst = Math.max(worst, performance.now() - began)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await end
  return Math.round(worst)
}

async function large(rig: Rig, { times, random }: Effort) {
  const devices = Array.from({ length: LISTED * times }, (_, index) => ({
    id: index + 1,
    sn: randomSerial(random),
    name: `Room ${index + 1}`,
    type: 'ax',
    totp_key: randomKey(random),
  }))
  const account = { email: 'a@b.example', password: 'virtual-house', devices }
  const cloud = new VirtualCloud({
    vendor: 'terneo',
    clock: new SystemClock(),
    random,
    accounts: [account],
    pageSize: 100,
  })
  await cloud.start()
  rig.after(() => cloud.stop())
  const house = await rig.house({ thermostats: [] })
  const accounts = [
    { id: 'large', provider: 'terneo', url: cloud.url, username: account.email, password: account.password },
  ]
  const bridge = await rig.bridge(house, { cloud: { accounts } })
  const count = new Count()
  for (const what of ['its first list', 'a restart']) {
    await bridge.start()
    const all = eventually('all are there', async () => (await listed(bridge)) === devices.length, 120_000)
    const worst = await slowest(bridge, all)
    count.take(unless(worst < 250, `/healthz took ${worst} ms with ${what} of ${devices.length} devices`))
    await bridge.stop()
  }
  return count.outcome
}

const HANGS = ['no-answer', 'never-ending', 'slow', 'half', 'cut', 'empty', 'html', 'megabyte'] as const

/** One device of a house hangs; the others must not notice. */
async function hanging(rig: Rig, { times }: Effort) {
  const house = await rig.house({
    thermostats: ['ax', 'oz', 'sx'].map((model) => ({ model, quirks: { minSpacing: 0 } })),
  })
  const [bad, good] = house.thermostats
  const bridge = await rig.bridge(house, { device: { timeout: '1s', min_spacing: '0' } })
  await bridge.start()
  await bridge.online(...house.thermostats.map(({ serial }) => serial))
  const count = new Count()
  for (const hang of Array.from({ length: times }, () => HANGS).flat()) {
    for (let i = 0; i < 6; i++) bad?.device.quirks.injectReplies.push(hang)
    const refused = bridge.rest('PATCH', `/api/v1/devices/${bad?.serial}/state`, { brightness: 2 })
    const began = performance.now()
    const { status } = await bridge.rest('PATCH', `/api/v1/devices/${good?.serial}/state`, { brightness: 3 })
    const took = Math.round(performance.now() - began)
    const { status: other } = await refused
    bad?.device.quirks.injectReplies.splice(0)
    count.take(
      unless(
        status === 200 && took < 2_000,
        `with "${hang}" at one device, a command to another took ${took} ms and answered ${status}`,
      ),
      unless(other >= 200, `with "${hang}" the command has no answer`),
    )
  }
  await bridge.online(bad?.serial ?? '')
  return count.outcome
}

async function flood(rig: Rig, { times }: Effort) {
  const house = await rig.house({ thermostats: [{ model: 'ax', quirks: { minSpacing: 0 } }] })
  const port = await unusedPort()
  const bridge = await rig.bridge(house, { mqtt: { embedded: { port } }, device: { min_spacing: '0' } })
  await bridge.start()
  const { serial } = first(house)
  await bridge.online(serial)
  const client = await connectAsync(embeddedUrl(port))
  rig.after(() => client.endAsync(true))
  const results = new Map<string, number>()
  client.on('message', (_topic, payload) => {
    const result: unknown = JSON.parse(payload.toString())
    const id = isObject(result) ? String(result.transaction) : ''
    results.set(id, (results.get(id) ?? 0) + 1)
  })
  await client.subscribeAsync(`thermo2mqtt/${serial}/result`, { qos: 1 })
  const sent = 300 * times
  for (let i = 0; i < sent; i++)
    client.publish(`thermo2mqtt/${serial}/set`, JSON.stringify({ brightness: i % 9, transaction: `n${i}` }), { qos: 1 })
  await eventually('every command has its result', () => results.size === sent, 60_000).catch(() => undefined)
  const count = new Count()
  for (let i = 0; i < sent; i++)
    count.take(unless(results.get(`n${i}`) === 1, `command n${i} has ${results.get(`n${i}`) ?? 0} results`))
  return count.outcome
}

export const HOUSES: readonly Fault[] = [
  {
    id: 'large',
    what: `an account that lists ${LISTED} devices, and a restart with them: /healthz answers within 250 ms all the while`,
    run: large,
  },
  {
    id: 'hanging',
    what: 'a device that hangs, breaks off or talks nonsense: commands to the others are done in time, its own have an answer, and it is back afterwards',
    run: hanging,
  },
  { id: 'flood', what: '300 commands to one device at once: each has one result', run: flood },
]
