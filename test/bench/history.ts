/** (f) The history: how fast a month is read when there is much, how long the loop stands still, how large it grows. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { historyJson } from '../../src/api/views/history.ts'
import { SystemClock } from '../../src/core/clock.ts'
import { createLogger } from '../../src/core/logging/logger.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import { seriesOf } from '../../src/history/query.ts'
import { NOTHING } from '../../src/history/samples.ts'
import type { HistorySample, HistoryStep } from '../../src/history/types.ts'
import { HISTORY_SQL, type HistoryRepository, openHistory } from '../../src/store/tables/history.ts'
import { type Figure, quantile } from './figures.ts'
import { fileBytes } from './files.ts'

const HOUR = 3_600
const DAY = 24 * HOUR
const NOW = Math.floor(Date.UTC(2026, 0, 15) / 1000)
const DEVICES = 100
/** All that is ever kept of a device in each step, in seconds; hours only for a year, so that filling takes no longer than the rest. */
const FULL: readonly (readonly [HistoryStep, number])[] = [
  [10, 26 * HOUR],
  [300, 31 * DAY],
  [3600, 365 * DAY],
]

function open(dataDir: string): HistoryRepository {
  const logger = createLogger({
    level: 'error',
    secrets: new SecretValues(),
    write: (line) => process.stderr.write(line),
  })
  return openHistory({ dataDir, clock: new SystemClock(), logger })
}

const sampleAt = (at: number, known: number): HistorySample => {
  const floor = 22 + 3 * Math.sin(at / 5_000)
  return {
    ...NOTHING,
    at,
    known,
    current_temperature: floor,
    current_temperature_min: known && floor - 0.5,
    current_temperature_max: known && floor + 0.5,
    target_temperature: 23,
    floor_temperature: floor,
    floor_temperature_min: known && floor - 0.5,
    floor_temperature_max: known && floor + 0.5,
    air_temperature: floor - 2,
    air_temperature_min: known && floor - 2.2,
    air_temperature_max: known && floor - 1.8,
    load: (at % 700) / 700,
    power: 455,
    energy: 1_000 + (at - NOW) / 1e5,
  }
}

function fill(memory: HistoryRepository, serial: string, step: HistoryStep, seconds: number): void {
  const end = Math.floor(NOW / step) * step
  for (let at = end - seconds; at < end; at += 2_000 * step) {
    const count = Math.min(2_000, (end - at) / step)
    memory.write(
      Array.from({ length: count }, (_, i) => ({
        serial,
        step,
        sample: sampleAt(at + i * step, step === 10 ? 0 : step),
      })),
    )
  }
}

/** ms of each reading of a month in steps of five minutes, as REST gives it out; each device is read once by each. */
async function months(memory: HistoryRepository, folder: string) {
  const read: number[] = []
  const floor: number[] = []
  const json: number[] = []
  const whole = (step: number) => Math.floor(NOW / step) * step
  const bare = new Database(join(folder, 'history.db'), { readonly: true })
  const statement = bare.prepare(HISTORY_SQL.read)
  for (let device = 0; device < DEVICES; device++) {
    const serial = `device-${device}`
    floor.push(timed(() => statement.all(serial, 300, NOW - 31 * DAY, NOW)))
    const started = performance.now()
    const made = { 10: 0, 300: whole(300), 3600: whole(HOUR) }
    const kept = { 10: 26 * HOUR, 300: 31 * DAY, 3600: 3650 * DAY }
    const source = { serial, memory, now: NOW, kept, made, pending: [] }
    const series = await seriesOf(source, { from: NOW - 31 * DAY, to: NOW, step: 300 })
    const found = performance.now()
    JSON.stringify(historyJson(serial, true, series))
    read.push(found - started)
    json.push(performance.now() - found)
    if (series.samples.length !== (31 * DAY) / 300) throw new Error(`${series.samples.length} samples are not a month`)
  }
  bare.close()
  return { read, json, floor }
}

/** Milliseconds that `work` takes. */
function timed(work: () => void): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

export async function history(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'thermo2mqtt-bench-'))
  try {
    return await measure(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string): Promise<Figure[]> {
  const filling = open(folder)
  for (let device = 0; device < DEVICES; device++) {
    for (const [step, seconds] of FULL) fill(filling, `device-${device}`, step, seconds)
  }
  filling.close()
  const year = await fileBytes(folder)
  const memory = open(folder)
  const { read, json, floor } = await months(memory, folder)
  const slice = (first: number) =>
    Array.from({ length: 50 }, (_, i) => ({
      serial: `device-${(first + i) % DEVICES}`,
      step: 10 as const,
      sample: sampleAt(NOW + first, 0),
    }))
  const commits = Array.from({ length: 40 }, (_, i) => timed(() => memory.write(slice(i * 50))))
  const before = await fileBytes(folder)
  fill(memory, 'ten-years', 3600, 3650 * DAY)
  for (const [step, seconds] of FULL.slice(0, 2)) fill(memory, 'ten-years', step, seconds)
  const decade = timed(() => memory.read('ten-years', 3600, NOW - 3650 * DAY, NOW))
  const after = await fileBytes(folder)
  const forgotten = timed(() => memory.forget('ten-years'))
  memory.close()
  const part = 'f'
  const at = `history of ${DEVICES} devices: `
  return [
    {
      part,
      what: `${at}a month of one in steps of 5 min, median`,
      unit: 'ms',
      value: quantile(read, 0.5),
      floor: quantile(floor, 0.5),
      of: 'ratio',
      atMost: 2,
    },
    {
      part,
      what: `${at}the same, p95 of ${DEVICES}`,
      unit: 'ms',
      value: quantile(read, 0.95),
      floor: quantile(floor, 0.95),
      atMost: 50,
    },
    { part, what: `${at}the same as JSON of REST, median on top`, unit: 'ms', value: quantile(json, 0.5) },
    { part, what: 'commit of 50 devices, p95', unit: 'ms', value: quantile(commits, 0.95), atMost: 30 },
    { part, what: 'ten years of one in steps of an hour, read at once', unit: 'ms', value: decade },
    { part, what: 'bytes of a device, a day, a month and a year', unit: 'MB', value: year / DEVICES / 1e6 },
    { part, what: 'bytes of a device, all that is ever kept', unit: 'MB', value: (after - before) / 1e6 },
    { part, what: 'such a device forgotten', unit: 'ms', value: forgotten },
  ]
}
