/** What happens from the first beacon of a device on. */
import t from 'tap'
import { somebody, until } from '../../lan/discovery/rig.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { startBridge } from '../lan-rig.ts'

t.test('the question who it is and the first reading keep their distance, and nothing is asked twice', async (t) => {
  const clock = new FakeClock()
  // Owners leave 0.5 to 1 s between requests; hurried, a device answers that it is busy.
  const unit = await startThermostat(t, { clock, quirks: { minSpacing: 400 } })
  const { registry, port } = await startBridge(t, unit, clock)
  const send = await somebody(t)
  await send(port, unit.beacon())
  await until(clock, () => registry.get(SERIAL)?.online === true)
  t.same(
    unit.requests.filter(({ reason }) => reason !== ''),
    [],
    'it never had to say that it is busy',
  )
  t.same(
    unit.requests.slice(0, 2).map(({ body }) => body),
    [{ cmd: 1 }, { cmd: 4 }],
  )
  t.equal(unit.requests.filter(({ body }) => JSON.stringify(body) === '{"cmd":1}').length, 1)
  t.equal(registry.get(SERIAL)?.state.brightness, 10, 'from the answer to the question who it is')
})
