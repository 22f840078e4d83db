/** Virtual relays: sockets and voltage relays. */
import type { Lock } from '../device/index.ts'
import { quirksOf, type UnitOptions, VirtualUnit } from '../unit.ts'
import { D2w } from './d2w.ts'
import type { RelayInside } from './inside.ts'
import { D2W, MS } from './models.ts'
import { Ms } from './ms.ts'

export interface RelayOptions extends UnitOptions {
  readonly serial: string
  readonly model: 'ms' | 'd2w'
  /** The TOTP key, 16 characters. */
  readonly key: string
  /** Default `2000`. */
  readonly counterBase?: '2000' | 'unix'
  /** Device seconds per true second; default 1. */
  readonly clockDrift?: number
  /** Seconds by which the device's clock is ahead; default 0. */
  readonly clockOffset?: number
  /** Hours; default 0. */
  readonly utcOffset?: number
  /** Default: the model's factory setting. */
  readonly lock?: Lock
  /** W of the connected load; default 1000. */
  readonly ratedPower?: number
}

/** A relay on the network. */
export class VirtualRelay extends VirtualUnit<RelayInside> {
  constructor(options: RelayOptions) {
    const quirks = quirksOf(options.model === 'ms' ? MS : D2W, options.quirks)
    const Model = options.model === 'ms' ? Ms : D2w
    const device = new Model({
      serial: options.serial,
      clock: options.clock,
      key: options.key,
      counterBase: options.counterBase ?? '2000',
      clockDrift: options.clockDrift ?? 1,
      clockOffset: options.clockOffset ?? 0,
      utcOffset: options.utcOffset ?? 0,
      lock: options.lock,
      ratedPower: options.ratedPower ?? 1000,
      wifi: -45 - Math.floor(options.random() * 40),
      quirks,
    })
    super(options, device, quirks)
  }

  /** The voltage relay inside; undefined in an MS. */
  get voltageRelay(): D2w | undefined {
    return this.device instanceof D2w ? this.device : undefined
  }
}
