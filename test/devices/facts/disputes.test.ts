/**
 * What the documents of a device leave open, and the device decides: Welrok D2W, "List of parameters" (119, 13) and
 * "Telemetry" (f.10); Welrok AZ, "Parameters list", 23 (English 0–9, Russian 0–10).
 */
import t from 'tap'
import type { Decided } from '../../../src/devices/facts/disputes.ts'
import type { StoredDevice } from '../../../src/devices/ports.ts'
import type { Quirks } from '../../../src/simulator/quirks.ts'
import { type Line, testLogger } from '../../lan/support.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startRelay, startThermostat, type Teardown } from '../../support/simulator.ts'
import { startRegistry } from '../rig.ts'

const UNDECIDED: Decided = { relayOnValue: null, lowVoltageUnit: null }

interface Options {
  readonly decided?: Partial<Decided>
  readonly stored?: readonly StoredDevice[]
  /** Before the bridge sees it. */
  readonly off?: boolean
}

const remembering = (learned: StoredDevice['learned']): readonly StoredDevice[] => [
  {
    serial: SERIAL,
    hw: 'd2w',
    name: null,
    host: null,
    port: null,
    counterBase: null,
    learned,
    features: [],
    sources: ['beacon'],
  },
]

async function d2w(t: Teardown, quirks: Partial<Quirks>, options: Options = {}) {
  const clock = new FakeClock()
  const relay = await startRelay(t, 'd2w', { clock, lock: 'lan', quirks })
  const onRaw = quirks.switchesOn ?? 0
  if (options.off) relay.setLocally(119, 1 - onRaw)
  const lines: Line[] = []
  const decided = { ...UNDECIDED, ...options.decided }
  const rig = startRegistry(t, relay, {
    clock,
    hw: 'd2w',
    logger: testLogger(lines),
    decided,
    ...(options.stored ? { stored: options.stored } : {}),
  })
  await rig.refresh()
  const { set } = rig
  const told = (text: RegExp) => lines.filter(({ message }) => text.test(message)).length
  const learned = () => rig.saved.at(-1)?.learned ?? {}
  return { clock, relay, rig, set, told, learned }
}

for (const switchesOn of [0, 1] as const) {
  t.test(`D2W, 119 = ${switchesOn} is on: a closed relay shows it at the first look`, async (t) => {
    const { clock, relay, rig, set, told, learned } = await d2w(t, { switchesOn })
    t.match(rig.view().state, { relay: true, load: true, relay_proven: true })
    await clock.advance(2_000)
    t.equal(learned().relay_on, switchesOn, 'kept')
    t.match((await set({ relay: true })).state, { relay: true, load: true }, 'on stays on')
    t.match((await set({ relay: false })).state, { relay: false, load: false })
    t.equal(relay.parameter(119), String(1 - switchesOn))
    t.match((await set({ relay: true })).state, { relay: true })
    await clock.advance(10_000)
    t.match((await rig.refresh()).state, { relay: true, load: true })
    t.equal(told(/has shown which value/), 1)
    t.equal(told(/has not shown yet/), 0)
  })

  t.test(`D2W, 119 = ${switchesOn} is on, open when the bridge comes: not proven, and told once`, async (t) => {
    const { clock, relay, rig, set, told } = await d2w(t, { switchesOn }, { off: true })
    t.match(rig.view().state, { load: false, relay_proven: false })
    t.equal(told(/has not shown yet/), 1)
    for (let i = 0; i < 5; i++) {
      await clock.advance(61_000)
      await rig.refresh()
    }
    t.match(rig.view().state, { relay: false, relay_proven: false }, 'open for no reason: taken to be off')
    t.equal(told(/has not shown yet/), 1)
    t.equal(told(/has shown which value/), 0)
    await set({ relay: true })
    await clock.advance(10_000)
    t.match((await rig.refresh()).state, { relay: true, load: true, relay_proven: true })
    t.equal(relay.parameter(119), String(switchesOn))
    t.equal(told(/has shown which value/), 1)
  })
}

t.test(
  'D2W: switched on by hand right before the command, it shows its value first and is never switched off by “on”',
  async (t) => {
    const { clock, relay, set } = await d2w(t, { switchesOn: 1 }, { off: true })
    relay.setLocally(119, 1)
    await clock.advance(10_000)
    t.match((await set({ relay: true })).state, { relay: true, load: true, relay_proven: true })
    t.same(
      relay.writes.map(({ body }) => JSON.stringify(body).match(/"119":(true|false)/)?.[1]),
      ['true'],
    )
  },
)

