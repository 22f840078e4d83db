/** Simulates a week before the demo begins, so that its graphs have something to show. */
import type { Clock, Timer } from '../../core/clock.ts'
import { isObject } from '../../core/json.ts'
import { NOTHING } from '../../history/samples.ts'
import type { HistoryMemory, HistoryRow } from '../../history/types.ts'
import type { VirtualHouse, VirtualThermostat } from '../../simulator/index.ts'
import type { EnergyRecord } from '../../store/tables/energy.ts'

const DAY = 86_400
/**
 * Seconds between two readings of a thermostat: fewer readings in the days that are kept in steps of five minutes
 * anyway.
 */
const LOOKS = [
  { from: -7 * DAY, to: -DAY, every: 300 },
  { from: -DAY, to: 0, every: 120 },
] as const
/** At most this many thermostats, or the demo would start late. */
const MOST = 12

/** A clock that runs behind another one. */
export class PastClock implements Clock {
  readonly #clock: Clock
  /** Seconds. */
  behind = -LOOKS[0].from

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now() - this.behind * 1000
  }

  monotonic(): number {
    return this.#clock.monotonic() - this.behind * 1000
  }

  timer(ms: number, run: () => void): Timer {
    return this.#clock.timer(ms, run)
  }
}

/**
 * Runs the house up to now and records what its thermostats showed: the same devices that the demo continues with.
 * `clock` must be their clock.
 */
export function livePast(house: VirtualHouse, clock: PastClock, history: Pick<HistoryMemory, 'write'>): EnergyRecord[] {
  const thermostats = house.thermostats.slice(0, MOST)
  const now = Math.floor((clock.now() + clock.behind * 1000) / 1000)
  const onSeconds = new Map<string, number>()
  for (const { from, to, every } of LOOKS) {
    const rows: HistoryRow[] = []
    for (let ago = from; ago < to; ago += every) {
      clock.behind = -ago
      const at = Math.floor((now + ago) / 10) * 10
      for (const thermostat of thermostats) {
        const row = look(thermostat, at)
        rows.push(row)
        onSeconds.set(row.serial, (onSeconds.get(row.serial) ?? 0) + (row.sample.load ?? 0) * every)
      }
    }
    history.write(rows)
  }
  clock.behind = 0
  return thermostats.map(({ serial, device }) => ({
    serial,
    wattHours: device.meter(),
    errorWattHours: 0,
    onSeconds: onSeconds.get(serial) ?? 0,
  }))
}

/** What its telemetry shows now. */
function look({ serial, device }: VirtualThermostat, at: number): HistoryRow {
  const { reply } = device.handle({ cmd: 4 })
  const fields = isObject(reply) ? reply : {}
  const degrees = (name: string) => (name in fields ? Number(fields[name]) / 16 : null)
  const load = Number(fields['f.0'])
  const [floor, air] = [degrees('t.1'), degrees('t.2')]
  const sample = {
    ...NOTHING,
    at,
    known: 0,
    current_temperature: fields['m.0'] === '0' ? floor : air,
    target_temperature: degrees('t.5'),
    floor_temperature: floor,
    air_temperature: air,
    load,
    power: load * (device.ratedPower ?? 0),
    energy: device.meter() / 1000,
  }
  return { serial, step: 10, sample }
}
