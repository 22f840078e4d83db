import t from 'tap'
import type { BoostMemory, StoredBoost } from '../../../src/devices/boost/facts.ts'
import { open, SERIAL } from '../support.ts'

const boost: StoredBoost = {
  serial: SERIAL,
  started: 1_768_478_400_000,
  ends: 1_768_482_000_000,
  key: 'manual_floor_setpoint',
  setpoints: [28, 30.5],
  before: { manual_floor_setpoint: 21.5, power_off: true, away_start: null },
  period: null,
}

t.test('a boost is kept exactly, replaced, and forgotten, also with its device', async (t) => {
  const dir = t.testdir()
  const { store } = open(t, dir)
  const memory: BoostMemory = store.boosts
  memory.save({ ...boost, period: 34 })
  memory.save({ ...boost, serial: 'other-1', key: 'temporary_setpoint' })
  memory.save(boost)
  store.close()
  const again = open(t, dir).store
  t.same(again.boosts.load(), [boost, { ...boost, serial: 'other-1', key: 'temporary_setpoint' }])
  again.boosts.forget('other-1')
  t.same(again.boosts.load(), [boost])
  again.devices.forget(SERIAL)
  t.same(again.boosts.load(), [])
})
