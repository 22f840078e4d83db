/** The generated references are whole and right; that they are fresh is tested with the other generated documents. */
import assert from 'node:assert/strict'
import { connectAsync } from 'mqtt'
import t from 'tap'
import { datapointsOf, isMirror, MODELS } from '../../src/catalog/index.ts'
import { parameterReference, stateKeys, table } from '../../src/catalog/reference.ts'
import { SystemClock } from '../../src/core/clock.ts'
import { createLogger } from '../../src/core/logging/logger.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import { ACCOUNT_STATES, ACTIONS } from '../../src/devices/ports.ts'
import { homieColumn } from '../../src/homie/reference.ts'
import { MqttBridge } from '../../src/mqtt/index.ts'
import { EXAMPLES, topicReference } from '../../src/mqtt/reference/index.ts'
import { REQUESTS } from '../../src/mqtt/reference/requests.ts'
import { Topics } from '../../src/mqtt/topics.ts'
import { FakeAccounts } from '../support/fake-accounts.ts'
import { FakeBridge, FakeDevices } from '../support/fake-bridge.ts'
import { eachRow } from '../support/rows.ts'
import { tables } from './support.ts'

const topics = topicReference()
const parameters = parameterReference()

t.test('a table keeps its columns apart', async (t) => {
  t.equal(table(['a', 'b'], [['x|y', 'z']]), '| a | b |\n|---|---|\n| x\\|y | z |')
})

t.test('every key of every model has one line, with all that models say', async (t) => {
  const [[head, , ...rows] = []] = tables(`${stateKeys()}\n`)
  t.same(head, ['key', 'type', 'unit', 'values', 'access', 'meaning', 'models'])
  const keys = new Set(MODELS.flatMap((model) => datapointsOf(model).map(({ key }) => key)))
  t.same(
    rows.map(([key]) => key),
    [...keys].map((key) => `\`${key}\``),
  )
  const lineOf = (key: string) => rows.find(([first]) => first === `\`${key}\``)
  t.same(lineOf('brightness')?.[3], '0 to 9 (`az`, `oz`, `ms`, `d2w`: 0 to 10)')
  t.same(lineOf('control_type')?.[4], 'set (`az`, `old`: read)')
  t.same(lineOf('humidity')?.[6], '`oz`')
  t.same(lineOf('away_end')?.[3], 'ISO 8601 without a zone')
  t.same(lineOf('away_end_utc')?.[3], 'ISO 8601, UTC')
  t.match(lineOf('overheated')?.[5], /^Fault\. /)
  t.match(lineOf('lock')?.[3], '`none`, `cloud`, `lan`, `both`')
})

t.test('the lines of every model are there', async (t) => {
  const sections = parameters.split(/^## /m).slice(1)
  for (const model of MODELS) {
    const section = sections.find((text) => text.split('\n', 1)[0]?.split(', ').includes(model.name)) ?? ''
    const cells = [
      ...model.parameters.flatMap(({ id, vendor, key }) => [`| ${id} | ${vendor} | `, ` | \`${key}\` | `]),
      ...model.telemetry.map((row) => `| \`${row.field}\` | \`${isMirror(row) ? row.mirrors : row.key}\` | `),
      ...model.derived.map(({ key }) => `| \`${key}\` | `),
    ]
    eachRow(t, model.id, cells, String, (cell) => assert.ok(section.includes(cell)))
  }
})

t.test('a line says all that there is to say of its row', async (t) => {
  const lines = tables(parameterReference([homieColumn])).flatMap(([head = [], , ...rows]) =>
    rows.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index]]))),
  )
  t.ok(lines.every(({ id, key, source }) => id !== undefined || key === undefined || source !== undefined))
  t.match(
    lines.find(({ id, key, source = '' }) => id === '19' && key === '`hysteresis`' && source.startsWith('Terneo')),
    {
      'vendor’s name': 'histeresis',
      wire: 'uint8',
      name: 'Hysteresis',
      unit: '°C',
      limits: '0.1 to 10',
      step: '0.1',
      access: 'set',
      topic: '`set/hysteresis`',
      entity: 'number `hysteresis`',
      Homie: '`settings/hysteresis`',
      meaning: /^How far the temperature/,
      source: 'Terneo, “Parameters list”',
    },
  )
  t.match(
    lines.find(({ field }) => field === '`u.15`'),
    { key: '`voltage`', unit: 'V', topic: '`state`', entity: 'sensor `voltage`', Homie: '`state/voltage`' },
  )
  t.match(
    lines.find(({ key, source }) => key === '`manual_air_setpoint`' && source?.startsWith('Welrok OZ,')),
    { step: '1; by air, the device’s own' },
  )
})

t.test('the topics are those of the bridge', async (t) => {
  const { bridgeState, bridgeInfo, bridgeEvent, ...rest } = new Topics('thermo2mqtt')
  t.ok(rest.base)
  for (const topic of [bridgeState, bridgeInfo, bridgeEvent]) t.ok(topics.includes(`| \`${topic}\` | `), topic)
  for (const verb of ['state', 'availability', 'result', 'set', 'set/<key>', 'get', 'action']) {
    t.ok(topics.includes(`| \`thermo2mqtt/<id>/${verb}\` | `), verb)
  }
  for (const word of [...ACTIONS, ...ACCOUNT_STATES]) t.ok(topics.includes(`| \`${word}\` | `), word)
})

t.test('the examples are keys that can be set', async (t) => {
  const [ax] = MODELS
  const keys = new Map(ax ? datapointsOf(ax).map((row) => [row.key, row]) : [])
  for (const key of Object.keys(EXAMPLES.state)) t.ok(keys.has(key), key)
  for (const command of [EXAMPLES.set, EXAMPLES.result.command, EXAMPLES.refusal.command]) {
    for (const key of Object.keys(command)) t.equal(keys.get(key)?.access, 'write', key)
  }
})

t.test('the requests are those that the bridge knows', async (t) => {
  const devices = new FakeDevices()
  const accounts = new FakeAccounts()
  const secrets = new SecretValues()
  const mqtt = new MqttBridge({
    settings: { url: [], client_id: 'bridge', base_topic: 'thermo2mqtt', embedded: { host: '127.0.0.1', port: 0 } },
    devices,
    accounts,
    bridge: new FakeBridge(devices, accounts),
    clock: new SystemClock(),
    random: () => 0.5,
    logger: createLogger({ level: 'silent', secrets, write: () => undefined }),
    secrets,
  })
  await mqtt.start()
  await new Promise<void>((resolve) => mqtt.onConnect(resolve))
  t.teardown(() => mqtt.stop())
  const client = await connectAsync(`mqtt://127.0.0.1:${mqtt.brokerPort}`)
  t.teardown(() => client.endAsync(true))
  await client.subscribeAsync(mqtt.topics.response('nothing_known'))
  const answered = new Promise<Buffer>((resolve) => client.once('message', (_topic, payload) => resolve(payload)))
  await client.publishAsync(mqtt.topics.request('nothing_known'), '', { qos: 1 })
  const { error } = JSON.parse(String(await answered))
  const [, known = ''] = /requests are ([a-z_, ]+)\./.exec(error.message) ?? []
  t.same(known.split(', ').sort(), Object.keys(REQUESTS).sort())
})
