/** Another program has the port of the embedded broker: the bridge runs, says so, and takes the port when it is free. */
import { createServer } from 'node:net'
import t from 'tap'
import { FakeClock } from '../support/fake-clock.ts'
import { listen, makeBridge, TestClient, until } from './support.ts'

t.test('the bridge runs without the port and takes it when it is free', async (t) => {
  const other = createServer()
  const port = await listen(other)
  const clock = new FakeClock()
  const { mqtt, devices, logger } = makeBridge({ embedded: { host: '127.0.0.1', port } }, { clock, awaitsPort: true })
  t.teardown(() => mqtt.stop())
  let told = 0
  devices.events.on('info', () => told++)
  await mqtt.start()
  await until('the bridge uses its own broker', () => mqtt.connected)
  const problems = () => mqtt.about().problems.map(({ code }) => code)
  t.strictSame(problems(), ['mqtt_port_taken'])
  t.match(mqtt.about().problems[0]?.message, /EADDRINUSE.*mqtt\.url.*the bridge and its page work/)
  for (let time = 0; time < 3; time++) {
    const waiting = clock.waiting
    await clock.advance(15_000)
    await until('the next attempt is planned', () => clock.waiting >= waiting)
  }
  t.equal(logger.having('can’t listen').length, 1, 'reported once, however long it lasts')
  await new Promise((resolve) => other.close(resolve))
  told = 0
  for (; problems().length > 0; ) {
    await clock.advance(15_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal(told, 1, 'its end is told')
  t.equal(logger.having('is listening').length, 1)
  const client = await TestClient.open(`mqtt://127.0.0.1:${port}`)
  await client.end()
})

t.test('a bridge that waits can be stopped, and an address that is not ours is no reason to wait', async (t) => {
  const other = createServer()
  const port = await listen(other)
  t.teardown(() => other.close())
  const clock = new FakeClock()
  const waits = makeBridge({ embedded: { host: '127.0.0.1', port } }, { clock, awaitsPort: true }).mqtt
  await waits.start()
  await waits.stop()
  await clock.advance(60_000)
  t.strictSame(clock.waiting, 0)
  const embedded = { host: '192.0.2.1', port: 1883, username: 'home', password: 'a long one' }
  const wrong = makeBridge({ embedded }, { awaitsPort: true }).mqtt
  await t.rejects(wrong.start(), { code: 'BAD_REQUEST', message: /mqtt\.embedded\.host/ })
  await wrong.stop()
})
