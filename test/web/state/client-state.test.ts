/** What the page knows of the house, and how it looks, without a browser. */
import { effect } from '@preact/signals'
import t from 'tap'
import { RequestError } from '../../../src/web/api/answers.ts'
import { House } from '../../../src/web/state/house.ts'
import { rangeOf, setpointRange, stepped } from '../../../src/web/state/limits.ts'
import { Look } from '../../../src/web/state/look.ts'
import { device, Memory, tick, timers } from './page-rig.ts'

function house(send: (body: unknown) => Promise<unknown> = async () => ({ state: {} })) {
  const clock = timers()
  const sent: unknown[] = []
  const made = new House({
    timer: clock.timer,
    client: {
      get: async <Answer>() => ({ models: [{ id: 'ax' }] }) as Answer,
      send: async <Answer>(_method: string, _path: string, body?: unknown) => {
        sent.push(body)
        return (await send(body)) as Answer
      },
    },
  })
  const tell = (name: string, data: unknown) => made.take({ name, data })
  return { house: made, clock, sent, tell }
}

t.test('the house follows the events, and forgets what is not told again after a break', async (t) => {
  const { house: home, tell } = house()
  await home.loadModels()
  t.ok(home.models.value.has('ax'))
  for (const serial of ['a', 'b', 'c']) tell('device', device(serial))
  tell('ready', {})
  tell('state', { serial: 'a', state: { mode: 'heat' } })
  tell('availability', { serial: 'b', online: false })
  tell('removed', { serial: 'c' })
  tell('state', { serial: 'nobody', state: {} })
  tell('event', null)
  tell('event', { type: 'x' })
  t.equal(home.devices.value.get('a')?.state.mode, 'heat')
  t.equal(home.devices.value.get('b')?.online, false)
  t.strictSame([...home.devices.value.keys()], ['a', 'b'])
  home.setLive('lost')
  t.equal(home.devices.value.size, 2, 'shown as it was meanwhile')
  tell('device', device('b'))
  tell('ready', {})
  home.setLive('live')
  t.strictSame([...home.devices.value.keys()], ['b'])
  home.clear()
  t.equal(home.devices.value.size, 0)
})

t.test('what is asked for shows as pending until it is confirmed; several presses are one command', async (t) => {
  let confirm = (_state: unknown) => {}
  const { house: home, clock, sent, tell } = house(() => new Promise((resolve) => (confirm = resolve)))
  tell('device', device('a', { target_temperature: 20 }))
  const shown = () => home.shown(home.devices.value.get('a') ?? device('none'), 'target_temperature')
  for (const value of [21, 22, 23]) home.set('a', 'target_temperature', value, { settle: true })
  t.equal(shown(), 23)
  t.ok(home.isPending('a', 'target_temperature'))
  t.strictSame(sent, [])
  clock.fire(500)
  t.strictSame(sent, [{ target_temperature: 23 }])
  tell('state', { serial: 'a', state: { target_temperature: 20 } })
  t.equal(shown(), 23, 'what was asked for still shows')
  confirm({ state: { target_temperature: 23 } })
  await tick()
  t.notOk(home.isPending('a', 'target_temperature'))
  t.equal(shown(), 23)
  home.set('a', 'target_temperature', 25, { settle: true })
  home.clear()
  t.equal(clock.waiting.size, 0)
})

t.test('an answer that comes after newer news does not undo it', async (t) => {
  let confirm = (_state: unknown) => {}
  const { house: home, tell } = house(() => new Promise((resolve) => (confirm = resolve)))
  tell('device', device('a', { target_temperature: 20, mode: 'off', floor_temperature: 21 }))
  const answered = home.command('a', { target_temperature: 23, mode: 'heat' })
  tell('state', { serial: 'a', state: { target_temperature: 25, mode: 'off', floor_temperature: 22 } })
  confirm({ state: { target_temperature: 23, mode: 'heat', floor_temperature: 21 } })
  t.ok(await answered)
  t.strictSame(home.devices.value.get('a')?.state, { target_temperature: 25, mode: 'heat', floor_temperature: 22 })
})

t.test('what fails shows the truth again, and why', async (t) => {
  const { house: home, tell } = house(async () => {
    throw new RequestError(409, 'LOCKED_BOTH', 'Locked.')
  })
  tell('device', device('a', { mode: 'auto' }))
  home.set('a', 'mode', 'heat')
  await tick()
  t.equal(home.shown(home.devices.value.get('a') ?? device('none'), 'mode'), 'auto')
  t.strictSame(home.failed.value.get('a'), { code: 'LOCKED_BOTH', message: 'Locked.', keys: ['mode'] })
  home.dismiss('a')
  t.equal(home.failed.value.size, 0)
})

