/**
 * The clock of a device in its zone. AX, SX and AZ tell no zone; OZ and MS hold one beside the time ("tzone"), and go by the
 * one that they have stored (Welrok OZ, "Time"). Whoever turns the vendor's cloud off is left with the device's own clock.
 */
import t, { type Test } from 'tap'
import { DeviceTimes } from '../../../src/devices/clock/times.ts'
import type { ThermostatOptions } from '../../../src/simulator/index.ts'
import { MemoryLogger } from '../../mqtt/support.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { startRegistry, WITHIN_A_SECOND } from '../rig.ts'

const WINTER = Date.UTC(2026, 0, 15, 12)
const SUMMER = Date.UTC(2026, 6, 15, 12)
const HOUR = 3600

/** Makes the host be in a zone until the test is over. */
function hostIn(t: Test, zone: string): void {
  const before = process.env.TZ
  process.env.TZ = zone
  t.teardown(() => {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  })
}

interface Setting {
  readonly host: string
  readonly unit: Partial<ThermostatOptions>
  readonly at?: number
  readonly timezone?: string
}

async function setUp(t: Test, { host, unit: options, at = WINTER, timezone }: Setting) {
  hostIn(t, host)
  const clock = new FakeClock(at + WITHIN_A_SECOND)
  const logger = new MemoryLogger()
  const unit = await startThermostat(t, { clock, model: 'ax', lock: 'lan', telemetryTime: true, ...options })
  const rig = startRegistry(t, unit, {
    ...{ clock, logger, hw: unit.hw },
    ...(timezone === undefined ? {} : { timezone }),
  })
  await rig.refresh()
  return { clock, logger, rig, unit }
}

/** Seconds by which the clock is wrong in truth. */
const wrongBy = (unit: { device: { clock: { ahead(): number } } }) => Math.round(unit.device.clock.ahead())

const LOCAL = { model: 'ax', utcOffset: 2, clockCounts: 'local' } as const
const UTC = { model: 'ax', utcOffset: 2, clockCounts: 'utc' } as const
const OZ_LOCAL = { model: 'oz', utcOffset: 2, clockCounts: 'local' } as const
const OZ_UTC = { model: 'oz', utcOffset: 2, clockCounts: 'utc' } as const

/** The error that a device has all at once, and what it is named. */
const ERRORS = [
  ['an hour fast', HOUR],
  ['an hour slow', -HOUR],
  ['fifty minutes fast', 50 * 60],
  ['forty days behind', -40 * 24 * HOUR],
] as const

for (const [host, places] of [
  ['Europe/Kyiv', { local: LOCAL, UTC, 'OZ, local': OZ_LOCAL, 'OZ, UTC': OZ_UTC }],
  ['UTC', { UTC, 'OZ, local': OZ_LOCAL, 'OZ, UTC': OZ_UTC }],
] as const) {
  for (const [place, options] of Object.entries(places)) {
    t.test(`host in ${host}, device: ${place}`, async (t) => {
      const { rig, unit } = await setUp(t, { host, unit: options })
      t.match(rig.view().state, { clock_wrong: false, clock_offset: 0 }, 'right at first')
      for (const [what, error] of ERRORS) {
        unit.device.clock.set(unit.device.clock.seconds() + error)
        await rig.refresh()
        t.match(rig.view().state, { clock_wrong: true, clock_offset: error, problem: true }, what)
        await rig.passing(rig.registry.action(SERIAL, 'sync_clock'))
        t.ok(Math.abs(wrongBy(unit)) < 5, `${what}: set right`)
        t.match(rig.view().state, { clock_wrong: false, problem: false }, what)
      }
    })
  }
}

t.test('wrong at first sight, by a device that shows local time', async (t) => {
  for (const [what, error] of ERRORS) {
    await t.test(what, async (t) => {
      const { rig, unit, logger } = await setUp(t, { host: 'Europe/Kyiv', unit: { ...LOCAL, clockOffset: error } })
      t.match(rig.view().state, { clock_wrong: true })
      const [line] = logger.having('The clock of this device is')
      t.match(line?.message, /sync_clock/)
      await rig.refresh()
      t.equal(logger.having('The clock of this device is').length, 1, 'said once')
      await rig.passing(rig.registry.action(SERIAL, 'sync_clock'))
      t.ok(Math.abs(wrongBy(unit)) < 5, 'set right')
      t.match(rig.view().state, { clock_wrong: false })
    })
  }
})

t.test('an OZ that tells its zone and is an hour slow at first sight', async (t) => {
  for (const host of ['Europe/Kyiv', 'UTC']) {
    const { rig, unit } = await setUp(t, { host, unit: { ...OZ_LOCAL, clockOffset: -HOUR } })
    t.match(rig.view().state, { clock_wrong: true, clock_offset: -HOUR }, host)
    await rig.passing(rig.registry.action(SERIAL, 'sync_clock'))
    t.ok(Math.abs(wrongBy(unit)) < 5, host)
  }
})

