/** Two bridges under one base topic, started, ended and killed in each order. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { BASE, device, Mosquitto, makeBridge, NO_MOSQUITTO, STATE, TestBroker, TestClient, until } from '../support.ts'

const INFO = `${BASE}/bridge/info`
const INSTANCE = `${BASE}/bridge/instance`

type Made = ReturnType<typeof makeBridge>
type Broker = TestBroker | Mosquitto

const problemsIn = (info: string | undefined): unknown => {
  const parsed = parseJson(info ?? '')
  return isObject(parsed) ? parsed.problems : undefined
}

async function aedes(t: Test): Promise<Broker> {
  const broker = await new TestBroker().start()
  t.teardown(() => broker.stop())
  return broker
}

async function mosquitto(t: Test): Promise<Broker> {
  const broker = await new Mosquitto(t.testdir(), await unusedPort()).start()
  t.teardown(() => broker.stop())
  return broker
}

async function rig(t: Test, broker: Broker) {
  const client = await TestClient.open(broker.url)
  await client.subscribe(`${BASE}/#`)
  t.teardown(() => client.end())
  const begin = async (): Promise<Made> => {
    const made = makeBridge({ url: [broker.url] })
    made.devices.add()
    t.teardown(() => made.mqtt.stop())
    await made.mqtt.start()
    return made
  }
  const speaks = ({ mqtt }: Made) => until('it speaks', () => mqtt.connected)
  const waits = ({ mqtt }: Made) => until('it waits', () => mqtt.about().problems[0]?.code === 'standing_by')
  const alone = ({ mqtt }: Made) => until('it is alone', () => mqtt.about().problems.length === 0)
  /** Only what comes after the first `said` tells of a bridge that has just begun to speak, and takes commands. */
  const online = (said = 0) =>
    until('online in the end', () => client.on(STATE).length > said && client.on(STATE).at(-1) === 'online')
  const done = ({ devices }: Made) => devices.calls.filter(({ method }) => method === 'set').length
  /** Thirty commands: how many results came, and how many each of these bridges carried out. */
  const thirty = async (...bridges: readonly Made[]) => {
    const results = client.on(device('result')).length
    const calls = bridges.map(done)
    for (let degrees = 0; degrees < 30; degrees++) await client.publish(device('set/target_temperature'), '21')
    await until('thirty results', () => client.on(device('result')).length >= results + 30)
    // Whoever carried them out as well has answered by the time that a later message has gone all the way round.
    await client.publish(device('get'), '')
    await until('the last', () => client.on(device('result')).length >= results + 31)
    return {
      results: client.on(device('result')).length - results - 1,
      calls: bridges.map((bridge, index) => done(bridge) - (calls[index] ?? 0)),
    }
  }
  return { client, begin, speaks, waits, alone, online, thirty }
}

