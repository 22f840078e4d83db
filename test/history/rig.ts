/** A recorder of history with a device whose state a test sets. */
import type { Test } from 'tap'
import { HistoryRecorder } from '../../src/history/recorder.ts'
import type { HistoryMemory, HistoryStep, Tariff } from '../../src/history/types.ts'
import { openHistory } from '../../src/store/tables/history.ts'
import { logBook } from '../store/support.ts'
import { EXAMPLE_SERIAL, exampleView, FakeDevices, type ViewChange } from '../support/fake-bridge.ts'
import { FakeClock } from '../support/fake-clock.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** Unix seconds at which the clock of these tests stands first. */
export const START = Date.UTC(2026, 0, 15, 12) / 1000

/** A night of eight hours at half the price. */
export const TARIFF: Tariff = { price: 4, nightPrice: 2, night: { from: 23, to: 7 }, currency: 'UAH' }

export interface Rig {
  readonly clock: FakeClock
  readonly devices: FakeDevices
  readonly recorder: HistoryRecorder
  readonly memory: HistoryMemory
  readonly log: ReturnType<typeof logBook>
  /** What the device shows from now on. */
  show(state: ViewChange['state'], online?: boolean): void
}

interface RigOptions {
  readonly clock?: FakeClock
  readonly enabled?: boolean
  readonly keep?: number
  readonly open?: (memory: HistoryMemory) => HistoryMemory
  readonly dataDir?: string
  readonly tariff?: Tariff
}

export function rig(t: Test, options: RigOptions = {}): Rig {
  const { clock = new FakeClock(), enabled = true, keep = 3650 * DAY, open = (memory) => memory } = options
  const log = logBook()
  const devices = new FakeDevices()
  const { logger } = log
  const memory = openHistory({ dataDir: options.dataDir ?? t.testdir(), clock, logger })
  t.teardown(() => memory.close())
  const { tariff = TARIFF } = options
  const recorder = new HistoryRecorder({ clock, logger, devices, enabled, keep, tariff, open: () => open(memory) })
  recorder.start()
  t.teardown(() => recorder.stop())
  const show: Rig['show'] = (state = {}, online = true) => {
    if (!devices.get(EXAMPLE_SERIAL)) devices.add(exampleView('ax', { online: false }))
    devices.update(EXAMPLE_SERIAL, { online, state })
  }
  return { clock, devices, recorder, memory, log, show }
}

export const stored = ({ memory }: Rig, step: HistoryStep = 10) => memory.read(EXAMPLE_SERIAL, step, 0, 1e10)
export const timesOf = (samples: readonly { readonly at: number }[]) => samples.map(({ at }) => at - START)
