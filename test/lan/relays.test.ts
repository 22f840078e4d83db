/** MS and D2W over real sockets: reading, commands, signatures, and what is refused as another kind's. */
import { createSocket } from 'node:dgram'
import t from 'tap'
import type { Dialect } from '../../src/catalog/index.ts'
import { identify } from '../../src/lan/discovery/identify.ts'
import { Discovery, type DiscoveryEvents, type DiscoveryOptions } from '../../src/lan/discovery/index.ts'
import { LanDevice } from '../../src/lan/lan-device.ts'
import type { Change } from '../../src/lan/types.ts'
import type { RelayOptions } from '../../src/simulator/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { KEY, SERIAL, startRelay, startThermostat, type Teardown } from '../support/simulator.ts'
import { codeOf, defaults, errorOf, FakeKeys, passing, testLogger } from './support.ts'

interface Options {
  readonly relay?: Partial<RelayOptions>
  readonly keys?: FakeKeys
  readonly dialect?: Dialect | null
}

async function rig(t: Teardown, model: 'ms' | 'd2w', options: Options = {}) {
  const clock = new FakeClock()
  const relay = await startRelay(t, model, { clock, ...options.relay })
  const { dialect } = options
  const device = new LanDevice({
    ...defaults(clock),
    address: { host: relay.host, port: relay.port },
    keys: options.keys ?? new FakeKeys(KEY),
    ...(dialect === undefined ? {} : { dialect: () => dialect }),
  })
  t.teardown(() => device.stop())
  return { clock, relay, device }
}

/** Numbers and booleans of a D2W are read as int32 and bool. */
const off = (raw: '0' | '1'): Change[] => [{ id: 119, type: 7, raws: [raw] }]

t.test('a D2W is read like any other', async (t) => {
  const { clock, device } = await rig(t, 'd2w')
  const parameters = await passing(clock, device.readParameters())
  t.same(parameters.get(1), { type: 5, value: '245' })
  t.same(parameters.get(118), { type: 7, value: '1' })
  t.equal(device.lock, 'none')
  const { fields, time } = await passing(clock, device.readTelemetry())
  t.equal(fields.get('u.15'), '222')
  t.equal(fields.get('f.10'), '1')
  t.type(time, 'number')
  t.equal(device.clockOffset, 0)
  t.match(await passing(clock, device.readTime()), { time: Number, zone: undefined })
})

t.test('an open D2W is written to in its own form', async (t) => {
  const { clock, relay, device } = await rig(t, 'd2w')
  await passing(clock, device.readParameters())
  const { used, notApplied } = await passing(
    clock,
    device.write(() => off('1')),
  )
  t.same([[...used], notApplied], [[[119, '1']], []])
  t.same(relay.writes[0]?.body, { deviceId: 0, sn: SERIAL, par: { 119: true } })
  t.equal(relay.parameter(119), '1')
  const numbers: Change[] = [
    { id: 13, type: 5, raws: ['5'] },
    { id: 14, type: 5, raws: ['-3'] },
  ]
  await passing(
    clock,
    device.write(() => numbers),
  )
  t.same(relay.writes[1]?.body, { deviceId: 0, sn: SERIAL, par: { 13: 5, 14: -3 } })
  t.equal(relay.parameter(13), '5')
})

