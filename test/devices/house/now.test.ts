/** What the house amounts to now: its power, and what is wrong, told seldom enough for a large house. */
import t, { type Test } from 'tap'
import { BRIDGE } from '../../../src/core/actor.ts'
import { EventBus } from '../../../src/core/events.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import type { HouseMemory } from '../../../src/devices/house/entry.ts'
import { WholeHouse } from '../../../src/devices/house/house.ts'
import { Present, type Share } from '../../../src/devices/house/present.ts'
import { problemOf } from '../../../src/devices/house/problems.ts'
import { Rooms } from '../../../src/devices/house/rooms.ts'
import type { DeviceEvents, DeviceView, HouseView } from '../../../src/devices/ports.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { houseRig } from './rig.ts'

t.test('the power is the sum of those that tell, and says of how many it is not known', async (t) => {
  const present = new Present()
  const share = (power: Share['power']): Share => ({ power, problem: null })
  t.match(present.view(), { power: null, power_unknown: 0, problems: [] })
  t.equal(present.put('a', share(null)), 'power')
  t.match(present.view(), { power: null, power_unknown: 1 })
  t.equal(present.put('b', share(0.1)), 'power')
  t.equal(present.put('c', share(0.2)), 'power')
  t.equal(present.put('relay', share(undefined)), 'nothing')
  t.match(present.view(), { power: 0.3, power_unknown: 1 }, 'without a drift')
  t.equal(present.put('a', share(1000)), 'power')
  t.equal(present.put('a', share(1000)), 'nothing')
  present.put('b', undefined)
  t.match(present.view(), { power: 1000.2, power_unknown: 0 })
})

t.test('of each device the worst is told, and nothing that was only a mistake of whoever sent it', async (t) => {
  const rig = await houseRig(t, ['ax'])
  const [view] = rig.registry().list()
  if (!view) throw new Error('an empty house')
  const healthy: DeviceView = { ...view, state: { ...view.state, lock: 'none', findings: [], last_error: null } }
  const entry = { serial: view.serial, mode: 'off', until: null, outcome: 'failed', by: BRIDGE } as const
  const failed = {
    ...entry,
    before: null,
    after: null,
    tried: [],
    error: { code: 'NOT_APPLIED', message: 'x' },
  } as const
  const of = (change: Partial<DeviceView>, state = {}) =>
    problemOf({ ...healthy, ...change, state: { ...healthy.state, ...state } }, undefined)
  const finding = { kind: 'not_warming', message: 'It does not warm.', since: '', evidence: {} }
  const health = { ...healthy.health, error: { code: 'DEVICE_BAD_REPLY', message: 'x' } } as const
  const starting = { ...health, lastSeen: null }
  const rows: readonly [name: string, got: unknown, kind: string | null, code?: string][] = [
    ['healthy', of({}), null],
    ['offline', of({ online: false }, { lock: 'both' }), 'offline', 'DEVICE_UNREACHABLE'],
    ['not asked often enough since the start', of({ online: false, health: { ...starting, failures: 2 } }), null],
    ['never reached', of({ online: false, health: { ...starting, failures: 3 } }), 'offline', 'DEVICE_BAD_REPLY'],
    ['in the way', of({ health }), 'error', 'DEVICE_BAD_REPLY'],
    ['one poll lost', of({ health: { ...health, failures: 1 } }), null],
    ['heard, but it never answers', of({ health: { ...health, failures: 3 } }), 'error', 'DEVICE_BAD_REPLY'],
    ['locked', of({}, { lock: 'both' }), 'refuses', 'LOCKED_BOTH'],
    ['without a key', of({}, { lock: 'lan' }), 'refuses', 'KEY_MISSING'],
    [
      'a fault',
      of({}, { problem: true, floor_sensor_missing: true, findings: [finding] }),
      'fault',
      'floor_sensor_missing',
    ],
    ['a finding', of({}, { findings: [finding] }), 'finding', 'not_warming'],
    ['a command', of({}, { last_error: { code: 'NOT_APPLIED', message: 'x' } }), 'command', 'NOT_APPLIED'],
    ['a mistake', of({}, { last_error: { code: 'OUT_OF_RANGE', message: 'x' } }), null],
    ['the mode of the house', problemOf(healthy, failed), 'mode', 'NOT_APPLIED'],
  ]
  const wrong = rows.filter(([, got, kind, code]) => {
    const { kind: is = null, code: said } = (got ?? {}) as { kind?: string; code?: string }
    return is !== kind || said !== code
  })
  t.strictSame(wrong, [])
})

