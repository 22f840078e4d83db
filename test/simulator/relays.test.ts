import t from 'tap'
import { type HouseDescription, VirtualHouse, type VirtualRelay } from '../../src/simulator/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { SERIAL, startRelay, type Teardown } from '../support/simulator.ts'
import { ask, exchange, fixture, signed } from './support.ts'

const EPOCH_2000 = 946_684_800

t.test('a fresh MS answers as published', async (t) => {
  const ms = await startRelay(t, 'ms', { serial: 'B081843B6DC878ECBFBFEC0000014D', utcOffset: 3 })
  const [parameters, time, telemetry] = fixture('ms').exchanges
  t.same(await ask(ms, parameters.request), parameters.response)
  const clock = await ask(ms, time.request)
  t.same(Object.keys(clock), Object.keys(time.response))
  t.equal(clock.tzone, '3')
  const answer = await ask(ms, telemetry.request)
  t.same(Object.keys(answer), Object.keys(telemetry.response))
  for (const [field, value] of Object.entries(answer)) t.type(value, 'string', field)
  for (const field of ['m.1', 'm.3', 'f.0', 'f.10', 'f.13', 'o.5']) t.equal(answer[field], telemetry.response[field])
  t.match(JSON.parse(ms.beacon()), { sn: ms.serial, hw: 'ms', display: 'error' })
})

t.test('a fresh D2W answers as published', async (t) => {
  const d2w = await startRelay(t, 'd2w')
  const [parameters, time, telemetry] = fixture('d2w').exchanges
  const answer = await ask(d2w, parameters.request)
  t.same(
    { ...answer, par: { ...answer.par, ts: 0 } },
    { ...parameters.response, par: { ...parameters.response.par, ts: 0 } },
  )
  const clock = await ask(d2w, time.request)
  t.same(Object.keys(clock), ['deviceId', 'time'])
  t.equal(answer.par.ts - clock.time, EPOCH_2000, 'Unix time in one, seconds since 2000 in the other')
  const shown = await ask(d2w, telemetry.request)
  t.equal(shown.deviceId, 0)
  t.same(Object.keys(shown.telemetry), Object.keys(telemetry.response.telemetry))
  for (const group of ['u', 't', 'm', 'f', 'o']) {
    t.same(Object.keys(shown.telemetry[group]), Object.keys(telemetry.response.telemetry[group]), group)
  }
  t.same(shown.telemetry.f, telemetry.response.telemetry.f)
  t.equal(shown.telemetry.ts, clock.time)
  t.match(JSON.parse(d2w.beacon()), { sn: SERIAL, hw: 'D2W', display: '222' })
})

const par = async (relay: VirtualRelay, body: object) => (await ask(relay, body)).par

