/** The flow for Node-RED holds together, and speaks to topics and keys that the bridge has. */
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

const nodes: readonly JsonObject[] = JSON.parse(read('docker/node-red/flow.json'))
const ofType = (type: string) => nodes.filter((node) => node.type === type)

/** Nodes that Node-RED has without anything installed. */
const BUILT_IN = ['tab', 'mqtt-broker', 'mqtt in', 'mqtt out', 'change', 'inject', 'debug']

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
      [topics.state(ANY), 'json'],
      [topics.result(ANY), 'json'],
    ],
  )
  const keys = new Set(MODELS.flatMap((model) => datapointsOf(model).map(({ key }) => key)))
  const taken = ofType('change').flatMap(({ rules }) => list(rules).map((rule) => String(object(rule).p)))
  t.same(taken, ['payload.current_temperature'])
  t.ok(taken.every((path) => keys.has(path.replace('payload.', ''))))
})

t.test('the flow commands the first thermostat of the demo, and retains nothing', async (t) => {
  const [first] = new VirtualHouse({ clock: new FakeClock(), thermostats: 7 }).thermostats
  const [press] = ofType('inject')
  t.match(topics.parse(String(press?.topic)), { id: first?.serial })
  const settable = new Set(
    MODELS.flatMap((model) => datapointsOf(model).flatMap(({ key, access }) => (access === 'write' ? [key] : []))),
  )
  const command = object(JSON.parse(String(press?.payload)))
  t.same(Object.keys(command), ['mode', 'target_temperature'])
  t.ok(Object.keys(command).every((key) => settable.has(key)))
  t.same(
    ofType('mqtt out').map(({ retain, topic }) => [retain, topic]),
    [['false', '']],
  )
})
