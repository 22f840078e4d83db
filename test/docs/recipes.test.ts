/** What is included for other systems holds together, and names topics and keys that the bridge has. */
import t from 'tap'
import { datapointsOf, MODELS } from '../../src/catalog/index.ts'
import type { JsonObject } from '../../src/core/json.ts'
import { Topics } from '../../src/mqtt/topics.ts'
import { VirtualHouse } from '../../src/simulator/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { list, object } from '../support/fixtures.ts'
import { read } from './support.ts'

const topics = new Topics('thermo2mqtt')
const ANY = '+'

const [first] = new VirtualHouse({ clock: new FakeClock(), thermostats: 7 }).thermostats
const ID = String(first?.serial)

const datapoints = MODELS.flatMap((model) => datapointsOf(model))
const shown = new Set(datapoints.map(({ key }) => key))
const settable = new Set(datapoints.flatMap(({ key, access }) => (access === 'write' ? [key] : [])))

/** What recipes may listen to, for one device and for all of them, and what they may send to the first of the demo. */
const listened = [ID, ANY].flatMap((id) => [topics.state(id), topics.availability(id), topics.result(id)])
const known = new Set([...listened, topics.bridgeState, ...[...settable].map((key) => topics.set(ID, key))])

/** The topics that a text names between quotes. */
const topicsIn = (text: string): string[] =>
  [...text.matchAll(/"(thermo2mqtt\/[^"]+)"/g)].map(([, topic = '']) => topic)

/** Whether somebody who listens to `filter` also hears whether the bridge is online, which is no JSON. */
const hearsBridge = (filter: string): boolean =>
  new RegExp(`^${filter.replaceAll('+', '[^/]+').replaceAll('#', '.*')}$`).test(topics.bridgeState)

const nodes: readonly JsonObject[] = JSON.parse(read('docker/node-red/flow.json'))
const ofType = (type: string) => nodes.filter((node) => node.type === type)

/** Nodes that Node-RED has without anything installed. */
const BUILT_IN = ['tab', 'mqtt-broker', 'mqtt in', 'mqtt out', 'switch', 'change', 'inject', 'debug']

t.test('the flow is whole', async (t) => {
  const ids = nodes.map(({ id }) => id)
  t.equal(new Set(ids).size, ids.length)
  const wired = nodes.flatMap(({ wires }) => list(wires ?? []).flatMap((way) => list(way)))
  const named = nodes.flatMap(({ z, broker, type }) => [z, type === 'mqtt-broker' ? undefined : broker])
  t.ok(wired.length > 3)
  t.same(
    [...wired, ...named].filter((id) => id !== undefined && !ids.includes(id)),
    [],
  )
  t.same(
    nodes.filter(({ type }) => !BUILT_IN.includes(String(type))),
    [],
  )
})

t.test('the flow listens to topics of the bridge', async (t) => {
  t.same(
    ofType('mqtt in').map(({ topic, datatype }) => [topic, datatype]),
    [
      [topics.state(ANY), 'auto-detect'],
      [topics.result(ANY), 'json'],
    ],
  )
  const taken = ofType('change').flatMap(({ rules }) => list(rules).map((rule) => String(object(rule).p)))
  t.same(taken, ['payload.current_temperature'])
  t.ok(taken.every((path) => shown.has(path.replace('payload.', ''))))
})

t.test('the flow takes no word of the bridge for the state of a device', async (t) => {
  t.ok(hearsBridge(topics.state(ANY)))
  const json = ofType('mqtt in').filter(({ datatype }) => datatype === 'json')
  t.same(
    json.filter(({ topic }) => hearsBridge(String(topic))),
    [],
    'Node-RED tells of an error if what should be JSON is not',
  )
  const [choice] = ofType('switch')
  t.match(choice, { property: 'payload', rules: [{ t: 'istype', v: 'object' }] })
  const states = ofType('mqtt in').filter(({ topic }) => hearsBridge(String(topic)))
  t.same(
    states.map(({ wires }) => wires),
    [[[choice?.id]]],
  )
})

t.test('the flow commands the first thermostat of the demo, and retains nothing', async (t) => {
  const [press] = ofType('inject')
  t.match(topics.parse(String(press?.topic)), { id: ID })
  const command = object(JSON.parse(String(press?.payload)))
  t.same(Object.keys(command), ['mode', 'target_temperature'])
  t.ok(Object.keys(command).every((key) => settable.has(key)))
  t.same(
    ofType('mqtt out').map(({ retain, topic }) => [retain, topic]),
    [['false', '']],
  )
})

