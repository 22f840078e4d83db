/** What one device has said, by key. This folder holds what is known of every device, whatever its subject. */
import type { ParameterRow, Value, WireType } from '../../catalog/index.ts'
import type { ParameterList, Telemetry } from '../../protocol/replies.ts'
import { ALWAYS, decodeValue } from '../../protocol/values.ts'
import type { Rows } from './rows.ts'
import { isBroken, OPEN, SENSORS } from './sensors.ts'

function isAmbiguous(labels: Readonly<Record<number, string>>, raw: string): boolean {
  const label = labels[Number(raw)]
  return label !== undefined && Object.values(labels).filter((other) => other === label).length > 1
}

/** When a reading is from, and what gave it: the device's answer to a question, or a message that it sent unasked. */
export interface Source {
  /** Milliseconds of the clock that never jumps: when the answer was asked for, or when the message arrived. */
  readonly at: number
  readonly published?: true
}

/** An answer that is later than every message so far. */
const LATEST: Source = { at: Number.POSITIVE_INFINITY }

/** Milliseconds for which a key that an answer left out stays unset, whatever messages say of it. */
const LEFT_OUT_FOR = 3 * 60_000

/** Half of the last digit of messages, which have one decimal, and a margin for binary fractions. */
const ROUNDED = 0.051

/** Whether a message repeats the value held. No document says whether messages round or cut off decimals. */
function agrees(held: unknown, published: Value): boolean {
  if (typeof held !== 'number' || typeof published !== 'number') return held === published
  return Math.abs(published - held) <= ROUNDED || published === Math.trunc(held * 10) / 10
}

/** The most keys kept that the catalog does not know: a device that makes up new fields must not fill memory and broker. */
const MOST_UNKNOWN = 200

/** °C of a setpoint whose raw value in tenths is 127, the value that means "always on". */
const LOOKS_ALWAYS = 12.7

const NEARLY = 0.1

/**
 * Everything that one device has said, by key; the newest source of a key wins. An absent key: the device never said it. A
 * null value: the device no longer says it, or says something that can't be understood.
 */
export class Readings {
  readonly values = new Map<string, Value>()
  /** The wire type that each parameter last came with. */
  readonly types = new Map<number, WireType>()
  /** Raw values that the catalog does not know, by `par.<id>` or telemetry field. */
  readonly unknown = new Map<string, string>()
  readonly #rawLabels = new Map<string, number>()
  /** The raw value of each parameter that can be understood in two ways. */
  readonly #disputed = new Map<number, string>()
  /** The keys of those parameters that are understood in the other way than their rows say first. */
  readonly #otherwise = new Set<string>()
  setpointStep: number | undefined
  #rows: Rows
  /** The last telemetry. */
  #fields: ReadonlyMap<string, string> = new Map()
  /** When a message last told a key. */
  readonly #published = new Map<string, number>()
  /** When an answer last left a key out. */
  readonly #leftOut = new Map<string, number>()

  constructor(rows: Rows) {
    this.#rows = rows
  }

  get rows(): Rows {
    return this.#rows
  }

  /** Starts again with the rows of another model. */
  reinterpret(rows: Rows): void {
    this.#rows = rows
    this.values.clear()
    this.unknown.clear()
    this.#fields = new Map()
    this.#published.clear()
    this.#leftOut.clear()
  }

  /** A row as it holds for this unit. */
  rowOf(row: ParameterRow): ParameterRow {
    return row.otherwise && this.#otherwise.has(row.key) ? { ...row, ...row.otherwise } : row
  }