t.test('a restart of the bridge is no trouble of its devices', async (t) => {
  const rig = await houseRig(t, ['ax', 'ms'])
  await rig.stop()
  const started = rig.start()
  t.strictSame(rig.registry().house.view().problems, [], 'before any of them was asked')
  await started
  t.strictSame(rig.registry().house.view().problems, [])
})

/** A house of so many devices, each of which can be said to be otherwise. */
async function houseOf(t: Test, size: number, memory?: HouseMemory) {
  const rig = await houseRig(t, ['ax'])
  const [first] = rig.registry().list()
  if (!first) throw new Error('an empty house')
  const clock = new FakeClock()
  const events = new EventBus<DeviceEvents>((error) => t.fail(String(error)))
  const healthy = { ...first.state, lock: 'none', findings: [], last_error: null, power: 0 }
  const views = new Map<string, DeviceView>(
    Array.from({ length: size }, (_, index) => {
      const serial = `SERIAL${index}`
      return [serial, { ...first, serial, name: `Room ${index}`, online: true, state: healthy }] as const
    }),
  )
  const device = (serial: string) => {
    const view = views.get(serial)
    return view && { online: view.online, view: () => view, held: () => null, reread: async () => undefined }
  }
  const house = new WholeHouse({
    clock,
    events,
    logger: createLogger({ level: 'silent', secrets: new SecretValues(), write: () => undefined }),
    rooms: new Rooms(undefined),
    memory,
    serials: () => [...views.keys()],
    device,
    need: () => {
      throw new Error('nobody asks for one')
    },
    send: async () => undefined,
  })
  const told: HouseView[] = []
  events.on('house', (view) => told.push(view))
  house.start()
  t.teardown(() => house.stop())
  await clock.advance(10_000)
  const change = (index: number, what: Partial<DeviceView>) => {
    const view = views.get(`SERIAL${index}`)
    if (!view) return
    const next = { ...view, ...what, state: { ...view.state, ...what.state } }
    views.set(view.serial, next)
    events.emit('state', next)
  }
  told.length = 0
  return { clock, house, told, change }
}

t.test('what is wrong is told within half a second, many at once as one, and over as soon', async (t) => {
  const { clock, told, change } = await houseOf(t, 100)
  for (let i = 0; i < 50; i++) change(i, { online: false })
  await clock.advance(500)
  t.equal(told.length, 1)
  t.match(told[0], { power: 0, power_unknown: 50, problems: { length: 50 } })
  t.match(told[0]?.problems.slice(0, 3), [{ name: 'Room 0' }, { name: 'Room 1' }, { name: 'Room 2' }])
  for (let i = 0; i < 50; i++) change(i, { online: true })
  await clock.advance(500)
  t.match(told[1], { power_unknown: 0, problems: [] })
})

t.test(
  'in a house of a thousand whose loads are switched all the time, the power is told every ten seconds',
  async (t) => {
    const { clock, told, change } = await houseOf(t, 1_000)
    change(0, { state: { power: 1500 } })
    await clock.advance(500)
    t.match(told, [{ power: 1500 }], 'after a quiet time at once')
    // A hundred changes a second for a minute.
    for (let i = 0; i < 6_000; i++) {
      change(i % 1_000, { state: { power: i % 7 } })
      if (i % 10 === 0) await clock.advance(100)
    }
    t.ok(told.length >= 6 && told.length <= 8, `told ${told.length} times`)
    await clock.advance(10_000)
    const { length } = told
    await clock.advance(3_600_000)
    t.equal(told.length, length, 'and not at all while nothing changes')
  },
)

t.test('a house that was stopped waits for nothing, whatever was on its way', async (t) => {
  const commit = Promise.withResolvers<void>()
  const memory = { entries: () => [], modes: () => [], save: () => undefined, durable: () => commit.promise }
  const { clock, house, change } = await houseOf(t, 2, memory)
  const until = new Date(clock.now() + 3_600_000).toISOString()
  const asked = house.set({ mode: 'away', until })
  change(0, { online: false })
  t.ok(clock.waiting > 0)
  house.stop()
  commit.resolve()
  await asked
  house.look('SERIAL1')
  house.touched('SERIAL1', { mode: 'heat' })
  t.equal(clock.waiting, 0)
})
