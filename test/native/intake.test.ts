/** What is taken of all that is published, and what is not. */
import fc from 'fast-check'
import t from 'tap'
import { BridgeError } from '../../src/core/errors.ts'
import { EventBus } from '../../src/core/events.ts'
import type { DeviceEvents } from '../../src/devices/ports.ts'
import type { Published } from '../../src/devices/reading/second-source.ts'
import { NativeMqtt, type NativeMqttOptions } from '../../src/native/index.ts'
import { readMessage } from '../../src/native/messages.ts'
import { FakePort } from '../homeassistant/manager/fake-port.ts'
import { MemoryLogger } from '../mqtt/support.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { answersOf } from './support.ts'

const ONE = '058016000543464839373520000159'
const TWO = '404CCAAAD4E8A89860609800000149'
const BATH = 'A1B2C3D4'

function setUp(topics: Partial<NativeMqttOptions['topics']> = {}, devices: readonly string[] = [ONE, TWO, BATH]) {
  const clock = new FakeClock()
  const mqtt = new FakePort()
  const logger = new MemoryLogger()
  const heard: [string, Published][] = []
  const events = new EventBus<DeviceEvents>(() => undefined)
  const control = { fail: null as Error | null }
  const native = new NativeMqtt({
    topics: {
      patterns: ['terneo/{serial}', 'home/t_{serial}/x'],
      commandPattern: null,
      devices: [{ serial: BATH, native_topic: 'home/bath', native_command_topic: null }],
      ...topics,
    },
    commands: 'lan',
    devices: {
      events,
      knows: (serial) => devices.includes(serial),
      published: (serial, message) => {
        if (control.fail) throw control.fail
        heard.push([serial, message])
      },
    },
    mqtt,
    clock,
    logger,
  })
  native.start()
  mqtt.connect()
  const say = (topic: string, payload: string, retained = false) => mqtt.receive(topic, payload, retained)
  const refused = () => Object.fromEntries(native.counters().refused)
  return { clock, mqtt, logger, heard, events, control, native, say, refused }
}

const fields = (name: string, raw: string): Published => ({ kind: 'fields', fields: new Map([[name, raw]]) })

t.test('every documented topic is read, with and without the level get', async (t) => {
  const values: readonly [name: string, payload: string, Published][] = [
    ['floorTemp', '22.5', fields('t.1', '360')],
    ['airTemp', '-12.5', fields('t.2', '-200')],
    ['protTemp', ' 31.0 ', fields('t.0', '496')],
    ['setTemp', '24', fields('t.5', '384')],
    ['powerOff', '1', fields('f.16', '1')],
    ['load', '0', fields('f.0', '0')],
    ['typeCtrl', '2', fields('m.0', '2')],
    ['bright', '10', { kind: 'parameter', id: 23, raw: '10' }],
    ['maxFlrTmp', '45.0', { kind: 'parameter', id: 15, raw: '45' }],
    ['minFlrTmp', '5.0', { kind: 'parameter', id: 14, raw: '5' }],
  ]
  for (const base of [`terneo/${ONE}`, `home/t_${ONE}/x`]) {
    const { heard, say } = setUp({ commandPattern: 'orders/{serial}' })
    for (const [name, payload] of values) {
      say(`${base}/get/${name}`, payload)
      say(`${base}/${name}`, payload)
    }
    t.strictSame(
      heard,
      values.flatMap(([, , message]) => [
        [ONE, message],
        [ONE, message],
      ]),
      base,
    )
  }
  const { heard, say } = setUp()
  say('home/bath/get/floorTemp', '20.0')
  const { parameters, telemetry } = answersOf('d2w')
  say('home/bath/get/parameters', JSON.stringify(parameters))
  say('home/bath/get/telemetry', JSON.stringify(telemetry))
  say(`terneo/${ONE}/get/parameters`, JSON.stringify({ sn: ONE, par: [[125, 7, '1']] }))
  t.match(
    heard.map(([serial, { kind }]) => `${serial} ${kind}`),
    [`${BATH} fields`, `${BATH} parameters`, `${BATH} telemetry`, `${ONE} parameters`],
  )
})

