/**
 * The local API by its topics: what is asked on `set/api` is answered on `get/api` (Welrok AZ, OZ, MS, D2W, "MQTT", in English and
 * Russian). It serves devices that the LAN does not lead to.
 */
import t from 'tap'
import { BridgeError } from '../../src/core/errors.ts'
import { Answers } from '../../src/native/commands/answers.ts'
import { type Answered, readMessage } from '../../src/native/messages.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { startPublisher } from './rig.ts'
import { answersOf } from './support.ts'

const SERIAL = '404CCAAAD4E8A89860609800000149'

function setUp() {
  const clock = new FakeClock()
  const asked: string[] = []
  const abort = new AbortController()
  const publish = (body: string) => asked.push(body)
  const answers = new Answers({ clock, owner: { serial: SERIAL, model: null }, signal: abort.signal, publish })
  const codeOf = async (promise: Promise<unknown>, ms: number) => {
    const code = promise.then(
      () => 'done',
      (error: unknown) => (error instanceof BridgeError ? error.code : String(error)),
    )
    await clock.advance(ms)
    return code
  }
  return { clock, asked, abort, answers, codeOf }
}

const answer = (text: string): Answered => {
  const message = readMessage('api', Buffer.from(text), SERIAL)
  if (typeof message === 'string' || message.kind !== 'answer') throw new Error(text)
  return message.answer
}

t.test('everything of a unit without an address is read and set by its API', async (t) => {
  const { publishing, unit, view, clock, registry, passing, errorOf, told } = await startPublisher(t, 'oz', {
    located: false,
  })
  t.equal((await errorOf(registry.refresh(unit.serial)))?.code, 'DEVICE_UNREACHABLE', 'before it is heard')
  publishing()
  await clock.advance(10)
  await passing(registry.refresh(unit.serial))
  t.strictSame([...new Set(told('api'))].sort(), ['{"cmd":10}', '{"cmd":1}', '{"cmd":2}', '{"cmd":3}', '{"cmd":4}'])
  const { state, schedule, address, health } = view()
  t.match(state, { wifi_rssi: Number, operating_mode: String, brightness: Number })
  t.ok(schedule.air && schedule.floor)
  t.match([address, health], [null, { clockOffset: Number, error: null }])
  unit.setLocally(23, 1)
  unit.device.controller.air.setDay(0, [[0, 100]])
  unit.device.clock.set(1_000_000)
  await passing(registry.action(unit.serial, 'reset_schedule'))
  t.match(view().schedule.air?.monday, [{ time: '06:00' }])
  await passing(registry.action(unit.serial, 'reset_parameters'))
  t.not(view().state.brightness, 1)
  await passing(registry.action(unit.serial, 'sync_clock'))
  t.ok(Math.abs(view().health.clockOffset ?? 1e9) <= 14 * 3600 + 60, 'set, in whatever zone it counts')
  t.equal(told('api').filter((body) => body.startsWith('{"cmd":6')).length, 1, 'a reset is said once')
  t.equal((await errorOf(registry.action(unit.serial, 'blink')))?.code, 'DEVICE_UNREACHABLE', 'no topic is documented')
  unit.device.setLock('lan')
  t.equal((await errorOf(registry.action(unit.serial, 'reset_schedule')))?.code, 'LAN_LOCKED', 'nothing signs it')
})

t.test('a command to a unit that has not published its parameters yet reads them first', async (t) => {
  const { publishing, unit, registry, passing, told, mqtt } = await startPublisher(t, 'az', { located: false })
  const { receive } = mqtt
  mqtt.receive = (topic, payload) => {
    if (!topic.endsWith('get/parameters')) receive.call(mqtt, topic, payload)
  }
  publishing()
  await passing(registry.set(unit.serial, { brightness: 4 }))
  t.equal(unit.parameter(23), '4')
  t.ok(told('api').includes('{"cmd":1}'))
})

t.test(
  'what is polled tells whether the unit answers at its address; all else goes by the API where nothing is there',
  async (t) => {
    const { publishing, unit, view, clock, registry, passing, errorOf, told } = await startPublisher(t, 'oz')
    publishing()
    await clock.advance(10)
    await passing(registry.refresh(unit.serial))
    t.strictSame(told('api'), [], 'the LAN is asked first')
    await unit.unplug()
    t.equal((await errorOf(registry.refresh(unit.serial)))?.code, 'DEVICE_UNREACHABLE')
    t.match(view(), { online: true, health: { error: { code: 'DEVICE_UNREACHABLE' } } })
    await passing(registry.setSchedule(unit.serial, { air: { monday: [{ time: '06:00', temperature: 20 }] } }))
    await passing(registry.action(unit.serial, 'reset_schedule'))
    t.strictSame(
      told('api').map((body) => body.slice(0, 9)),
      ['{"cmd":10', '{"cmd":6,', '{"cmd":2}', '{"cmd":10'],
    )
  },
)

t.test('one question at a time, and only what fits is its answer', async (t) => {
  const { asked, answers, codeOf } = setUp()
  const { parameters, time, telemetry } = answersOf('d2w')
  const read = Promise.all([answers.parameters(), answers.telemetry(), answers.time()])
  const done = read.then(([list, { fields }, { time }]) => [list.size > 0, fields.size > 0, time])
  await codeOf(Promise.resolve(), 1)
  t.strictSame(asked, ['{"cmd":1}'])
  for (const text of ['{"success":"block"}', '{"success":"true"}', '{"par":[]}', JSON.stringify(time)])
    answers.hear(answer(text))
  await codeOf(Promise.resolve(), 1)
  t.strictSame(asked, ['{"cmd":1}'], 'none of that answers it')
  for (const reply of [parameters, telemetry, time]) {
    answers.hear(answer(JSON.stringify(reply)))
    await codeOf(Promise.resolve(), 1)
  }
  t.strictSame(asked, ['{"cmd":1}', '{"cmd":4}', '{"cmd":3}'])
  t.strictSame(await done, [true, true, Number(time.time)])
  answers.hear(answer(JSON.stringify(parameters)))
})

t.test('one that does not answer is asked again after a while, not for every command', async (t) => {
  const { clock, asked, abort, answers, codeOf } = setUp()
  t.equal(await codeOf(answers.parameters(), 8_000), 'DEVICE_TIMEOUT')
  t.equal(await codeOf(answers.telemetry(), 0), 'DEVICE_TIMEOUT', 'at once')
  t.equal(await codeOf(answers.resetSchedule(), 0), 'DEVICE_TIMEOUT', 'nothing was sent')
  t.equal(asked.length, 1)
  await clock.advance(10 * 60_000)
  t.equal(await codeOf(answers.resetSchedule(), 8_000), 'OUTCOME_UNKNOWN')
  t.strictSame(asked, ['{"cmd":1}', `{"cmd":6,"sn":"${SERIAL}"}`], 'and not sent twice')
  await clock.advance(10 * 60_000)
  const last = answers.parameters()
  await clock.advance(0)
  abort.abort()
  t.equal(await codeOf(last, 0), 'DEVICE_TIMEOUT', 'the bridge stops')
})

t.test('what no device would answer', async (t) => {
  const bad = ['', '5', 'null', '[]', '{', '"block"'].map((text) => readMessage('api', Buffer.from(text), SERIAL))
  t.strictSame([...new Set(bad)], ['bad_value'])
  t.equal(readMessage('api', Buffer.from('{"sn":"FEED","par":[[125,7,"1"]]}'), SERIAL), 'other_device')
  t.equal(readMessage('api', Buffer.alloc(16 * 1024 + 1, ' '), SERIAL), 'too_long')
})
