/** Access lists and limits of a real Mosquitto: what the bridge says, and what doctor finds. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AedesOptions } from 'aedes'
import t, { type Test } from 'tap'
import { brokerTargets } from '../../src/mqtt/client/target.ts'
import { visitBroker } from '../../src/mqtt/visit.ts'
import { unusedPort } from '../support/unused-port.ts'
import { BASE, Mosquitto, makeBridge, NO_MOSQUITTO, TestBroker, until } from './support.ts'

const DOCUMENT = 'homeassistant/device/thermo2mqtt_bridge/config'

async function mosquitto(t: Test, rights: readonly string[], more = '') {
  const folder = t.testdir()
  const acl = join(folder, 'acl')
  writeFileSync(acl, `${rights.map((right) => `topic ${right}`).join('\n')}\n`)
  const config = `allow_anonymous true\nacl_file ${acl}\n${more}`
  const broker = await new Mosquitto(folder, await unusedPort(), config).start()
  t.teardown(() => broker.stop())
  /** Starts it again with these rights. */
  const allow = async (others: readonly string[]) => {
    writeFileSync(acl, `${others.map((right) => `topic ${right}`).join('\n')}\n`)
    await broker.start()
  }
  return Object.assign(broker, { allow })
}

/** @param newest as of a broker that speaks no more */
async function visit(url: string, newest: 4 | 5 = 5) {
  const embedded = { host: '127.0.0.1', port: 0 }
  const [target] = brokerTargets({ url: [url], client_id: '', base_topic: BASE, embedded })
  if (!target) throw new Error('a target')
  // A client of 3.1.1, where MQTT 5 is refused.
  const old = {
    ...target,
    open: (options: Parameters<typeof target.open>[0]) => target.open({ ...options, protocolVersion: 4 }),
  }
  return visitBroker(newest === 5 ? target : old, { username: null, password: null }, BASE, [], DOCUMENT)
}

t.test('a visit finds the right that is missing, with MQTT 5 and 3.1.1', NO_MOSQUITTO, async (t) => {
  // Each waits for what never comes.
  t.jobs = 5
  const all = { refused: [], echoed: true, commanded: true, announced: true, hungUp: false }
  for (const [rights, found] of [
    [[`readwrite ${BASE}/#`, 'readwrite homeassistant/#'], all],
    [[`readwrite ${BASE}/#`, 'read homeassistant/#'], { ...all, announced: false }],
    [[`readwrite ${BASE}/#`], { ...all, announced: false }],
    [
      [`readwrite ${BASE}/bridge/check/#`, `write ${BASE}/+/set`, 'readwrite homeassistant/#'],
      { ...all, commanded: false },
    ],
    [[`read ${BASE}/#`, 'readwrite homeassistant/#'], { ...all, echoed: false }],
  ] as const) {
    t.test(rights.join(', '), async (t) => {
      const broker = await mosquitto(t, rights)
      for (const newest of [5, 4] as const) {
        const { commanded, ...seen } = await visit(broker.url, newest)
        const { commanded: expected, ...rest } = found
        t.match(seen, rest, `${newest} ${rights}`)
        if (rest.echoed) t.equal(commanded, expected, `${newest} ${rights}`)
      }
    })
  }
})

t.test('a visit finds the limit for packets, said or not', NO_MOSQUITTO, async (t) => {
  const said = await mosquitto(t, ['readwrite #'], 'max_packet_size 20000')
  t.match(await visit(said.url), { largest: 20_000, hungUp: false, echoed: true })
  t.match(await visit(said.url, 4), { largest: undefined, hungUp: true, echoed: true })
  const unlimited = await new TestBroker().start()
  t.teardown(() => unlimited.stop())
  t.match(await visit(unlimited.url), { largest: undefined, hungUp: false, echoed: true })
})