t.test('D2W: told to switch off while nobody could know how, it is told again when its relay closes', async (t) => {
  const { clock, relay, rig, set, told } = await d2w(t, { switchesOn: 1 }, { off: true })
  const inside = relay.voltageRelay
  if (!inside) throw new Error('no D2W')
  inside.mains = 300
  await rig.refresh()
  await set({ relay: false })
  t.equal(relay.parameter(119), '1', 'by the table, which is wrong of this unit')
  inside.mains = 230
  await rig.refresh()
  await clock.advance(10_000)
  await rig.refresh()
  for (let i = 0; i < 500 && relay.parameter(119) !== '0'; i++) await clock.advance(10)
  t.equal(relay.parameter(119), '0')
  t.match((await rig.refresh()).state, { relay: false, load: false, relay_proven: true })
  t.equal(told(/did the opposite/), 1)
})

t.test(
  'D2W: told to switch on while nobody could know how, it is told again when it stays open for no reason',
  async (t) => {
    for (const switchesOn of [0, 1] as const) {
      const { clock, relay, rig, set, told } = await d2w(t, { switchesOn }, { off: true })
      await set({ relay: true })
      t.equal(relay.parameter(119), '0', 'by the table')
      for (let i = 0; i < 30; i++) {
        await clock.advance(61_000)
        await rig.refresh()
      }
      t.equal(relay.parameter(119), String(switchesOn))
      t.match(rig.view().state, { relay: true, load: true, relay_proven: true })
      t.equal(told(/did the opposite/), switchesOn)
      t.equal(relay.writes.length, 1 + switchesOn)
    }
  },
)

t.test(
  'D2W: what was learned is known after a restart, and a unit that then shows otherwise is believed',
  async (t) => {
    const stored = remembering({ relay_on: 1 })
    const known = await d2w(t, { switchesOn: 1 }, { off: true, stored })
    t.match(known.rig.view().state, { relay: false, relay_proven: true })
    const other = await d2w(t, { switchesOn: 0 }, { stored })
    t.match(other.rig.view().state, { relay: true, load: true, relay_proven: true })
  },
)

t.test('D2W: the setting decides, and commands are refused once the relay contradicts it', async (t) => {
  for (const value of [false, true]) {
    const right = await d2w(t, { switchesOn: value ? 1 : 0 }, { off: true, decided: { relayOnValue: value } })
    t.match(right.rig.view().state, { relay: false, relay_proven: true }, `${value}`)
    t.equal(right.told(/has not shown yet/), 0)
    t.match((await right.set({ relay: true })).state, { relay: true })
    t.equal(right.relay.parameter(119), value ? '1' : '0')
  }
  const wrong = await d2w(t, { switchesOn: 1 }, { decided: { relayOnValue: false } })
  t.match(await wrong.rig.errorOf(wrong.rig.registry.set(SERIAL, { relay: true })), {
    code: 'NOT_APPLIED',
    message: /relay_on_value/,
  })
  t.equal(wrong.relay.writes.length, 0)
  t.match((await wrong.rig.refresh()).state, { load: true })
  t.equal(wrong.told(/relay_on_value of this D2W is wrong/), 1)
})

t.test('D2W: a wrong setting is found out at the first look, though another value was learned before', async (t) => {
  const { relay, rig } = await d2w(
    t,
    { switchesOn: 1 },
    { decided: { relayOnValue: false }, stored: remembering({ relay_on: 1 }) },
  )
  t.equal((await rig.errorOf(rig.registry.set(SERIAL, { relay: true })))?.code, 'NOT_APPLIED')
  t.equal(relay.writes.length, 0)
})

t.test('D2W: a relay that has just been switched on by hand is not taken to be off, however long it was', async (t) => {
  const { clock, relay, rig, learned } = await d2w(t, { switchesOn: 0 }, { off: true })
  const inside = relay.voltageRelay
  if (!inside) throw new Error('no D2W')
  // It says nothing of the delay that it waits for.
  const quiet = JSON.stringify({
    deviceId: 0,
    telemetry: { u: { 13: 245, 14: 144, 15: 218 }, m: { 1: 0, 10: 0 }, f: { 10: false } },
  })
  await clock.advance(120_000)
  relay.setLocally(119, 0)
  for (let i = 0; i < 2; i++) {
    relay.quirks.injectReplies.push({ on: 4, reply: { raw: quiet } })
    await rig.refresh()
  }
  await clock.advance(2_000)
  t.equal(learned().relay_on_likely, undefined)
})

