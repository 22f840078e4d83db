import t from 'tap'
import { Impostor, type Trick } from '../../../src/simulator/index.ts'
import { passing, setpoint, startRig } from '../../lan/support.ts'
import type { Teardown } from '../../support/simulator.ts'

async function deceived(t: Teardown, trick: Trick, unit = {}) {
  const rig = await startRig(t, { lock: 'lan', unit })
  const impostor = new Impostor({ host: '127.0.0.1', port: 0, victim: rig.unit, trick })
  await impostor.start()
  t.teardown(() => impostor.stop())
  rig.device.setAddress({ host: '127.0.0.1', port: impostor.port })
  await passing(rig.clock, rig.device.readTelemetry())
  const write = () =>
    passing(
      rig.clock,
      rig.device.write(() => setpoint(245)),
    ).catch(() => undefined)
  return { ...rig, impostor, write }
}

t.test('whoever is sent a signed write can unlock the device with it, whatever the write was', async (t) => {
  for (const trick of ['use', 'pass-on', 'race'] as const) {
    const { unit, write } = await deceived(t, trick)
    await write()
    t.match([trick, unit.parameter(114)], [trick, '0'])
  }
})

t.test('a device that takes no code twice is unlocked all the same by who uses it first', async (t) => {
  const once = { quirks: { refuseReplayedCodes: true } }
  const { unit, write } = await deceived(t, 'race', once)
  await write()
  t.equal(unit.parameter(114), '0')
  const passed = await deceived(t, 'pass-on', once)
  await passed.write()
  t.same([passed.unit.parameter(4), passed.unit.parameter(114)], ['245', '1'], 'but not by who passes it on')
})

t.test('a code that is kept is of no use later', async (t) => {
  const { clock, unit, impostor, write } = await deceived(t, 'keep')
  await write()
  t.equal(unit.parameter(114), '1')
  await clock.advance(90_000)
  await impostor.useCode()
  t.equal(unit.parameter(114), '1')
})

t.test('it answers alone while the device is away, and is given more codes by refusing', async (t) => {
  const { unit, clock, device, impostor, write } = await deceived(t, 'refuse')
  await unit.unplug()
  t.ok((await passing(clock, device.readParameters())).has(114))
  await write()
  t.ok(new Set(impostor.caught.map(({ auth }) => auth)).size > 1)
})
