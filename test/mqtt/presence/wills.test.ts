import type { Client } from 'aedes'
import t, { type Test } from 'tap'
import { makeBridge, TestBroker, TestClient, until } from '../support.ts'

const ROOT = 'homie/5/thermo2mqtt/$state'
const ERROR = '/devices/thermo2mqtt/meta/error'

async function start(t: Test) {
  const broker = await new TestBroker().start()
  const client = await TestClient.open(broker.url)
  for (const topic of [ROOT, ERROR]) await client.subscribe(topic)
  const { mqtt, logger } = makeBridge({ url: [broker.url], client_id: 'ours' })
  t.teardown(async () => {
    await mqtt.stop()
    await client.end()
    await broker.stop()
  })
  const clients = new Map<string, Client>()
  broker.aedes?.on('client', (one) => clients.set(one.id, one))
  broker.aedes?.on('clientDisconnect', (one) => clients.delete(one.id))
  /** As when the network of these connections is gone: no goodbye. */
  const cut = (...ids: readonly string[]) => {
    for (const id of ids) clients.get(id)?.conn.destroy()
  }
  const there = (...ids: readonly string[]) => until(ids.join(), () => ids.every((id) => clients.has(id)))
  return { client, mqtt, logger, cut, there }
}

t.test('a will of its own is said when the bridge is gone, and taken back when it is not', async (t) => {
  const { client, mqtt, logger, cut, there } = await start(t)
  mqtt.retain(ROOT, 'ready')
  mqtt.keepWill(ROOT, 'lost')
  await mqtt.start()
  mqtt.keepWill(ERROR, 'r')
  await there('ours', 'ours-will1', 'ours-will2')
  t.equal(await client.next(ROOT), 'ready')
  const before = client.on(ROOT).length

  cut('ours-will1')
  await until('lost', () => client.on(ROOT).includes('lost'))
  await until('ready again', () => client.on(ROOT).at(-1) === 'ready')
  t.ok(mqtt.connected, 'the bridge itself was there all the time')
  t.notOk(
    logger.lines.some(({ level }) => level === 'warn'),
    'nobody has to do anything about it',
  )
  t.ok(client.on(ROOT).length >= before + 2)

  cut('ours', 'ours-will2')
  await until('the will', () => client.on(ERROR).includes('r'))
  await until('cleared, since nothing is retained there', () => client.on(ERROR).at(-1) === '')

  const messages = client.messages.length
  await mqtt.stop()
  await until('offline', () => !mqtt.connected)
  t.notOk(
    client.messages.slice(messages).some(({ text }) => text === 'lost' || text === 'r'),
    'after a goodbye no will',
  )
})

t.test('restored: after everything retained is out, on each connection', async (t) => {
  const { client, mqtt, cut, there } = await start(t)
  let times = 0
  mqtt.retain(ROOT, () => (mqtt.restored ? 'ready' : 'init'))
  for (let number = 0; number < 200; number++) mqtt.retain(`many/${number}`, 'x')
  mqtt.onRestored(() => {
    times++
    mqtt.repeat(ROOT)
  })
  await client.subscribe('many/#')
  t.equal(mqtt.restored, false)
  await mqtt.start()
  for (const time of [1, 2]) {
    await until('restored', () => times === time)
    t.equal(mqtt.restored, true)
    await until('ready', () => client.on(ROOT).length === 2 * time)
    t.strictSame(client.on(ROOT).slice(-2), ['init', 'ready'])
    const { length } = client.messages.filter(({ topic }) => topic.startsWith('many/'))
    t.equal(length, 200 * time, 'everything is there before')
    if (time === 1) cut('ours')
  }
  await there('ours')
  let now = 0
  const forget = mqtt.onRestored(() => now++)
  t.equal(now, 1, 'at once, when it is so already')
  forget()
})
