import type { Quirks } from '../quirks.ts'
import type { DeviceClock } from './clock.ts'
import type { Controller } from './controller.ts'
import type { Functions } from './functions.ts'
import type { VirtualModel } from './models.ts'
import { ID, type Parameters } from './parameters.ts'
import type { Thermal } from './thermal.ts'

/** What telemetry is made from. */
export interface TelemetrySource {
  readonly serial: string
  readonly model: VirtualModel
  readonly clock: DeviceClock
  readonly controller: Controller
  readonly thermal: Thermal
  readonly functions: Functions
  readonly parameters: Parameters
  readonly faults: ReadonlySet<number>
  readonly quirks: Pick<Quirks, 'brokenSensor'>
  readonly restartReason: string
  readonly wifi: number
}

/** % shown by the air sensor; it never changes. */
const HUMIDITY = '48'

/** Seconds of difference from the cloud's time at which a clock reports that it is wrong. */
const OUT_OF_STEP = 60

const sixteenths = (degrees: number): string => String(Math.round(degrees * 16))

/** The fields of the answer to `{"cmd":4}`, in the model's order, without `sn`. */
export function fillTelemetry(source: TelemetrySource): Record<string, string> {
  const fields: Record<string, string> = { ...source.model.telemetry }
  const put = (name: string, value: string): void => {
    if (name in fields) fields[name] = value
  }
  putTemperatures(source, fields, put)
  putModes(source, put)
  putFlags(source, put)
  put('o.0', String(source.wifi))
  put('o.1', source.restartReason)
  put('o.4', HUMIDITY)
  for (const id of [ID.upperFloor, ID.lowerFloor, ID.upperAir, ID.lowerAir]) {
    put(`par.${id}`, String(source.parameters.get(id)))
  }
  put('time', String(Math.floor(source.clock.seconds())))
  return fields
}

type Put = (name: string, value: string) => void

function putTemperatures(source: TelemetrySource, fields: Record<string, string>, put: Put): void {
  const { thermal, parameters, faults, model } = source
  const hidden = model.silentWhenOff && parameters.flag(ID.off)
  const inside = thermal.air + (thermal.load ? 6 : 2)
  put('t.0', sixteenths(inside))
  put('t.7', sixteenths(inside + 10))
  put('t.1', sixteenths(shownFloor(source)))
  put('t.2', sixteenths(shownAir(source)))
  // A setpoint of always on or always off has no temperature, so these units show the limit.
  const [lowest, highest] = parameters.limits(parameters.sensor())
  const { setpoint } = source.controller.inForce(source.clock.seconds())
  put('t.5', sixteenths(Number.isFinite(setpoint) ? setpoint : setpoint > 0 ? highest : lowest))
  const broken = (field: string, on: boolean): void => {
    const { brokenSensor } = source.quirks
    if (hidden || (on && brokenSensor === 'left-out')) delete fields[field]
    else if (on) put(field, typeof brokenSensor === 'number' ? sixteenths(brokenSensor) : brokenSensor)
  }
  broken('t.1', faults.has(3) || faults.has(4))
  broken('t.2', faults.has(5) || faults.has(6))
}

function putModes(source: TelemetrySource, put: Put): void {
  const { parameters, controller } = source
  const now = source.clock.seconds()
  put('m.0', String(parameters.get(ID.controlType)))
  put('m.1', String(controller.inForce(now).mode))
  put('m.2', String(controller.periodNumber(now)))
  put('m.3', String(parameters.get(ID.cloudLock) + 2 * parameters.get(ID.lanLock)))
  put('m.5', String(parameters.get(ID.cooling)))
  put('m.6', String(controller.following(now)))
  put('o.2', String(Math.ceil(controller.timerLeft(now) / 5)))
}

function putFlags(source: TelemetrySource, put: Put): void {
  const { thermal, parameters, faults } = source
  const flag = (number: number, on: boolean): void => put(`f.${number}`, on || faults.has(number) ? '1' : '0')
  for (const number of [1, 3, 4, 5, 6, 9, 11, 12, 14, 15, 20, 21, 23]) flag(number, false)
  const { functions, clock, model } = source
  const now = clock.seconds()
  flag(7, functions.preheating(now) !== undefined)
  flag(8, functions.windowOpen(now))
  flag(10, model.vendor === 'welrok' && Math.abs(clock.ahead()) > OUT_OF_STEP)
  flag(17, functions.onForLong(now))
  if (model.tellsZone) flag(21, functions.ignoresCloud)
  flag(0, thermal.load)
  flag(2, thermal.floorLimited)
  flag(13, faults.has(parameters.sensor() === 'floor' ? 3 : 5))
  flag(16, parameters.flag(ID.off))
  flag(22, source.model.airSensor && !faults.has(5))
}

function shownFloor({ thermal, parameters }: TelemetrySource): number {
  return thermal.floor + parameters.get(ID.floorCorrection) / 10
}

function shownAir({ thermal, parameters }: TelemetrySource): number {
  return thermal.air + parameters.get(ID.airCorrection) / 10
}

/** The `display` of a beacon: the temperature that the unit controls by; three spaces while it is off. */
export function beaconDisplay(source: TelemetrySource): string {
  if (source.parameters.flag(ID.off)) return '   '
  return (source.parameters.sensor() === 'floor' ? shownFloor(source) : shownAir(source)).toFixed(1)
}
