/** The catalog rows that a unit has, with its present limits: the basis of every convention. */
import { type Datapoint, datapointsOf, modelWithId } from '../catalog/index.ts'
import type { JsonValue } from '../core/json.ts'
import { activeMode, hasPreset, limitsOf, offerDependencies } from '../devices/plan/offers.ts'
import type { DeviceView } from '../devices/ports.ts'

export interface Range {
  readonly min?: number
  readonly max?: number
  readonly step?: number
}

export interface ShownRow {
  readonly row: Datapoint
  /** The range of a number that can be set; otherwise empty. */
  readonly range: Range
  /** The possible values of an enum on this unit. */
  readonly values: readonly string[]
}

/** Everything that a description depends on. */
export function dependencies(view: DeviceView): string {
  const { name, model, hw, features } = view
  return JSON.stringify([name, model, hw, features.size, offerDependencies(view)])
}

/** The rows of the state that this unit has shown, in catalog order. */
export function rowsOf(view: DeviceView): readonly ShownRow[] {
  const rows = datapointsOf(modelWithId(view.model)).filter(({ key }) => view.features.has(key))
  return rows.map((row) => ({ row, range: rangeOf(row, view), values: valuesOf(row, view) }))
}

function rangeOf(row: Datapoint, view: DeviceView): Range {
  if (row.access === 'read' || row.type !== 'number') return {}
  if (row.limits) {
    return { ...limitsOf(row.limits, view), step: row.step ?? view.setpointStep }
  }
  const { min, max, step } = row
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(step === undefined ? {} : { step }),
  }
}

/** Only the modes that fit the installed load, and the presets that the unit has shown: others would be refused. */
function valuesOf(row: Datapoint, view: DeviceView): readonly string[] {
  const values = row.values ?? []
  switch (row.key) {
    case 'mode':
      return values.filter((mode) => mode !== (activeMode(view) === 'cool' ? 'heat' : 'cool'))
    case 'preset':
      return values.filter((preset) => hasPreset(preset, view))
    default:
      return values
  }
}

/**
 * Conventions do not allow a number outside the described range, such as the 0 of an absent temporary setpoint: it is
 * left out, like null.
 */
export function allowed({ range }: ShownRow, value: JsonValue): JsonValue {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range
  return typeof value === 'number' && (value < min || value > max) ? null : value
}

/** How many decimals a number of this row has; undefined if unknown. */
export function decimalsOf({ row, range }: ShownRow): number | undefined {
  if (row.whole) return 0
  return range.step === undefined ? row.entity?.precision : (String(range.step).split('.')[1] ?? '').length
}
