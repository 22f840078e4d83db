/** After a power cut, in a network that carries no beacons. */
import t from 'tap'
import { somebody, until } from '../../lan/discovery/rig.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { startBridge } from '../lan-rig.ts'

t.test('a device that was online shows within a minute of its return, whenever that is', async (t) => {
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock })
  const { registry, port, view } = await startBridge(t, unit, clock)
  const send = await somebody(t)
  await send(port, unit.beacon())
  await until(clock, () => registry.get(SERIAL)?.online === true)
  const took: number[] = []
  for (const seconds of [90, 700, 3_605, 7_217, 10_831]) {
    await unit.unplug()
    for (let i = 0; i < seconds; i += 5) await clock.advance(5_000)
    t.equal(view().online, false)
    await unit.plugIn()
    const back = clock.monotonic()
    await until(clock, () => view().online, 500)
    took.push((clock.monotonic() - back) / 1000)
  }
  t.ok(Math.max(...took) <= 60, took.join(', '))
})

t.test('one that hangs is asked less often than when it is well', async (t) => {
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock })
  const { registry, port, view } = await startBridge(t, unit, clock)
  const send = await somebody(t)
  await send(port, unit.beacon())
  await until(clock, () => registry.get(SERIAL)?.online === true)
  unit.quirks.deafTo = [1, 2, 3, 4]
  await until(clock, () => view().online === false, 250)
  const before = unit.requests.length
  for (let i = 0; i < 180; i++) await clock.advance(5_000)
  const asked = unit.requests.length - before
  t.ok(asked <= 21 * 2, `${asked} requests in a quarter of an hour`)
  for (const [i, { at }] of unit.requests.entries()) {
    const next = unit.requests[i + 1]
    if (next && next.at - at < 500) t.fail(`${next.at - at} ms between two requests`)
  }
})
