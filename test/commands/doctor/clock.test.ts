import t from 'tap'
import { call, openHouse } from '../support.ts'
import { diagnose, meet, quiet } from './rig.ts'

const HOUR = 3600

t.test('an hour too many is an error and no other zone, as it is to the bridge', async (t) => {
  const before = process.env.TZ
  process.env.TZ = 'Asia/Yerevan'
  t.teardown(() => {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  })
  const { env, dataDir } = await quiet(t)
  const local = { lock: 'none', clockCounts: 'local', utcOffset: 4, quirks: { minSpacing: 0 } } as const
  const { house } = await openHouse(t, {
    addressing: 'ports',
    thermostats: [
      { ...local, model: 'ax', serial: 'AX000001', name: 'Right' },
      { ...local, model: 'ax', serial: 'AX000002', name: 'Fast', clockOffset: HOUR },
      { ...local, model: 'ax', serial: 'AX000003', name: 'Never set', clockOffset: -40 * 24 * HOUR },
      { ...local, model: 'oz', serial: 'OZ000004', name: 'Told', utcOffset: 2 },
      { ...local, model: 'oz', serial: 'OZ000005', name: 'Told, slow', clockOffset: -HOUR },
    ],
  })
  meet(t, dataDir, house, [])
  const { text } = await diagnose(call({ env }))
  t.match(text, /\[ok\] {3}Right \(AX000001\): its clock is \d+ s ahead of this machine's, as in a zone of 4 h/)
  t.match(text, /\[warn\] Fast \(AX000002\): its local time is 3[56]\d\d s ahead\n.*devices, timezone/)
  t.match(text, /\[warn\] Never set \(AX000003\): its local time is 345\d\d\d\d s behind/)
  t.match(text, /\[ok\] {3}Told \(OZ000004\): its clock is \d+ s ahead of this machine's, as in a zone of 2 h/)
  t.match(text, /\[warn\] Told, slow \(OZ000005\): its local time is 3[56]\d\d s behind/)
})
