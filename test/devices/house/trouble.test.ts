/** Modes of the house while devices are off the network, while the bridge restarts, and from two people at once. */
import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { DAY, HOUR, houseRig, MANUAL_FLOOR, outcomesOf, POWER_OFF, PROGRAM } from './rig.ts'

const AWAY = { mode: 'auto', preset: 'away' }
const NORMAL = { mode: 'auto', preset: 'none' }

t.test('half the house is off the network', async (t) => {
  const { house, state, unplug, plugIn, registry, wall } = await houseRig(t, ['az', 'az', 'oz', 'az'])
  await unplug(1, 2, 3)
  t.same(outcomesOf(await house({ mode: 'away' })), ['done', 'waiting', 'waiting', 'waiting'])
  t.match(registry().house.view().counts, { done: 1, waiting: 3 })
  wall(2, MANUAL_FLOOR, 19)
  wall(2, PROGRAM, 1)
  await plugIn(1, 2)
  t.match([0, 1, 2].map(state), [AWAY, AWAY, { mode: 'heat', preset: 'none' }], 'one was set by hand since, and stays')
  t.same(outcomesOf({ devices: registry().house.outcomes() }), ['done', 'done', 'changed', 'waiting'])
  const back = await house({ mode: 'normal' })
  t.same(outcomesOf(back), ['done', 'done', 'changed', 'waiting'])
  await plugIn(3)
  t.match([0, 1, 2, 3].map(state), [NORMAL, NORMAL, { mode: 'heat' }, NORMAL])
  t.same(outcomesOf({ devices: registry().house.outcomes() }), ['done', 'done', 'changed', 'done'])
})

t.test('a device that comes back during another mode gets the last one, and back what it had first', async (t) => {
  const { house, state, unplug, plugIn, set, parameter } = await houseRig(t, ['az', 'az'])
  await set(1, { mode: 'heat', target_temperature: 26 })
  await house({ mode: 'frost_protection' })
  await unplug(1)
  await house({ mode: 'away' })
  await house({ mode: 'off' })
  t.equal(parameter(1, MANUAL_FLOOR), '7')
  await plugIn(1)
  t.match([state(0), state(1)], [{ mode: 'off' }, { mode: 'off' }])
  await house({ mode: 'normal' })
  t.match([state(0), state(1)], [NORMAL, { mode: 'heat', target_temperature: 26, manual_floor_setpoint: 26 }])
})

t.test('a restart with devices on their way, and one that never answered in the new run', async (t) => {
  const { house, state, unplug, plugIn, start, stop, registry, pass, later } = await houseRig(t, ['az', 'az'])
  const until = later(DAY)
  await unplug(1)
  await house({ mode: 'away', until })
  await stop()
  await pass(HOUR)
  await start()
  await pass(20_000)
  t.match(registry().house.view(), { mode: 'away', until, counts: { done: 1, waiting: 1 } })
  await plugIn(1)
  t.match([state(0), state(1)], [AWAY, AWAY])
  await unplug(1)
  await stop()
  await start()
  t.same(outcomesOf(await house({ mode: 'normal' })).at(1), 'waiting')
  await plugIn(1)
  t.match([state(0), state(1)], [NORMAL, NORMAL])
  await unplug(1)
  await stop()
  await start()
  await house({ mode: 'frost_protection' })
  await plugIn(1)
  t.match(state(1), { mode: 'heat', target_temperature: 7 }, 'nothing was known of it, so it is asked first')
  await house({ mode: 'normal' })
  t.match(state(1), NORMAL)
})

t.test('a crash after a device has taken it, and before anybody knew', async (t) => {
  const { house, state, start, stop, at, registry, pass } = await houseRig(t, ['az', 'az'])
  const gone = new BridgeError('OUTCOME_UNKNOWN', 'The connection broke.')
  at(0).link.fail = { when: 'after', error: gone }
  at(1).link.fail = { when: 'before', error: new BridgeError('DEVICE_TIMEOUT', 'No answer.') }
  const change = await house({ mode: 'frost_protection' })
  t.match(change.devices, [
    { outcome: 'waiting', error: { code: 'OUTCOME_UNKNOWN' } },
    { outcome: 'waiting', error: { code: 'DEVICE_TIMEOUT' } },
  ])
  await stop()
  await start()
  await pass(20_000)
  t.match([state(0), state(1)], Array(2).fill({ mode: 'heat', target_temperature: 7 }))
  t.same(outcomesOf({ devices: registry().house.outcomes() }), ['done', 'done'])
  t.same(at(0).link.writes, 1, 'it had it already')
  at(0).link.fail = { when: 'after', error: gone }
  await house({ mode: 'off' })
  await house({ mode: 'normal' })
  await pass(90_000)
  t.match([state(0), state(1)], [NORMAL, NORMAL], 'a mode that may have been taken is no change of somebody')
})

