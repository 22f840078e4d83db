import fc from 'fast-check'
import t from 'tap'
import { isObject, parseJson } from '../../src/core/json.ts'
import { dialectOf, flatTelemetry, listOfObject, objectOfList } from '../../src/protocol/d2w.ts'
import { parseParameters, parseReply, parseTelemetry } from '../../src/protocol/replies.ts'
import { fixture, list, object } from '../support/fixtures.ts'
import { hostileJson, orBridgeError, refuses } from './support.ts'

const responses = (name: string) => list(fixture(name).exchanges).map((exchange) => object(object(exchange).response))

t.test('a reply shows in which dialect it is', async (t) => {
  for (const response of responses('d2w')) t.equal(dialectOf(response), 'object')
  for (const response of responses('ms')) t.equal(dialectOf(response), 'list')
  for (const name of ['ax-parameters', 'az-telemetry', 'oz-parameters', 'schedule']) {
    t.equal(dialectOf(object(fixture(name).response)), 'list', name)
  }
  t.equal(dialectOf({ sn: 'x', par: {} }), 'object', 'an object of parameters is none of the others, whoever signs it')
  t.equal(dialectOf({ deviceId: 0, par: [[119, 7, '1']] }), 'list')
  t.equal(dialectOf({}), 'list')
})

t.test('every value of the published replies comes through', async (t) => {
  const [parameters = {}, , telemetry = {}] = responses('d2w')
  const published = object(parameters.par)
  const parsed = parseParameters(parameters)
  t.equal(parsed.size, Object.keys(published).length - 1, 'all but ts')
  for (const [id, value] of Object.entries(published)) {
    if (id === 'ts') continue
    const wire = typeof value === 'boolean' ? { type: 7, value: value ? '1' : '0' } : { type: 5, value: String(value) }
    t.strictSame(parsed.get(Number(id)), wire, id)
  }
  const { fields, time } = parseTelemetry(telemetry)
  t.equal(time, 834392219)
  for (const [group, values] of Object.entries(object(telemetry.telemetry))) {
    if (group === 'ts') continue
    for (const [number, value] of Object.entries(object(values))) {
      t.equal(fields.get(`${group}.${number}`), String(typeof value === 'boolean' ? Number(value) : value))
    }
  }
  t.same(parseReply(JSON.stringify(telemetry)), telemetry, 'it is data')
})

t.test('what is no parameter and no field is left out, and nothing usable is refused', async (t) => {
  const par = { 1: 245, x: 1, 119: true, 5: '144', 20: null, 99999999: 1, 14: Number.NaN, 9: [3], ts: 1 }
  t.same(listOfObject(par), [
    [1, 5, '245'],
    [119, 7, '1'],
  ])
  refuses(t, () => parseParameters({ deviceId: 0, par: {} }), 'DEVICE_BAD_REPLY')
  refuses(t, () => parseParameters({ deviceId: 0, par: { ts: 1 } }), 'DEVICE_BAD_REPLY')
  refuses(t, () => parseParameters({ deviceId: 0 }), 'DEVICE_BAD_REPLY')
  refuses(t, () => parseTelemetry({ deviceId: 0, telemetry: {} }), 'DEVICE_BAD_REPLY')
  refuses(t, () => parseTelemetry({ deviceId: 0, telemetry: { u: 1, t: [2], zz: { 1: 1 } } }), 'DEVICE_BAD_REPLY')
  t.same(flatTelemetry({ t: { 0: 1 } }), { 't.0': 1 })
  t.equal(parseTelemetry({ telemetry: { t: { 0: 1 }, ts: -5 } }).time, undefined)
})

t.test('writes are objects of numbers and booleans', async (t) => {
  t.equal(
    objectOfList([
      [119, 7, '1'],
      [114, 7, '0'],
      [13, 5, '0.5'],
      [14, 5, '-8'],
    ]),
    '{"119":true,"114":false,"13":0.5,"14":-8}',
  )
})

t.test('what was read is what is written', async () => {
  const value = fc.oneof(fc.boolean(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  const par = fc.dictionary(fc.integer({ min: 0, max: 65535 }).map(String), value, { minKeys: 1 })
  fc.assert(
    fc.property(par, (original) => {
      const back = object(JSON.parse(objectOfList(listOfObject(original))))
      return Object.entries(original).every(([id, was]) => Number(back[id]) === Number(was))
    }),
  )
})

t.test('hostile replies give values or a refusal, never anything else', async () => {
  fc.assert(
    fc.property(hostileJson, (text) => {
      const reply = parseJson(`{"deviceId":0,"par":${text},"telemetry":${text}}`)
      if (!isObject(reply)) return
      dialectOf(reply)
      orBridgeError(() => parseParameters(reply))
      orBridgeError(() => parseTelemetry(reply))
    }),
  )
})
