import t from 'tap'
import type { HouseEntry, HouseMemory } from '../../../src/devices/house/entry.ts'
import { open, SERIAL } from '../support.ts'

const held = {
  settings: { power_off: false, program: 'schedule', manual_floor_setpoint: 24.5, manual_air_setpoint: null },
  away: { start: 821_000_000, end: null },
  hold: { setpoint: 22, period: 34 },
}
const entry: HouseEntry = {
  serial: SERIAL,
  by: { via: 'user', name: 'Olena' },
  mode: 'away',
  until: 1_768_482_000_000,
  before: held,
  after: { ...held, away: null, hold: null },
  tried: [{ mode: 'off', until: null }],
  outcome: 'waiting',
  error: { code: 'DEVICE_BUSY', message: 'Busy.', details: { a: 1 } },
}

t.test('what each device had is kept exactly until it is back, also past its device', async (t) => {
  const dir = t.testdir()
  const { store } = open(t, dir)
  const memory: HouseMemory = store.house
  const other: HouseEntry = { ...entry, serial: 'other-1', before: null, after: null, tried: [], error: null }
  const modes = [
    { scope: '', mode: 'away', until: null },
    { scope: 'Ванна 🛁', mode: 'frost_protection', until: 5 },
  ] as const
  memory.save({ kept: [{ ...entry, mode: 'off' }, other], ended: [], modes })
  memory.save({ kept: [entry], ended: [] })
  store.close()
  const again = open(t, dir).store
  t.same(again.house.entries(), [entry, other])
  t.same(again.house.modes(), modes)
  again.house.save({ kept: [], ended: ['other-1'], modes: [] })
  t.same([again.house.entries(), again.house.modes()], [[entry], []])
  again.devices.forget(SERIAL)
  t.same(again.house.entries(), [])
})
