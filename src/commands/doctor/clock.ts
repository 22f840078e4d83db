import type { Model } from '../../catalog/index.ts'
import { asBridgeError } from '../../core/errors.ts'
import { DeviceClock, tellsZone } from '../../devices/clock/facts.ts'
import { zonesOf } from '../../devices/clock/zones.ts'
import type { LanDevice } from '../../lan/lan-device.ts'
import { type Context, type Finding, ok, warn } from './check.ts'

/** Seconds; the same limit from which the bridge shows a clock as wrong. */
const WRONG = 5 * 60

export interface Asked {
  readonly device: LanDevice
  readonly model: Model
  readonly known: { readonly serial: string; readonly learned: Readonly<Record<string, number>> }
}

/**
 * Commands are signed with the device's own clock, so a wrong clock affects only its schedule. What the clock should
 * show is judged in the same way as in the bridge, and nothing is learned here.
 */
export async function clockFinding({ device, model, known }: Asked, { tools }: Context): Promise<Finding> {
  const { serial, learned } = known
  let told: number | undefined
  try {
    if (device.clockOffset === null || tellsZone(model)) told = (await device.readTime()).zone
  } catch (error) {
    if (device.clockOffset === null)
      return warn(`does not report its clock, so commands can't be signed for it: ${asBridgeError(error).message}`)
  }
  const { clock, logger, settings } = tools
  const shown = new DeviceClock({
    logger,
    serial,
    timezone: zonesOf(settings.devices).get(serial),
    readings: { rows: { model } },
    way: device,
    profile: { learned, learn: () => undefined },
  })
  shown.told = told
  const offset = device.clockOffset ?? 0
  const { error = 0, utcOffset = 0 } = shown.times(clock.now()) ?? {}
  const what = `its clock is ${Math.abs(offset)} s ${offset < 0 ? 'behind' : 'ahead of'} this machine's`
  if (Math.abs(error) <= WRONG) return ok(utcOffset === 0 ? what : `${what}, as in a zone of ${utcOffset / 3600} h`)
  return warn(
    error === offset ? what : `its local time is ${Math.abs(error)} s ${error < 0 ? 'behind' : 'ahead'}`,
    'its schedule runs at the wrong time: check the clock and time zone of this machine (in a container, TZ), then the device’s time in its menu or app. If both are right, set its time zone in the settings (devices, timezone).',
  )
}
