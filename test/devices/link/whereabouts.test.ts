import t from 'tap'
import { at, whereabouts } from './whereabouts-rig.ts'

const MINUTE = 60_000

t.test('an address is left when the device did not answer there twice, and for nobody while it does', async (t) => {
  const { clock, where, answering, asked, moves } = whereabouts(1)
  where.place(at(1), false)
  answering.add(1).add(66)
  where.claimed(at(66), null)
  await clock.advance(0)
  t.same([moves, asked, where.rival], [[], [1], at(66)])
  answering.delete(1)
  await clock.advance(MINUTE)
  where.claimed(at(66), null)
  await clock.advance(4_999)
  t.same(moves, [], 'one lost answer is no reason')
  answering.add(1)
  await clock.advance(1)
  t.same(moves, [])
  answering.delete(1)
  await clock.advance(MINUTE)
  where.claimed(at(2), null)
  await clock.advance(5_000)
  t.same(moves, [2])
  where.stop()
  t.equal(clock.waiting, 0)
})

t.test('a flood of claims asks the device no more than four times a minute, and keeps one of them', async (t) => {
  const { clock, where, answering, asked, changes } = whereabouts(1)
  where.place(at(1), false)
  answering.add(1)
  for (let i = 0; i < 6_000; i++) {
    where.claimed({ host: `10.0.${i >> 8}.${i & 255}`, port: 80 }, null)
    await clock.advance(10)
  }
  t.equal(asked.length, 4)
  t.same([where.rival?.host, changes()], ['10.0.0.0', 1])
  t.equal(clock.waiting, 1)
  where.stop()
})

t.test('who answers besides is told once, and its end once', async (t) => {
  const { clock, where, answering, changes } = whereabouts(1)
  where.place(at(1), false)
  answering.add(1).add(66)
  for (let i = 0; i < 10; i++) {
    where.claimed(at(66), null)
    await clock.advance(MINUTE)
  }
  t.same([where.rival, changes()], [at(66), 1])
  await clock.advance(10 * MINUTE)
  t.same([where.rival, changes()], [at(66), 1], 'it still answers, though it sends no beacons')
  answering.delete(66)
  await clock.advance(2 * MINUTE)
  t.same([where.rival, changes()], [null, 2])
  t.equal(clock.waiting, 0)
})

t.test('a new address is signed for after a minute in which nobody else spoke for the device', async (t) => {
  const { clock, where, answering, clear } = whereabouts()
  where.claimed(at(5), null)
  answering.add(5)
  t.throws(() => where.check(), { code: 'ADDRESS_UNPROVEN' })
  where.accepted()
  t.equal(where.proven, null, 'what was not cleared proves nothing')
  const begun = clock.monotonic()
  t.equal(await clear(), 'cleared')
  t.ok(clock.monotonic() - begun >= MINUTE)
  where.check()
  await clock.advance(MINUTE)
  t.throws(() => where.check(), { code: 'ADDRESS_UNPROVEN', message: /has not proven itself yet/ }, 'for a minute')
  t.equal(await clear(), 'cleared', 'at once: it was quiet all the time')
  where.accepted()
  t.strictSame([where.proven, where.trusted], [at(5), true])
  where.heardFrom('192.168.1.66')
  await clock.advance(MINUTE)
  where.check()
  where.stop()
})

t.test('whoever else speaks for the device meanwhile, nothing is signed', async (t) => {
  const { clock, where, answering, clear } = whereabouts()
  where.claimed(at(5), null)
  answering.add(5)
  await clock.advance(MINUTE)
  where.heardFrom('192.168.1.66')
  const waiting = clear()
  await clock.advance(10_000)
  where.heardFrom('192.168.1.66')
  t.equal(await waiting, 'ADDRESS_UNPROVEN')
  await clock.advance(MINUTE)
  t.equal(await clear(), 'cleared')
  where.heardFrom('192.168.1.66')
  t.throws(() => where.check(), {
    code: 'ADDRESS_UNPROVEN',
    message: /192\.168\.1\.5 is new, and a beacon of it came from 192\.168\.1\.66 too/,
  })
  answering.add(66)
  where.claimed(at(66), null)
  await clock.advance(0)
  const begun = clock.monotonic()
  t.equal(await clear(), 'ADDRESS_UNPROVEN')
  t.ok(clock.monotonic() - begun < 5_000, 'while two answer, nobody is kept waiting')
  t.throws(() => where.check(), { message: /192\.168\.1\.5 and 192\.168\.1\.66/ })
  where.stop()
})

t.test('an address that took a signed command, or that the owner named, is gone back to', async (t) => {
  for (const named of [true, false]) {
    const { clock, where, answering, moves, asked, clear } = whereabouts(named ? null : 1)
    where.place(at(1), named)
    t.ok(where.trusted)
    answering.add(66)
    where.claimed(at(66), null)
    await clock.advance(5_000)
    t.same([moves, where.trusted], [[66], false])
    answering.add(1)
    where.claimed(at(1), null)
    t.same([moves, where.trusted], [[66, 1], true], 'without asking who plays it')
    answering.delete(1)
    where.claimed(at(66), null)
    await clock.advance(MINUTE)
    t.same(moves, [66, 1, 66])
    // It is back, but its beacons are not heard.
    answering.add(1)
    t.equal(await clear(), 'cleared')
    t.same([moves, where.trusted, asked.at(-1)], [[66, 1, 66, 1], true, 1], 'asked right before a code would be sent')
    where.stop()
  }
})

t.test('what its owner stops waits for nothing', async (t) => {
  const { clock, where, answering, moves, changes } = whereabouts(1)
  where.place(at(1), false)
  answering.add(66)
  where.claimed(at(66), null)
  await clock.advance(0)
  where.stop()
  await clock.advance(MINUTE)
  t.same([moves, changes(), clock.waiting], [[], 0, 0])
})
