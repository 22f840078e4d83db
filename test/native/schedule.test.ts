/**
 * Schedules over MQTT (Welrok AZ and OZ, "MQTT", in English and Russian: `get/schedule` is what `{"cmd":2}` answers, `set/schedule`
 * takes one day as "Schedule" has it), of units whose address is known and of those whose is not.
 */
import t from 'tap'
import { startPublisher } from './rig.ts'

const DAY = [
  { time: '07:15', temperature: 24 },
  { time: '22:00', temperature: 19 },
]
const SENT = '[[435,240],[1320,190]]'
const sn = '"sn":"404CCAAAD4E8A89860609800000149"'

t.test('a week that is published is shown, with and without an address', async (t) => {
  for (const located of [true, false]) {
    const { publishing, unit, view, clock, registry, passing, told } = await startPublisher(t, 'az', { located })
    publishing()
    await clock.advance(10)
    t.match(view().schedule.floor?.monday, [{ time: '06:00', temperature: 30 }, {}, {}, {}], `${located}`)
    unit.device.controller.floor.setDay(0, [[600, 210]])
    unit.publish()
    t.strictSame(view().schedule.floor?.monday, [{ time: '10:00', temperature: 21 }], 'somebody has changed it there')
    unit.device.controller.floor.setDay(0, [])
    unit.publish()
    t.match(view().schedule.floor?.monday, [{ time: '10:00' }], 'what no device can hold is not taken')
    t.equal(view().schedule.air, null)
    await passing(registry.refresh(unit.serial))
    t.strictSame(told('schedule'), [], 'it was only read')
  }
})

t.test('days of both models are written on set/schedule and confirmed, with and without an address', async (t) => {
  const rows = [
    ['az', true, { floor: { wednesday: DAY } }, `{${sn},"tt":{"2":${SENT}}}`],
    ['az', false, { floor: { wednesday: DAY } }, `{${sn},"tt":{"2":${SENT}}}`],
    ['oz', true, { air: { sunday: DAY } }, `{${sn},"ttAir":{"6":${SENT}}}`],
    ['oz', false, { air: { sunday: DAY } }, `{${sn},"ttAir":{"6":${SENT}}}`],
  ] as const
  for (const [model, located, command, payload] of rows) {
    const { publishing, unit, view, clock, registry, passing, told } = await startPublisher(t, model, { located })
    publishing()
    await clock.advance(10)
    const result = await passing(registry.setSchedule(unit.serial, command))
    t.equal(result.written.length, 1)
    const { floor, air } = view().schedule
    t.strictSame('air' in command ? air?.sunday : floor?.wednesday, DAY)
    t.strictSame([told('schedule'), unit.writes], [[payload], []], `${model} ${located}: over MQTT alone`)
    const again = await passing(
      registry.setSchedule(unit.serial, { floor: { copy: { from: 'monday', to: 'tuesday' } } }),
    )
    t.match(again, { unchanged: [{ day: 'tuesday' }] }, 'to be copied it is read')
  }
})

t.test('a day is confirmed by what is published where nothing else answers', async (t) => {
  const { publishing, unit, clock, registry, passing, told } = await startPublisher(t, 'az', {
    ...{ located: false, ignores: new Set(['api']) },
  })
  publishing()
  await clock.advance(10)
  const { written } = await passing(registry.setSchedule(unit.serial, { floor: { monday: DAY } }))
  t.match(written, [{ kind: 'floor', day: 'monday' }])
  t.ok(told('api').length <= 1, 'one that does not answer is not asked for every step')
  const oz = await startPublisher(t, 'oz', { located: false, ignores: new Set(['api']) })
  oz.publishing()
  await oz.clock.advance(10)
  const error = await oz.errorOf(oz.registry.setSchedule(oz.unit.serial, { air: { monday: DAY } }))
  t.equal(error?.code, 'OUTCOME_UNKNOWN', 'that of the air is not published')
})

t.test('a day that had no effect goes over the LAN, signed, before it is NOT_APPLIED', async (t) => {
  const ignores = new Set(['schedule'])
  const near = await startPublisher(t, 'oz', { ignores, lock: 'lan' })
  near.publishing()
  await near.clock.advance(10)
  const { written } = await near.passing(near.registry.setSchedule(near.unit.serial, { floor: { friday: DAY } }))
  t.match(written, [{ day: 'friday' }])
  t.equal(near.told('schedule').length, 1)
  t.match(near.unit.writes, [
    {
      accepted: true,
      signed: true,
      body: {
        tt: {
          4: [
            [435, 240],
            [1320, 190],
          ],
        },
      },
    },
  ])
  near.unit.rebind()
  const refused = await near.errorOf(near.registry.setSchedule(near.unit.serial, { floor: { monday: DAY } }))
  t.equal(refused?.code, 'KEY_REJECTED')
  const far = await startPublisher(t, 'az', { ignores, located: false })
  far.publishing()
  await far.clock.advance(10)
  const error = await far.errorOf(far.registry.setSchedule(far.unit.serial, { floor: { friday: DAY } }))
  t.match(error, { code: 'NOT_APPLIED', details: { failed: [{ day: 'friday' }] } })
})

t.test('always on of an OZ is said the other way when the first is not taken', async (t) => {
  const { publishing, unit, view, clock, registry, passing, told } = await startPublisher(t, 'oz', { located: false })
  unit.quirks.scheduleAlways = 127
  publishing()
  await clock.advance(10)
  const on = [{ time: '06:00', temperature: 'on' }]
  await passing(registry.setSchedule(unit.serial, { floor: { monday: on } }))
  t.strictSame(view().schedule.floor?.monday, on)
  t.strictSame(told('schedule'), [`{${sn},"tt":{"0":[[360,1270]]}}`, `{${sn},"tt":{"0":[[360,127]]}}`])
})

t.test('models without the topic are written over the LAN, and a locked one is not told', async (t) => {
  const ax = await startPublisher(t, 'ax')
  ax.publishing()
  await ax.clock.advance(10)
  await ax.passing(ax.registry.setSchedule(ax.unit.serial, { floor: { monday: DAY } }))
  t.strictSame([ax.told('schedule').length, ax.unit.writes.length], [0, 1])
  const oz = await startPublisher(t, 'oz', { located: false })
  oz.unit.device.setLock('both')
  oz.publishing()
  await oz.clock.advance(10)
  const error = await oz.errorOf(oz.registry.setSchedule(oz.unit.serial, { floor: { monday: DAY } }))
  t.equal(error?.code, 'LOCKED_BOTH')
  t.strictSame(oz.told('schedule'), [])
})
