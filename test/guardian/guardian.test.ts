/** The guardian over a real history. */
import t, { type Test } from 'tap'
import type { Finding } from '../../src/devices/ports.ts'
import { Guardian } from '../../src/guardian/index.ts'
import { NOTHING } from '../../src/history/samples.ts'
import type { HistoryMemory, HistoryRow } from '../../src/history/types.ts'
import { HOUR, MINUTE, rig, START } from '../history/rig.ts'
import { EXAMPLE_SERIAL } from '../support/fake-bridge.ts'

const FIVE = 300
const DAYS = 8

/** An ordinary floor: warms for half an hour, cools for an hour and a half. */
function ordinary(at: number) {
  const phase = (at % 7_200) / 7_200
  const on = phase < 0.25
  const floor = Math.round(100 * (on ? 24.5 + 4 * phase : 25.5 - (4 / 3) * (phase - 0.25))) / 100
  return { floor, on }
}

/** Some days of it up to now, in samples of five minutes. */
const past = (until: number): HistoryRow[] =>
  Array.from({ length: (DAYS * 86_400) / FIVE }, (_, index) => {
    const at = until - DAYS * 86_400 + index * FIVE
    const { floor, on } = ordinary(at)
    const sample = {
      ...{ ...NOTHING, at, known: FIVE, current_temperature: floor, target_temperature: 25, load: Number(on) },
      ...{ floor_temperature: floor, floor_temperature_min: floor - 0.1, floor_temperature_max: floor + 0.1 },
      ...{ current_temperature_min: floor - 0.1, current_temperature_max: floor + 0.1 },
    }
    return { serial: EXAMPLE_SERIAL, step: 300, sample }
  })

/** A device with that past, and a guardian that has not begun. */
function watched(t: Test, { keep = 3650 * 86_400, rows = past(START) } = {}) {
  const open = (memory: HistoryMemory) => {
    memory.write(rows)
    return memory
  }
  const history = rig(t, { open })
  const { clock, devices, log } = history
  history.show(shown(START))
  const told: { findings: readonly Finding[] | null; serial: string }[] = []
  const guardian = new Guardian({
    ...{ clock, devices, keep, logger: log.logger, history: history.recorder },
    tell: (serial, findings) => told.push({ serial, findings }),
  })
  t.teardown(() => guardian.stop())
  /** Waits until it has told of the device that many times. */
  const rounds = async (count: number) => {
    while (told.length < count) await new Promise((resolve) => setImmediate(resolve))
  }
  /** Begins, and waits until it has learned from the past and waits for the next five minutes. */
  const begin = async () => {
    guardian.start()
    await rounds(1)
    await clock.advance(1_000)
  }
  /** Lets five minutes pass, and waits for what it tells then. */
  const five = async (state: Record<string, number | boolean | string>) => {
    const before = told.length
    history.show(state)
    await clock.advance(FIVE * 1000)
    await rounds(before + 1)
  }
  return { ...history, guardian, told, begin, rounds, five }
}

const shown = (at: number) => {
  const { floor, on } = ordinary(at)
  const target = {
    target_temperature: 25,
    control_type: 'floor',
    cooling: false,
    clock_offset: 0,
    floor_setpoint_max: 40,
  }
  return { ...target, floor_temperature: floor, current_temperature: floor, load: on }
}

const kindsOf = (told: readonly { findings: readonly Finding[] | null }[]) =>
  told.at(-1)?.findings?.map(({ kind }) => kind)

t.test('it learns from the history, and finds a cable that no longer heats', async (t) => {
  const { begin, five, told, log } = watched(t)
  await begin()
  t.strictSame(told, [{ serial: EXAMPLE_SERIAL, findings: [] }])
  for (let step = 0; step < 10; step++) {
    const floor = 24.5 - step * 0.1
    await five({ floor_temperature: floor, current_temperature: floor, load: true })
  }
  t.strictSame(kindsOf(told), ['not_warming'])
  const [finding] = told.at(-1)?.findings ?? []
  t.match(finding, { since: /^2026-01-15T1\d:/, evidence: { usual: 20 } })
  t.strictSame(log.lines, [])
})

t.test('without a past nothing is learned yet, and nothing is found', async (t) => {
  const { begin, five, told } = watched(t, { rows: [] })
  await begin()
  for (let step = 0; step < 10; step++) {
    const floor = 24.5 - step * 0.1
    await five({ floor_temperature: floor, current_temperature: floor, load: true })
  }
  t.strictSame(kindsOf(told), [])
})

t.test('a history that is kept for a day only is read as far as it goes', async (t) => {
  const { begin, told, log } = watched(t, { keep: 86_400 })
  await begin()
  t.strictSame(told, [{ serial: EXAMPLE_SERIAL, findings: [] }])
  t.strictSame(log.lines, [])
})

t.test('what finds nothing any more is unknown: no history, and a device that was forgotten', async (t) => {
  const { begin, clock, devices, recorder, told, rounds } = watched(t)
  await begin()
  recorder.stop()
  await clock.advance(FIVE * 1000)
  await rounds(2)
  t.equal(told.at(-1)?.findings, null)
  devices.remove(EXAMPLE_SERIAL)
  await clock.advance(24 * HOUR)
  t.equal(told.length, 2)
})

t.test('a device that drops again and again comes and goes', async (t) => {
  const { begin, clock, show, told, five } = watched(t)
  await begin()
  for (let drop = 0; drop < 6; drop++) {
    show({}, false)
    await clock.advance(MINUTE)
    await five(shown(START))
  }
  t.strictSame(kindsOf(told), ['comes_and_goes'])
})

t.test('nothing is read or told after it was stopped', async (t) => {
  const { begin, guardian, clock, told } = watched(t)
  await begin()
  guardian.stop()
  const { waiting } = clock
  await clock.advance(HOUR)
  t.equal(told.length, 1)
  t.ok(clock.waiting <= waiting, 'it left no timer behind')
})

t.test('a history with gaps and jumps of the clock finds nothing, and hides nothing', async (t) => {
  const { begin, clock, five, show, told, log } = watched(t)
  await begin()
  const usual = async (steps: number) => {
    for (let step = 0; step < steps; step++) await five(shown(Math.round(clock.now() / 1000)))
  }
  await usual(3)
  clock.jumpWall(3 * HOUR)
  await usual(6)
  show({}, false)
  await clock.advance(20 * MINUTE)
  await usual(6)
  clock.jumpWall(-10 * MINUTE)
  await usual(12)
  const found = told.flatMap(({ findings }) => (findings ?? []).map(({ kind }) => kind))
  t.strictSame(found, [])
  t.strictSame(log.problems(), [])
  for (let step = 0; step < 10; step++) {
    const floor = 24.5 - step * 0.1
    await five({ floor_temperature: floor, current_temperature: floor, load: true })
  }
  t.strictSame(kindsOf(told), ['not_warming'])
})
