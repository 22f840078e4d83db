/** Asks a device for its serial before it is saved in the settings. Nothing is written to it. */
import type { DeviceTestBody, DeviceTestJson } from '../../api/schemas/settings.ts'
import type { Settings } from '../../config/index.ts'
import type { Clock } from '../../core/clock.ts'
import { asBridgeError } from '../../core/errors.ts'
import { identify } from '../../lan/discovery/identify.ts'

/** The port of devices if none is given. */
const DEVICE_PORT = 80

/** Never rejects; takes a few times `device.timeout` at most. */
export async function testDevice(
  { device }: Pick<Settings, 'device'>,
  { serial, host, port = DEVICE_PORT }: DeviceTestBody,
  clock: Clock,
): Promise<DeviceTestJson> {
  const options = { clock, timeout: device.timeout, minSpacing: device.min_spacing, random: Math.random }
  try {
    const found = await identify({ host: host.trim(), port }, options)
    // A D2W answers without a serial.
    if (found.serial === undefined || found.serial === serial.trim()) return { ok: true, problem: null, message: '' }
    return { ok: false, problem: 'other_device', message: `the device there is ${found.serial}` }
  } catch (error) {
    const { code, message } = asBridgeError(error)
    return { ok: false, problem: code, message }
  }
}
