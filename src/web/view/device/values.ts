/** Values of datapoints in words. */
import type { Datapoint, Value } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'

export function valueText(point: Datapoint, value: Value | undefined, texts: Texts): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'boolean') return texts.say(value ? 'common.yes' : 'common.no')
  if (typeof value === 'number') return point.unit ? texts.quantity(value, point.unit) : texts.number(value)
  if (point.type === 'timestamp') return texts.time(String(value))
  return texts.label(point, String(value))
}
