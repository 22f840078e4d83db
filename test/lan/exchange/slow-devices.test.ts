/** Owners see replies of 5 to 7 s on poor Wi-Fi, and devices that take a connection and never answer. */
import t from 'tap'
import { identify } from '../../../src/lan/discovery/identify.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { codeOf, defaults, errorOf, passing, setpoint, startRig } from '../support.ts'

t.test('a device that takes 7 s for a reply is read and commanded after one lost answer', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'none', unit: { quirks: { latency: 7_000 } } })
  t.equal(await codeOf(clock, device.readTelemetry()), 'DEVICE_TIMEOUT')
  const outcomes: (string | undefined)[] = []
  for (let i = 0; i < 20; i++) outcomes.push(await codeOf(clock, device.readTelemetry()))
  t.same(new Set(outcomes), new Set([undefined]), 'it stays so')
  await passing(
    clock,
    device.write(() => setpoint(231)),
  )
  t.equal(unit.parameter(4), '231')
})

t.test('it is found at the first question, and so is the doctor patient from the start', async (t) => {
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock, quirks: { latency: 7_000 } })
  const found = await passing(clock, identify(unit, { ...defaults(clock), clock, timeout: 5000 }))
  t.equal(found.serial, SERIAL)
  const rig = await startRig(t, { unit: { quirks: { latency: 7_000 } }, device: { patience: 10_000 } })
  t.equal(await codeOf(rig.clock, rig.device.readParameters()), undefined)
})

t.test(
  'one that never answers takes three times the time-out at most, and is as short of patience again when well',
  async (t) => {
    const { clock, unit, device } = await startRig(t)
    unit.quirks.injectReplies = ['no-answer', 'no-answer', 'no-answer', 'no-answer', 'no-answer']
    const took: number[] = []
    for (let i = 0; i < 5; i++) {
      const begun = clock.monotonic()
      await codeOf(clock, device.readTelemetry())
      took.push(Math.round((clock.monotonic() - begun) / 1000))
    }
    // Between them lies the pause of half a second.
    t.same(took, [5, 11, 16, 16, 16])
    for (let i = 0; i < 12; i++) await passing(clock, device.readTelemetry())
    unit.quirks.injectReplies = ['no-answer']
    t.match((await errorOf(clock, device.readTelemetry()))?.message, /within 5 s/)
  },
)

t.test('nobody waits longer for a connection', async (t) => {
  const { clock, unit, device } = await startRig(t)
  unit.quirks.injectReplies = ['no-answer', 'no-answer']
  await codeOf(clock, device.readTelemetry())
  await codeOf(clock, device.readTelemetry())
  await unit.unplug()
  const begun = clock.monotonic()
  t.equal(await codeOf(clock, device.readTelemetry()), 'DEVICE_UNREACHABLE')
  t.ok(clock.monotonic() - begun < 5_600)
})
