/** A second bridge beside the first. */
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { eventually } from '../support/e2e.ts'
import { Count, type Effort, type Fault, unless } from './fault.ts'
import { first, pause, type Rig } from './rig.ts'

const COMMANDS = 30

async function oneFolder(rig: Rig, { times }: Effort) {
  const house = await rig.house({ thermostats: [{ model: 'ax' }] })
  const folder = join(rig.folder, 'shared')
  const count = new Count()
  for (let round = 0; round < 3 * times; round++) {
    const one = await (await rig.bridge(house, {}, { folder })).start()
    const two = await rig.bridge(house, {}, { folder })
    two.launch()
    const ended = await Promise.race([two.ended(), pause(10_000)])
    const text = two.lines.join('\n')
    await two.kill()
    const { code } = ended ?? {}
    count.take(
      unless(code === 1 || code === 2, `the second bridge ${ended ? `ended with ${code}` : 'goes on'}`),
      unless(!ended || text.includes(String(one.pid)), `it does not name the first: ${text}`),
      unless((await one.health()) === 200, 'the first one is gone'),
    )
    // Neither a crash nor an orderly end leaves anything behind that keeps the next one out.
    if (round % 2 === 0) await one.kill()
    else await one.stop()
  }
  return count.outcome
}

async function oneTopic(rig: Rig, { times }: Effort) {
  const house = await rig.house({ thermostats: [{ model: 'ax', quirks: { minSpacing: 0 } }] })
  const ax = first(house)
  const broker = await rig.mosquitto()
  const mqtt = { url: [broker.url] }
  const one = await (await rig.bridge(house, { mqtt })).start()
  await one.online(ax.serial)
  const two = await (await rig.bridge(house, { mqtt })).start()
  await two.online(ax.serial).catch(() => undefined)
  const heard = await rig.listener(broker.url)
  const count = new Count()
  // What the thermostat refused, such as a first code by which the bridge learns how it counts, changed nothing.
  const taken = () => ax.writes.filter(({ accepted }) => accepted).length
  const writes = taken()
  for (let i = 0; i < COMMANDS * times; i++) {
    const from = heard.mark
    await heard.command(ax.serial, { brightness: i % 9 })
    await pause(100)
    const results = heard.all(`${ax.serial}/result`, from).length
    count.take(unless(results === 1, `${results} results for one command`))
  }
  const carried = taken() - writes
  count.take(unless(carried <= COMMANDS * times, `${carried} writes for ${COMMANDS * times} commands`))
  await two.stop()
  const said = () => heard.latest('bridge/state') === 'online'
  await eventually('online', said, 15_000).catch(() => undefined)
  count.take(unless(said(), 'after the second one has ended, bridge/state stays offline while the first one works'))
  return count.outcome
}

/** Retained documents of discovery that name the device. */
async function documents(rig: Rig, url: string, serial: string): Promise<readonly string[]> {
  const heard = await rig.listener(url)
  const fits = () =>
    heard.messages.filter(
      ({ topic, text }) => topic.startsWith('homeassistant/device/') && text.includes(`/${serial}/state`),
    )
  await eventually('documents', () => fits().length >= 2, 10_000).catch(() => undefined)
  return [...new Set(fits().map(({ topic }) => topic))]
}

async function twoSites(rig: Rig) {
  const house = await rig.house({ thermostats: [{ model: 'ax' }] })
  const { serial } = first(house)
  const broker = await rig.mosquitto()
  const count = new Count()
  for (const site of ['north', 'south']) {
    const bridge = await (await rig.bridge(house, { site, mqtt: { url: [broker.url] } })).start()
    await bridge.online(serial)
  }
  const topics = await documents(rig, broker.url, serial)
  count.take(unless(topics.length === 2, `${topics.length} documents for one thermostat of two sites`))
  return count.outcome
}

async function oneClient(rig: Rig) {
  const house = await rig.house({ thermostats: [{ model: 'ax' }] })
  const broker = await rig.mosquitto()
  const bridge = await (await rig.bridge(house, { mqtt: { url: [broker.url], client_id: 'the-same' } })).start()
  await bridge.online(first(house).serial)
  // It comes back each time that it is thrown out, as a second bridge would.
  const other = await connectAsync(broker.url, { clientId: 'the-same', protocolVersion: 5, reconnectPeriod: 200 })
  other.on('error', () => undefined)
  rig.after(() => other.endAsync(true))
  const named = () => bridge.logged('client_id').length > 0 || bridge.logged('client id').length > 0
  await eventually('named', named, 60_000).catch(() => undefined)
  const count = new Count()
  count.take(unless(named(), 'the log does not name the client id that two share'))
  return count.outcome
}

export const BRIDGES: readonly Fault[] = [
  {
    id: 'folder',
    what: 'a second bridge with the same data folder: it ends at once and names the first, which goes on; neither a crash nor an end of the first keeps the next one out',
    run: oneFolder,
  },
  {
    id: 'topic',
    what: 'a second bridge with the same broker and base topic: each command has one result and one write, bridge/state is true after the second one has ended',
    run: oneTopic,
  },
  {
    id: 'sites',
    what: 'bridges of two sites with the same thermostat on one broker: neither takes the documents of the other away',
    run: twoSites,
  },
  {
    id: 'client-id',
    what: 'two clients with one client id, which throw each other out: the log names it',
    run: oneClient,
  },
]