t.test('what no device would publish is refused', async (t) => {
  const bare = [
    '',
    ' ',
    'NaN',
    'Infinity',
    '1e3',
    '0x10',
    '22,5',
    '--5',
    '999',
    '128',
    'null',
    '[22]',
    '{"a":1}',
    'ON',
    '22.5°',
  ]
  const flags = ['2', '-1', '0.5', 'true', '1.0']
  const json = [
    '',
    'null',
    '[]',
    '{}',
    '5',
    '{"par":5}',
    '{"par":[[1]]}',
    '{"par":[["x",2,"1"]]}',
    '{"telemetry":{}}',
    '{"sn":5}',
    '{',
  ]
  const taken: string[] = []
  const check = (name: string, payloads: readonly string[]) => {
    for (const payload of payloads)
      if (readMessage(name, Buffer.from(payload), ONE) !== 'bad_value') taken.push(`${name} ${payload}`)
  }
  for (const name of ['floorTemp', 'setTemp', 'maxFlrTmp']) check(name, bare)
  for (const name of ['powerOff', 'load']) check(name, [...bare, ...flags])
  const day = '[[360,300]]'
  const week = (sunday: string) =>
    `{"tt":{"0":${day},"1":${day},"2":${day},"3":${day},"4":${day},"5":${day},"6":${sunday}}}`
  t.match(readMessage('schedule', Buffer.from(week(day)), ONE), { kind: 'week', schedule: 'floor' })
  t.match(readMessage('schedule', Buffer.from(week(day).replace('tt', 'ttAir')), ONE), {
    kind: 'week',
    schedule: 'air',
  })
  const sundays = ['[]', '5', 'null', '[[1440,300]]', '[[360,1271]]', '[[360,"300"]]', '[[360]]']
  check('schedule', [...json, ...sundays.map(week)])
  check('bright', [...bare, '11', '-1', '5.5'])
  for (const name of ['parameters', 'telemetry']) check(name, json)
  t.strictSame(taken, [])
  t.equal(readMessage('floorTemp', Buffer.alloc(17, '1'), ONE), 'too_long')
  t.equal(readMessage('parameters', Buffer.alloc(16 * 1024 + 1, ' '), ONE), 'too_long')
  t.equal(readMessage('parameters', Buffer.from(`{"sn":"${TWO}","par":[[125,7,"1"]]}`), ONE), 'other_device')
  for (const name of ['mode', 'constructor', '__proto__']) {
    const { heard, say, refused } = setUp()
    say(`terneo/${ONE}/get/${name}`, '1')
    t.strictSame([heard, refused()], [[], {}], `${name} is nothing to us`)
  }
})

t.test('whatever bytes come, a value is a plain number in range', async () => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.string().map((text) => Buffer.from(text)),
    fc.float().map((x) => Buffer.from(String(x))),
  )
  const name = fc.constantFrom(
    'floorTemp',
    'powerOff',
    'bright',
    'parameters',
    'telemetry',
    'schedule',
    'api',
    'toString',
  )
  fc.assert(
    fc.property(name, payload, (name, payload) => {
      const message = readMessage(name, Buffer.from(payload), ONE)
      if (typeof message === 'string') return true
      if (message.kind === 'fields')
        return [...message.fields.values()].every((raw) => Math.abs(Number(raw)) <= 127 * 16)
      return message.kind === 'parameter' ? Number(message.raw) <= 127 : true
    }),
    { numRuns: 300 },
  )
})

t.test('other people’s topics are not heard, and unknown devices named once and no more than some', async (t) => {
  const { heard, logger, say, refused } = setUp()
  for (const topic of [
    'zigbee2mqtt/x/get/floorTemp',
    `terneo/${ONE}/set/setTemp`,
    `terneo/${ONE}/deep/get/floorTemp`,
    'terneo/floorTemp',
    'terneo/bridge/floorTemp',
    `other/${ONE}/floorTemp`,
  ])
    say(topic, '20.0')
  t.strictSame([heard, refused()], [[], {}])
  for (let device = 0; device < 200; device++) {
    say(`terneo/FEED${device}/get/floorTemp`, '20.0')
    say(`terneo/FEED${device}/get/load`, '1')
  }
  t.strictSame(heard, [])
  t.strictSame(refused(), { unknown_device: 400 })
  t.equal(logger.lines.length, 16)
  t.match(logger.lines[0], {
    level: 'info',
    fields: { reason: 'unknown_device', serial: 'FEED0' },
    message: /from an unknown device/,
  })
})