t.test('a passing failure is tried again, a refusal is not', async (t) => {
  const { house, state, at, pass, registry } = await houseRig(t, ['az', 'az'])
  at(0).link.fail = { when: 'before', error: new BridgeError('DEVICE_BUSY', 'Busy.') }
  at(1).link.fail = { when: 'before', error: new BridgeError('LAN_LOCKED', 'Locked.') }
  t.same(outcomesOf(await house({ mode: 'off' })), ['waiting', 'failed'])
  t.match(registry().house.outcomes()[1], { outcome: 'failed', error: { code: 'LAN_LOCKED', message: 'Locked.' } })
  await pass(61_000)
  t.match([state(0), state(1)], [{ mode: 'off' }, NORMAL])
  t.same(outcomesOf(await house({ mode: 'off' })), ['done', 'done'], 'asked again, it is tried again')
})

t.test('two people at once: the last one wins on each device, and nothing of the first stays', async (t) => {
  const { registry, clock, state, at, house } = await houseRig(t, ['az', 'oz', 'ax'])
  const first = registry().house.set({ mode: 'frost_protection' })
  const second = registry().house.set({ mode: 'away' })
  const third = registry().house.set({ mode: 'off' })
  await clock.advance(1000)
  const outcomes = (await Promise.all([first, second, third])).map(outcomesOf)
  t.same(outcomes, [
    ['superseded', 'superseded', 'superseded'],
    ['superseded', 'superseded', 'superseded'],
    ['done', 'done', 'done'],
  ])
  t.match([0, 1, 2].map(state), Array(3).fill({ mode: 'off', preset: 'none' }))
  t.ok(at(0).link.writes <= 2, 'the second never went out')
  await house({ mode: 'normal' })
  t.match([0, 1, 2].map(state), Array(3).fill(NORMAL))
})

t.test('another mode while one is on its way', async (t) => {
  const { registry, clock, state, at, house } = await houseRig(t, ['az'])
  const { link } = at(0)
  const { write } = link
  const gate = Promise.withResolvers<void>()
  link.write = (prepare) => gate.promise.then(() => write(prepare))
  const first = registry().house.set({ mode: 'frost_protection' })
  await clock.advance(1000)
  const second = registry().house.set({ mode: 'off' })
  await clock.advance(1000)
  gate.resolve()
  await clock.advance(1000)
  t.same((await Promise.all([first, second])).map(outcomesOf), [['superseded'], ['done']])
  t.match(state(0), { mode: 'off' })
  await house({ mode: 'normal' })
  t.match(state(0), NORMAL)
})

t.test('what can’t be stored is not sent', async (t) => {
  const { house, state, store, parameter } = await houseRig(t, ['az'])
  store.disk.broken = true
  await t.rejects(house({ mode: 'off' }), { code: 'INTERNAL' })
  t.match(state(0), NORMAL)
  t.equal(parameter(0, POWER_OFF), '0')
  store.disk.broken = false
  await house({ mode: 'off' })
  t.match(state(0), { mode: 'off' })
})

t.test('a room, and some devices', async (t) => {
  const { house, state, registry, at, later, pass } = await houseRig(t, ['az', 'az', 'az'])
  const view = () => registry().house.view()
  registry().house.setRoom(at(0).serial, 'Bath <i>🛁')
  await house({ mode: 'away' })
  t.match(await house({ mode: 'off', room: 'bath <i>🛁', until: later(HOUR) }), { room: 'Bath <i>🛁' })
  t.match([0, 1].map(state), [{ mode: 'off' }, AWAY])
  t.match(view(), { mode: 'away', rooms: [{ name: 'Bath <i>🛁', mode: 'off' }] })
  registry().house.renameRoom('Bath <i>🛁', 'Bath')
  t.match(view(), { rooms: [{ name: 'Bath', mode: 'off' }] })
  await pass(HOUR + 10_000)
  t.match(state(0), NORMAL, 'over for the room, whatever the house does')
  await house({ mode: 'normal', devices: [at(1).serial.toLowerCase()] })
  t.match([0, 1, 2].map(state), [NORMAL, NORMAL, AWAY])
  registry().house.renameRoom('Bath', null)
  t.match(view(), { mode: 'away', rooms: [] })
  await t.rejects(house({ mode: 'off', room: 'Bath' }), { code: 'BAD_REQUEST', message: /no room "Bath"/ })
  await house({ mode: 'normal' })
  t.match([0, 1, 2].map(state), [NORMAL, NORMAL, NORMAL])
  t.match(view(), { mode: 'normal', until: null })
})

