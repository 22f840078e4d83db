import type { Model } from '../../catalog/index.ts'
import { asBridgeError } from '../../core/errors.ts'
import { DeviceZone, tellsZone } from '../../devices/clock/zone.ts'
import { zonesOf } from '../../devices/clock/zones.ts'
import type { LanDevice } from '../../lan/lan-device.ts'
import { type Context, type Finding, ok, warn } from './check.ts'

/** Seconds, as those from which on the bridge shows a clock as wrong. */
const WRONG = 5 * 60

export interface Asked {
  readonly device: LanDevice
  readonly model: Model
  readonly known: { readonly serial: string; readonly learned: Readonly<Record<string, number>> }
}

/**
 * Commands are signed with the device's own clock, so that a wrong one is a matter of its schedule alone. What it should show
 * is judged as the bridge does it, and nothing is learned here.
 */
export async function clockFinding({ device, model, known }: Asked, { tools }: Context): Promise<Finding> {
  const { serial, learned } = known
  let told: number | undefined
  try {
    if (device.clockOffset === null || tellsZone(model)) told = (await device.readTime()).zone
  } catch (error) {
    if (device.clockOffset === null)
      return warn(`does not tell its clock, so that commands can't be signed for it: ${asBridgeError(error).message}`)
  }
  const { clock, logger, settings } = tools
  const zone = new DeviceZone({
    ...{ clock, logger, serial, timezone: zonesOf(settings.devices).get(serial) },
    model: () => model,
    told: () => told,
    ahead: () => device.clockOffset,
    profile: { learned, learn: () => undefined },
  })
  const offset = device.clockOffset ?? 0
  const { error = 0, utcOffset = 0 } = zone.times() ?? {}
  const what = `its clock is ${Math.abs(offset)} s ${offset < 0 ? 'behind' : 'ahead of'} this machine's`
  if (Math.abs(error) <= WRONG) return ok(utcOffset === 0 ? what : `${what}, as in a zone of ${utcOffset / 3600} h`)
  return warn(
    error === offset ? what : `its local time is ${Math.abs(error)} s ${error < 0 ? 'behind' : 'ahead'}`,
    'its schedule runs at the wrong time: check the clock and the time zone of this machine (in a container, TZ), then the time of the device in its menu or app. If that is right, name its time zone in the settings (devices, timezone).',
  )
}
