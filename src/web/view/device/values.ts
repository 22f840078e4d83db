/** Values of datapoints in words. */
import type { Datapoint, Device, Value } from '../../api/types.ts'
import type { Texts } from '../../i18n/index.ts'

export function valueText(
  point: Datapoint,
  value: Value | undefined,
  texts: Texts,
  zone: Device['timezone'] = null,
): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'boolean') return texts.say(value ? 'common.yes' : 'common.no')
  if (typeof value === 'number') return point.unit ? texts.quantity(value, point.unit) : texts.number(value)
  if (point.type === 'timestamp') return texts.time(String(value), zone)
  return texts.label(point, String(value))
}

/** Actions that the page has buttons for, and what those say. Home Assistant and programs have more. */
export const BUTTONS = { blink: 'device.blink', restart: 'device.restart', sync_clock: 'device.setClock' } as const
export type ButtonAction = keyof typeof BUTTONS

const hasButton = (action: string): action is ButtonAction => Object.hasOwn(BUTTONS, action)

/** What an action is called. */
export const actionText = (action: string, texts: Texts): string =>
  hasButton(action) ? texts.say(BUTTONS[action]) : texts.lookUp('button', action)
