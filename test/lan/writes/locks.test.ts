import t from 'tap'
import type { Lock } from '../../../src/lan/types.ts'
import { KEY } from '../../support/simulator.ts'
import { codeOf, errorOf, FakeKeys, passing, setpoint, startRig } from '../support.ts'

const LOCKS: readonly Lock[] = ['none', 'cloud', 'lan', 'both']

function expected(lock: Lock, key: boolean): string {
  if (lock === 'both') return 'LOCKED_BOTH'
  return lock === 'lan' && !key ? 'KEY_MISSING' : 'applied'
}

for (const lock of LOCKS) {
  t.test(`lock ${lock}`, async (t) => {
    for (const held of [true, false]) {
      for (const refusal of ['block', 'block-with-sn', 'silent'] as const) {
        for (const acknowledgement of ['short', 'full'] as const) {
          for (const known of ['before', 'not yet', ...LOCKS] as const) {
            if (refusal === 'block-with-sn' && known !== 'before') continue
            const rig = await startRig(t, {
              lock,
              keys: new FakeKeys(held ? KEY : undefined),
              unit: { quirks: { refusal, acknowledgement } },
            })
            const { clock, unit, device } = rig
            if (known !== 'not yet') {
              if (known !== 'before') unit.device.setLock(known)
              await passing(clock, device.readTelemetry())
              await passing(clock, device.readParameters())
              unit.device.setLock(lock)
            }
            const name = `${held ? 'key' : 'no key'}, ${refusal}, ${acknowledgement}, lock known: ${known}`
            const code = await codeOf(
              clock,
              device.write(() => setpoint(231)),
            )
            t.equal(code ?? 'applied', expected(lock, held), name)
            t.equal(unit.parameter(4) === '231', code === undefined, name)
            t.equal(device.lock, lock)
            t.ok(unit.writes.length <= 3, `${unit.writes.length} writes`)
            t.equal(unit.writes.some(({ signed }) => !signed) && lock === 'lan' && known === 'lan', false)
            if (lock !== 'lan') t.same([...rig.learned, ...rig.accepted], [], 'an open device proves no key')
            await device.stop()
          }
        }
      }
    }
  })
}

t.test('what stands in the way is said with its remedy', async (t) => {
  const missing = await startRig(t, { lock: 'lan', keys: new FakeKeys(undefined) })
  const error = await errorOf(
    missing.clock,
    missing.device.write(() => setpoint(231)),
  )
  t.match(error?.message, /key/)
  t.match(error?.message, /bLc.*oFF/)
  t.match(error?.message, /account/)
  const both = await startRig(t, { lock: 'both' })
  t.match(
    (
      await errorOf(
        both.clock,
        both.device.write(() => setpoint(231)),
      )
    )?.message,
    /bLc/,
  )
})

t.test('a key that the cloud has by now is fetched for a locked device', async (t) => {
  const { clock, unit, device, keys } = await startRig(t, { lock: 'lan', keys: new FakeKeys(undefined, KEY) })
  await passing(clock, device.readTelemetry())
  await passing(
    clock,
    device.write(() => setpoint(231)),
  )
  t.equal(unit.parameter(4), '231')
  t.equal(keys.refreshes, 1)
})

t.test('a device that blocks without saying that it is locked', async (t) => {
  const reply = { on: 'write' as const, reply: 'block' as const }
  const keyless = await startRig(t, { lock: 'none', keys: new FakeKeys(undefined) })
  keyless.unit.quirks.injectReplies.push(reply)
  t.equal(
    await codeOf(
      keyless.clock,
      keyless.device.write(() => setpoint(231)),
    ),
    'LAN_LOCKED',
  )
  const keyed = await startRig(t, { lock: 'none' })
  await passing(keyed.clock, keyed.device.readTelemetry())
  keyed.unit.quirks.injectReplies.push(reply)
  await passing(
    keyed.clock,
    keyed.device.write(() => setpoint(231)),
  )
  t.equal(keyed.unit.parameter(4), '231')
  t.equal(keyed.unit.writes.at(-1)?.signed, true)
  t.same(keyed.learned, [], 'an open device proves no key')
  keyed.unit.quirks.injectReplies.push(reply, reply, reply, reply)
  t.equal(
    await codeOf(
      keyed.clock,
      keyed.device.write(() => setpoint(232)),
    ),
    'LAN_LOCKED',
  )
})

t.test('a locked device that tells no clock can not be signed for', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'lan', unit: { telemetryTime: false } })
  unit.quirks.injectReplies.push({ on: 3, reply: { raw: '{"sn":"404CCAAAD4E8A89860609800000149"}' } })
  unit.quirks.injectReplies.push({ on: 3, reply: { raw: '{}' } })
  const error = await errorOf(
    clock,
    device.write(() => setpoint(231)),
  )
  t.equal(error?.code, 'LAN_LOCKED')
  t.match(error?.message, /clock/)
  t.equal(unit.writes.length, 0)
})

t.test('without lock and clock in its telemetry a device is written to as it is', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'none' })
  unit.quirks.injectReplies.push({ on: 4, reply: { raw: '{"t.1":"400"}' } }, { on: 3, reply: { raw: '{}' } })
  await passing(
    clock,
    device.write(() => setpoint(231)),
  )
  t.equal(unit.parameter(4), '231')
  t.equal(unit.writes[0]?.signed, false)
})

t.test('locking and unlocking by a write', async (t) => {
  const { clock, unit, device } = await startRig(t, { lock: 'none' })
  await passing(clock, device.readParameters())
  await passing(
    clock,
    device.write(() => [{ id: 114, type: 7, raws: ['1'] }]),
  )
  t.equal(device.lock, 'lan')
  t.equal(unit.device.lock, 'lan')
  await passing(
    clock,
    device.write(() => [{ id: 114, type: 7, raws: ['0'] }]),
  )
  t.equal(device.lock, 'none')
  t.equal(unit.device.lock, 'none')
})