t.test('several values are one command, and each shows as asked for until it is answered', async (t) => {
  let confirm = (_state: unknown) => {}
  const { house: home, clock, sent, tell } = house(() => new Promise((resolve) => (confirm = resolve)))
  tell('device', device('a', { preset: 'none', boost_minutes: 60 }))
  tell('device', device('b', { preset: 'none' }))
  home.set('a', 'boost_minutes', 90, { settle: true })
  const answered = home.command('a', { preset: 'boost', boost_minutes: 30 })
  t.equal(clock.waiting.size, 0, 'what was about to be asked for is replaced')
  t.strictSame(sent, [{ preset: 'boost', boost_minutes: 30 }])
  t.ok(home.isPending('a', 'preset') && home.isPending('a', 'boost_minutes'))
  t.notOk(home.isPending('b', 'preset'))
  home.set('a', 'boost_minutes', 120, { settle: true })
  confirm({ state: { preset: 'boost', boost_minutes: 30 } })
  t.ok(await answered)
  t.notOk(home.isPending('a', 'preset'))
  t.ok(home.isPending('a', 'boost_minutes'), 'asked for since')
})

t.test('what goes on at one device concerns its own card only', async (t) => {
  const { house: home, tell } = house(async () => {
    throw new RequestError(409, 'LOCKED_BOTH', 'Locked.')
  })
  for (const serial of ['a', 'b']) tell('device', device(serial, { mode: 'auto' }))
  const drawn = { a: 0, b: 0 }
  for (const serial of ['a', 'b'] as const) {
    t.teardown(
      effect(() => {
        home.isPending(serial, 'mode')
        home.failedOf(serial)
        drawn[serial]++
      }),
    )
  }
  t.notOk(await home.command('a', { mode: 'heat' }))
  t.match(home.failedOf('a'), { code: 'LOCKED_BOTH', keys: ['mode'] })
  t.ok(drawn.a > 2)
  t.equal(drawn.b, 1)
})

t.test('that the first command waits is known until it is answered, failed, or the time is over', async (t) => {
  let confirm = (_state: unknown) => {}
  const { house: home, clock, tell } = house(() => new Promise((resolve) => (confirm = resolve)))
  tell('device', device('a'))
  const waits = (seconds: unknown = 60) => tell('event', { serial: 'a', type: 'command_waits', details: { seconds } })
  const answered = home.command('a', { mode: 'heat' })
  waits()
  t.same([home.waitsOf('a'), home.waitsOf('b')], [60, undefined])
  tell('event', { serial: 'a', type: 'device_online', details: null })
  t.equal(home.waitsOf('a'), 60)
  confirm({ state: { mode: 'heat' } })
  await answered
  t.equal(home.waitsOf('a'), undefined, 'answered')
  clock.fire(60_000)
  waits()
  tell('event', { serial: 'a', type: 'command_failed', details: {} })
  t.equal(home.waitsOf('a'), undefined, 'failed, whoever sent it')
  waits(40)
  clock.fire(60_000)
  t.equal(home.waitsOf('a'), 40, 'the time of an earlier wait ends no later one')
  clock.fire(40_000)
  t.equal(home.waitsOf('a'), undefined, 'over')
  for (const wrong of [0, -1, 'soon', null, Number.NaN, {}]) waits(wrong)
  tell('event', { serial: 'a', type: 'command_waits', details: null })
  t.equal(home.waitsOf('a'), undefined)
  waits()
  home.clear()
  t.equal(home.waitsOf('a'), undefined)
})

t.test('setpoints move on the grid of the device, within its limits', async (t) => {
  const floor = device('a', { control_type: 'floor', floor_setpoint_min: 10, floor_setpoint_max: 40 })
  t.strictSame(setpointRange(floor, 'control'), { min: 10, max: 40, step: 1 })
  t.strictSame(setpointRange(floor, 'air'), { min: 5, max: 35, step: 0.5 })
  const air = {
    ...device('a', { control_type: 'air', air_setpoint_min: 40, air_setpoint_max: 30 }),
    setpoint_step: 0.5,
  }
  t.strictSame(
    setpointRange(air, 'control'),
    { min: 5, max: 35, step: 0.5 },
    'limits that contradict each other are none',
  )
  t.strictSame(setpointRange(air, 'floor').step, 1)
  const range = { min: 5, max: 35, step: 0.5 }
  t.equal(stepped(20.2, 1, range), 20.5)
  t.equal(stepped(20.2, -1, range), 20)
  t.equal(stepped(20.5, -1, range), 20)
  t.equal(stepped(35, 1, range), 35)
  t.equal(stepped(2, -1, range), 5)
  const point = { key: 'x', name: 'x', text: 'x', type: 'number', access: 'write', category: 'config' } as const
  t.strictSame(rangeOf(point, floor), {})
  t.strictSame(rangeOf({ ...point, min: 1, max: 2, step: 0.1 }, floor), { min: 1, max: 2, step: 0.1 })
  t.strictSame(rangeOf({ ...point, limits: 'floor' }, floor), { min: 10, max: 40, step: 1 })
})

t.test('the look is kept', async (t) => {
  const keep = new Memory()
  const root = { dataset: {} as Record<string, string | undefined> }
  const look = new Look(keep, root)
  t.equal(root.dataset.theme, 'auto')
  look.theme.value = 'dark'
  t.equal(root.dataset.theme, 'dark')
  t.equal(new Look(keep, { dataset: {} }).theme.value, 'dark')
})
