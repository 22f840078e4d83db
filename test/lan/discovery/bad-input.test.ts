import t from 'tap'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { beacon, dropped, listen, somebody, until } from './rig.ts'

t.test('bad datagrams are counted by reason, and logged once a minute', async (t) => {
  const ear = await listen(t)
  const send = await somebody(t)
  const bad: [string | Buffer, string][] = [
    ['hello', 'not_json'],
    ['', 'not_json'],
    ['[1]', 'not_json'],
    ['"text"', 'not_json'],
    [Buffer.from([0xff, 0x00, 0x7b]), 'not_json'],
    [Buffer.alloc(65_000, '{'), 'too_long'],
    [`{"sn":"${SERIAL}","x":"${'y'.repeat(2000)}"}`, 'too_long'],
    ['{}', 'bad_serial'],
    ['{"sn":12345678}', 'bad_serial'],
    ['{"sn":["404CCAAAD4E8A89860609800000149"]}', 'bad_serial'],
    ['{"sn":{"toString":1}}', 'bad_serial'],
    ['{"sn":""}', 'bad_serial'],
    ['{"sn":"4/../4"}', 'bad_serial'],
    ['{"sn":"404C+AAAA"}', 'bad_serial'],
    ['{"sn":"404C#AAAA"}', 'bad_serial'],
    ['{"sn":"404C\\u0000AAAA"}', 'bad_serial'],
    [`{"sn":"${'A'.repeat(65)}"}`, 'bad_serial'],
  ]
  const expected: Record<string, number> = { too_long: 0, not_json: 0, bad_serial: 0, unconfirmed: 0, flood: 0 }
  for (const [datagram, reason] of bad) {
    expected[reason] = (expected[reason] ?? 0) + 1
    await send(ear.port, datagram)
    await until(ear.clock, () => dropped(ear) === Object.values(expected).reduce((a, b) => a + b, 0))
    t.same(ear.discovery.stats(), expected, `${datagram.toString().slice(0, 40)}`)
  }
  t.equal(ear.lines.length, 3, 'one line a reason')
  await ear.clock.advance(60_000)
  await send(ear.port, 'hello')
  await until(ear.clock, () => ear.lines.length === 4)
  t.same([...ear.found, ...ear.alive], [])
})

t.test('wrong types beside a good serial do no harm', async (t) => {
  const ear = await listen(t)
  const send = await somebody(t)
  ear.discovery.know('ABCD1234', { host: '127.0.0.1', port: 80 })
  const rest = ['{"toString":1}', '[[[]]]', '1e999', 'true', 'null', '"x"']
  for (const value of rest) {
    await send(ear.port, `{"sn":"ABCD1234","wifi":${value},"hw":${value},"cloud":${value},"connection":${value}}`)
  }
  await until(ear.clock, () => ear.alive.length === rest.length)
  for (const { beacon } of ear.alive) t.match(beacon, { wifi: null, cloud: null })
})

t.test('the serial of another device is not adopted', async (t) => {
  const unit = await startThermostat(t)
  const ear = await listen(t, { devicePort: unit.port })
  const send = await somebody(t)
  ear.discovery.know('0000000000000000000000000000AA', { host: '127.0.0.9', port: 80 })
  await send(ear.port, beacon('0000000000000000000000000000AA'))
  await until(ear.clock, () => ear.discovery.stats().unconfirmed === 1)
  unit.quirks.injectReplies.push({ raw: '{"deviceId":0,"par":{"1":245}}' })
  await send(ear.port, beacon('0000000000000000000000000000AB'))
  await until(ear.clock, () => ear.discovery.stats().unconfirmed === 2)
  unit.quirks.injectReplies.push({ raw: '{"par":[[4,3,"200"]]}' })
  await send(ear.port, beacon('0000000000000000000000000000AC'))
  await until(ear.clock, () => ear.discovery.stats().unconfirmed === 3)
  unit.quirks.injectReplies.push({ raw: '{"sn":"a/b/c/d","par":[[4,3,"200"]]}' }, 'block')
  await send(ear.port, beacon('0000000000000000000000000000AD'))
  await until(ear.clock, () => ear.discovery.stats().unconfirmed === 4)
  await send(ear.port, beacon('0000000000000000000000000000AE'))
  await until(ear.clock, () => ear.discovery.stats().unconfirmed === 5)
  t.same(ear.found, [])
  t.equal(unit.requests.length, 5)
})

t.test('thousands of serials from one sender neither fill memory nor flood anybody', async (t) => {
  const unit = await startThermostat(t, { quirks: { latency: 50 } })
  const ear = await listen(t, { devicePort: unit.port })
  const send = await somebody(t)
  const count = 3000
  for (let i = 0; i < count; i++) {
    await send(ear.port, beacon(`F${String(i).padStart(29, '0')}`))
    if (i % 20 === 0) await ear.clock.advance(1)
  }
  await until(ear.clock, () => dropped(ear) > count - 10, 5)
  t.ok(unit.requests.length <= 5, `${unit.requests.length} questions`)
  t.ok(ear.discovery.stats().flood > count - 10)
  t.ok(ear.lines.length < 20)
  // A known device is heard all the same.
  ear.discovery.know(SERIAL, { host: '127.0.0.1', port: unit.port })
  await send(ear.port, unit.beacon())
  await until(ear.clock, () => ear.alive.length === 1)
})
