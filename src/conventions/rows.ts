/** The rows of the catalog that a unit has, with what holds for it at this moment: what every convention is made of. */
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
  /** Of a number that can be set; empty for any other. */
  readonly range: Range
  /** What an enum can be on this unit. */
  readonly values: readonly string[]
}

/** All that a description depends on. */
export function dependencies(view: DeviceView): string {
  const { name, model, hw, features } = view
  return JSON.stringify([name, model, hw, features.size, offerDependencies(view)])
}

/** The rows of the state that this unit has shown to have, in the order of the catalog. */
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

/** A mode fits the load that was installed, a preset what the unit has shown to have: the others would be refused. */
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
 * A number outside of the range that is described is none that a convention allows, such as the 0 of a temporary setpoint
 * that there is not: it is left out, as null is.
 */
export function allowed({ range }: ShownRow, value: JsonValue): JsonValue {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range
  return typeof value === 'number' && (value < min || value > max) ? null : value
}

/** How many decimals a number of this row has; undefined when nothing says so. */
export function decimalsOf({ row, range }: ShownRow): number | undefined {
  if (row.whole) return 0
  return range.step === undefined ? row.entity?.precision : (String(range.step).split('.')[1] ?? '').length
}
