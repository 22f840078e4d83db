import t from 'tap'
import type { RoomMemory } from '../../../src/devices/house/rooms.ts'
import { suggestedRoom } from '../../../src/devices/house/suggested-room.ts'
import { OTHER, SERIAL, setUp, stored } from '../registry/rig.ts'

function memory(): RoomMemory & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>()
  let order: readonly string[] = []
  return {
    kept,
    rooms: () => new Map(kept),
    order: () => order,
    put: (serials, room) => {
      for (const serial of serials) room === null ? kept.delete(serial) : kept.set(serial, room)
    },
    saveOrder: (rooms) => {
      order = rooms
    },
  }
}

const house = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...stored,
    serial: `${SERIAL.slice(0, 28)}${index + 10}`,
    name: `Bathroom ${index + 1}`,
  }))

t.test('rooms and their devices are in the order in which people count, or give', async (t) => {
  const rooms = memory()
  const devices = house(11)
  const { registry } = setUp({ stored: devices, rooms })
  registry.start()
  const told: unknown[] = []
  registry.events.on('house', (view) => told.push(view))
  for (const { serial } of devices.toReversed()) registry.house.setRoom(serial, 'Bath 10')
  const [first, second] = devices
  registry.house.setRoom(first?.serial ?? '', 'Bath 2')
  registry.house.setRoom(second?.serial ?? '', 'Ванна 🛁')
  const names = () => registry.house.view().rooms.map(({ name }) => name)
  t.same(names(), ['Bath 2', 'Bath 10', 'Ванна 🛁'])
  const inTen = registry.house.view().rooms[1]?.devices.map((serial) => registry.get(serial)?.name)
  t.same(inTen?.slice(0, 2), ['Bathroom 3', 'Bathroom 4'])
  t.equal(inTen?.at(-1), 'Bathroom 11')
  registry.house.orderRooms(['ванна 🛁'])
  t.same(names(), ['Ванна 🛁', 'Bath 2', 'Bath 10'], 'whatever their case; the others follow')
  t.same(told.at(-1), registry.house.view())
  t.throws(() => registry.house.orderRooms(['Bath 2', 'Cellar']), { code: 'BAD_REQUEST', message: /"Cellar"/ })
  t.throws(() => registry.house.orderRooms('Bath 2'), { code: 'BAD_REQUEST' })
  t.same(names(), ['Ванна 🛁', 'Bath 2', 'Bath 10'], 'nothing was changed')

  const again = setUp({ stored: devices, rooms })
  again.registry.start()
  t.same(again.registry.house.view(), registry.house.view(), 'after a restart as well')
  await Promise.all([registry.stop(), again.registry.stop()])
})

t.test('a room is renamed, joins another, and goes with its last device', async (t) => {
  const rooms = memory()
  const { registry, events } = setUp({ stored: [stored, { ...stored, serial: OTHER, name: 'Hall' }], rooms })
  registry.start()
  const { house } = registry
  house.setRoom(SERIAL, ' Ва\u0301нна ')
  t.match(events.at(-1), { type: 'device_room', serial: SERIAL, details: { before: null, room: 'Ва\u0301нна' } })
  house.setRoom(OTHER, 'Hall')
  house.orderRooms(['Hall', 'Ва\u0301нна'])
  house.renameRoom('hall', 'HALL')
  t.match(house.view().rooms, [{ name: 'HALL', devices: [OTHER] }, {}], 'another spelling, in the same place')
  t.match(events.at(-1), { type: 'room_renamed', details: { before: 'Hall', name: 'HALL' } })
  house.renameRoom('HALL', 'ВА\u0301ННА')
  t.match(house.view().rooms, [{ name: 'Ва\u0301нна', devices: [SERIAL, OTHER] }], 'two became one')
  const count = events.length
  house.setRoom(OTHER, 'Ва\u0301нна')
  t.equal(events.length, count, 'no news')
  house.renameRoom('Ва\u0301нна', null)
  t.same([house.view().rooms, rooms.kept.size, registry.get(OTHER)?.room], [[], 0, null])
  t.throws(() => house.renameRoom('Ва\u0301нна', 'x'), { code: 'BAD_REQUEST' }, 'deleted meanwhile by somebody else')

  house.setRoom(SERIAL, 'Bath')
  const told: unknown[] = []
  registry.events.on('house', (view) => told.push(view))
  await registry.forget(SERIAL)
  t.match(told, [{ rooms: [] }], 'a forgotten device takes its room along')
  await registry.stop()
})

t.test('what is no name of a room is refused', async (t) => {
  const { registry } = setUp({ stored: [stored] })
  registry.start()
  const { house } = registry
  const bad = ['', '  ', 'x'.repeat(65), 'x'.repeat(300), 'a\nb', 'a\u202eb', '\ud800', 7, undefined, {}, ['a']]
  const taken = bad.filter((room) => {
    try {
      house.setRoom(SERIAL, room)
      return true
    } catch {
      return false
    }
  })
  t.same(taken, [])
  t.throws(() => house.setRoom(SERIAL, 'x'.repeat(65)), { code: 'BAD_REQUEST', message: /^A room has at most 64/ })
  house.setRoom(SERIAL, '<script>alert(1)</script> 🛁')
  t.equal(registry.get(SERIAL)?.room, '<script>alert(1)</script> 🛁', 'any visible text is one')
  house.setRoom(SERIAL, '🛁'.repeat(64))
  t.throws(() => house.setRoom(OTHER, 'x'), { code: 'UNKNOWN_DEVICE' })
  t.equal(house.view().rooms.length, 1)
  await registry.stop()
})

t.test('a name suggests a room', async (t) => {
  const suggested = {
    Bathroom: 'Bathroom',
    'Bathroom 2': 'Bathroom',
    'Living room (floor)': 'Living room',
    'Kitchen floor 10': 'Kitchen',
    'Kid’s room № 1 air': 'Kid’s room',
    'Thermostat hall': 'hall',
    'Floor 2': null,
    '12': null,
    Airport: 'Airport',
    'Ванна підлога': 'Ванна',
    'Тепла підлога: кухня': 'кухня',
    'Кухня 2, тёплый пол': 'Кухня',
    Полина: 'Полина',
  }
  t.same(Object.fromEntries(Object.keys(suggested).map((name) => [name, suggestedRoom(name)])), suggested)
})
