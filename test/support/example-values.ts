/** What the values of an example device are. */
import type { Datapoint } from '../../src/catalog/index.ts'
import type { JsonValue } from '../../src/core/json.ts'

/** What a warm room looks like; keys that a model lacks are left out. */
const WARM: Readonly<Record<string, JsonValue>> = {
  mode: 'heat',
  preset: 'none',
  operating_mode: 'manual',
  action: 'heating',
  current_temperature: 22.5,
  target_temperature: 24,
  floor_temperature: 22.5,
  control_type: 'floor',
  power: 1200,
  rated_power: 1200,
  energy: 12.34,
  load: true,
  lock: 'none',
  wifi_rssi: -61,
}

/** As it is with this datapoint. */
export function exampleOf(datapoint: Datapoint): JsonValue {
  const warm = WARM[datapoint.key]
  if (warm !== undefined) return warm
  switch (datapoint.type) {
    case 'boolean':
      return false
    case 'number':
      return datapoint.min ?? 20
    case 'enum':
      return datapoint.values?.[0] ?? null
    case 'timeOfDay':
      return '22:00'
    case 'text':
    case 'timestamp':
      return null
  }
}
