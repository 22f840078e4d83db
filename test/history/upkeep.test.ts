import t from 'tap'
import { BridgeError } from '../../src/core/errors.ts'
import type { HistoryStep } from '../../src/history/types.ts'
import { EXAMPLE_SERIAL, exampleView } from '../support/fake-bridge.ts'
import { DAY, HOUR, MINUTE, rig, START, stored, timesOf } from './rig.ts'

t.test('what is old is thinned and dropped, a little at a time', async (t) => {
  const it = rig(t, { keep: 40 * DAY })
  it.show({ floor_temperature: 20 })
  const old = (step: HistoryStep, days: number) => {
    const [sample] = it.memory.read(EXAMPLE_SERIAL, 10, 0, 1e10)
    if (sample) it.memory.write([{ serial: EXAMPLE_SERIAL, step, sample: { ...sample, at: START - days * 86_400 } }])
  }
  await it.clock.advance(MINUTE)
  for (const [step, days] of [
    [10, 2],
    [300, 2],
    [300, 32],
    [3600, 32],
    [3600, 41],
  ] as const)
    old(step, days)
  await it.clock.advance(HOUR + MINUTE)
  const days = (step: HistoryStep) => new Set(timesOf(stored(it, step)).map((at) => Math.round(-at / 86_400)))
  t.strictSame(
    [days(10), days(300), days(3600)].map((set) => [...set].filter((day) => day > 0).sort((a, b) => a - b)),
    [[], [2], [2, 32]],
  )
})

t.test('a store that takes nothing is said once, and goes on by itself', async (t) => {
  let full = false
  const refuse = (): never => {
    throw new BridgeError('INTERNAL', 'The disk is full.')
  }
  const it = rig(t, {
    open: (memory) => ({
      newest: (step) => memory.newest(step),
      read: (...where) => memory.read(...where),
      newestCount: (...where) => memory.newestCount(...where),
      write: (rows) => (full ? refuse() : memory.write(rows)),
      prune: (...what) => memory.prune(...what),
      forget: (serial) => (full ? refuse() : memory.forget(serial)),
      close: () => undefined,
    }),
  })
  full = true
  for (let minute = 0; minute < 10; minute++) {
    it.show({ floor_temperature: 20 + minute })
    await it.clock.advance(MINUTE)
  }
  t.equal(it.recorder.recording, false)
  t.match(it.log.problems(), [
    { level: 'error', msg: /No history is being recorded; everything else works.*disk is full/ },
  ])
  t.equal(it.log.problems().length, 1)
  full = false
  await it.clock.advance(2 * MINUTE)
  t.equal(it.recorder.recording, true)
  t.equal(stored(it).length, 10, 'what there was room for is stored later')
  t.ok(it.log.lines.some(({ msg }) => msg === 'History is being recorded again.'))
  full = true
  it.devices.remove(EXAMPLE_SERIAL)
  full = false
  await it.clock.advance(2 * MINUTE)
  t.strictSame(stored(it), [], 'what could not be forgotten is forgotten later')
})

t.test('a history that cannot be opened keeps nothing else from working', async (t) => {
  let full = true
  const it = rig(t, {
    open: (memory) => {
      if (full) throw new BridgeError('INTERNAL', 'The disk is full.')
      return memory
    },
  })
  it.show({ floor_temperature: 20 })
  await it.clock.advance(10 * MINUTE)
  t.match(it.log.problems(), [{ msg: 'No history is being recorded. The disk is full.' }])
  await t.rejects(it.recorder.query(EXAMPLE_SERIAL, { from: 0, to: 1 }), { code: 'INTERNAL' })
  full = false
  await it.clock.advance(2 * MINUTE)
  t.ok(it.recorder.recording, 'it is tried again')
  t.equal(stored(it).length, 1, 'from then on')
})

t.test('switched off it records nothing, and still forgets', async (t) => {
  const dataDir = t.testdir()
  const on = rig(t, { dataDir })
  on.show({ floor_temperature: 20 })
  on.recorder.stop()
  const off = rig(t, { dataDir, enabled: false })
  const count = stored(off).length
  t.ok(count > 0)
  t.equal(off.recorder.recording, false)
  off.show({ floor_temperature: 30 })
  await off.clock.advance(10 * MINUTE)
  t.equal(stored(off).length, count)
  off.devices.remove(EXAMPLE_SERIAL)
  t.strictSame(stored(off), [])
})

t.test('a thousand devices: as much work for each as for one, in small pieces', async (t) => {
  const it = rig(t)
  const commits: number[] = []
  const write = it.memory.write.bind(it.memory)
  it.memory.write = (rows) => {
    commits.push(rows.length)
    write(rows)
  }
  for (let i = 0; i < 1000; i++) it.devices.add(exampleView('ax', { serial: `device-${i}` }))
  await it.clock.advance(2 * MINUTE)
  t.equal(
    commits.reduce((sum, count) => sum + count, 0),
    1000,
  )
  t.ok(Math.max(...commits) <= 50)
})