/** A bridge in a process of its own, that can be killed. */
function inProcess(t: Test, url: string): ChildProcess {
  const child = fork(join(import.meta.dirname, '../killed-bridge.ts'), [url, `forked-${process.pid}`], {
    stdio: 'inherit',
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

const BROKERS = [
  ['aedes', {}, aedes],
  ['Mosquitto', NO_MOSQUITTO, mosquitto],
] as const

for (const [name, options, start] of BROKERS) {
  t.test(`${name}: the second waits, and takes over when the first ends`, options, async (t) => {
    const { client, begin, speaks, waits, alone, online, thirty } = await rig(t, await start(t))
    const first = await begin()
    await speaks(first)
    await online()
    const before = client.messages.length
    const second = await begin()
    await waits(second)
    await until('the first knows', () => first.mqtt.about().problems[0]?.code === 'another_bridge')
    t.same(await thirty(first, second), { results: 30, calls: [30, 0] }, 'each command once')
    t.match(
      first.mqtt.about().problems[0]?.message,
      /Another bridge uses the topics under thermo2mqtt\/ .*Stop one of the two.*T2M_SITE/,
    )
    t.match(second.mqtt.about().problems[0]?.message, /on standby/)
    await until('on the broker', () => JSON.stringify(problemsIn(client.on(INFO).at(-1))).includes('another_bridge'))
    const topics = new Set(client.messages.slice(before).map(({ topic }) => topic))
    t.notOk(topics.has(device('availability')), 'nothing is said of the device a second time')
    t.notOk(topics.has(STATE))
    t.equal(first.logger.having('Another bridge uses').length, 1, 'said once')
    t.equal(second.logger.having('Another bridge uses').length, 1)

    const said = client.on(STATE).length
    await first.mqtt.stop()
    await speaks(second)
    await alone(second)
    await online(said)
    t.same(await thirty(first, second), { results: 30, calls: [0, 30] })
    t.equal(second.logger.having('the only one').length, 1)
  })

  t.test(`${name}: the first goes on when the second ends, with a word or without`, options, async (t) => {
    const broker = await start(t)
    const { client, begin, speaks, waits, alone, online, thirty } = await rig(t, broker)
    const first = await begin()
    await speaks(first)
    const second = await begin()
    await waits(second)
    await second.mqtt.stop()
    await alone(first)
    await online()
    t.same(await thirty(first, second), { results: 30, calls: [30, 0] })

    const third = inProcess(t, broker.url)
    await until('known', () => first.mqtt.about().problems.length === 1)
    const said = client.on(STATE).length
    third.kill('SIGKILL')
    await once(third, 'exit')
    await until('its last will, and the truth after it', () =>
      client.on(STATE).slice(said).join().endsWith('offline,online'),
    )
    t.same(await thirty(first), { results: 30, calls: [30] })
  })

  t.test(`${name}: the second takes over from one that was killed`, options, async (t) => {
    const broker = await start(t)
    const { client, begin, speaks, waits, online, thirty } = await rig(t, broker)
    const first = inProcess(t, broker.url)
    await online()
    const second = await begin()
    await waits(second)
    const said = client.on(STATE).length
    first.kill('SIGKILL')
    await speaks(second)
    await online(said)
    t.same(await thirty(second), { results: 30, calls: [30] })
  })

  t.test(`${name}: of two that start at the same moment one speaks`, options, async (t) => {
    const { begin, waits, speaks, online, thirty } = await rig(t, await start(t))
    const both = await Promise.all([begin(), begin()])
    const codes = () =>
      both
        .map(({ mqtt }) => mqtt.about().problems[0]?.code)
        .sort()
        .join()
    await until('they agree', () => codes() === 'another_bridge,standing_by')
    const [first, second] = both[0].mqtt.connected ? both : [both[1], both[0]]
    await speaks(first)
    await waits(second)
    await online()
    t.same(await thirty(first, second), { results: 30, calls: [30, 0] })
  })

  t.test(`${name}: when the broker was away, one of the two speaks again`, options, async (t) => {
    const broker = await start(t)
    const { begin, waits, speaks } = await rig(t, broker)
    const first = await begin()
    await speaks(first)
    const second = await begin()
    await waits(second)
    await broker.stop()
    await until('both have noticed', () => [first, second].every(({ mqtt }) => !mqtt.status().connected))
    await broker.start()
    const after = await rig(t, broker)
    // The one that has spoken for longer takes over where it comes back second: until both say the same, that is under way.
    const codes = () => [first, second].map(({ mqtt }) => [mqtt.connected, mqtt.about().problems[0]?.code].join())
    const settled = ['false,standing_by', 'true,another_bridge']
    await until('one speaks, and both know', () => codes().sort().join() === settled.join())
    const bridges = first.mqtt.connected ? [first, second] : [second, first]
    await after.online()
    t.same(await after.thirty(...bridges), { results: 30, calls: [30, 0] })
  })
}

for (const [name, options, start, said] of [
  ['aedes, MQTT 3.1.1', {}, aedes, /closes each connection of this bridge soon/],
  // Of version 2.0.11, which closes without the reason.
  [
    'Mosquitto, MQTT 5',
    NO_MOSQUITTO,
    mosquitto,
    /closes each connection of this bridge soon|keep disconnecting each other/,
  ],
] as const) {
  t.test(`${name}: two with one client id are told what they do to each other`, options, async (t) => {
    const broker = await start(t)
    const both = [1, 2].map(() => makeBridge({ url: [broker.url], client_id: 'copied' }))
    t.teardown(() => Promise.all(both.map(({ mqtt }) => mqtt.stop())))
    for (const { mqtt } of both) await mqtt.start()
    await until('both know', () =>
      both.every(({ mqtt }) => mqtt.about().problems.some(({ code }) => code === 'client_id_taken')),
    )
    for (const { mqtt, logger } of both) {
      const told = mqtt.about().problems.find(({ code }) => code === 'client_id_taken')?.message ?? ''
      t.match(told, said)
      t.match(told, /client id[^,]*, copied.*copy of the data folder: stop one of them.*mqtt\.client_id/)
      t.equal(logger.having('copied').filter(({ level }) => level === 'error').length, 1, 'once')
    }
  })
}

t.test('what others have left retained is nobody, and is waited for only where it says to be online', async (t) => {
  const broker = await new TestBroker().start()
  t.teardown(() => broker.stop())
  const { client, begin, speaks, online } = await rig(t, broker)
  await client.publish(STATE, 'online', { retain: true })
  await client.publish(INFO, '{"version":"0","instance":"of another time"}', { retain: true })
  await client.publish(INSTANCE, '{"instance":"x","started":"1","host":"h","role":"active"}', { retain: true })
  const bridge = await begin()
  await speaks(bridge)
  await online()
  t.same(bridge.mqtt.about().problems, [])
  t.same(bridge.logger.having('Another bridge'), [])
})

t.test(
  'a bridge of an older version, which tells of itself in no other way, is noticed by what it publishes',
  async (t) => {
    const { client, begin, speaks } = await rig(t, await aedes(t))
    const bridge = await begin()
    await speaks(bridge)
    await client.publish(INFO, '{"version":"0.0.9","started":"2026-01-31T06:00:00.000Z"}', { retain: true })
    await until('noticed', () => bridge.mqtt.about().problems[0]?.code === 'another_bridge')
    t.match(bridge.mqtt.about().problems[0]?.message, /\(started 2026-01-31 06:00 UTC\).*older version/)
  },
)

t.test('who contradicts without end is answered more and more seldom', async (t) => {
  const { client, begin, speaks, online } = await rig(t, await aedes(t))
  const bridge = await begin()
  await speaks(bridge)
  await online()
  const before = client.on(STATE).length
  const corrections = () =>
    client
      .on(STATE)
      .slice(before)
      .filter((text) => text === 'online').length
  const end = performance.now() + 1_500
  // A busy machine answers later.
  while (performance.now() < end || corrections() < 2) {
    await client.publish(STATE, 'offline', { retain: true })
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  // The clock of the rig is ten times as fast: 15 s have passed.
  t.ok(corrections() <= 8, `${corrections()} corrections`)
  await online()
})
