import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { startThermostat } from '../../support/simulator.ts'
import { ask, signed } from '../support.ts'

const PAR = { par: [[23, 2, '1']] }

t.test('unlocked, or locked against the cloud alone: signed or not', async (t) => {
  for (const lock of ['none', 'cloud'] as const) {
    const thermostat = await startThermostat(t, { model: 'az', lock })
    await ask(thermostat, { sn: thermostat.serial, ...PAR })
    await ask(thermostat, signed(thermostat, { par: [[23, 2, '2']] }))
    t.match(thermostat.writes, [
      { accepted: true, signed: false },
      { accepted: true, signed: true },
    ])
    t.equal((await ask(thermostat, { cmd: 4 }))['m.3'], lock === 'none' ? '0' : '1')
  }
})

for (const counterBase of ['2000', 'unix'] as const) {
  t.test(`locked against the LAN: takes a code counted from ${counterBase} and no other`, async (t) => {
    const thermostat = await startThermostat(t, { model: 'az', counterBase })
    t.equal(thermostat.device.lock, 'lan', 'as it leaves the factory')
    t.equal((await ask(thermostat, { cmd: 4 }))['m.3'], '2')
    t.same(await ask(thermostat, { sn: thermostat.serial, ...PAR }), { sn: thermostat.serial, success: 'block' })
    const other = await startThermostat(t, { model: 'az', counterBase: counterBase === '2000' ? 'unix' : '2000' })
    t.equal((await ask(thermostat, signed(other, PAR))).success, 'block', 'the other base')
    t.equal((await ask(thermostat, signed(thermostat, PAR))).par.length, 29)
    t.equal(thermostat.parameter(23), '1')
  })
}

t.test('the window is one step to either side', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { model: 'az', clock })
  const now = Math.floor(thermostat.device.clock.seconds() / 30) * 30 + 15
  await clock.advance((now - thermostat.device.clock.seconds()) * 1000)
  const tryAt = async (shift: number) => {
    const body = { ...signed(thermostat, PAR, { time: now + shift }), time: String(now) }
    return (await ask(thermostat, body)).success !== 'block'
  }
  t.equal(await tryAt(-60), false)
  t.equal(await tryAt(-30), true)
  t.equal(await tryAt(0), true)
  t.equal(await tryAt(30), true)
  t.equal(await tryAt(60), false)
})

t.test('its own clock counts, which drifts and takes no notice of jumps of the wall clock', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { model: 'az', clock, clockOffset: 500, clockDrift: 1.01 })
  const host = clock.now() / 1000 - 946_684_800
  t.equal((await ask(thermostat, signed(thermostat, PAR, { time: host }))).success, 'block', 'the host clock')
  t.equal(thermostat.writes.at(-1)?.reason, 'time is not the time of the device')
  clock.jumpWall(7 * 86_400_000)
  await clock.advance(100_000)
  t.equal(thermostat.device.clock.seconds(), host + 500 + 101)
  t.ok((await ask(thermostat, signed(thermostat, PAR))).par)
  const { time } = await ask(thermostat, { cmd: 3 })
  t.equal(time, String(Math.floor(host + 601)))
  t.equal((await ask(thermostat, { cmd: 4 })).time, time)
})

const broken: [what: string, change: (body: ReturnType<typeof signed>) => object, reason: string][] = [
  ['auth as a number', (body) => ({ ...body, auth: Number(body.auth) }), 'auth is not a string of 9 digits'],
  ['auth of 6 digits', (body) => ({ ...body, auth: '123456' }), 'auth is not a string of 9 digits'],
  ['no auth', ({ auth: _, ...body }) => body, 'not signed'],
  ['no time', ({ time: _, ...body }) => body, 'time is not a string of digits'],
  ['time as a number', (body) => ({ ...body, time: Number(body.time) }), 'time is not a string of digits'],
  ['time of long ago', (body) => ({ ...body, time: '634929122' }), 'time is not the time of the device'],
  ['another code', (body) => ({ ...body, auth: '000000000' }), 'wrong code'],
  [
    'the signature behind',
    ({ sn, time, auth }) => ({ sn, ...PAR, time, auth }),
    'the signature stands behind the data',
  ],
]

for (const [what, change, reason] of broken) {
  t.test(`refuses a signed write with ${what}`, async (t) => {
    const thermostat = await startThermostat(t, { model: 'ax' })
    t.same(await ask(thermostat, change(signed(thermostat, PAR))), { success: 'block' })
    t.equal(thermostat.writes[0]?.reason, reason)
    t.equal(thermostat.parameter(23), '6')
  })
}