t.test('what the broker does not let the bridge write is said once, naming the right', NO_MOSQUITTO, async (t) => {
  const broker = await mosquitto(t, [`readwrite ${BASE}/#`])
  const { mqtt, logger } = makeBridge({ url: [broker.url] })
  t.teardown(() => mqtt.stop())
  await mqtt.start()
  for (const id of ['a', 'b']) mqtt.retain(`homeassistant/device/${id}/config`, '{}')
  await until('said', () => logger.having('does not accept what').length > 0)
  mqtt.repeat('homeassistant/device/a/config')
  await until('connected', () => mqtt.connected)
  const said = logger.having('does not accept what')
  t.match(said, [{ level: 'error', message: /right to write/, fields: { topics: 'homeassistant/device/#' } }])
  t.equal(said.length, 1)
})

t.test(
  'commands that Mosquitto does not deliver, though it granted the subscription, are named',
  NO_MOSQUITTO,
  async (t) => {
    const broker = await mosquitto(t, [`write ${BASE}/#`, `read ${BASE}/bridge/#`, `read ${BASE}/+/get`])
    const { mqtt, logger, devices } = makeBridge({ url: [broker.url] })
    t.teardown(() => mqtt.stop())
    let told = 0
    devices.events.on('info', () => told++)
    await mqtt.start()
    await until('said', () => logger.having('do not arrive').length > 0)
    const [problem] = mqtt.about().problems
    t.match(problem, { code: 'mqtt_no_read', message: /thermo2mqtt\/\+\/set, .*right to read/ })
    t.notMatch(problem?.message, /get/, 'what it may read is not named')
    t.ok(told > 0, 'so that it goes into bridge/info')
    await broker.stop()
    await until('noticed', () => !mqtt.status().connected)
    await broker.allow([`readwrite ${BASE}/#`])
    await until('over', () => logger.having('arrive again').length > 0)
    t.same(mqtt.about().problems, [])
    t.equal(logger.having('do not arrive').length, 1, 'said once')
    t.same(logger.having('dropped'), [], 'nothing of it is taken for a command')
  },
)

t.test('with MQTT 3.1.1 as well', async (t) => {
  const deaf: AedesOptions['authorizeSubscribe'] = (_client, asked, done) =>
    done(null, asked.topic.endsWith('/set') ? { ...asked, topic: 'nowhere' } : asked)
  const broker = await new TestBroker({ authorizeSubscribe: deaf }).start()
  t.teardown(() => broker.stop())
  const { mqtt, logger } = makeBridge({ url: [broker.url] })
  t.teardown(() => mqtt.stop())
  await mqtt.start()
  await until('said', () => logger.having('do not arrive').length > 0)
  t.match(logger.having('do not arrive')[0]?.message, /to thermo2mqtt\/\+\/set, thermo2mqtt\/\+\/schedule\/set, so/)
})

t.test('with MQTT 3.1.1, documents that may not be written do not come back', async (t) => {
  for (const allowed of [false, true]) {
    const broker = await new TestBroker({
      // What brokers of 3.1.1 do with what nobody may publish: acknowledge it, and forget it.
      authorizePublish: (_client, packet, done) => {
        if (!allowed && packet.topic === DOCUMENT) packet.topic = '$SYS/nowhere'
        done(null)
      },
      // Said at the same moment, so that it tells when there is nothing else to come.
      authorizeSubscribe: (_client, asked, done) =>
        done(null, asked.topic.endsWith('/get') ? { ...asked, topic: 'nowhere' } : asked),
    }).start()
    const { mqtt, logger } = makeBridge({ url: [broker.url] })
    mqtt.subscribe(DOCUMENT, () => undefined)
    mqtt.retain(DOCUMENT, '{"device":{}}')
    await mqtt.start()
    await until('both were looked into', () => logger.having('do not arrive').length > 0)
    const said = logger.having('do not come back').map(({ message }) => message)
    t.match(said, allowed ? [] : [/homeassistant\/device\/#.*Grant its user both rights/])
    t.equal(said.length, allowed ? 0 : 1)
    t.equal(
      mqtt.about().problems.some(({ code }) => code === 'mqtt_no_write'),
      !allowed,
    )
    await mqtt.stop()
    await broker.stop()
  }
})
