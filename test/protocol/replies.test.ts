import fc from 'fast-check'
import t from 'tap'
import { isObject } from '../../src/core/json.ts'
import { parseDeviceTime, parseParameters, parseReply, parseTelemetry, serialOf } from '../../src/protocol/replies.ts'
import { fixture, list, object } from '../support/fixtures.ts'
import { hostileJson, orBridgeError, refuses } from './support.ts'

t.test('each published refusal is told apart', async (t) => {
  const kinds = list(fixture('refusals').replies).map((reply) => parseReply(String(reply)))
  t.strictSame(kinds, [
    'block',
    'block',
    'busy',
    'success',
    'empty',
    'not_json',
    {},
    { sn: '404CCAAAD4E8A89860609800000149' },
  ])
  for (const kind of kinds) {
    if (typeof kind === 'string') continue
    refuses(t, () => parseParameters(kind), 'DEVICE_BAD_REPLY', 'without a parameter list', 'restart')
    refuses(t, () => parseTelemetry(kind), 'DEVICE_BAD_REPLY', 'without telemetry')
    refuses(t, () => parseDeviceTime(kind), 'DEVICE_BAD_REPLY', 'without its clock')
  }
})

t.test('the short acknowledgement of a write carries no data', async (t) => {
  t.equal(parseReply(JSON.stringify(fixture('sx-power-off').response)), 'success')
})

t.test('text that is no object', async (t) => {
  for (const text of [' \n', '\t']) t.equal(parseReply(text), 'empty')
  for (const text of ['[]', '7', 'null', '"x"', '{', '{"par":', 'true']) t.equal(parseReply(text), 'not_json', text)
})

t.test('success with data is a reply', async (t) => {
  for (const key of ['par', 'tt', 'ttAir']) t.ok(isObject(parseReply(`{"success":"true","${key}":[]}`)), key)
})

t.test('the published parameter lists are read whole, in whatever order', async (t) => {
  for (const [name, size] of [
    ['ax-parameters', 27],
    ['az-parameters', 29],
    ['sx-parameters', 35],
    ['oz-parameters', 48],
  ] as const) {
    const response = object(fixture(name).response)
    const parsed = parseParameters(response)
    t.equal(parsed.size, size, name)
    for (const [id, type, value] of list(response.par).map(list)) {
      t.strictSame(parsed.get(Number(id)), { type, value }, `${name} ${id}`)
    }
  }
  t.strictSame(parseParameters({ par: fixture('ax-off-manual').parameters }).get(125), { type: 7, value: '1' })
})

t.test('an MS speaks the same dialect, a D2W another', async (t) => {
  const [parameters, clock, telemetry] = list(fixture('ms').exchanges).map((exchange) =>
    object(object(exchange).response),
  )
  t.strictSame(parseParameters(object(parameters)).get(68), { type: 2, value: '0' })
  t.strictSame(parseDeviceTime(object(clock)), { time: 825266448, zone: 3 })
  t.equal(parseTelemetry(object(telemetry)).fields.get('o.5'), '0')
  const [own, ownClock, ownTelemetry] = list(fixture('d2w').exchanges).map((exchange) =>
    object(object(exchange).response),
  )
  t.strictSame(parseParameters(object(own)).get(14), { type: 5, value: '-8' })
  t.strictSame(parseDeviceTime(object(ownClock)), { time: 834401814, zone: undefined })
  t.match(parseTelemetry(object(ownTelemetry)), { time: 834392219 })
  t.equal(parseTelemetry(object(ownTelemetry)).fields.get('u.15'), '218')
})

t.test('entries that are no parameter are left out; numbers and booleans count as their text', async (t) => {
  const good: unknown[] = [
    [1, 2, 7],
    [2, 7, true],
    [3, 7, false],
    [4, 0, 'text'],
  ]
  const bad: unknown[] = [
    null,
    {},
    'x',
    [],
    [1],
    ['1', 2, '3'],
    [-1, 2, '3'],
    [65536, 2, '3'],
    [1.5, 2, '3'],
    [9, 8, '3'],
    [9, -1, '3'],
    [9, 1.5, '3'],
    [9, '2', '3'],
    [9, 2, null],
    [9, 2, {}],
    [9, 2, 'x'.repeat(257)],
    [9, 2, Number.POSITIVE_INFINITY],
  ]
  t.strictSame(
    [...parseParameters({ par: [...bad, ...good] })],
    [
      [1, { type: 2, value: '7' }],
      [2, { type: 7, value: '1' }],
      [3, { type: 7, value: '0' }],
      [4, { type: 0, value: 'text' }],
    ],
  )
  refuses(t, () => parseParameters({ par: bad }), 'DEVICE_BAD_REPLY', 'nothing usable')
  refuses(t, () => parseParameters({ par: [] }), 'DEVICE_BAD_REPLY', 'nothing usable')
})

