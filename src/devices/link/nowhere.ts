import { BridgeError } from '../../core/errors.ts'
import type { DeviceAddress, DeviceLink } from './link.ts'

/** The error for a device whose address is not known: nothing can be sent to it. */
export function unlocated(): BridgeError {
  return new BridgeError(
    'DEVICE_UNREACHABLE',
    'The address of this device is not known yet: no beacon from it was received. Check that it is on and on this network, or set its host under devices.',
  )
}

const refuse = (): Promise<never> => Promise.reject(unlocated())

/**
 * The link to a device whose address is not known: nothing goes over it. Another way to the device, such as the device's own
 * MQTT, can be put before it.
 */
export class Nowhere implements DeviceLink {
  readonly clockOffset = null
  readonly readTelemetry = refuse
  readonly readParameters = refuse
  readonly readTime = refuse
  readonly write = refuse
  readonly resetParameters = refuse
  readonly resetSchedule = refuse
  readonly readWeek = refuse
  readonly writeDay = refuse
  readonly setTime = refuse
  readonly restart = refuse
  readonly blink = refuse

  get address(): DeviceAddress {
    throw unlocated()
  }

  setAddress(): void {
    throw unlocated()
  }

  note(): void {}

  async stop(): Promise<void> {}
}
