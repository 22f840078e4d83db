import t from 'tap'
import { mqttMetrics } from '../../../src/mqtt/metrics.ts'
import { makeBridge, TestClient, until } from '../support.ts'

t.test('what the embedded broker holds and refuses is in the metrics; of another broker nothing is', async (t) => {
  const { mqtt } = makeBridge()
  await mqtt.start()
  t.teardown(() => mqtt.stop())
  await until('connected', () => mqtt.connected)
  const client = await TestClient.open(`mqtt://127.0.0.1:${mqtt.brokerPort}`)
  t.teardown(() => client.end())
  await client.subscribe('a')
  const of = (name: string) => mqttMetrics(mqtt).find((metric) => metric.name === name)?.samples
  t.same(of('thermo2mqtt_broker_clients'), [{ labels: {}, value: 1 }])
  t.same(of('thermo2mqtt_broker_subscriptions'), [{ labels: {}, value: 1 }])
  const before = of('thermo2mqtt_broker_held_bytes')?.[0]?.value ?? 0
  await client.publish('a', 'x'.repeat(1000), { retain: true })
  await until('held', () => (of('thermo2mqtt_broker_held_bytes')?.[0]?.value ?? 0) > before + 1000)
  await client.client.subscribeAsync('x'.repeat(2000)).catch(() => undefined)
  const refused = of('thermo2mqtt_broker_refused_total') ?? []
  t.same(
    refused.filter(({ value }) => value > 0),
    [{ labels: { reason: 'topic_too_long' }, value: 1 }],
  )
  const other = makeBridge({ url: ['mqtt://127.0.0.1:1'] })
  t.notOk(mqttMetrics(other.mqtt).some(({ name }) => name.startsWith('thermo2mqtt_broker_')))
})