t.test('the published telemetry', async (t) => {
  const ax = parseTelemetry(object(fixture('ax-telemetry').response))
  t.equal(ax.fields.get('t.1'), '416')
  t.equal(ax.fields.get('par.26'), '45')
  t.equal(ax.fields.has('sn'), false)
  t.equal(ax.time, undefined, 'older firmware sends no clock')
  t.equal(ax.setpointStep, undefined)
  t.equal(parseTelemetry(object(fixture('az-telemetry').response)).time, 812112348)
  const oz = parseTelemetry(object(fixture('oz-telemetry').response))
  t.equal(oz.fields.get('o.4'), '61')
  t.equal(oz.time, 799767684)
  t.equal(oz.setpointStep, 0.5)
  t.equal(parseTelemetry(object(fixture('ax-off-manual').telemetry)).fields.size, 5)
})

t.test('fields of telemetry that can not be', async (t) => {
  const parsed = parseTelemetry({
    't.1': 416,
    'f.0': true,
    't.x': '1',
    't.1234': '1',
    'X.1': '1',
    'group.1': '1',
    'i.1': '1',
    'm.1': {},
    time: '20000000000',
    setPointStep: '0',
  })
  t.strictSame(
    [...parsed.fields],
    [
      ['t.1', '416'],
      ['f.0', '1'],
      ['i.1', '1'],
    ],
    'a group that no document names is kept',
  )
  t.equal(parsed.time, undefined)
  t.equal(parsed.setpointStep, undefined)
  for (const setPointStep of ['9', '-1', '', 'x', null, true, { valueOf: 1, toString: 1 }, ['0.5']]) {
    t.equal(parseTelemetry({ 't.1': '1', setPointStep }).setpointStep, setPointStep === true ? 1 : undefined)
  }
})

t.test('the clock of a device', async (t) => {
  t.strictSame(parseDeviceTime({ time: '634929122' }), { time: 634929122, zone: undefined })
  t.equal(parseDeviceTime({ time: '1', tzone: '-5' }).zone, -5)
  for (const tzone of ['15', '', 'x', null, {}, { valueOf: 1, toString: 1 }]) {
    t.equal(parseDeviceTime({ time: '1', tzone }).zone, undefined, JSON.stringify(tzone))
  }
  for (const time of ['', '-1', '1.5', 'now', null, {}, [], '12345678901']) {
    refuses(t, () => parseDeviceTime({ time }), 'DEVICE_BAD_REPLY', 'clock')
  }
})

t.test('the serial of a reply', async (t) => {
  t.equal(serialOf({ sn: 'A1B2' }), 'A1B2')
  t.equal(serialOf({ sn: 5 }), undefined)
  t.equal(serialOf({}), undefined)
})

t.test('whatever a device answers, nothing but a BridgeError is thrown', async () => {
  fc.assert(
    fc.property(fc.oneof(hostileJson, fc.string(), fc.json()), (text) => {
      const reply = parseReply(text)
      if (typeof reply === 'string') return
      serialOf(reply)
      const parameters = orBridgeError(() => parseParameters(reply))
      const telemetry = orBridgeError(() => parseTelemetry(reply))
      const clock = orBridgeError(() => parseDeviceTime(reply))
      for (const [id, { type, value }] of parameters ?? []) {
        if (!(id >= 0 && type >= 0 && type <= 7 && value.length <= 256)) throw new Error('out of bounds')
      }
      for (const value of telemetry?.fields.values() ?? []) if (value.length > 256) throw new Error('out of bounds')
      if (clock && !Number.isInteger(clock.time)) throw new Error('no whole seconds')
    }),
    { numRuns: 1500 },
  )
})
