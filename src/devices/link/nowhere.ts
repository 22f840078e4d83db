import type { DeviceAddress, DeviceLink } from './link.ts'
import { unlocated } from './owner.ts'

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
