import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import type { DeviceSchedule } from '../../../src/devices/ports.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { EXAMPLE_SERIAL } from '../../support/fake-bridge.ts'
import type { Teardown } from '../../support/simulator.ts'
import { BASE, makeBridge, TestClient } from '../support.ts'

const topics = new Topics(BASE)
const day = [
  { time: '06:00', temperature: 30 },
  { time: '22:00', temperature: 'off' as const },
]
const week = { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: day, sunday: day }
const schedule: DeviceSchedule = { floor: week, air: null }

async function online(t: Teardown) {
  const parts = makeBridge()
  parts.devices.add()
  await parts.mqtt.start()
  const client = await TestClient.open(`mqtt://127.0.0.1:${parts.mqtt.brokerPort}`)
  t.teardown(async () => {
    await client.end()
    await parts.mqtt.stop()
  })
  await client.subscribe(`${BASE}/#`)
  await client.next(topics.state(EXAMPLE_SERIAL))
  return { ...parts, client }
}

t.test('topics', async (t) => {
  t.equal(topics.schedule('A1B2'), `${BASE}/A1B2/schedule`)
  t.same(topics.parse(topics.scheduleSet('A1B2')), { kind: 'schedule_set', id: 'A1B2' })
  for (const end of ['schedule', 'schedule/get', 'schedule/set/floor', 'schedule/']) {
    t.equal(topics.parse(`${BASE}/A1B2/${end}`), undefined, end)
  }
})

t.test('a schedule is retained once it is known, and again only when it changes', async (t) => {
  const { devices, client } = await online(t)
  t.same(client.on(topics.schedule(EXAMPLE_SERIAL)), [], 'nothing is known')
  devices.update(EXAMPLE_SERIAL, { schedule })
  t.same(await client.json(topics.schedule(EXAMPLE_SERIAL)), schedule)
  devices.update(EXAMPLE_SERIAL, { schedule: { ...schedule } })
  devices.update(EXAMPLE_SERIAL, { schedule: { ...schedule, air: week } })
  t.same(await client.json(topics.schedule(EXAMPLE_SERIAL), 2), { floor: week, air: week })
})

t.test('a command gets its result, with what was rounded, and after a failure the true schedule', async (t) => {
  const { devices, client } = await online(t)
  devices.update(EXAMPLE_SERIAL, { schedule })
  await client.next(topics.schedule(EXAMPLE_SERIAL))
  const command = { floor: { wednesday: [{ time: '08:00', temperature: 28.4 }] } }
  const rounded = { 'floor.wednesday.08:00': { asked: 28.4, set: 28 } }
  devices.onSetSchedule = (serial) => ({ schedule: devices.schedule(serial), written: [], unchanged: [], rounded })
  await client.publish(topics.scheduleSet(EXAMPLE_SERIAL), JSON.stringify({ ...command, transaction: 5 }))
  t.same(await client.json(topics.result(EXAMPLE_SERIAL)), { ok: true, command, transaction: 5, rounded })
  t.same(devices.calls.at(-1), { method: 'setSchedule', serial: EXAMPLE_SERIAL, argument: command })
  await client.next(topics.schedule(EXAMPLE_SERIAL), 2)

  const details = { written: [], failed: [{ kind: 'floor', day: 'wednesday', code: 'NOT_APPLIED', message: 'No.' }] }
  devices.onSetSchedule = () => {
    throw new BridgeError('NOT_APPLIED', 'No.', { details })
  }
  await client.publish(topics.scheduleSet(EXAMPLE_SERIAL), JSON.stringify(command))
  t.same(await client.json(topics.result(EXAMPLE_SERIAL), 2), {
    ok: false,
    error: { code: 'NOT_APPLIED', message: 'No.', details },
    command,
  })
  await client.next(topics.schedule(EXAMPLE_SERIAL), 3)
})

t.test('what is no command is refused before any device hears of it', async (t) => {
  const { devices, client } = await online(t)
  const bad = ['', 'x', '[]', '"monday"', 'null', `{"floor":"${'x'.repeat(20_000)}"}`]
  for (const [index, payload] of bad.entries()) {
    await client.publish(topics.scheduleSet(EXAMPLE_SERIAL), payload)
    t.match(await client.json(topics.result(EXAMPLE_SERIAL), index + 1), { ok: false, error: { code: 'BAD_REQUEST' } })
  }
  t.notOk(devices.calls.some(({ method }) => method === 'setSchedule'))
  await client.publish(topics.scheduleSet('NOBODY1'), '{"floor":{}}')
  t.match(await client.json(topics.result('NOBODY1')), { ok: false, error: { code: 'UNKNOWN_DEVICE' } })
})
