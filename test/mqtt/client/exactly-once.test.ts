/** Results and commands once, over connections that end at any moment. */
import t, { type Test } from 'tap'
import { device, makeBridge, STATE, until } from '../support.ts'
import { type Script, ScriptedBroker } from './scripted-broker.ts'

async function start(t: Test, script: Partial<Script> = {}) {
  const broker = await new ScriptedBroker(script).start(t)
  const made = makeBridge({ url: [broker.url] })
  made.devices.add()
  t.teardown(() => made.mqtt.stop())
  await made.mqtt.start()
  await until('ready', () => made.mqtt.connected && broker.of('subscribe').length > 0)
  const command = (payload: string, packet: object = {}) =>
    broker.send({
      ...{ cmd: 'publish', topic: device('set'), payload, qos: 1, dup: false, retain: false, messageId: 7 },
      ...packet,
    })
  const again = async () => {
    const { connections } = broker
    broker.cut()
    await until('connected again', () => broker.connections > connections && made.mqtt.connected)
  }
  return { ...made, broker, command, again }
}

const TURN_UP = '{"target_temperature":21,"transaction":1}'

t.test('a result goes out with QoS 2, and is finished where its connection ended', async (t) => {
  for (const version of [4, 5] as const) {
    const { broker, command, again, mqtt } = await start(t, { version, silent: new Set(['publish']) })
    broker.script.silent = new Set(['pubrel'])
    command(TURN_UP)
    const released = await broker.next('pubrel')
    t.match(broker.results(), [{ qos: 2, dup: false, messageId: released.messageId }])
    broker.script.silent = new Set()
    broker.script.sessionPresent = true
    await again()
    t.equal((await broker.next('pubrel', 2)).messageId, released.messageId, 'it is only released')
    await until('done', () => mqtt.counters().waiting === 0)
    t.equal(broker.results().length, 1, `${version}: once`)
    await again()
    await broker.next('subscribe', 3)
    t.equal(broker.of('pubrel').length, 2, 'and not again')
  }
})

t.test('a result that the broker has not confirmed comes again, marked so, under its number', async (t) => {
  const { broker, command, again, mqtt } = await start(t)
  await until('all is quiet', () => broker.of('publish').some(({ topic }) => topic.endsWith('bridge/state')))
  broker.script.silent = new Set(['publish'])
  command(TURN_UP)
  await until('a result', () => broker.results().length === 1)
  broker.script.silent = new Set()
  broker.script.sessionPresent = true
  await again()
  await until('done', () => mqtt.counters().waiting === 0)
  const [first, second] = broker.results()
  t.match(first, { qos: 2, dup: false })
  t.match(second, { qos: 2, dup: true, messageId: first?.messageId })
  t.equal(second?.payload.toString(), first?.payload.toString())
})

t.test('where the session is lost a result comes as a new one', async (t) => {
  const { broker, command, again, mqtt } = await start(t)
  broker.script.silent = new Set(['pubrel'])
  command(TURN_UP)
  await broker.next('pubrel')
  broker.script.silent = new Set()
  await again()
  await until('done', () => mqtt.counters().waiting === 0)
  t.match(broker.results(), [{ dup: false }, { dup: false, qos: 2 }])
})

t.test('no higher QoS than the broker takes', async (t) => {
  for (const script of [{ maximumQoS: 1 }, { version: 4, grants: 1 }, { version: 5, maximumQoS: 0 }] as const) {
    const { broker, command, mqtt } = await start(t, script)
    command(TURN_UP)
    await until('a result', () => broker.results().length === 1)
    await until('done', () => mqtt.counters().waiting === 0)
    const most = 'grants' in script ? script.grants : script.maximumQoS
    t.equal(broker.results()[0]?.qos, most)
    t.same(broker.of('pubrel'), [])
  }
})

