import t from 'tap'
import type { Room } from '../../../src/web/api/types.ts'
import { House } from '../../../src/web/state/house.ts'
import { grouped, moved, suggestions } from '../../../src/web/view/house/by-room.ts'
import { device, timers } from './page-rig.ts'

const room = (name: string): Room => ({ name, mode: 'normal', until: null, devices: [] })

t.test('devices by room, in the order of the rooms', async (t) => {
  const devices = [
    { ...device('A1'), room: 'Kitchen' },
    { ...device('B2'), room: null },
    { ...device('C3'), room: 'Bath' },
    { ...device('D4'), room: 'Kitchen' },
    { ...device('E5'), room: 'Attic' },
  ]
  const shown = grouped(devices, [room('Bath'), room('Cellar'), room('Kitchen')]).map((group) => [
    group.room?.name ?? null,
    group.devices.map(({ serial }) => serial),
  ])
  t.same(shown, [
    ['Bath', ['C3']],
    ['Kitchen', ['A1', 'D4']],
    [null, ['B2', 'E5']],
  ])
  t.same(grouped([], [room('Bath')]), [])
  t.same(
    grouped([device('A1')], []).map((group) => group.room),
    [null],
  )
})

t.test('a room at another place', async (t) => {
  const names = ['a', 'b', 'c']
  t.same(moved(names, 'a', 1), ['b', 'a', 'c'])
  t.same(moved(names, 'c', 0), ['c', 'a', 'b'])
  t.same(moved(names, 'a', -1), names)
  t.same(moved(names, 'c', 9), names)
})

t.test('rooms that names suggest', async (t) => {
  const devices = [
    { ...device('A1'), suggested_room: 'Bath' },
    { ...device('B2'), suggested_room: 'Bath' },
    { ...device('C3'), suggested_room: null, room: 'Bath' },
    { ...device('D4'), suggested_room: 'Hall' },
  ]
  t.same(
    [...suggestions(devices)],
    [
      ['Bath', ['A1', 'B2']],
      ['Hall', ['D4']],
    ],
  )
})

t.test('the house is known as it was told last, and forgotten with the sign-in', async (t) => {
  const client = { get: async () => Promise.reject(new Error()), send: async () => Promise.reject(new Error()) }
  const house = new House({ client, timer: timers().timer })
  const told = { mode: 'away', until: null, rooms: [room('Bath')], problems: [], counts: { done: 1 } }
  house.take({ name: 'house', data: told })
  t.same(house.whole.value, told)
  house.clear()
  t.equal(house.whole.value, null)
})

t.test('what is wrong is what the bridge says, and the same object as long as it says the same', async (t) => {
  const client = { get: async () => Promise.reject(new Error()), send: async () => Promise.reject(new Error()) }
  const house = new House({ client, timer: timers().timer })
  const problem = (serial: string, kind: string) => ({ serial, name: serial, kind, code: 'NOT_APPLIED', message: 'm' })
  const told = (...problems: object[]) => house.take({ name: 'house', data: { rooms: [], counts: {}, problems } })
  told(problem('A1', 'command'), problem('B2', 'mode'))
  const [a, b] = [house.troubleOf('A1'), house.troubleOf('B2')]
  told(problem('A1', 'command'), problem('B2', 'offline'))
  t.equal(house.troubleOf('A1'), a, 'its row is not drawn anew')
  t.match([b, house.troubleOf('B2')], [{ kind: 'mode' }, { kind: 'offline' }])
  told(problem('B2', 'offline'))
  t.equal(house.troubleOf('A1'), undefined)
  house.clear()
  t.equal(house.troubles.value.size, 0)
})
