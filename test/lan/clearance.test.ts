/** Codes go only where they may. */
import t from 'tap'
import { BridgeError } from '../../src/core/errors.ts'
import { isObject } from '../../src/core/json.ts'
import { settled } from '../../src/lan/clearance.ts'
import { answersAs } from '../../src/lan/discovery/identify.ts'
import type { Clearance, LocalDevice } from '../../src/lan/types.ts'
import { Impostor } from '../../src/simulator/index.ts'
import { SERIAL, startRelay, startThermostat, type Teardown } from '../support/simulator.ts'
import { codeOf, passing, setpoint, startRig } from './support.ts'

/** A clearance that the test gives and takes. */
class Given implements Clearance {
  trusted = false
  cleared = false
  asked = 0
  proven = 0

  async clear(): Promise<void> {
    this.asked++
  }

  check(): void {
    if (!this.trusted && !this.cleared) throw new BridgeError('ADDRESS_UNPROVEN', 'not there')
  }

  accepted(): void {
    this.proven++
  }
}

async function startImpostor(t: Teardown, victim: Awaited<ReturnType<typeof startRig>>['unit'], ahead = 0) {
  const impostor = new Impostor({ host: '127.0.0.1', port: 0, victim, trick: 'use', ahead })
  await impostor.start()
  t.teardown(() => impostor.stop())
  return impostor
}

const WRITES: Readonly<Record<string, (device: LocalDevice) => Promise<unknown>>> = {
  write: (device) => device.write(() => setpoint(245)),
  resetParameters: (device) => device.resetParameters(),
  resetSchedule: (device) => device.resetSchedule(),
  writeDay: (device) => device.writeDay('floor', { 2: [[480, 280]] }),
  setTime: (device) => device.setTime(800_000_000),
}

t.test('nothing that is signed leaves for an address without clearance, whatever it is', async (t) => {
  const clearance = new Given()
  const { clock, unit, device } = await startRig(t, { lock: 'lan', device: { clearance } })
  await passing(clock, device.readTelemetry())
  const codes: Record<string, unknown> = {}
  for (const [name, write] of Object.entries(WRITES)) codes[name] = await codeOf(clock, write(device))
  t.same(codes, Object.fromEntries(Object.keys(WRITES).map((name) => [name, 'ADDRESS_UNPROVEN'])))
  t.equal(clearance.asked, 5, 'each has waited for it before its turn')
  t.same(unit.writes, [])
  clearance.cleared = true
  await passing(
    clock,
    device.write(() => setpoint(245)),
  )
  t.equal(unit.parameter(4), '245')
  t.equal(clearance.proven, 1)
})

t.test('a device that turns out to be locked gets no code either', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'none', device: { clearance: settled(false) } })
  await passing(clock, device.readTelemetry())
  unit.setLocally(114, 1)
  t.equal(
    await codeOf(
      clock,
      device.write(() => setpoint(245)),
    ),
    'ADDRESS_UNPROVEN',
  )
  t.same(
    unit.writes.map(({ signed }) => signed),
    [false],
  )
})

t.test('what needs no signature needs no clearance', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'none', device: { clearance: settled(false) } })
  await passing(clock, device.readTelemetry())
  await passing(
    clock,
    device.write(() => setpoint(245)),
  )
  t.equal(unit.parameter(4), '245')
})

t.test('who is left during the pause before a request does not get what was meant for the device', async (t) => {
  const clearance = new Given()
  clearance.cleared = true
  const { clock, unit, device } = await startRig(t, { lock: 'lan', device: { clearance } })
  const home = device.address
  const impostor = await startImpostor(t, unit)
  device.setAddress({ host: '127.0.0.1', port: impostor.port })
  const write = device.write(() => setpoint(245))
  // Its turn has come, and it asks for the time that it needs to sign; then it waits out the pause.
  while (!impostor.asked.some((body) => isObject(body) && body.cmd === 4)) await clock.advance(1)
  while (device.clockOffset === null) await clock.advance(1)
  await clock.advance(100)
  device.setAddress(home)
  clearance.trusted = true
  await passing(clock, write)
  t.same([impostor.caught, unit.parameter(4), unit.parameter(114)], [[], '245', '1'])
})

t.test('an unproven address that tells another time than the device did gets no code for later', async (t) => {
  for (const [ahead, code] of [
    [3_600, 'ADDRESS_UNPROVEN'],
    [-3_600, 'ADDRESS_UNPROVEN'],
    [20, undefined],
  ] as const) {
    const clearance = new Given()
    clearance.trusted = true
    const { clock, unit, device } = await startRig(t, { lock: 'lan', device: { clearance } })
    await passing(clock, device.readTelemetry())
    Object.assign(clearance, { trusted: false, cleared: true })
    const impostor = await startImpostor(t, unit, ahead)
    device.setAddress({ host: '127.0.0.1', port: impostor.port })
    await passing(clock, device.readTelemetry())
    const write = device.write(() => setpoint(245))
    t.match([ahead, await codeOf(clock, write), impostor.caught.length], [ahead, code, code ? 0 : 1])
  }
})

t.test('whether a device answers somewhere', async (t) => {
  const { clock, unit } = await startRig(t)
  const options = { clock, timeout: 1_000, minSpacing: 0, random: () => 0.5, mayBeNameless: false }
  const answers = (serial: string, { host, port }: { host: string; port: number }, mayBeNameless = false) =>
    passing(clock, answersAs(serial, { host, port }, { ...options, mayBeNameless }))
  t.equal(await answers(SERIAL, unit), true)
  t.equal(await answers('OTHER12345', unit), false, 'another device')
  unit.quirks.busyNext = 9
  t.equal(await answers(SERIAL, unit), true, 'too busy to say more')
  unit.quirks.busyNext = 0
  unit.quirks.injectReplies.push('empty', 'empty')
  t.equal(await answers(SERIAL, unit), true, 'hung, with its web server still there')
  unit.quirks.injectReplies.push('no-answer')
  t.equal(await answers(SERIAL, unit), false, 'silent')
  await unit.unplug()
  t.equal(await answers(SERIAL, unit), false, 'gone')
  const d2w = await startRelay(t, 'd2w')
  t.same([await answers(SERIAL, d2w), await answers(SERIAL, d2w, true)], [false, true], 'a D2W never says who it is')
  const other = await startThermostat(t, { serial: 'ANOTHER123' })
  t.equal(await answers(SERIAL, other, true), false)
})
