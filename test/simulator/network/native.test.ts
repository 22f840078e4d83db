/** What virtual units publish and take over MQTT, against the documents' lists of topics. */
import t from 'tap'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { TestBroker, TestClient, until } from '../../mqtt/support.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startRelay, startThermostat, type Teardown } from '../../support/simulator.ts'

const TOPICS = {
  ax: 'floorTemp protTemp setTemp powerOff load',
  az: 'floorTemp protTemp setTemp powerOff load bright parameters schedule',
  oz: 'floorTemp protTemp setTemp powerOff load bright parameters schedule airTemp typeCtrl maxFlrTmp minFlrTmp',
  old: 'floorTemp protTemp setTemp powerOff load bright',
  ms: 'parameters telemetry',
  d2w: 'parameters telemetry',
} as const

async function listen(t: Teardown) {
  const broker = await new TestBroker().start()
  const client = await TestClient.open(broker.url)
  await client.subscribe('#')
  t.teardown(async () => {
    await client.end()
    await broker.stop()
  })
  return { broker, client }
}

t.test('each model publishes what its document lists, once a minute', async (t) => {
  const clock = new FakeClock()
  const { broker, client } = await listen(t)
  const start = (model: keyof typeof TOPICS) =>
    model === 'ms' || model === 'd2w' ? startRelay(t, model, { clock }) : startThermostat(t, { model, clock })
  for (const [model, names] of Object.entries(TOPICS)) {
    const unit = await start(model as keyof typeof TOPICS)
    const topics = names.split(' ').map((name) => `${model}/${SERIAL}/get/${name}`)
    unit.startPublishing({ url: broker.url, publishPrefix: model })
    await client.next(topics.at(-1) ?? '')
    await unit.stopPublishing()
    const said = client.messages.filter(({ topic }) => topic.startsWith(`${model}/`))
    t.same(new Set(said.map(({ topic }) => topic)), new Set(topics), model)
    const plain = said.filter(({ topic }) => /(Temp|powerOff|load|bright|typeCtrl)$/.test(topic))
    t.strictSame(
      plain.filter(({ topic, text }) => !(/Temp$/.test(topic) ? /^-?\d+\.\d$/ : /^\d+$/).test(text)),
      [],
    )
    const whole = said.filter(({ topic }) => /(parameters|telemetry|schedule)$/.test(topic))
    t.strictSame(
      whole.filter(({ text }) => !isObject(parseJson(text))),
      [],
    )
  }
  const unit = await startThermostat(t, { model: 'ax', clock })
  unit.startPublishing({ url: broker.url, publishPrefix: 'minute', clientId: 'bath', form: 'bare', retain: true })
  await client.next('minute/bath/load')
  await clock.advance(65_000)
  await client.next('minute/bath/load', 2)
  t.ok(client.on('minute/bath/floorTemp').length >= 2, 'neither get nor set in older firmware')
})

t.test('commands are taken, and followed by a publication 3 to 5 s later; not while locked for all', async (t) => {
  const clock = new FakeClock()
  const { broker, client } = await listen(t)
  const unit = await startThermostat(t, { model: 'oz', lock: 'lan', clock })
  unit.startPublishing({ url: broker.url, publishPrefix: 'pub', subscribePath: 'orders' })
  await client.next(`pub/${SERIAL}/get/minFlrTmp`)
  const order = async (name: string, payload: string, id: number, value: string) => {
    await client.publish(`orders/${SERIAL}/set/${name}`, payload)
    await until(`${name} is done`, () => unit.parameter(id) === value)
  }
  await order('bright', '3', 23, '3')
  await order('mode', '3', 2, '1')
  await order('typeCtrl', '0', 3, '0')
  await order('setTemp', '24.0', 5, '240')
  await order('maxFlrTmp', '40.0', 15, '40')
  await order('powerOff', '1', 125, '1')
  await order('parameters', JSON.stringify({ sn: SERIAL, par: [[124, 7, '1']] }), 124, '1')
  const before = client.on(`pub/${SERIAL}/get/bright`).length
  await clock.advance(5_000)
  t.equal(await client.next(`pub/${SERIAL}/get/bright`, before + 1), '3')
  await client.publish(`orders/${SERIAL}/set/api`, '{"cmd":4}')
  t.match(await client.json(`pub/${SERIAL}/get/api`), { sn: SERIAL, 'f.16': '1' })
  await client.publish(`orders/${SERIAL}/set/api`, JSON.stringify({ sn: SERIAL, par: [[23, 2, '5']] }))
  t.match(await client.json(`pub/${SERIAL}/get/api`, 2), { success: 'block' }, 'the local API wants its signature')
  unit.device.setLock('both')
  await client.publish(`orders/${SERIAL}/set/bright`, '7')
  await client.publish(`orders/${SERIAL}/set/api`, '{"cmd":1}')
  await client.next(`pub/${SERIAL}/get/api`, 3)
  t.equal(unit.parameter(23), '3')
})