  /**
   * Chooses whether a parameter is understood as its row says first or in the other way; applies to values already read too.
   */
  understand(key: string, otherwise: boolean): void {
    if (this.#otherwise.has(key) === otherwise) return
    if (otherwise) this.#otherwise.add(key)
    else this.#otherwise.delete(key)
    const row = this.#rows.parameterByKey.get(key)
    const raw = row && this.#disputed.get(row.id)
    if (row && raw !== undefined) this.values.set(key, decodeValue(this.rowOf(row).scale, raw, this.types.get(row.id)))
  }

  applyParameters(list: ParameterList, source = LATEST): void {
    for (const [id, { type, value }] of list) {
      this.types.set(id, type)
      const row = this.#rows.parameters.get(id)
      if (!row) {
        this.#keepUnknown(`par.${id}`, value)
        continue
      }
      this.#set(row.key, decodeValue(this.rowOf(row).scale, value, type), source)
      if (row.otherwise) this.#disputed.set(id, value)
      if (row.scale.as === 'enum' && isAmbiguous(row.scale.labels, value)) this.#rawLabels.set(row.key, Number(value))
    }
    const lan = this.values.get('lan_lock')
    const cloud = this.values.get('cloud_lock')
    if (typeof lan === 'boolean' && typeof cloud === 'boolean') {
      this.#set('lock', lan ? (cloud ? 'both' : 'lan') : cloud ? 'cloud' : 'none', source)
    }
  }

  applyTelemetry(telemetry: Telemetry, source = LATEST): void {
    for (const [field, raw] of telemetry.fields) {
      const target = this.#rows.fields.get(field)
      if (target) this.#set(target.key, decodeValue(target.scale, raw), source)
      else if (!this.#isParameter(field)) this.#keepUnknown(field, raw)
    }
    // A unit that is off leaves its temperatures out. The last ones must not look as if they were measured now.
    for (const field of this.#fields.keys()) {
      const target = this.#rows.fields.get(field)
      if (target && !target.mirror && !telemetry.fields.has(field)) this.#leaveOut(target.key, source)
    }
    this.#fields = telemetry.fields
    for (const key of this.#leftOut.keys()) if (this.values.get(key) === null) this.#leaveOut(key, source)
    for (const key of SENSORS.keys()) if (this.values.has(key) && isBroken(this.values, key)) this.values.set(key, null)
    this.setpointStep = telemetry.setpointStep ?? this.setpointStep
  }

  /**
   * Takes one telemetry field from a message. A value that the message merely repeats with fewer decimals stays as it is.
   * @returns whether the value has changed
   */
  publishField(field: string, raw: string, at: number): boolean {
    const target = this.#rows.fields.get(field)
    if (target && raw === OPEN) return this.#publishOpen(target.key, at)
    if (target && isBroken(this.values, target.key)) return false
    return target !== undefined && this.#publish(target.key, decodeValue(target.scale, raw), at)
  }

  /** The same for one parameter. */
  publishParameter(id: number, raw: string, at: number): boolean {
    const row = this.#rows.parameters.get(id)
    return row !== undefined && this.#publish(row.key, decodeValue(this.rowOf(row).scale, raw, this.types.get(id)), at)
  }

  /** For each parameter with several raw values for one label, the raw value that this unit last used. */
  ambiguousLabels(): ReadonlyMap<string, number> {
    return this.#rawLabels
  }

  /** Takes values that follow from what the device has just confirmed, as far as its telemetry tells them and so corrects them. */
  confirm(values: ReadonlyMap<string, Value>): void {
    for (const [key, value] of values) if (this.values.has(key)) this.values.set(key, value)
  }

  /** Whether setpoints are held in tenths of a degree: the wire type of the current or manual setpoint shows it. */
  get tenths(): boolean {
    return (this.types.get(31) ?? this.types.get(5)) === 3
  }

  value(key: string): Value | undefined {
    return this.values.get(key)
  }

  number(key: string): number | undefined {
    const value = this.values.get(key)
    return typeof value === 'number' ? value : undefined
  }

  /**
   * Whether the load is always on or always off instead of following a setpoint; devices say that as ±127 °C (Welrok OZ,
   * "Parameters list"). Null when unknown. No document says which setpoint the telemetry shows then.
   */
  loadControl(): 'by_setpoint' | 'always_on' | 'always_off' | null {
    const shown = this.number('setpoint_in_force')
    const told = this.number('current_setpoint')
    const special = [shown, told].find((value) => value !== undefined && Math.abs(value) >= ALWAYS)
    if (special === undefined) return shown === undefined && told === undefined ? null : 'by_setpoint'
    if (shown !== undefined && Math.abs(Math.abs(shown) - LOOKS_ALWAYS) < NEARLY) return 'by_setpoint'
    return special > 0 ? 'always_on' : 'always_off'
  }

  /** The setpoint in force in °C; null when it is unknown or when the load is always on or off. */
  targetTemperature(): number | null {
    const value = this.number('setpoint_in_force') ?? this.number('current_setpoint')
    if (value === undefined || this.loadControl() !== 'by_setpoint') return null
    return Math.round(value * 10) / 10
  }

  /** Whether a telemetry field repeats a parameter that the model has. */
  #isParameter(field: string): boolean {
    return field.startsWith('par.') && this.#rows.parameters.has(Number(field.slice(4)))
  }

  #keepUnknown(field: string, raw: string): void {
    if (this.unknown.has(field) || this.unknown.size < MOST_UNKNOWN) this.unknown.set(field, raw)
  }

  #publishOpen(key: string, at: number): boolean {
    const held = this.values.get(key) ?? null
    this.#published.set(key, at)
    this.values.set(key, null)
    return held !== null
  }

  #publish(key: string, value: Value, at: number): boolean {
    const held = this.values.get(key)
    // A unit that is off may go on publishing what its answers leave out; the two must not alternate in the state.
    const missed = held === null && at - (this.#leftOut.get(key) ?? Number.NEGATIVE_INFINITY) < LEFT_OUT_FOR
    if (value === null || missed) return false
    this.#published.set(key, at)
    if (agrees(held, value)) return false
    this.values.set(key, value)
    return true
  }

  #set(key: string, value: Value, source: Source): void {
    if (!this.#supersedes(key, source)) return
    this.#leftOut.delete(key)
    this.values.set(key, value)
  }

  #leaveOut(key: string, source: Source): void {
    if (!this.#supersedes(key, source)) return
    if (Number.isFinite(source.at)) this.#leftOut.set(key, source.at)
    this.values.set(key, null)
  }

  /** Whether this source goes before what was published: nothing later was published, or it is itself a message. */
  #supersedes(key: string, { at, published }: Source): boolean {
    if (published) this.#published.set(key, at)
    return published === true || (this.#published.get(key) ?? Number.NEGATIVE_INFINITY) <= at
  }
}
