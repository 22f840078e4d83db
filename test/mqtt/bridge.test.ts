import t from 'tap'
import { SystemClock } from '../../src/core/clock.ts'
import { EXAMPLE_SERIAL } from '../support/fake-bridge.ts'
import { BASE, device, makeBridge, STATE, TestClient, until } from './support.ts'

t.test('on the embedded broker: states, commands, results, goodbye', async (t) => {
  const { mqtt, devices } = makeBridge({}, { clock: new SystemClock() })
  devices.add()
  await mqtt.start()
  const client = await TestClient.open(`mqtt://127.0.0.1:${mqtt.brokerPort}`)
  await client.subscribe(`${BASE}/#`)
  t.match(await client.json(device('state')), { target_temperature: 24, mode: 'heat' })
  t.equal(await client.next(device('availability')), 'online')
  t.match(await client.json(`${BASE}/bridge/info`), { devices: { total: 1 } })
  t.equal(await client.next(STATE), 'online')
  t.ok(client.messages.every(({ packet }) => packet.retain))

  await client.publish(device('set/target_temperature'), '25.0')
  t.same(await client.json(device('result')), { ok: true, command: { target_temperature: 25 } })
  t.match(await client.json(device('state'), 2), { target_temperature: 25 })

  await client.publish(device('set/target_temperature'), '25.0')
  await client.next(device('result'), 2)
  t.equal(client.on(device('state')).length, 2, 'unchanged, so not published')

  await client.publish(device('set'), 'nonsense')
  t.match(await client.json(device('result'), 3), { ok: false, error: { code: 'BAD_REQUEST' } })
  t.match(await client.json(device('state'), 3), { target_temperature: 25 }, 'the true state again')

  devices.remove(EXAMPLE_SERIAL)
  t.equal(await client.next(device('state'), 4), '')
  t.equal(await client.next(device('availability'), 2), '')
  const late = await TestClient.open(`mqtt://127.0.0.1:${mqtt.brokerPort}`)
  await late.subscribe(`${BASE}/#`)
  await late.next(STATE)
  t.same(late.on(device('state')), [])

  const { received, sent, dropped } = mqtt.counters()
  t.equal(received, 3)
  t.ok(sent > 10)
  t.equal(dropped, 0)
  await mqtt.stop()
  t.equal(await client.next(STATE, 2), 'offline')
  t.same(devices.failures, [])
  await client.end()
  await late.end()
})

t.test(
  'on the embedded broker a retained command is refused and not kept, whatever its QoS, from a will too',
  async (t) => {
    const { mqtt, devices } = makeBridge()
    devices.add()
    await mqtt.start()
    const url = `mqtt://127.0.0.1:${mqtt.brokerPort}`
    const watcher = await TestClient.open(url)
    await watcher.subscribe(device('result'))
    await watcher.subscribe(`${BASE}/bridge/response/+`)
    const will = { topic: device('set/mode'), payload: Buffer.from('off'), qos: 1, retain: true } as const
    const client = await TestClient.open(url, { will })
    for (const qos of [0, 1, 2] as const) await client.publish(device('set/mode'), 'off', { qos, retain: true })
    await client.publish(device('set'), '{"mode":"off","transaction":4}', { retain: true })
    await client.publish(`${BASE}/bridge/request/restart`, '', { retain: true })
    await watcher.next(device('result'), 4)
    client.client.stream.destroy()
    await watcher.next(device('result'), 5)
    for (const text of watcher.on(device('result'))) {
      t.match(JSON.parse(text), { ok: false, error: { code: 'BAD_REQUEST', message: /retained/ } })
    }
    t.match(await watcher.json(`${BASE}/bridge/response/restart`), { ok: false, error: { message: /retained/ } })
    t.same(devices.calls, [])

    const late = await TestClient.open(url)
    await late.subscribe(`${BASE}/#`)
    await late.publish(device('set/mode'), 'cool')
    t.match(await watcher.json(device('result'), 6), { ok: true, command: { mode: 'cool' } }, 'others go on')
    t.equal(watcher.on(device('result')).length, 6, 'one result for each')
    const kept = late.messages.filter(({ packet }) => packet.retain).map(({ topic }) => topic)
    t.same(
      kept.filter((topic) => /\/(set|request)/.test(topic)),
      [],
      'none was kept',
    )
    await late.end()
    await watcher.end()
    await mqtt.stop()
  },
)

t.test('the port for others', async (t) => {
  const { mqtt, logger } = makeBridge()
  const heard: (readonly [string, string, string, boolean])[] = []
  const hear = (name: string) => (topic: string, payload: Buffer, retained: boolean) => {
    heard.push([name, topic, payload.toString(), retained])
  }
  let connects = 0
  const offConnect = mqtt.onConnect(() => {
    connects++
  })
  mqtt.onConnect(() => {
    throw new Error('a listener fails')
  })
  const offFirst = mqtt.subscribe('ha/+', hear('first'))
  mqtt.subscribe('ha/+', hear('second'))
  mqtt.subscribe('ha/status', () => {
    throw new Error('another fails')
  })
  await mqtt.start()
  await until('connected', () => connects === 1)
  t.equal(logger.having('listener').length, 1)
  let late = 0
  mqtt.onConnect(() => {
    late++
  })
  t.equal(late, 1, 'at once, when connected already')

  const client = await TestClient.open(`mqtt://127.0.0.1:${mqtt.brokerPort}`)
  await client.subscribe('out/#')
  await client.publish('ha/status', 'online')
  await until('both heard', () => heard.length >= 2)
  t.same(heard.splice(0).sort(), [
    ['first', 'ha/status', 'online', false],
    ['second', 'ha/status', 'online', false],
  ])
  offFirst()
  offFirst()
  await client.publish('ha/x', 'kept', { retain: true })
  await until('one heard', () => heard.length >= 1)
  t.same(heard.splice(0), [['second', 'ha/x', 'kept', false]])

  const offOwn = mqtt.subscribe(`${BASE}/bridge/state`, hear('own'))
  await until('own topics too', () => heard.length >= 1)
  t.same(heard.splice(0), [['own', `${BASE}/bridge/state`, 'online', true]])
  offOwn()

  mqtt.retain('out/a', '1')
  mqtt.retain('out/a', '1')
  mqtt.repeat('out/a')
  mqtt.publish('out/b', 'once')
  mqtt.clear('out/a')
  await client.next('out/b')
  await client.next('out/a', 3)
  t.same(client.on('out/a'), ['1', '1', ''], 'none lost, although sent with what overtakes it inside aedes')
  offConnect()
  t.equal(mqtt.counters().dropped, 0)
  await client.end()
  await mqtt.stop()
})

t.test('a megabyte from the network harms nobody', async (t) => {
  const { mqtt, devices } = makeBridge()
  devices.add()
  await mqtt.start()
  const client = await TestClient.open(`mqtt://127.0.0.1:${mqtt.brokerPort}`)
  await client.subscribe(device('result'))
  await client.publish(device('set'), 'x'.repeat(1_000_000))
  t.match(await client.json(device('result')), { ok: false, error: { code: 'BAD_REQUEST' }, command: null })
  client.client.publish(device('set'), 'x'.repeat(2_000_000))
  await until('disconnected', () => !client.client.connected)
  t.equal(mqtt.counters().dropped, 1)
  t.equal(mqtt.connected, true)
  await client.end()
  await mqtt.stop()
})

t.test('a base topic that is none is refused before anything is opened', async (t) => {
  t.throws(() => makeBridge({ base_topic: 'a/#' }), { code: 'BAD_REQUEST', message: /mqtt\.base_topic/ })
})