t.test('a locked D2W is signed for, with either counter, and its clock', async (t) => {
  for (const counterBase of ['2000', 'unix'] as const) {
    for (const refusal of ['block', 'silent'] as const) {
      const { clock, relay, device } = await rig(t, 'd2w', {
        relay: { lock: 'lan', counterBase, clockOffset: -5000, quirks: { refusal } },
      })
      await passing(clock, device.readParameters())
      await passing(
        clock,
        device.write(() => off('1')),
      )
      t.equal(relay.parameter(119), '1', `${counterBase} ${refusal}`)
      const body = JSON.stringify(relay.writes.at(-1)?.body)
      t.match(body, /^\{"deviceId":0,"sn":"[^"]+","time":"\d+","auth":"\d{9}","par":\{"119":true\}\}$/)
      t.equal(device.counterBase, counterBase)
    }
  }
})

t.test('each lock of a relay is told apart', async (t) => {
  for (const model of ['ms', 'd2w'] as const) {
    const write = (device: LanDevice) => device.write(() => [{ id: model === 'ms' ? 125 : 119, type: 7, raws: ['1'] }])
    const missing = await rig(t, model, { relay: { lock: 'lan' }, keys: new FakeKeys(undefined) })
    await passing(missing.clock, missing.device.readParameters())
    t.equal(await codeOf(missing.clock, write(missing.device)), 'KEY_MISSING', model)
    const wrong = await rig(t, model, { relay: { lock: 'lan' }, keys: new FakeKeys('XXXXXXXXXXXXXXXX') })
    await passing(wrong.clock, wrong.device.readParameters())
    t.equal(await codeOf(wrong.clock, write(wrong.device)), 'KEY_REJECTED', model)
    const both = await rig(t, model, { relay: { lock: 'both' } })
    await passing(both.clock, both.device.readParameters())
    t.equal(await codeOf(both.clock, write(both.device)), 'LOCKED_BOTH', model)
  }
})

t.test('a lost answer of a D2W is looked up, a refused value told by its number', async (t) => {
  const { clock, relay, device } = await rig(t, 'd2w', { relay: { quirks: { dropWrites: ['applied'] } } })
  await passing(clock, device.readParameters())
  await passing(
    clock,
    device.write(() => off('1')),
  )
  t.equal(relay.parameter(119), '1')
  const refused = await passing(
    clock,
    device.write(() => [{ id: 1, type: 5, raws: ['300'] }]),
  )
  t.same(refused.notApplied, [1])
})

t.test('the clock of both is set on request', async (t) => {
  for (const model of ['ms', 'd2w'] as const) {
    const { clock, relay, device } = await rig(t, model, { relay: { lock: 'lan' } })
    await passing(clock, device.readParameters())
    await passing(clock, device.setTime(634929122))
    t.ok(Math.abs(relay.device.clock.seconds() - 634929122) < 60, model)
    t.match(JSON.stringify(relay.writes.at(-1)?.body), /^\{"sn":"[^"]+","time":"634929122","auth":"\d{9}"\}$/)
  }
})

t.test('a device of another kind at the address is refused, in both directions', async (t) => {
  const expectsThermostat = await rig(t, 'd2w', { dialect: 'list' })
  for (const read of [
    () => expectsThermostat.device.readParameters(),
    () => expectsThermostat.device.readTelemetry(),
  ]) {
    const error = await errorOf(expectsThermostat.clock, read())
    t.match(error, { code: 'DEVICE_BAD_REPLY', details: { reason: 'other_kind' } })
  }
  t.equal(expectsThermostat.device.lock, null, 'nothing is taken over')
  t.equal(expectsThermostat.device.clockOffset, null)
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock })
  const expectsD2w = new LanDevice({
    ...defaults(clock),
    address: { host: unit.host, port: unit.port },
    dialect: () => 'object',
  })
  t.teardown(() => expectsD2w.stop())
  t.match(await errorOf(clock, expectsD2w.readParameters()), { details: { reason: 'other_kind' } })
  t.equal(
    await codeOf(
      clock,
      expectsD2w.write(() => off('1')),
    ),
    'DEVICE_BAD_REPLY',
  )
  t.equal(unit.parameter(125), '0')
})

t.test('without knowing the kind, the first answer decides until it moves', async (t) => {
  const { clock, relay, device } = await rig(t, 'd2w')
  await passing(clock, device.readTelemetry())
  relay.quirks.injectReplies.push({ raw: `{"sn":"${SERIAL}","par":[[125,7,"0"]]}` })
  t.match(await errorOf(clock, device.readParameters()), { details: { reason: 'other_kind' } })
  const unit = await startThermostat(t, { clock })
  device.setAddress({ host: unit.host, port: unit.port })
  t.ok((await passing(clock, device.readParameters())).has(26))
})

