/** How soon a bridge is online: nothing of it may wait for somebody who is not there. */
import t, { type Test } from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { BASE, Mosquitto, makeBridge, NO_MOSQUITTO, STATE, TestBroker, TestClient, until } from '../support.ts'

const INFO = `${BASE}/bridge/info`

async function aedes(t: Test): Promise<string> {
  const broker = await new TestBroker().start()
  t.teardown(() => broker.stop())
  return broker.url
}

async function mosquitto(t: Test): Promise<string> {
  const broker = await new Mosquitto(t.testdir(), await unusedPort()).start()
  t.teardown(() => broker.stop())
  return broker.url
}

/** With a clock that stands still: whatever waits for some time waits for ever. */
async function begin(t: Test, url: readonly string[]) {
  const made = makeBridge({ url }, { clock: new FakeClock() })
  made.devices.add()
  t.teardown(() => made.mqtt.stop())
  await made.mqtt.start()
  return made
}

for (const [name, options, start] of [
  ['aedes', {}, aedes],
  ['Mosquitto', NO_MOSQUITTO, mosquitto],
] as const) {
  t.test(`${name}: a bridge that is alone waits for nobody`, options, async (t) => {
    const url = await start(t)
    const client = await TestClient.open(url)
    t.teardown(() => client.end())
    await client.subscribe(STATE)
    await begin(t, [url])
    t.equal(await client.next(STATE), 'online', 'nothing is retained')
  })

  t.test(`${name}: nor does one that finds another that has ended`, options, async (t) => {
    const url = await start(t)
    const client = await TestClient.open(url)
    t.teardown(() => client.end())
    await client.publish(STATE, 'offline', { retain: true })
    await client.publish(INFO, '{"version":"0","instance":"of another time"}', { retain: true })
    await begin(t, [url])
    await client.subscribe(STATE)
    await until('online', () => client.on(STATE).at(-1) === 'online')
  })

  t.test(`${name}: only one that is said to be online is waited for`, options, async (t) => {
    const url = await start(t)
    const client = await TestClient.open(url)
    t.teardown(() => client.end())
    await client.publish(STATE, 'online', { retain: true })
    await client.publish(INFO, '{"version":"0","instance":"of another time"}', { retain: true })
    await client.subscribe(`${BASE}/bridge/instance`)
    const { mqtt } = await begin(t, [url])
    await client.next(`${BASE}/bridge/instance`)
    // What comes back twice was answered by nobody in between.
    for (const text of ['1', '2']) await client.publish(`${BASE}/bridge/instance`, text)
    await until('round again', () => client.on(`${BASE}/bridge/instance`).includes('2'))
    t.notOk(mqtt.connected)
  })
}

t.test('at the embedded broker nobody can have been before', async (t) => {
  const { mqtt } = await begin(t, [])
  await until('online', () => mqtt.restored)
  t.pass('without a wait')
})

t.test('what waits until the bridge is online does so until it has said all that is retained', async (t) => {
  const made = makeBridge({ url: [await aedes(t)] })
  t.teardown(() => made.mqtt.stop())
  for (let number = 0; number < 200; number++) made.mqtt.retain(`${BASE}/of/${number}`, 'x')
  await made.mqtt.start()
  await made.mqtt.whenOnline(10_000)
  t.ok(made.mqtt.restored)
})