t.test('a wrong key, and the old one after binding again', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az' })
  const old = thermostat.key
  t.equal((await ask(thermostat, signed(thermostat, PAR, { key: 'AAAABBBBCCCCDDDD' }))).success, 'block')
  const key = thermostat.rebind()
  t.match(key, /^[A-Z0-9]{16}$/)
  t.not(key, old)
  t.equal((await ask(thermostat, signed(thermostat, PAR, { key: old }))).success, 'block')
  t.ok((await ask(thermostat, signed(thermostat, PAR))).par)
  t.equal(thermostat.rebind('AAAABBBBCCCCDDDD'), 'AAAABBBBCCCCDDDD')
})

t.test('locked against all: only the buttons work', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az', lock: 'both' })
  t.equal((await ask(thermostat, { cmd: 4 }))['m.3'], '3')
  t.equal((await ask(thermostat, { sn: thermostat.serial, ...PAR })).success, 'block')
  t.equal((await ask(thermostat, signed(thermostat, PAR))).success, 'block')
  thermostat.setLocally(115, 0)
  t.ok((await ask(thermostat, signed(thermostat, PAR))).par)
})

t.test('a write can lock and unlock', async (t) => {
  const thermostat = await startThermostat(t, { model: 'oz' })
  await ask(thermostat, { sn: thermostat.serial, par: [[114, 7, '1']] })
  t.equal((await ask(thermostat, { cmd: 4 }))['m.3'], '2')
  t.equal((await ask(thermostat, { sn: thermostat.serial, par: [[114, 7, '0']] })).success, 'block')
  await ask(
    thermostat,
    signed(thermostat, {
      par: [
        [114, 7, '0'],
        [115, 7, '1'],
      ],
    }),
  )
  t.equal((await ask(thermostat, { cmd: 4 }))['m.3'], '1')
})

t.test('resets and schedules are locked like the rest', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az' })
  for (const body of [{ cmd: 5 }, { cmd: 6 }, { tt: { 1: [[0, 200]] } }]) {
    t.equal((await ask(thermostat, { sn: thermostat.serial, ...body })).success, 'block')
    t.equal((await ask(thermostat, signed(thermostat, body))).sn, thermostat.serial)
    t.equal(thermostat.writes.at(-1)?.accepted, true)
  }
})

t.test('can refuse a code that it has seen', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { model: 'az', clock })
  thermostat.quirks.refuseReplayedCodes = true
  t.ok((await ask(thermostat, signed(thermostat, PAR))).par)
  t.equal((await ask(thermostat, signed(thermostat, PAR))).success, 'block')
  t.equal(thermostat.writes.at(-1)?.reason, 'code used before')
  for (let i = 0; i < 40; i++) {
    await clock.advance(30_000)
    t.ok((await ask(thermostat, signed(thermostat, PAR))).par)
  }
})

t.test('refusals come with a serial, without, or not at all', async (t) => {
  const thermostat = await startThermostat(t, { model: 'az' })
  const body = { sn: thermostat.serial, ...PAR }
  t.same(await ask(thermostat, body), { sn: thermostat.serial, success: 'block' })
  thermostat.quirks.refusal = 'block'
  t.same(await ask(thermostat, body), { success: 'block' })
  thermostat.quirks.refusal = 'silent'
  t.same(await ask(thermostat, body), { success: 'true' })
  t.equal(thermostat.parameter(23), '6')
})

t.test('the clock can be set, by a signature of its own kind', async (t) => {
  const thermostat = await startThermostat(t, { model: 'oz', lock: 'lan', utcOffset: 2 })
  const { auth } = signed(thermostat, {})
  const answer = await ask(thermostat, { sn: thermostat.serial, time: '800000000', tzone: '3', auth })
  t.same(answer, { sn: thermostat.serial, time: '800000000', tzone: '3' })
  t.same(await ask(thermostat, { cmd: 3 }), answer)
  const { auth: next } = signed(thermostat, {})
  await ask(thermostat, { sn: thermostat.serial, tzone: '-4', auth: next })
  t.equal((await ask(thermostat, { cmd: 3 })).tzone, '-4')
  t.equal((await ask(thermostat, { sn: thermostat.serial, time: '1' })).success, 'block')
  thermostat.device.setLock('none')
  await ask(thermostat, { sn: thermostat.serial, time: 5 })
  await ask(thermostat, { sn: thermostat.serial, tzone: 'Kyiv' })
  t.same(await ask(thermostat, { cmd: 3 }), { sn: thermostat.serial, time: '800000000', tzone: '-4' })
})
