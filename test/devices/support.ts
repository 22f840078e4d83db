import { readFileSync } from 'node:fs'
import type { ScheduleKind, WireType } from '../../src/catalog/index.ts'
import { modelOf } from '../../src/catalog/index.ts'
import { BridgeError } from '../../src/core/errors.ts'
import { createLogger } from '../../src/core/logging/logger.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import { Shared } from '../../src/core/shared.ts'
import { NO_BOOST } from '../../src/devices/boost/facts.ts'
import type { DeviceTimes } from '../../src/devices/clock/times.ts'
import { Readings } from '../../src/devices/facts/readings.ts'
import { indexRows } from '../../src/devices/facts/rows.ts'
import type { DeviceAddress, DeviceLink, LinkOutcome, PlannedChange, Prepare } from '../../src/devices/link/link.ts'
import { Weeks } from '../../src/devices/schedule/facts.ts'
import { type ShownFacts, featuresOf as shownFeatures, stateOf as shownState } from '../../src/devices/state/state.ts'
import { timeToMinutes } from '../../src/protocol/epoch.ts'
import { type ParameterList, parseParameters, parseTelemetry, type Telemetry } from '../../src/protocol/replies.ts'
import { DAYS, type encodeDay, parseWeek, type Week } from '../../src/protocol/schedule.ts'

const read = (name: string) => JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'))

export const parametersOf = (name: string): ParameterList => parseParameters(read(`${name}-parameters`).response)
export const telemetryOf = (name: string): Telemetry => parseTelemetry(read(`${name}-telemetry`).response)

export const silent = createLogger({ level: 'silent', secrets: new SecretValues(), write: () => {} })

/** The readings of the unit of a fixture. */
export function readingsOf(name: string, hw = name): Readings {
  const parameters = parametersOf(name)
  const types = new Map([...parameters].map(([id, { type }]) => [id, type]))
  const readings = new Readings(indexRows(modelOf(hw, types)))
  readings.applyParameters(parameters)
  if (name !== 'sx') readings.applyTelemetry(telemetryOf(name))
  return readings
}

/** What is known of a device besides its readings, as far as a test says it. */
interface Known {
  readonly times?: DeviceTimes | null
  readonly energy?: ShownFacts['energy']
}

function factsOf(readings: Readings, { times = null, energy }: Known): ShownFacts {
  const weeks = new Weeks({ readings, profile: { learned: {}, learn: () => {} }, programs: new Shared() })
  return {
    ...{ readings, weeks, energy, boost: NO_BOOST, rival: null, unreadable: null, findings: null },
    profile: { boostMinutes: 60, boostSetpoint: null, learned: {}, learn: () => {} },
    clock: { times: () => times, offset: null },
    disputes: { relayProven: null },
    outcome: { refusal: null, rounding: null },
  }
}

const NOW = { now: Date.UTC(2026, 0, 15, 12), monotonic: 1_000 }

export const stateOf = (readings: Readings, known: Known = {}) => shownState(factsOf(readings, known), NOW)
export const featuresOf = (readings: Readings, known: Known = {}) =>
  new Set(shownFeatures(factsOf(readings, known), NOW))

/** Changes the raw values of a parameter list. */
export function withValues(list: ParameterList, values: Readonly<Record<number, string>>): ParameterList {
  const changed = new Map(list)
  for (const [id, value] of Object.entries(values)) {
    changed.set(Number(id), { type: changed.get(Number(id))?.type ?? (2 as WireType), value })
  }
  return changed
}

/** The week of the vendors' documents. */
export const factoryWeek: Week = parseWeek(read('schedule').response, 'tt')

const pairsOf = (periods: Week['monday']) =>
  periods.map(({ time, temperature }) => [timeToMinutes(time), Math.round(temperature * 10)])

/** A device at the other end of a link, which takes whatever it is given unless told otherwise. */
export class FakeLink implements DeviceLink {
  address: DeviceAddress = { host: '127.0.0.1', port: 80 }
  clockOffset: number | null = 0
  parameters: ParameterList
  telemetry: Telemetry
  /** Fails everything with this. */
  error: BridgeError | null = null
  /** Ids that keep their value whatever is written. */
  stubborn: readonly number[] = []
  /** Writes wait for this before their turn. */
  gate: Promise<void> = Promise.resolve()
  stopped = false
  weeks: Partial<Record<ScheduleKind, Week>> = { floor: factoryWeek, air: factoryWeek }
  readonly weekReads: ScheduleKind[] = []
  readonly daysWritten: { readonly kind: ScheduleKind; readonly day: object }[] = []
  /** Why a day is not taken; by default all are. */
  refuseDay: (kind: ScheduleKind, day: number) => BridgeError | null = () => null
  readonly calls: string[] = []
  readonly written: (readonly PlannedChange[])[] = []

  constructor(name: string) {
    this.parameters = parametersOf(name)
    this.telemetry = name === 'sx' ? telemetryOf('ax') : telemetryOf(name)
  }

  setAddress(address: DeviceAddress): void {
    this.address = address
  }

  note(): void {}

  readTelemetry = (): Promise<Telemetry> => this.#answer('telemetry', () => this.telemetry)
  readParameters = (): Promise<ParameterList> => this.#answer('parameters', () => this.parameters)
  readTime = () => this.#answer('time', () => ({ time: 820_000_000, zone: 3 }))
  resetParameters = (): Promise<ParameterList> => this.#answer('reset_parameters', () => this.parameters)
  resetSchedule = () => this.#answer('reset_schedule', () => undefined)
  /** Not among `calls`, which are about everything else. */
  readWeek = async (kind: ScheduleKind): Promise<Week> => {
    this.weekReads.push(kind)
    await this.gate
    const week = this.weeks[kind]
    if (this.error) throw this.error
    if (week) return week
    throw new BridgeError('DEVICE_BAD_REPLY', 'No schedule.')
  }
  writeDay = async (kind: ScheduleKind, day: ReturnType<typeof encodeDay>): Promise<Week> => {
    this.daysWritten.push({ kind, day })
    await this.gate
    const error = this.error ?? this.refuseDay(kind, Number(Object.keys(day)[0]))
    if (error) throw error
    const table = Object.fromEntries(DAYS.map((name, index) => [index, pairsOf(this.weeks[kind]?.[name] ?? [])]))
    const week = parseWeek({ tt: { ...table, ...day } }, 'tt')
    this.weeks = { ...this.weeks, [kind]: week }
    return week
  }
  restart = () => this.#answer('restart', () => undefined)
  blink = () => this.#answer('blink', () => undefined)
  setTime = (time: number) => this.#answer(`set_time ${time}`, () => undefined)

  async write(prepare: Prepare): Promise<LinkOutcome> {
    await this.gate
    const changes = await prepare()
    if (changes.length === 0) return { parameters: new Map(), notApplied: [], used: new Map() }
    this.written.push(changes)
    return this.#answer('write', () => this.#apply(changes))
  }

  async stop(): Promise<void> {
    this.stopped = true
  }

  #apply(changes: readonly PlannedChange[]): LinkOutcome {
    const taken = changes.filter(({ id }) => !this.stubborn.includes(id))
    const used = new Map(taken.map(({ id, raws }) => [id, raws[0] ?? '']))
    this.parameters = withValues(this.parameters, Object.fromEntries(used))
    const notApplied = changes.map(({ id }) => id).filter((id) => this.stubborn.includes(id))
    return { parameters: this.parameters, notApplied, used }
  }

  async #answer<Answer>(call: string, make: () => Answer): Promise<Answer> {
    this.calls.push(call)
    if (this.error) throw this.error
    return make()
  }
}
