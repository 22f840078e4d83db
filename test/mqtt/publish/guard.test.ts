/** Other clients of the broker publish where only the bridge does. */
import t, { type Test } from 'tap'
import { exampleView } from '../../support/fake-bridge.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { BASE, device, Mosquitto, makeBridge, NO_MOSQUITTO, STATE, TestBroker, TestClient, until } from '../support.ts'

const INFO = `${BASE}/bridge/info`
const HOUSE = `${BASE}/bridge/house`
const OF_DEVICE = ['state', 'availability', 'schedule'].map((word) => device(word))

const week = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] }

/** A bridge with a device, and a client that hears everything. */
async function rig(t: Test, url: string | null) {
  const made = makeBridge({ url: url === null ? [] : [url] })
  const { mqtt, devices } = made
  devices.add(exampleView('oz', { schedule: { floor: week, air: null } }))
  t.teardown(() => mqtt.stop())
  await mqtt.start()
  const client = await TestClient.open(url ?? `mqtt://127.0.0.1:${mqtt.brokerPort}`)
  t.teardown(() => client.end())
  await client.subscribe(`${BASE}/#`)
  await until('everything is said', () => mqtt.restored && client.on(STATE).includes('online'))
  return { ...made, client }
}

/** Publishes a wrong value and waits until the one before it is there again. */
async function isMended(client: TestClient, topic: string, wrong: string, retain = true): Promise<void> {
  const right = await client.next(topic)
  const before = client.on(topic).length
  await client.publish(topic, wrong, { retain })
  await until(`${topic} is mended`, () => client.on(topic).length > before && client.on(topic).at(-1) === right)
}

const WRONG = ['{"mode":"off"}', '', 'garbage', '\u0000\uffff', '[]', '9'.repeat(100_000)]

const BROKERS: Readonly<Record<string, (t: Test) => Promise<string | null>>> = {
  'the embedded broker': async () => null,
  'a broker with MQTT 5': async (t) => {
    const broker = await new TestBroker({ preConnect: (_client, _packet, done) => done(null, true) }).start()
    t.teardown(() => broker.stop())
    return broker.url
  },
}

for (const [name, broker] of Object.entries(BROKERS)) {
  t.test(`with ${name}, whatever the bridge retains is said again when somebody overwrites it`, async (t) => {
    const { client, mqtt } = await rig(t, await broker(t))
    t.equal(mqtt.status().protocol, '5')
    for (const topic of [HOUSE, INFO, ...OF_DEVICE]) await isMended(client, topic, 'wrong')
    await isMended(client, HOUSE, 'not retained', false)
    await isMended(client, STATE, 'gone')
  })
}

t.test('with MQTT 3.1.1 the topics of the bridge are, and those of devices are not asked for', async (t) => {
  const broker = await new TestBroker().start()
  t.teardown(() => broker.stop())
  const asked: string[] = []
  broker.aedes?.on('subscribe', (subscriptions) => asked.push(...subscriptions.map(({ topic }) => topic)))
  const { client, mqtt } = await rig(t, broker.url)
  t.equal(mqtt.status().protocol, '3.1.1')
  for (const topic of [HOUSE, INFO]) await isMended(client, topic, 'wrong')
  t.ok(asked.includes(HOUSE))
  t.notOk(asked.includes(`${BASE}/+/state`), 'each state would come back')
})

t.test('with Mosquitto', NO_MOSQUITTO, async (t) => {
  const broker = await new Mosquitto(t.testdir(), await unusedPort()).start()
  t.teardown(() => broker.stop())
  const { client, mqtt } = await rig(t, broker.url)
  t.equal(mqtt.status().protocol, '5')
  for (const topic of [HOUSE, INFO, ...OF_DEVICE]) await isMended(client, topic, 'wrong')
})

t.test('bad input of every kind is mended, and what is true, or about nobody, is answered by nothing', async (t) => {
  const { client, devices, logger } = await rig(t, null)
  for (const wrong of WRONG) {
    const view = devices.add(exampleView('ax', { serial: `A${WRONG.indexOf(wrong)}BCDEF0123456789` }))
    const topic = `${BASE}/${view.serial}/availability`
    await isMended(client, topic, wrong)
  }
  const right = client.on(HOUSE).at(-1) ?? ''
  const said = client.on(HOUSE).length
  const others = [`${BASE}/FFFF0123456789ABCDEF/state`, `${BASE}/bridge/other`, `${BASE}/x/availability`]
  for (const topic of others) await client.publish(topic, 'x', { retain: true })
  await client.publish(HOUSE, right, { retain: true })
  // Whatever came before it has been dealt with once this is answered.
  await client.publish(device('get'), '')
  await client.next(device('result'))
  t.equal(client.on(HOUSE).length, said + 1)
  t.same(
    others.map((topic) => client.on(topic)),
    [['x'], ['x'], ['x']],
  )
  t.same(
    logger.lines.filter(({ level }) => level === 'error'),
    [],
  )
})

t.test('who writes there without end is answered more and more seldom, and is not in the end', async (t) => {
  const { client } = await rig(t, null)
  const right = await client.next(HOUSE)
  const before = client.on(HOUSE).length
  const corrections = () =>
    client
      .on(HOUSE)
      .slice(before)
      .filter((text) => text === right).length
  for (let i = 0; i < 300 || corrections() < 2; i++) await client.publish(HOUSE, `wrong ${i}`, { retain: true })
  t.ok(corrections() < 10, `${corrections()} corrections`)
  await until('right in the end', () => client.on(HOUSE).at(-1) === right)
})

t.test('a bridge that has stopped says nothing', async (t) => {
  const broker = await new TestBroker({ preConnect: (_client, _packet, done) => done(null, true) }).start()
  t.teardown(() => broker.stop())
  const { client, mqtt } = await rig(t, broker.url)
  for (let i = 0; i < 3; i++) await client.publish(HOUSE, `wrong ${i}`, { retain: true })
  await mqtt.stop()
  const said = client.on(HOUSE).length
  await client.publish(HOUSE, 'after', { retain: true })
  await until('it is heard', () => client.on(HOUSE).length === said + 1)
  t.equal(client.on(HOUSE).at(-1), 'after')
})

t.test('a broker that refuses to be listened to is no trouble', async (t) => {
  const broker = await new TestBroker({
    preConnect: (_client, _packet, done) => done(null, true),
    authorizeSubscribe: (client, subscription, done) => {
      const own =
        client?.id.startsWith('bridge-') && /house|[+]\/(state|availability|schedule)$/.test(subscription.topic)
      done(null, own ? null : subscription)
    },
  }).start()
  t.teardown(() => broker.stop())
  const { mqtt, devices, client, logger } = await rig(t, broker.url)
  await client.publish(device('set/target_temperature'), '21')
  await until('it is commanded', () => devices.calls.length === 1)
  t.same(mqtt.about().problems, [])
  t.same(logger.having('refuses the subscription'), [])
})