t.test('sync_clock sends the zone to a device that holds one', async (t) => {
  const { rig, unit } = await setUp(t, { host: 'Europe/Kyiv', unit: OZ_UTC, timezone: 'Europe/Warsaw' })
  await rig.passing(rig.registry.action(SERIAL, 'sync_clock'))
  t.match(unit.writes.at(-1)?.body, { tzone: '1' })
  t.equal(unit.device.clock.utcOffset, 1)
  const { rig: other, unit: ax } = await setUp(t, { host: 'Europe/Kyiv', unit: LOCAL })
  await other.passing(other.registry.action(SERIAL, 'sync_clock'))
  t.notOk(Object.hasOwn(Object(ax.writes.at(-1)?.body), 'tzone'), 'AX has no such key')
})

t.test('a zone of the settings overrides what would be learned', async (t) => {
  const far = await setUp(t, { host: 'UTC', unit: LOCAL })
  t.match(far.rig.view().state, { clock_wrong: true }, 'a host that does not know where it is can not know')
  t.match(far.logger.having('The clock of this device is')[0]?.message, /devices, timezone/)
  const { rig, logger } = await setUp(t, { host: 'UTC', unit: LOCAL, timezone: 'Europe/Kyiv' })
  t.match(rig.view().state, { clock_wrong: false, clock_offset: 0 })
  t.equal(logger.having('The clock of this device is').length, 0)
  const utc = await setUp(t, { host: 'Europe/Kyiv', unit: { ...UTC, clockOffset: HOUR }, timezone: 'UTC' })
  t.match(utc.rig.view().state, { clock_wrong: true, clock_offset: HOUR })
  await utc.rig.passing(utc.rig.registry.action(SERIAL, 'sync_clock'))
  t.ok(Math.abs(wrongBy(utc.unit)) < 5)
})

t.test('the zone of its local times is told by name, where it is not that of the host', async (t) => {
  const told = async (setting: Setting) => (await setUp(t, setting)).rig.view().timezone
  const host = 'Europe/Kyiv'
  t.equal(await told({ host, unit: LOCAL }), null, 'it tells no zone')
  t.equal(await told({ host, unit: OZ_UTC }), null, 'it tells that of the host')
  t.equal(await told({ host, unit: OZ_UTC, timezone: 'Europe/Warsaw' }), 'Europe/Warsaw', 'the settings name it')
  t.equal(await told({ host: 'UTC', unit: LOCAL, timezone: 'Europe/Kyiv' }), 'Europe/Kyiv')
  t.equal(await told({ host: 'UTC', unit: OZ_LOCAL }), 'Etc/GMT-2', 'a container without TZ')
  const west = await setUp(t, { host: 'UTC', unit: { ...OZ_UTC, utcOffset: -3 } })
  const zone = west.rig.view().timezone ?? ''
  t.equal(zone, 'Etc/GMT+3')
  const there = new Date(WINTER).toLocaleTimeString('en-GB', { timeZone: zone })
  t.equal(there, '09:00:00', 'three hours behind UTC')
  const half = await told({ host: 'UTC', unit: { ...OZ_UTC, utcOffset: 5.5 } })
  t.equal(half, null, 'such zones have no names')
})

t.test('what was learned is kept over restarts', async (t) => {
  const { rig, unit, clock } = await setUp(t, { host: 'Europe/Kyiv', unit: LOCAL })
  await clock.advance(10_000)
  const stored = rig.saved.at(-1)
  t.match(stored, { learned: { clock_counts: 1 } })
  await rig.registry.stop()
  unit.device.clock.set(unit.device.clock.seconds() - 2 * HOUR)
  const again = startRegistry(t, unit, { clock, hw: 'ax', stored: stored ? [stored] : [] })
  await again.refresh()
  t.match(again.view().state, { clock_wrong: true, clock_offset: -2 * HOUR }, 'not a clock that counts in UTC')
})

t.test('clocks change while it runs', async (t) => {
  // An hour before the end of summer time in Kyiv, 2026-10-25 at 1:00 UTC.
  const at = Date.UTC(2026, 9, 25, 0)
  const { rig, unit, clock } = await setUp(t, { host: 'Europe/Kyiv', unit: { ...LOCAL, utcOffset: 3 }, at })
  t.match(rig.view().state, { clock_wrong: false })
  await clock.advance(2 * HOUR * 1000)
  await rig.refresh()
  t.match(rig.view().state, { clock_wrong: true, clock_offset: HOUR }, 'summer time not ended')
  unit.device.clock.utcOffset = 2
  await rig.passing(rig.registry.action(SERIAL, 'sync_clock'))
  t.ok(Math.abs(wrongBy(unit)) < 5)
  t.match(rig.view().state, { clock_wrong: false })
})