t.test('a result says when it is of no use any more', async (t) => {
  const { broker, command } = await start(t)
  command(TURN_UP, { properties: { responseTopic: 'answers', correlationData: Buffer.from('me') } })
  await until('answers', () => broker.of('publish').some(({ topic }) => topic === 'answers'))
  const answer = broker.of('publish').find(({ topic }) => topic === 'answers')
  t.match(answer?.properties, { messageExpiryInterval: 600, correlationData: Buffer.from('me') })
})

t.test('a command of QoS 2 is carried out when it comes, once, whenever the connection ends', async (t) => {
  const { broker, command, again, devices } = await start(t, { silent: new Set(['pubrec']) })
  command(TURN_UP, { qos: 2 })
  await broker.next('pubrec')
  t.equal(devices.calls.length, 1)
  broker.script.sessionPresent = true
  await again()
  command(TURN_UP, { qos: 2, dup: true })
  await broker.next('pubrec', 2)
  broker.script.silent = new Set()
  broker.send({ cmd: 'pubrel', messageId: 7 })
  await broker.next('pubcomp')
  t.equal(devices.calls.length, 1)
  command('{"target_temperature":22}', { qos: 2 })
  await until('the number is free again', () => devices.calls.length === 2)
})

t.test('a command of QoS 1 that the broker sends again is carried out once', async (t) => {
  const { broker, command, again, devices } = await start(t)
  command('{"target_temperature":21}')
  await broker.next('puback')
  t.equal(devices.calls.length, 1)
  broker.script.sessionPresent = true
  await again()
  command('{"target_temperature":21}', { dup: true })
  await broker.next('puback', 2)
  t.equal(devices.calls.length, 1)
  command('{"target_temperature":21}')
  await until('a new one', () => devices.calls.length === 2)
  command('{"target_temperature":22}', { dup: true })
  await until('another under the same number', () => devices.calls.length === 3)
})

t.test('a command that comes again by another broker is known by its transaction', async (t) => {
  const first = await new ScriptedBroker().start(t)
  const second = await new ScriptedBroker({ sessionPresent: true }).start(t)
  const { mqtt, devices } = makeBridge({ url: [first.url, second.url] })
  devices.add()
  t.teardown(() => mqtt.stop())
  await mqtt.start()
  await until('ready', () => mqtt.connected)
  const packet = { cmd: 'publish', topic: device('action'), qos: 1, dup: false, retain: false } as const
  first.send({ ...packet, payload: '{"action":"blink","transaction":5}', messageId: 1 })
  await until('carried out', () => first.results().length === 1)
  first.cut()
  await until('the other', () => second.of('subscribe').length > 0)
  second.send({ ...packet, payload: '{"action":"blink","transaction":5}', messageId: 9 })
  second.send({ ...packet, payload: '{"action":"blink","transaction":6}', messageId: 10 })
  await until('the new one', () => second.results().length >= 1)
  t.match(
    second.results().map(({ payload }) => JSON.parse(payload.toString()).transaction),
    [6],
  )
  t.equal(devices.calls.length, 2)
  t.equal(mqtt.counters().dropped, 1)
})

t.test('commands that have waited at the broker are carried out in their order', async (t) => {
  const broker = await new ScriptedBroker({ silent: new Set(['connect']) }).start(t)
  const { mqtt, devices } = makeBridge({ url: [broker.url] })
  devices.add()
  t.teardown(() => mqtt.stop())
  await mqtt.start()
  await broker.next('connect')
  const message = { cmd: 'publish', qos: 0, dup: false, retain: false } as const
  const command = (degrees: number) => ({ ...message, topic: device('set/target_temperature'), payload: `${degrees}` })
  broker.send(
    { cmd: 'connack', sessionPresent: true, returnCode: 0, reasonCode: 0 },
    command(18),
    command(19),
    // Nobody else is there: from here on the bridge is active.
    { ...message, topic: STATE, payload: 'offline', retain: true },
    command(20),
  )
  await until('all are carried out', () => devices.calls.length === 3)
  t.match(
    devices.calls,
    [18, 19, 20].map((degrees) => ({ argument: { target_temperature: degrees } })),
  )
})
