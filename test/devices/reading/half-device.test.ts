/** Some SX answer `{"cmd":1}` with nothing while `{"cmd":4}` works (owners' reports, firmware 2.5). */
import t from 'tap'
import type { VirtualThermostat } from '../../../src/simulator/index.ts'
import { somebody, until } from '../../lan/discovery/rig.ts'
import { errorOf } from '../../lan/support.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat, type Teardown } from '../../support/simulator.ts'
import { startBridge } from '../lan-rig.ts'

async function begin(t: Teardown, deafTo: readonly number[]) {
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock, model: 'sx', quirks: { deafTo } })
  const bridge = await startBridge(t, unit, clock)
  const send = await somebody(t)
  await send(bridge.port, unit.beacon())
  await until(clock, () => bridge.registry.get(SERIAL)?.online === true)
  /** Lets minutes pass; resolves with whether it was online all the time. */
  const minutes = async (count: number) => {
    let online = true
    for (let i = 0; i < count * 60; i++) {
      await clock.advance(1_000)
      online &&= bridge.view().online
    }
    return online
  }
  return { clock, unit, ...bridge, minutes }
}

const asked = (unit: VirtualThermostat, cmd: number) =>
  unit.requests.filter(({ body }) => JSON.stringify(body) === `{"cmd":${cmd}}`).length

t.test('what it measures is read on, without a gap, and the owner is told once', async (t) => {
  const { unit, clock, view, events, minutes } = await begin(t, [])
  t.equal(view().state.settings_unreadable, false)
  unit.quirks.deafTo = [1]
  t.equal(await minutes(5), true, 'online all the time')
  const { state, health } = view()
  t.equal(state.settings_unreadable, true)
  t.equal(state.problem, true)
  t.equal(health.failures, 0)
  t.match(health.error, { code: 'DEVICE_BAD_REPLY', message: /power off and on/ })
  t.ok(clock.now() - (health.lastSeen ?? 0) <= 16_000, 'its telemetry is new')
  t.ok(typeof state.floor_temperature === 'number')
  t.equal(await minutes(30), true)
  const told = events.filter(({ type }) => type !== 'device_found' && type !== 'device_online')
  t.match(told, [{ type: 'fault_began', details: { fault: 'settings_unreadable' } }])
  t.equal(told.length, 1)
})

t.test('it is asked for the rest less and less often, and all is well when it answers again', async (t) => {
  const { unit, view, minutes } = await begin(t, [])
  unit.quirks.deafTo = [1]
  await minutes(20)
  const before = asked(unit, 1)
  await minutes(30)
  t.ok(asked(unit, 1) - before <= 8, `${asked(unit, 1) - before} in half an hour`)
  unit.quirks.deafTo = []
  await minutes(11)
  t.equal(view().state.settings_unreadable, false)
  t.equal(view().health.error, null)
})

t.test('a command that needs what it does not tell says why it can not be', async (t) => {
  const { clock, registry, unit, view } = await begin(t, [1])
  t.equal(view().online, true, 'known by the serial of its telemetry')
  const error = await errorOf(clock, registry.set(SERIAL, { target_temperature: 23 }))
  t.match(error, { code: 'DEVICE_BAD_REPLY', message: /not its settings/ })
  t.same(unit.writes, [])
  unit.quirks.deafTo = []
  t.equal(await errorOf(clock, registry.set(SERIAL, { target_temperature: 23 })), undefined)
})

t.test('a single lost answer, and one that hangs altogether, is not half a device', async (t) => {
  const { clock, unit, view, minutes } = await begin(t, [])
  await minutes(1)
  unit.quirks.injectReplies = [
    { on: 1, reply: 'empty' },
    { on: 1, reply: 'empty' },
  ]
  t.equal(await minutes(3), true)
  t.equal(view().state.settings_unreadable, false)
  unit.quirks.deafTo = [1, 2, 3, 4]
  await until(clock, () => view().online === false, 250)
  t.equal(view().health.error?.code, 'DEVICE_WEDGED')
  t.equal(view().state.settings_unreadable, false)
})