t.test('an MS takes what its document says and nothing else', async (t) => {
  const ms = await startRelay(t, 'ms')
  const write = (rows: unknown) => par(ms, { sn: SERIAL, par: rows })
  t.same(
    (await write([[125, 7, '1']])).find(([id]: [number]) => id === 125),
    [125, 7, '1'],
  )
  t.equal((await ask(ms, { cmd: 4 }))['f.10'], '1')
  for (const [row, reason] of [
    [[3, 2, '1'], /read-only/],
    [[55, 2, '1'], /read-only/],
    [[70, 2, '3'], /goes from/],
    [[23, 2, '11'], /goes from/],
    [[125, 2, '1'], /type 7/],
    [[125, 7, 1], /goes from/],
    [[5, 1, '20'], /no such/],
    [[125, 7], /not \[id/],
  ] as const) {
    await write([row])
    t.match(ms.writes.at(-1), { accepted: false, reason }, JSON.stringify(row))
  }
  await write([])
  await ask(ms, { sn: SERIAL, par: { 125: true } })
  t.match(ms.writes.at(-1), { accepted: false, reason: /list/ })
  t.same(await ask(ms, { par: [[125, 7, '0']] }), { sn: SERIAL, success: 'block' }, 'no sn')
  t.same(await ask(ms, { sn: 'X', par: [[125, 7, '0']] }), { sn: SERIAL, success: 'block' })
  t.same(await ask(ms, { sn: SERIAL }), {}, 'nothing asked for')
  t.same(await ask(ms, { cmd: 2 }), { sn: SERIAL }, 'no schedule')
  t.same(await ask(ms, 'hello'), {})
  t.equal(ms.parameter(125), '1')
})

t.test('a D2W by its samples instead of its table: 119 = true is on, 13 counts seconds', async (t) => {
  const d2w = await startRelay(t, 'd2w', { quirks: { switchesOn: 1, lowVoltageUnit: 'second' } })
  const write = (fields: unknown) => ask(d2w, { deviceId: 0, par: fields })
  t.same([(await ask(d2w, { cmd: 1 })).par[119], (await ask(d2w, { cmd: 4 })).telemetry.f[10]], [true, true])
  await write({ 119: false })
  t.equal((await ask(d2w, { cmd: 4 })).telemetry.f[10], false)
  await write({ 13: 11 })
  t.match(d2w.writes.at(-1), { accepted: false, reason: /beyond 10 s/ })
  await write({ 13: 10 })
  t.equal(d2w.parameter(13), '10')
})

t.test('a D2W takes objects with deviceId, and nothing that is not JSON', async (t) => {
  const d2w = await startRelay(t, 'd2w')
  const write = (fields: unknown, rest: object = { deviceId: 0 }) => ask(d2w, { ...rest, par: fields })
  t.equal((await write({ 119: true })).par[119], true)
  t.equal((await ask(d2w, { cmd: 4 })).telemetry.f[10], false, '119 = true is off')
  await write({ 119: false, 13: 5, 1: 250 }, { deviceId: 0, sn: SERIAL })
  t.match([d2w.parameter(119), d2w.parameter(13), d2w.parameter(1)], ['0', '5', '250'])
  for (const [fields, reason] of [
    [{ 119: 1 }, /does not take/],
    [{ 1: '240' }, /does not take/],
    [{ 1: 229 }, /goes from/],
    [{ 1: 240.5 }, /whole/],
    [{ 13: 0.5 }, /goes from/],
    [{ 13: 1.5 }, /whole/],
    [{ 13: 101 }, /goes from/],
    [{ 2: 1 }, /no such/],
    [{ x: 1 }, /no such/],
    [{}, /object/],
    [[[119, 7, '1']], /object/],
  ] as const) {
    await write(fields)
    t.match(d2w.writes.at(-1), { accepted: false, reason }, JSON.stringify(fields))
  }
  t.same(await write({ 119: true }, { sn: SERIAL }), { success: 'block' }, 'no deviceId')
  t.same(await write({ 119: true }, { deviceId: 0, sn: 'X' }), { success: 'block' })
  const printed = '{"deviceId":0,"par":[["119":true]]}'
  t.same(await ask(d2w, printed), {}, 'the example of the document')
  t.same(await ask(d2w, { cmd: 2 }), { deviceId: 0 })
  t.equal(d2w.parameter(119), '0')
})

for (const model of ['ms', 'd2w'] as const) {
  t.test(`a locked ${model} wants to be signed for`, async (t) => {
    const relay = await startRelay(t, model, { lock: 'lan' })
    const data = model === 'ms' ? { par: [[23, 2, '3']] } : { par: { 73: 3 } }
    const id = model === 'ms' ? 23 : 73
    const open = { ...(model === 'ms' ? {} : { deviceId: 0 }), sn: SERIAL, ...data }
    t.match(await ask(relay, open), { success: 'block' })
    const sign = (body: object, options = {}) => ({
      ...(model === 'ms' ? {} : { deviceId: 0 }),
      ...signed(relay, body, options),
    })
    t.match(await ask(relay, sign(data, { key: 'XXXXXXXXXXXXXXXX' })), { success: 'block' })
    await ask(relay, sign(data))
    t.equal(relay.parameter(id), '3')
    relay.device.setLock('both')
    t.match(await ask(relay, sign(data)), { success: 'block' })
    t.equal(relay.device.lock, 'both')
    relay.device.setLock('cloud')
    t.equal(relay.device.lock, 'cloud')
    relay.quirks.acknowledgement = 'short'
    t.same(await ask(relay, open), { success: 'true' })
    relay.device.setLock('lan')
    relay.quirks.refusal = 'silent'
    t.same(await ask(relay, open), { success: 'true' })
  })

  t.test(`the clock of a ${model} can be set`, async (t) => {
    const relay = await startRelay(t, model)
    const answer = await ask(relay, { sn: SERIAL, time: '634929122' })
    t.equal(Number(answer.time), 634929122)
    const shown = await ask(relay, { cmd: 4 })
    t.equal(model === 'ms' ? shown['f.21'] : shown.telemetry.f[3], model === 'ms' ? '1' : true)
    await ask(relay, { sn: SERIAL, time: 'now' })
    t.match(relay.writes.at(-1), { accepted: false })
    await ask(relay, { sn: SERIAL, tzone: '3' })
    t.match(relay.writes.at(-1), { accepted: false })
  })
}

t.test('an MS does after power-up what it was told', async (t) => {
  const ms = await startRelay(t, 'ms')
  const after = async (state: number, was: number) => {
    ms.setLocally(70, state)
    ms.setLocally(125, was)
    await ms.powerCycle()
    return ms.parameter(125)
  }
  t.equal(await after(2, 1), '1')
  t.equal(await after(2, 0), '0')
  t.equal(await after(1, 0), '1')
  t.equal(await after(0, 1), '0')
})

t.test('a closed relay takes power, and the meter counts it', async (t) => {
  const clock = new FakeClock()
  const ms = await startRelay(t, 'ms', { clock, ratedPower: 1500 })
  ms.setLocally(125, 1)
  await clock.advance(3_600_000)
  ms.setLocally(125, 0)
  await clock.advance(3_600_000)
  t.equal(Math.round(ms.meter), 1500)
  ms.device.faults.add(0)
  ms.setLocally(125, 1)
  t.equal((await ask(ms, { cmd: 4 }))['f.10'], '0', 'overheated: open')
})

async function protectedBy(t: Teardown) {
  const clock = new FakeClock()
  const relay = await startRelay(t, 'd2w', { clock })
  const inside = relay.voltageRelay
  if (!inside) throw new Error('no D2W')
  const look = async () => (await ask(relay, { cmd: 4 })).telemetry
  const mains = async (volts: number, seconds = 2) => {
    relay.device.advance()
    inside.mains = volts + 8
    relay.device.advance()
    await clock.advance(seconds * 1000)
    return look()
  }
  return { clock, relay, inside, look, mains }
}

t.test('a D2W opens outside of its limits and closes after its delay', async (t) => {
  const { inside, look, mains } = await protectedBy(t)
  t.match((await mains(244)).f, { 10: true, 13: false })
  t.match(await mains(250, 0), { u: { 15: 250 }, f: { 10: false, 13: true, 14: true, 15: false } })
  t.match((await look()).f, { 13: false, 14: true }, 'the incident is told once')
  t.match((await mains(244)).f, { 10: false, 14: true }, 'hysteresis')
  t.match(await mains(240, 1), { m: { 10: 2 }, f: { 10: false, 14: false } })
  t.match(await mains(240, 3), { m: { 10: 0 }, f: { 10: true } })
  t.match((await mains(140, 0)).f, { 10: true, 15: false }, 'not for long enough')
  t.match((await mains(140, 2)).f, { 10: false, 15: true })
  t.match((await mains(230, 4)).f, { 10: true, 15: false })
  inside.press()
  t.match(await look(), { m: { 1: 1 }, f: { 10: false } })
  inside.press()
  t.match(await look(), { m: { 1: 0 } })
})

t.test('a D2W that opens too often in a row stays open until it is switched off and on', async (t) => {
  const { clock, relay, inside, look, mains } = await protectedBy(t)
  for (let i = 0; i < 4; i++) {
    await mains(250, 1)
    await mains(230, 5)
  }
  t.match((await look()).f, { 10: false, 12: true })
  await ask(relay, { deviceId: 0, par: { 119: true } })
  await ask(relay, { deviceId: 0, par: { 119: false } })
  await clock.advance(5000)
  t.match((await look()).f, { 10: true, 12: false })
  await relay.powerCycle()
  t.match((await look()).f, { 10: false }, 'the delay after power-up')
  await clock.advance(5000)
  t.match((await look()).f, { 10: true })
  inside.faults.add(6)
  t.match((await look()).f, { 6: true, 10: false })
})

t.test('a house has relays beside its thermostats, in its clouds and its description', async (t) => {
  const house = new VirtualHouse({ clock: new FakeClock(), thermostats: 2, relays: 3, addressing: 'ports' })
  const description: HouseDescription = await house.start()
  t.teardown(() => house.stop())
  t.same(
    description.relays.map(({ model, name, lock }) => [model, name, lock]),
    [
      ['ms', 'Boiler', 'lan'],
      ['D2W', 'Mains', 'lan'],
      ['ms', 'Pump', 'lan'],
    ],
  )
  const plain = new VirtualHouse({ clock: new FakeClock(), thermostats: 2, addressing: 'ports' })
  const keys = (all: HouseDescription) => all.thermostats.map(({ serial, key }) => [serial, key])
  t.same(keys(plain.describe()), keys(description), 'the thermostats are the same with and without')
  const serial = description.relays[1]?.serial ?? ''
  t.equal(house.relay(serial)?.hw, 'D2W')
  const welrok = description.clouds.find(({ provider }) => provider === 'welrok')
  const login = await exchange(`${welrok?.url}/api/login/`, {
    body: JSON.stringify({ email: welrok?.email, password: welrok?.password }),
  })
  const headers = { authorization: `Token ${JSON.parse(login.text).access_token}` }
  const listed = JSON.parse((await exchange(`${welrok?.url}/api/device/`, { method: 'GET', headers })).text)
  t.ok(
    listed.results.some(
      ({ sn, totp_key }: { sn: string; totp_key: string }) => sn === serial && totp_key === description.relays[1]?.key,
    ),
  )
  t.equal(house.rebind(serial), house.relay(serial)?.key)
  const two = new VirtualHouse({ clock: new FakeClock(), thermostats: [], relays: [{ model: 'd2w' }] })
  t.equal(two.units.length, 1)
})
