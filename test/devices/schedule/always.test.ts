/**
 * Always on and always off in the schedule of an OZ: Welrok OZ, "Schedule", in both languages, says 127 and −127 and prints
 * none; all its temperatures there are in tenths, so it may be 1270 just as well.
 */
import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat } from '../../support/simulator.ts'
import { startRegistry } from '../rig.ts'

const DAY = [
  { time: '06:00', temperature: 'on' },
  { time: '08:00', temperature: 21 },
  { time: '22:00', temperature: 'off' },
]

for (const scheduleAlways of [127, 1270] as const) {
  for (const lock of ['none', 'lan'] as const) {
    for (const acknowledgement of ['short', 'full'] as const) {
      t.test(`±${scheduleAlways}, lock ${lock}, ${acknowledgement} answers`, async (t) => {
        for (const kind of ['floor', 'air'] as const) {
          const clock = new FakeClock()
          const unit = await startThermostat(t, { clock, lock, quirks: { scheduleAlways, acknowledgement } })
          const rig = startRegistry(t, unit, { clock, hw: 'oz' })
          await rig.refresh()
          const write = (day: string) => rig.passing(rig.registry.setSchedule(SERIAL, { [kind]: { [day]: DAY } }))
          const first = await write('monday')
          t.match(first.schedule[kind]?.monday, DAY)
          const schedule = unit.device.controller[kind].wire()
          t.strictSame(
            schedule['0']?.map(([, tenths]) => tenths),
            [scheduleAlways, 210, -scheduleAlways],
          )
          const before = unit.writes.length
          t.match((await write('tuesday')).schedule[kind]?.tuesday, DAY)
          t.equal(unit.writes.length, before + 1, 'known by now')
          await clock.advance(2_000)
          t.equal(rig.saved.at(-1)?.learned.schedule_always_plain, scheduleAlways === 127 ? 1 : 0)
          t.match((await rig.refresh()).schedule[kind]?.monday, DAY, 'read back later')
        }
      })
    }
  }
}

t.test('12.7 °C is never written, since it may mean always on; other models have no such words', async (t) => {
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock, lock: 'none' })
  const rig = startRegistry(t, unit, { clock, hw: 'oz' })
  await rig.refresh()
  const periods = [{ time: '06:00', temperature: 12.7 }]
  const result = await rig.passing(rig.registry.setSchedule(SERIAL, { air: { monday: periods } }))
  t.match(result, { rounded: { 'air.monday.06:00': { asked: 12.7, set: 12.6 } } })
  t.strictSame(unit.device.controller.air.wire()['0'], [[360, 126]])
})
