/** The settings of the devices' own messages, and the topics that can't be theirs. */
import fc from 'fast-check'
import t from 'tap'
import { isSerial, spelled } from '../../src/core/serial.ts'
import { TopicPattern } from '../../src/core/topic-pattern.ts'
import { load, refusal } from '../config/support.ts'

const native = (more: string) => `native_mqtt:\n  enabled: true\n${more}`
const devices = (...lines: string[]) => `devices:\n${lines.map((line) => `  - {${line}}\n`).join('')}`

t.test('off unless told otherwise, and then with topics that fit both vendors', async (t) => {
  const { settings } = await load({})
  t.strictSame(settings.native_mqtt, {
    enabled: false,
    topics: ['terneo/{serial}', 'welrok/{serial}'],
    command_topic: null,
    commands: 'lan',
    poll_interval: 60_000,
  })
  const env = { T2M_NATIVE_MQTT_ENABLED: 'true', T2M_NATIVE_MQTT_TOPICS: 'a/{serial}, b/x_{serial}/c' }
  t.match((await load({ env })).settings.native_mqtt, { enabled: true, topics: ['a/{serial}', 'b/x_{serial}/c'] })
})

t.test('what is no topic of a device is refused', async (t) => {
  const taken: string[] = []
  const bad = [
    ...[
      'terneo',
      'terneo/+',
      'terneo/#',
      '{serial}/{serial}',
      '/terneo/{serial}',
      'terneo//{serial}',
      'te rneo/{serial}',
    ],
    ...['terneo/{serial}/', '{serial', '$SYS/{serial}', 'terneo/{Serial}', `${'a'.repeat(120)}/{serial}`],
  ]
  for (const topic of bad) {
    const said = await refusal({ file: native(`  topics: [${JSON.stringify(topic)}]`) })
    if (!said.startsWith('native_mqtt.topics:')) taken.push(topic)
  }
  t.strictSame(taken, [])
  t.match(await refusal({ file: native(`  topics: [${'"a/{serial}",'.repeat(17)}]`) }), /more than 16/)
  t.match(await refusal({ file: native('  topics: 5') }), /native_mqtt.topics: 5 is not a list of topics/)
  t.match(await refusal({ file: native('  commands: both') }), /native_mqtt.commands: "both" is not one of the choices/)
})

t.test('the bridge can never hear itself', async (t) => {
  const loops: string[] = [
    native('  topics: ["thermo2mqtt/{serial}"]'),
    // `thermo2mqtt` looks like a serial.
    native('  topics: ["{serial}"]'),
    native('  topics: ["{serial}/get"]'),
    native('  command_topic: "thermo2mqtt/{serial}"'),
    native('  topics: ["homeassistant/{serial}"]'),
    native('  topics: ["homie/{serial}"]'),
    `mqtt: {base_topic: home/t2mqtt}\n${native('  topics: ["home/{serial}"]')}`,
    `mqtt: {base_topic: terneo/a1b2/get}\n${native('')}`,
    native(devices('serial: A1B2C3, native_topic: thermo2mqtt/A1B2C3').trimEnd()),
    native(devices('serial: A1B2C3, native_command_topic: thermo2mqtt').trimEnd()),
  ]
  const taken: string[] = []
  for (const file of loops)
    if (!/so the bridge would receive its own messages/.test(await refusal({ file }))) taken.push(file)
  t.strictSame(taken, [])
  const apart = [
    native('  topics: ["thermo2mqtt-native/{serial}", "my/{serial}"]'),
    'native_mqtt: {topics: ["{serial}"]}',
  ]
  for (const file of apart) t.equal(await refusal({ file }), 'taken')
})

t.test('a broker that no device can reach is warned of', async (t) => {
  const warnings = async (file: string) => (await load({ file })).warnings.join(' ')
  t.match(await warnings(native('')), /no device can reach the embedded broker at mqtt.embedded.host 127.0.0.1/)
  const open = 'mqtt: {embedded: {host: 0.0.0.0, username: home, password: long enough}}\n'
  for (const reached of ['mqtt: {url: mqtt://broker}\n', open]) t.equal(await warnings(reached + native('')), '')
})

t.test('two devices can not claim one topic', async (t) => {
  const both = devices('serial: A1B2C3, native_topic: home/bath', 'serial: A1B2C4, native_topic: home/bath')
  t.match(await refusal({ file: native(both) }), /devices\[1\]\.native_topic: "home\/bath" is that of devices\[0\] too/)
})

t.test('a pattern finds exactly the serials that it was filled with', async () => {
  const level = fc.stringMatching(/^[A-Za-z0-9_.-]{1,8}$/)
  // Those that are known have the one spelling, whatever the topics of a device are.
  const serial = fc
    .stringMatching(/^[A-Za-z0-9_-]{4,20}$/)
    .filter(isSerial)
    .map(spelled)
  const parts = fc.tuple(fc.array(level, { maxLength: 2 }), level, level, fc.array(level, { maxLength: 2 }))
  fc.assert(
    fc.property(parts, serial, fc.array(level, { maxLength: 3 }), ([before, head, tail, after], serial, rest) => {
      const pattern = new TopicPattern([...before, `${head}{serial}${tail}`, ...after].join('/'))
      const topic = pattern.topicOf(serial)
      const levels = [...topic.split('/'), ...rest]
      return pattern.serialIn(levels) === serial && pattern.overlaps(topic) && !topic.includes('{')
    }),
    { numRuns: 200 },
  )
  const words = fc.array(fc.string({ maxLength: 12 }), { maxLength: 5 })
  fc.assert(
    fc.property(words, (levels) => {
      const found = new TopicPattern('terneo/{serial}').serialIn(levels)
      return found === undefined || (levels[0] === 'terneo' && isSerial(found))
    }),
  )
})
