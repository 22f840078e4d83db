/** What a device shows of its firmware: Terneo, "Introduction" and "Commands" (`time` and `{"cmd":3}` from 2.4 on). */
import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { startRegistry } from '../rig.ts'

t.test(
  'a Terneo that tells no clock at all is older than 2.4, until its account says it or it tells one',
  async (t) => {
    const clock = new FakeClock()
    const unit = await startThermostat(t, { clock, model: 'ax', lock: 'none', quirks: { answersTime: false } })
    const rig = startRegistry(t, unit, { clock, hw: 'ax' })
    t.equal(rig.view().firmware, null)
    t.equal((await rig.refresh()).firmware, 'before 2.4')
    await clock.advance(2_000)
    t.equal(rig.saved.at(-1)?.firmware ?? null, null, 'that it shows no more is not what the account said')
    await rig.passing(rig.registry.accountLists('home', [{ serial: SERIAL, name: 'Bath', version: '2.3' }]))
    t.equal(rig.view().firmware, '2.3')
  },
)

t.test('updated, it tells its clock, and is no longer taken to be old; others never are', async (t) => {
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock, model: 'ax', lock: 'none', quirks: { answersTime: false } })
  const rig = startRegistry(t, unit, { clock, hw: 'ax' })
  await rig.refresh()
  unit.quirks.answersTime = true
  await clock.advance(61 * 60_000)
  t.equal((await rig.refresh()).firmware, null)
  for (const model of ['sx', 'az', 'oz'] as const) {
    const other = await startThermostat(t, { clock, model, lock: 'none' })
    const { refresh } = startRegistry(t, other, { clock, hw: model })
    t.equal((await refresh()).firmware, null, model)
  }
})