t.test('a retained message says nothing of now', async (t) => {
  const { heard, logger, say, refused } = setUp()
  say(`terneo/${ONE}/get/floorTemp`, '20.0', true)
  say(`terneo/${ONE}/get/load`, '1', true)
  t.strictSame([heard, refused()], [[], { retained: 2 }])
  t.equal(logger.lines.length, 1)
  say(`terneo/${ONE}/get/load`, '1')
  t.equal(heard.length, 1)
})

t.test('a command is not taken for a reading where both have one topic', async (t) => {
  const { heard, say, refused } = setUp()
  for (const name of ['setTemp', 'powerOff', 'bright']) say(`terneo/${ONE}/${name}`, '1')
  t.strictSame([heard, refused()], [[], { echo: 3 }])
  say(`terneo/${ONE}/floorTemp`, '20.0')
  say(`terneo/${ONE}/get/setTemp`, '20.0')
  t.equal(heard.length, 2, 'what can be no command is taken, and all of newer firmware')
})

t.test('a flood of one device is cut off, and the others go on', async (t) => {
  const { clock, heard, logger, say, refused } = setUp()
  for (let message = 0; message < 1_000; message++) say(`terneo/${ONE}/get/load`, String(message % 2))
  t.equal(heard.length, 240)
  t.strictSame(refused(), { flood: 760 })
  t.equal(logger.lines.length, 1)
  say(`terneo/${TWO}/get/load`, '1')
  t.equal(heard.length, 241)
  await clock.advance(5_000)
  for (let message = 0; message < 100; message++) say(`terneo/${ONE}/get/load`, '1')
  t.equal(heard.length, 261, 'twenty more after five seconds')
  const scene = setUp()
  for (let command = 0; command < 12; command++) {
    for (let topic = 0; topic < 17; topic++) scene.say(`terneo/${ONE}/get/load`, '1')
    await scene.clock.advance(250)
  }
  t.strictSame(scene.refused(), {}, 'nor is what follows a dozen commands within three seconds')
  const minute = setUp()
  for (let round = 0; round < 30; round++) {
    for (let topic = 0; topic < 13; topic++) minute.say(`terneo/${ONE}/get/load`, '1')
    await minute.clock.advance(30_000)
  }
  t.strictSame(minute.refused(), {}, 'twice of what is documented is no flood')
})

t.test('when two devices claim one topic, neither is believed, or the one it was given to', async (t) => {
  const contradicting = setUp({ patterns: ['a1b2/{serial}', '{serial}/c3d4'] }, ['C3D4', 'A1B2', BATH])
  contradicting.say('a1b2/c3d4/get/floorTemp', '20.0')
  t.strictSame([contradicting.heard, contradicting.refused()], [[], { ambiguous: 1 }])
  const given = setUp({ devices: [{ serial: BATH, native_topic: `terneo/${ONE}`, native_command_topic: null }] })
  given.say(`terneo/${ONE}/get/floorTemp`, '20.0')
  t.equal(given.heard.length, 1)
  t.equal(given.heard[0]?.[0], BATH)
  given.say(`terneo/${ONE}/get/parameters`, JSON.stringify({ sn: ONE, par: [[125, 7, '1']] }))
  t.strictSame(given.refused(), { other_device: 1 })
  given.control.fail = new BridgeError('DEVICE_BAD_REPLY', 'that of a relay')
  given.say(`terneo/${ONE}/get/floorTemp`, '20.0')
  t.strictSame(given.refused(), { other_device: 1, other_kind: 1 })
})

t.test(
  'overlapping patterns do not count a message twice; one that was forgotten is unknown; stop is quiet',
  async (t) => {
    const known = [ONE, BATH]
    const { mqtt, events, heard, native, say, refused } = setUp(
      { patterns: ['home/{serial}', 'home/bath{serial}', 'home/{serial}'] },
      known,
    )
    say('home/bath/get/floorTemp', '20.0')
    say(`home/${ONE}/get/floorTemp`, '20.0')
    t.equal(heard.length, 2)
    t.equal(mqtt.subscriptions, 2, 'home/+ takes in all of it')
    known.length = 0
    events.emit('removed', { serial: ONE })
    say(`home/${ONE}/get/floorTemp`, '20.0')
    t.strictSame([heard.length, refused()], [2, { unknown_device: 1 }])
    native.stop()
    t.equal(mqtt.subscriptions, 0)
  },
)
