/** A write in preparation, and the limits that the device sets for it at this moment. */
import { BridgeError } from '../../core/errors.ts'
import { type Encoded, encodeValue } from '../../protocol/values.ts'
import { learnedMax } from '../facts/profile.ts'
import type { Readings } from '../facts/readings.ts'
import type { PlannedChange } from '../link/link.ts'
import { type LimitSource, setpointBounds } from './limits.ts'

/** Values by key: what the device last said, overlaid with what is about to be written. */
export interface Shown extends LimitSource {
  number(key: string): number | undefined
}

export interface DraftContext {
  readonly readings: Readings
  /** Raw values, by parameter key, that this unit is known to take where its document gives others. */
  readonly learned: Readonly<Record<string, number>>
  /** What earlier commands of the same write have decided, by key. */
  readonly decided: ReadonlyMap<string, unknown>
}

/**
 * What one command has decided so far. Reading it shows those decisions over what the device last said: the limits, for
 * example, depend on the control type.
 */
export class Draft implements Shown {
  readonly readings: Readings
  readonly changes = new Map<number, PlannedChange>()
  /** For each parameter, the command key that asked for it. */
  readonly askedBy = new Map<number, string>()
  readonly rounded: Record<string, { asked: number; set: number }> = {}
  readonly decided: Map<string, unknown>
  readonly #learned: DraftContext['learned']

  constructor({ readings, learned, decided }: DraftContext) {
    this.readings = readings
    this.decided = new Map(decided)
    this.#learned = learned
  }

  get tenths(): boolean {
    return this.readings.tenths
  }

  get setpointStep(): number | undefined {
    return this.readings.setpointStep
  }

  value(key: string): unknown {
    return this.decided.has(key) ? this.decided.get(key) : this.readings.values.get(key)
  }

  number(key: string): number | undefined {
    const value = this.value(key)
    return typeof value === 'number' ? value : undefined
  }

  /** Whether this command writes the parameter of a key. */
  writes(key: string): boolean {
    const row = this.readings.rows.parameterByKey.get(key)
    return row !== undefined && this.changes.has(row.id)
  }

  /** Decides the value that a key will have once the command is done; the key need not be a parameter. */
  decide(key: string, value: unknown): void {
    this.decided.set(key, value)
  }

  /**
   * Writes a parameter; returns the value that the device will hold.
   * @param askedBy the key of the command
   * @throws BridgeError `UNKNOWN_KEY` for a parameter that this unit does not have; `OUT_OF_RANGE`, `BAD_REQUEST`
   */
  write(key: string, value: unknown, askedBy: string): unknown {
    const set = this.#write(key, value, askedBy, false)
    if (typeof set === 'number') this.tellRounded(askedBy, value, set)
    return set
  }

  /** Writes values as they were once read. A setpoint that the limits no longer allow is moved to the nearest that they do. */
  putBack(values: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(values)) this.#write(key, value, 'preset', true)
  }

  tellRounded(key: string, value: unknown, set: number): void {
    const asked = Number(value)
    if (asked !== set) this.rounded[key] = { asked, set }
  }

  #write(key: string, value: unknown, askedBy: string, back: boolean): unknown {
    const { readings } = this
    const known = readings.rows.parameterByKey.get(key)
    const row = known && readings.rowOf(known)
    const type = row && readings.types.get(row.id)
    if (!row || type === undefined) {
      throw new BridgeError('UNKNOWN_KEY', `This unit has no ${key}, so ${askedBy} can't be set to that.`)
    }
    const bounds = row.limits ? setpointBounds(row.limits, this) : { ...row, resolution: row.step }
    const most = this.#learned[learnedMax(key)]
    const within =
      back && row.limits && typeof value === 'number'
        ? clamp(value, bounds)
        : most !== undefined && Number(value) > most && Number(value) <= (row.max ?? most)
          ? most
          : value
    const encoded = preferred(encodeValue(row, type, within, bounds), this.#learned[key])
    const first = encoded[0]
    if (!first) throw new BridgeError('INTERNAL', `Nothing to write for ${key}.`)
    this.changes.set(row.id, { id: row.id, type, raws: encoded.map(({ raw }) => raw) })
    this.askedBy.set(row.id, askedBy)
    this.decide(key, first.value)
    return first.value
  }
}

function clamp(value: number, { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined }) {
  return Math.min(max ?? value, Math.max(min ?? value, value))
}

function preferred(encoded: readonly Encoded[], raw: number | undefined): readonly Encoded[] {
  if (raw === undefined || encoded.length < 2) return encoded
  return [...encoded].sort((a, b) => Number(b.raw === String(raw)) - Number(a.raw === String(raw)))
}
