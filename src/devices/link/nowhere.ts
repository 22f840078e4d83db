import { BridgeError } from '../../core/errors.ts'
import type { DeviceAddress, DeviceLink } from './link.ts'

/** Why nothing can be said to a device of which no address is known. */
export function unlocated(): BridgeError {
  return new BridgeError(
    'DEVICE_UNREACHABLE',
    'The address of this device is not known yet: no beacon from it was received. Check that it is on and on this network, or set its host under devices.',
  )
}

const refuse = (): Promise<never> => Promise.reject(unlocated())

/**
 * The link to a device of which no address is known: nothing goes over it. Another way to the device can be put before it, such
 * as the device's own MQTT.
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