t.test('the mode of a room goes with its last device', async (t) => {
  const { house, at, registry, start, stop } = await houseRig(t, ['az', 'az'])
  const rooms = () => registry().house.view().rooms
  registry().house.setRoom(at(0).serial, 'Bath')
  await house({ mode: 'off', room: 'Bath' })
  registry().house.setRoom(at(0).serial, 'Hall')
  registry().house.setRoom(at(1).serial, 'Bath')
  t.match(rooms(), [
    { name: 'Bath', mode: 'normal' },
    { name: 'Hall', mode: 'normal' },
  ])
  await stop()
  await start()
  registry().house.setRoom(at(1).serial, 'Bath')
  t.match(rooms(), [{ name: 'Bath', mode: 'normal' }])
  await house({ mode: 'frost_protection', room: 'Bath' })
  await registry().forget(at(1).serial)
  registry().house.setRoom(at(0).serial, 'Bath')
  t.match(rooms(), [{ name: 'Bath', mode: 'normal' }])
})

t.test('what some devices are asked for is told as no mode of the house', async (t) => {
  const { house, at, events, state } = await houseRig(t, ['az', 'az'])
  const told = () => events.flatMap(({ type, message }) => (type === 'house_mode' ? [message] : []))
  await house({ mode: 'away', devices: [at(0).serial] })
  t.match([0, 1].map(state), [AWAY, NORMAL])
  t.strictSame(told(), [])
  await house({ mode: 'away' })
  t.strictSame(told(), ['The house is away.'])
})

t.test('what the house does not understand', async (t) => {
  const { house, later, registry, store, events } = await houseRig(t, ['az'])
  const bad: readonly (readonly [unknown, string])[] = [
    [undefined, 'BAD_REQUEST'],
    ['away', 'BAD_REQUEST'],
    [{}, 'BAD_REQUEST'],
    [{ mode: 'holiday' }, 'BAD_REQUEST'],
    [{ mode: 'away', until: 'tomorrow' }, 'BAD_REQUEST'],
    [{ mode: 'away', until: 1_800_000_000 }, 'BAD_REQUEST'],
    [{ mode: 'away', until: '2026-02-30' }, 'BAD_REQUEST'],
    [{ mode: 'away', until: '2026-01-15T11:59:00Z' }, 'OUT_OF_RANGE'],
    [{ mode: 'away', until: '2036-01-15T12:00:00Z' }, 'OUT_OF_RANGE'],
    [{ mode: 'normal', until: later(HOUR) }, 'BAD_REQUEST'],
    [{ mode: 'away', room: 'x'.repeat(300) }, 'BAD_REQUEST'],
    [{ mode: 'away', room: 7 }, 'BAD_REQUEST'],
    [{ mode: 'away', devices: 'all' }, 'BAD_REQUEST'],
    [{ mode: 'away', devices: ['../x'] }, 'BAD_REQUEST'],
    [{ mode: 'away', devices: ['404CCAAAD4E8A89860609800000199'] }, 'UNKNOWN_DEVICE'],
    [{ mode: 'away', __proto__x: 1 }, 'BAD_REQUEST'],
  ]
  const codes: unknown[] = []
  for (const [command] of bad) codes.push(await house(command as object).catch(({ code }) => code))
  t.same(
    codes,
    bad.map(([, code]) => code),
  )
  t.match(registry().house.view(), { mode: 'normal' })
  t.equal(store.disk.commits, 0)
  t.notOk(events.some(({ type }) => type === 'house_mode'))
  const day = new Date(2026, 0, 20).toISOString()
  t.equal((await house({ mode: 'away', until: '2026-01-20' })).until, day, 'a date begins at midnight here')
  t.equal((await house({ mode: 'away', until: '2026-01-20T00:00' })).until, day)
  t.equal((await house({ mode: 'away', until: '' })).until, null)
})
