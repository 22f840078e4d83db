import fc from 'fast-check'
import t from 'tap'
import { type Beacon, MAX_BEACON_BYTES, parseBeacon } from '../../src/protocol/beacon.ts'
import { fixture, list } from '../support/fixtures.ts'
import { hostileJson } from './support.ts'

const parse = (text: string) => parseBeacon(Buffer.from(text))

t.test('the published and captured beacons', async (t) => {
  const sx = { serial: '02800C000D434B5836353920000159', hw: 'sx', connection: 'noCon', wifi: -70 }
  const off = { serial: '1100018006434D5431373520000159', hw: 'sx', cloud: false }
  const welrok = { serial: '404CCAAAD4E8A89860609800000149', connection: 'cloudCon', wifi: -71, cloud: true }
  const expected: Beacon[] = [
    { ...sx, cloud: null },
    { ...off, connection: 'noCon', wifi: -62 },
    { ...sx, cloud: false },
    { ...off, connection: 'wiFiCon', wifi: -66 },
    { serial: '058016000543464839373520000159', hw: 'ax', connection: 'cloudCon', wifi: -71, cloud: true },
    { ...welrok, hw: 'az' },
    { ...welrok, hw: 'oz' },
    { ...welrok, hw: 'ms' },
    { ...welrok, hw: 'D2W' },
  ]
  t.same(
    list(fixture('beacons').datagrams).map((datagram) => parse(String(datagram))),
    expected,
  )
})

t.test('datagrams that are no beacon', async (t) => {
  for (const text of ['', 'hello', '[]', 'null', '"x"', '{"sn":', '\0']) t.equal(parse(text), 'not_json', text)
  for (const sn of [
    null,
    7,
    '',
    'abc',
    'a/b1c2',
    'a+b1c2',
    'a#b1c2',
    'a1b2\0',
    '1'.repeat(65),
    'bridge',
    '__proto__',
    {},
  ]) {
    t.equal(parse(JSON.stringify({ sn, hw: 'ax' })), 'bad_serial', JSON.stringify(sn))
  }
  t.equal(parse('{}'), 'bad_serial')
  t.equal(parseBeacon(Buffer.alloc(65536, ' ')), 'too_long')
  const full = '{"sn":"A1B2"}'.padEnd(MAX_BEACON_BYTES)
  t.match(parse(full), { serial: 'A1B2' })
  t.equal(parse(`${full} `), 'too_long')
})

t.test('fields that can not be are null', async (t) => {
  const nothing = { serial: 'A1B2', hw: null, connection: null, wifi: null, cloud: null }
  t.same(parse('{"sn":"A1B2"}'), nothing)
  for (const value of [
    '"a b"',
    '"<x>"',
    '{}',
    '["ax"]',
    '{"toString":1,"valueOf":1}',
    'true',
    '""',
    '99999',
    '1e400',
  ]) {
    t.same(parse(`{"sn":"A1B2","hw":${value},"connection":${value},"wifi":${value},"cloud":${value}}`), nothing, value)
  }
  t.match(parse('{"sn":"A1B2","wifi":-40}'), { wifi: -40 })
})

t.test('whatever is sent, the answer is a beacon or a reason', async () => {
  const arbitrary = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    hostileJson.map((text) => Buffer.from(text)),
    hostileJson.map((text) => Buffer.from(`{"sn":"A1B2C3","hw":${text},"wifi":${text},"cloud":${text}}`)),
  )
  fc.assert(
    fc.property(arbitrary, (datagram) => {
      const beacon = parseBeacon(datagram)
      if (typeof beacon === 'string') return
      if (!/^[A-Za-z0-9_-]+$/.test(beacon.serial + (beacon.hw ?? ''))) throw new Error('unsafe text')
      if (beacon.wifi !== null && !Number.isFinite(beacon.wifi)) throw new Error('no number')
    }),
    { numRuns: 1000 },
  )
})
