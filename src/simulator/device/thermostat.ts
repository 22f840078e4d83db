import { quirksOf, type UnitOptions, VirtualUnit } from '../unit.ts'
import { Device, type Lock } from './index.ts'
import { virtualModel } from './models.ts'

export interface ThermostatOptions extends UnitOptions {
  readonly serial: string
  /** `ax`, `sx`, `az`, `oz` or `old` (OZ without air sensor); any other name makes an SX under that name. */
  readonly model: string
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
  /** Whether the device's seconds are UTC or local time; default `utc`. */
  readonly clockCounts?: 'utc' | 'local'
  /** Default: the model's factory setting. */
  readonly lock?: Lock
  /** W. Default: the value of parameter 17. */
  readonly ratedPower?: number
  readonly telemetryTime?: boolean
  /** Gives a Terneo its air sensor. */
  readonly airSensor?: boolean
  /** Also gives the unit the parameters that its document lists but leaves out of its examples. */
  readonly wholeDocument?: boolean
  /** °C at the start. The defaults of these three are 23, 21 and 4. */
  readonly floorTemperature?: number
  readonly airTemperature?: number
  readonly outdoorTemperature?: number
}

/** A thermostat on the network. */
export class VirtualThermostat extends VirtualUnit<Device> {
  constructor(options: ThermostatOptions) {
    const model = virtualModel(options.model, options)
    const quirks = quirksOf(model, options.quirks)
    const device = new Device({
      serial: options.serial,
      model,
      clock: options.clock,
      key: options.key,
      counterBase: options.counterBase ?? '2000',
      clockDrift: options.clockDrift ?? 1,
      clockOffset: options.clockOffset ?? 0,
      utcOffset: options.utcOffset ?? 0,
      clockCounts: options.clockCounts ?? 'utc',
      lock: options.lock,
      ratedPower: options.ratedPower,
      floor: options.floorTemperature ?? 23,
      air: options.airTemperature ?? 21,
      outdoor: options.outdoorTemperature ?? 4,
      wifi: -45 - Math.floor(options.random() * 40),
      quirks,
    })
    super(options, device, quirks)
  }
}