const times = (writes: readonly { readonly body: unknown }[]) =>
  writes.flatMap(({ body }) => JSON.stringify(body).match(/"13":([^,}]+)/)?.[1] ?? [])

t.test('D2W, 13 in tenths: shown and written in tenths, after what only such a unit takes', async (t) => {
  const { clock, relay, rig, set, learned } = await d2w(t, { lowVoltageUnit: 'tenth' })
  t.equal(rig.view().state.low_voltage_time, 0.1, 'the published 1')
  t.match((await set({ low_voltage_time: 0.3 })).state, { low_voltage_time: 0.3 })
  t.same(times(relay.writes), ['11', '3'])
  await clock.advance(2_000)
  t.equal(learned().low_voltage_unit, 10)
  t.match((await set({ low_voltage_time: 0.5 })).state, { low_voltage_time: 0.5 })
  t.match((await set({ low_voltage_time: 2.5 })).state, { low_voltage_time: 2.5 })
  t.same(times(relay.writes).slice(2), ['5', '25'])
})

t.test('D2W, 13 in seconds: found out, shown so, and no fraction is ever written', async (t) => {
  const { clock, relay, rig, set, learned } = await d2w(t, { lowVoltageUnit: 'second' })
  t.match((await set({ low_voltage_time: 2 })).state, { low_voltage_time: 2 })
  t.same(times(relay.writes), ['20', '2'])
  await clock.advance(2_000)
  t.equal(learned().low_voltage_unit, 1)
  t.match(await set({ low_voltage_time: 2.4 }), { rounded: { low_voltage_time: { asked: 2.4, set: 2 } } })
  t.equal((await rig.errorOf(rig.registry.set(SERIAL, { low_voltage_time: 0.3 })))?.code, 'OUT_OF_RANGE')
  const small = await d2w(t, { lowVoltageUnit: 'second' })
  t.equal((await small.rig.errorOf(small.rig.registry.set(SERIAL, { low_voltage_time: 0.3 })))?.code, 'OUT_OF_RANGE')
  t.same([times(small.relay.writes), small.relay.parameter(13)], [['11'], '1'], 'which it did not take')
  t.match((await small.set({ low_voltage_time: 1 })).state, { low_voltage_time: 1 })
  t.ok([...times(relay.writes), ...times(small.relay.writes)].every((raw) => /^\d+$/.test(raw)))
})

t.test('D2W, 13: a value above 10 shows tenths by itself, and the setting decides', async (t) => {
  const shown = await d2w(t, { lowVoltageUnit: 'tenth' })
  shown.relay.setLocally(13, 35)
  await shown.rig.refresh()
  await shown.set({ low_voltage_time: 0.3 })
  t.same(times(shown.relay.writes), ['3'])
  for (const [unit, raw] of [
    ['tenth', '10'],
    ['second', '1'],
  ] as const) {
    const set = await d2w(t, { lowVoltageUnit: unit }, { decided: { lowVoltageUnit: unit } })
    t.match((await set.set({ low_voltage_time: 1 })).state, { low_voltage_time: 1 })
    t.same(times(set.relay.writes), [raw], unit)
  }
})

t.test('AZ: brightness to 10, as its Russian table has it; a unit that keeps 9 is found out', async (t) => {
  for (const brightest of [10, 9]) {
    for (const acknowledgement of ['short', 'full'] as const) {
      const clock = new FakeClock()
      const unit = await startThermostat(t, {
        clock,
        model: 'az',
        lock: 'none',
        quirks: { brightest, acknowledgement },
      })
      const rig = startRegistry(t, unit, { clock, hw: 'az' })
      await rig.refresh()
      const result = await rig.passing(rig.registry.set(SERIAL, { brightness: 10 }))
      t.equal(result.state.brightness, brightest, `${brightest} ${acknowledgement}`)
      t.same(result.rounded, brightest === 9 ? { brightness: { asked: 10, set: 9 } } : {})
      t.equal(unit.parameter(23), String(brightest))
      const writes = unit.writes.length
      await rig.passing(rig.registry.set(SERIAL, { brightness: 10 }))
      t.equal(unit.writes.length, writes + 1, 'known by now')
      await clock.advance(2_000)
      t.equal(rig.saved.at(-1)?.learned.brightness_max, brightest === 9 ? 9 : 10)
    }
  }
})