t.test('hostile answers of a D2W are refused', async (t) => {
  const { clock, relay, device } = await rig(t, 'd2w', { dialect: 'object' })
  for (const raw of [
    '{"deviceId":0}',
    '{"deviceId":0,"par":[]}',
    '{"deviceId":0,"par":[[119,7,"1"]]}',
    '{"deviceId":0,"par":{"119":"on"}}',
    '{"deviceId":0,"par":null}',
    '{"deviceId":0,"telemetry":{}}',
    '[["119":true]]',
  ]) {
    relay.quirks.injectReplies.push({ raw })
    t.equal(await codeOf(clock, device.readParameters()), 'DEVICE_BAD_REPLY', raw)
  }
  relay.quirks.injectReplies.push({ raw: '{"deviceId":0,"telemetry":{"u":[1],"m":{"__proto__":1}}}' })
  t.equal(await codeOf(clock, device.readTelemetry()), 'DEVICE_BAD_REPLY')
  t.ok(await passing(clock, device.readParameters()))
})

t.test('who answers, as far as it says', async (t) => {
  const options = { clock: new FakeClock(), timeout: 2000, minSpacing: 0, random: () => 0.5 }
  const d2w = await startRelay(t, 'd2w')
  const ms = await startRelay(t, 'ms')
  t.match(await identify(d2w, options), { serial: undefined, dialect: 'object' })
  t.match(await identify(ms, options), { serial: SERIAL, dialect: 'list' })
})

const FIRST = '404CCAAAD4E8A89860609800000150'
const SECOND = '404CCAAAD4E8A89860609800000151'

async function listen(t: Teardown, options: Partial<DiscoveryOptions>) {
  const clock = new FakeClock()
  const discovery = new Discovery({
    host: '127.0.0.1',
    port: 0,
    timeout: 2000,
    clock,
    random: () => 0.5,
    logger: testLogger(),
    ...options,
  })
  const { port } = await discovery.start()
  t.teardown(() => discovery.stop())
  const found: DiscoveryEvents['found'][] = []
  discovery.on('found', (event) => found.push(event))
  const send = async (beacon: object, from = '127.0.0.1') => {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve) => socket.bind(0, from, resolve))
    const before = discovery.stats().unconfirmed + found.length
    await new Promise((resolve) => socket.send(JSON.stringify(beacon), port, '127.0.0.1', resolve))
    for (let i = 0; i < 500 && discovery.stats().unconfirmed + found.length === before; i++) await clock.advance(1)
    await new Promise<void>((resolve) => socket.close(() => resolve()))
  }
  return { clock, discovery, found, send }
}

t.test('a D2W is found by a beacon that says D2W, and only so', async (t) => {
  const d2w = await startRelay(t, 'd2w')
  const { clock, found, send } = await listen(t, { devicePort: d2w.port })
  await send({ sn: SERIAL, hw: 'az' })
  await clock.advance(61_000)
  await send({ sn: SERIAL })
  t.same(found, [], 'a thermostat would say who it is')
  await clock.advance(200_000)
  await send({ sn: SERIAL, hw: 'D2W' })
  t.match(found, [{ serial: SERIAL, hw: 'D2W', address: { host: '127.0.0.1', port: d2w.port } }])
})

t.test('a beacon that says D2W does not turn a thermostat into one', async (t) => {
  const d2w = await startRelay(t, 'd2w')
  const { found, send } = await listen(t, { devicePort: d2w.port, mayBeNameless: (serial) => serial !== SERIAL })
  await send({ sn: SERIAL, hw: 'D2W' })
  t.same(found, [], 'the serial is known as that of another kind')
  const unit = await startThermostat(t)
  const other = await listen(t, { devicePort: unit.port })
  await other.send({ sn: SECOND, hw: 'D2W' })
  t.same(other.found, [], 'a thermostat answers there')
})

t.test('one host is the home of one D2W, until it has left', async (t) => {
  const d2w = await startRelay(t, 'd2w')
  const { clock, discovery, found, send } = await listen(t, { devicePort: d2w.port })
  discovery.know(FIRST, { host: '127.0.0.1', port: d2w.port })
  await send({ sn: SECOND, hw: 'D2W' })
  t.same(found, [], 'the other is at home there')
  await clock.advance(6 * 60_000)
  await send({ sn: SECOND, hw: 'D2W' })
  t.equal(found[0]?.serial, SECOND, 'it has not been heard for long')
})
