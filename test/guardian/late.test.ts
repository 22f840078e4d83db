/** When the guardian of a bridge begins. */
import t, { type Test } from 'tap'
import { LateGuardian } from '../../src/app/guardian.ts'
import type { Finding } from '../../src/devices/ports.ts'
import { rig } from '../history/rig.ts'

const MINUTE = 60_000

function bridge(t: Test, enabled = true) {
  const { clock, devices, recorder, log, show } = rig(t)
  show({ floor_temperature: 25 })
  const told: (readonly Finding[] | null)[] = []
  const registry = {
    events: devices.events,
    get: (serial: string) => devices.get(serial),
    serials: () => devices.serials(),
    watched: (_serial: string, findings: readonly Finding[] | null) => told.push(findings),
  }
  const guardian = new LateGuardian({
    ...{ clock, logger: log.logger, registry, history: recorder, enabled },
    keep: 3650 * 86_400_000,
  })
  t.teardown(() => guardian.stop())
  const timers = clock.waiting
  guardian.start()
  return { clock, guardian, told, timers }
}

t.test('it is loaded some minutes after the start, and tells of every device then', async (t) => {
  const { clock, told } = bridge(t)
  await clock.advance(4 * MINUTE)
  t.strictSame(told, [], 'a start does not pay for it')
  await clock.advance(2 * MINUTE)
  while (told.length === 0) await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(told, [[]])
})

t.test('it does nothing where it is switched off', async (t) => {
  const { clock, timers } = bridge(t, false)
  t.equal(clock.waiting, timers)
})

t.test('a bridge that stops before it has begun leaves nothing behind', async (t) => {
  const { clock, guardian, told, timers } = bridge(t)
  guardian.stop()
  t.equal(clock.waiting, timers)
  await clock.advance(20 * MINUTE)
  t.strictSame(told, [])
})
