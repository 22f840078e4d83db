import t from 'tap'
import type { RoomMemory } from '../../../src/devices/house/rooms.ts'
import { open, SERIAL } from '../support.ts'

t.test('rooms and their order are kept, and go with their device', async (t) => {
  const dir = t.testdir()
  const { store } = open(t, dir)
  const memory: RoomMemory = store.rooms
  memory.put([SERIAL, 'other-1', 'other-2'], 'Ванна 🛁')
  memory.put(['other-1'], "Robert'); DROP TABLE devices;--")
  memory.put(['other-2'], null)
  memory.saveOrder(['Hall', 'Ванна 🛁'])
  memory.saveOrder(['Ванна 🛁', 'Hall'])
  store.close()
  const again = open(t, dir).store
  t.same(
    [...again.rooms.rooms()],
    [
      [SERIAL, 'Ванна 🛁'],
      ['other-1', "Robert'); DROP TABLE devices;--"],
    ],
  )
  t.same(again.rooms.order(), ['Ванна 🛁', 'Hall'])
  again.devices.forget(SERIAL)
  t.same([...again.rooms.rooms().keys()], ['other-1'])
})
