/** What all routes that change settings have in common. */
import type { ErrorCode } from '../../../core/errors.ts'
import { HttpError } from '../../errors.ts'
import type { SettingsDesk, SettingsList } from '../../schemas/settings.ts'

export const ERRORS: readonly ErrorCode[] = ['BAD_REQUEST', 'UNKNOWN_KEY', 'READ_ONLY']
/** Each change restarts the bridge, and each test contacts another machine. */
export const rateLimit = { max: 30, timeWindow: 60_000 }
export const change = { scope: 'admin', errors: ERRORS, rateLimit } as const

/** @throws HttpError 404 when this bridge has none */
export type GetDesk = () => SettingsDesk

/** @throws HttpError 404 if the settings have no such account or device, not even one that was left out */
export function checkKnown(desk: SettingsDesk, list: SettingsList, id: string): void {
  const { accounts, devices, left_out: leftOut } = desk.view()
  if ((list === 'devices' ? devices : accounts).some((item) => item.id === id)) return
  if (leftOut.some(({ key }) => key === `${list}[${id}]`)) return
  throw new HttpError(404, 'The settings have no such item. GET /api/v1/settings lists all items.')
}
