import t from 'tap'
import type { EnergyMemory } from '../../../src/devices/energy/energy.ts'
import { open, SERIAL } from '../support.ts'

const record = { serial: SERIAL, wattHours: 1234.5678, errorWattHours: 12.25, onSeconds: 3600.125 }

t.test('what was used is kept exactly, replaced, and forgotten with the device', async (t) => {
  const dir = t.testdir()
  const { store } = open(t, dir)
  const memory: EnergyMemory = store.energy
  t.same(memory.load(), [])
  memory.save(record, { ...record, serial: 'other-1', wattHours: 0 })
  memory.save({ ...record, wattHours: 2000 })
  store.close()
  const again = open(t, dir).store
  t.same(again.energy.load(), [
    { ...record, wattHours: 2000 },
    { ...record, serial: 'other-1', wattHours: 0 },
  ])
  again.devices.forget(SERIAL)
  t.same(
    again.energy.load().map(({ serial }) => serial),
    ['other-1'],
  )
})

t.test('several devices in one commit: all or none, and nothing that is no amount', async (t) => {
  const { store } = open(t, t.testdir())
  t.throws(() => store.energy.save(record, { ...record, serial: 'other-1', wattHours: -1 }), { code: 'INTERNAL' })
  t.throws(() => store.energy.save(record, { ...record, serial: 'other-1', onSeconds: Number.NaN }), {
    code: 'INTERNAL',
  })
  t.same(store.energy.load(), [])
})