t.test('Telegraf hears of devices and of the bridge, and knows them apart', async (t) => {
  const text = read('docker/telegraf/telegraf.conf')
  const inputs = text.split('[[inputs.mqtt_consumer]]').slice(1)
  const asked = inputs.map((input) => topicsIn(/^ {2}topics = .*$/m.exec(input)?.[0] ?? ''))
  t.same(asked, [[topics.state(ANY)], [topics.availability(ANY), topics.bridgeState]])
  t.match(inputs[0], /tagdrop\]\n +id = \["bridge"\]/)
  const [, words = ''] = /json_string_fields = \[(.*)\]/.exec(text) ?? []
  const keys = [...words.matchAll(/"(\w+)"/g)].map(([, key = '']) => key)
  t.ok(keys.length > 3)
  t.same(
    keys.filter((key) => !shown.has(key)),
    [],
  )
})

t.test('ioBroker sends commands, and nothing that the bridge itself says', async (t) => {
  const options = JSON.parse(read('docker/iobroker/mqtt.json'))
  t.same(
    String(options.patterns)
      .split(',')
      .filter((topic) => !known.has(topic)),
    [],
  )
  t.match(options, { publishAllOnStart: false, onchange: false, retain: false, sendAckToo: false })
  const mask = new RegExp(`^${String(options.publish).replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
  const stateOf = (topic: string) => `mqtt.0.${topic.replaceAll('/', '.')}`
  t.match(stateOf(topics.set(ID, 'mode')), mask)
  t.same(
    [...listened, topics.bridgeState].filter((topic) => mask.test(stateOf(topic))),
    [],
  )
  const objects = JSON.parse(read('docker/iobroker/objects.json'))
  const named = Object.entries<JsonObject>(objects).flatMap(([id, { common }]) => {
    const { alias } = object(common)
    const there = object(alias ?? {}).id ?? id
    return typeof there === 'string' ? [there] : Object.values(object(there))
  })
  t.ok(named.length > 3)
  t.same(
    named.filter((id) => !known.has(String(id).replace('mqtt.0.', '').replaceAll('.', '/'))),
    [],
  )
  const paths = [...read('docker/iobroker/objects.json').matchAll(/JSON\.parse\(val\)\.(\w+)/g)]
  t.ok(paths.length > 1)
  t.ok(paths.every(([, key = '']) => shown.has(key)))
})

t.test('Domoticz gets documents for single values, with templates that it understands', async (t) => {
  const page = read('docs/other-systems.md')
  const published = [...page.matchAll(/-r -t (\S+)\/config -f (docker\/domoticz\/\w+\.json)$/gm)]
  t.equal(published.length, 3)
  for (const [, topic = '', file = ''] of published) {
    t.match(topic, /^domoticz-discovery\/(?:climate|sensor)\/\w+$/)
    const document: JsonObject = JSON.parse(read(file))
    const said = Object.entries(document)
    const named = said.filter(([key]) => key.endsWith('_topic')).map(([, value]) => String(value))
    const templates = said.filter(([key]) => key.endsWith('_template')).map(([, value]) => String(value))
    const keys = templates.map((template) => /^\{\{ value_json\.(\w+) \}\}$/.exec(template)?.[1] ?? template)
    t.ok(named.length > 1 && keys.length > 0, file)
    t.same([...named.filter((named) => !known.has(named)), ...keys.filter((key) => !shown.has(key))], [])
  }
})

t.test('openHAB names topics and keys that there are, and retains nothing', async (t) => {
  const text = read('docker/openhab/thermo2mqtt.things')
  const named = topicsIn(text)
  t.ok(named.length > 7)
  t.same(
    named.filter((topic) => !known.has(topic)),
    [],
  )
  const channels = text.split('\n').filter((line) => line.trim().startsWith('Type '))
  const paths = channels.map((line) => /JSONPATH:\$\.(\w+)"/.exec(line)?.[1] ?? line)
  t.same(
    paths.filter((key) => !shown.has(key)),
    ['ok'],
    'the result, besides keys of the state',
  )
  t.notMatch(text, 'retained=true')
  const opened = (text.match(/[[{]/g) ?? []).length
  t.equal((text.match(/[\]}]/g) ?? []).length, opened)
})