t.test('clocks change, and an OZ without its cloud keeps the zone of before', async (t) => {
  for (const [utcOffset, at, error, right] of [
    [3, Date.UTC(2026, 9, 25, 0), HOUR, '2'],
    [2, Date.UTC(2026, 2, 29, 0), -HOUR, '3'],
  ] as const) {
    const { rig, unit, clock } = await setUp(t, { host: 'Europe/Kyiv', unit: { ...OZ_LOCAL, utcOffset }, at })
    t.match(rig.view().state, { clock_wrong: false })
    await clock.advance(2 * HOUR * 1000)
    await rig.refresh()
    t.match(rig.view().state, { clock_wrong: true, clock_offset: error }, right)
    await rig.passing(rig.registry.action(SERIAL, 'sync_clock'))
    t.match(unit.writes.at(-1)?.body, { tzone: right })
    t.match(rig.view().state, { clock_wrong: false, clock_offset: 0 }, right)
    const stored = rig.saved.at(-1)
    await rig.registry.stop()
    unit.device.clock.utcOffset = utcOffset
    unit.device.clock.set(unit.device.clock.seconds() + error)
    const again = startRegistry(t, unit, { clock, hw: 'oz', stored: stored ? [stored] : [] })
    await again.refresh()
    t.match(again.view().state, { clock_wrong: true, clock_offset: error }, `${right}, after a restart`)
  }
})

t.test('an OZ that counts in UTC and goes by a wrong zone has a wrong local time', async (t) => {
  const at = Date.UTC(2026, 9, 25, 0)
  const { rig, unit, clock } = await setUp(t, { host: 'Europe/Kyiv', unit: { ...OZ_UTC, utcOffset: 3 }, at })
  t.match(rig.view().state, { clock_wrong: false, clock_offset: 0 })
  await clock.advance(2 * HOUR * 1000)
  await rig.refresh()
  t.match(rig.view().state, { clock_wrong: true, clock_offset: HOUR })
  await rig.passing(rig.registry.action(SERIAL, 'sync_clock'))
  t.equal(unit.device.clock.utcOffset, 2)
  t.match(rig.view().state, { clock_wrong: false, clock_offset: 0 })
})

t.test(
  'a wrong zone that nobody can set, of a relay without a schedule, is no wrong clock (Welrok MS, "Time")',
  async (t) => {
    const errorOf = (holds: boolean) => new DeviceTimes(WINTER, 0, { place: 2, told: 3, counts: 'utc', holds }).error
    t.same([errorOf(true), errorOf(false)], [HOUR, 0])
  },
)

t.test('an OZ that its cloud tells of summer time is asked for its zone when clocks change', async (t) => {
  // Half an hour before.
  const at = Date.UTC(2026, 9, 25, 0, 30)
  const { rig, unit, clock } = await setUp(t, { host: 'Europe/Kyiv', unit: { ...OZ_UTC, utcOffset: 3 }, at })
  await clock.advance(HOUR * 500 - 1_000)
  unit.device.clock.utcOffset = 2
  await clock.advance(2_000)
  await rig.refresh()
  t.match(rig.view().state, { clock_wrong: false, clock_offset: 0 })
})

t.test('an OZ that tells another zone than the host has at first sight is believed', async (t) => {
  const { rig, clock } = await setUp(t, { host: 'Europe/Kyiv', unit: { ...OZ_LOCAL, utcOffset: 3 } })
  t.match(rig.view().state, { clock_wrong: false, clock_offset: 0 })
  await clock.advance(2 * HOUR * 1000)
  await rig.refresh()
  t.match(rig.view().state, { clock_wrong: false, clock_offset: 0 })
})

t.test('where local time is UTC, summer tells what the clock counts', async (t) => {
  const winter = await setUp(t, { host: 'Europe/London', unit: { ...LOCAL, utcOffset: 0 } })
  t.match(winter.rig.view().state, { clock_wrong: false })
  await winter.clock.advance(10_000)
  t.notOk(Object.hasOwn(winter.rig.saved.at(-1)?.learned ?? {}, 'clock_counts'))
  const summer = await setUp(t, { host: 'Europe/London', unit: { ...LOCAL, utcOffset: 1 }, at: SUMMER })
  t.match(summer.rig.view().state, { clock_wrong: false })
  await summer.clock.advance(10_000)
  t.match(summer.rig.saved.at(-1), { learned: { clock_counts: 1 } })
})

t.test('a clock that only {"cmd":3} tells is read back as well', async (t) => {
  const { rig, unit } = await setUp(t, { host: 'Europe/Kyiv', unit: { ...LOCAL, telemetryTime: false } })
  unit.device.clock.set(unit.device.clock.seconds() + HOUR)
  await rig.clock.advance(HOUR * 1000)
  await rig.refresh()
  t.match(rig.view().state, { clock_wrong: true, clock_offset: HOUR })
  await rig.passing(rig.registry.action(SERIAL, 'sync_clock'))
  t.match(rig.view().state, { clock_wrong: false })
  t.ok(Math.abs(Number(rig.view().state.clock_offset)) < 5)
})

t.test('a clock that does not take what it is set to', async (t) => {
  const { rig, unit } = await setUp(t, { host: 'UTC', unit: { ...UTC, utcOffset: 0, lock: 'none' } })
  unit.device.clock.set(unit.device.clock.seconds() + HOUR)
  await rig.refresh()
  unit.device.quirks.ignoreClock = true
  const error = await rig.errorOf(rig.registry.action(SERIAL, 'sync_clock'))
  t.match(error, { code: 'NOT_APPLIED', details: { clock_offset: HOUR } })
  t.match(rig.view().state, { clock_wrong: true, clock_offset: HOUR })
})
