import type { Quirks } from '../quirks.ts'
import type { DeviceClock } from './clock.ts'
import { type Controller, isOnOff, MODE } from './controller.ts'
import type { VirtualModel } from './models.ts'
import { ID, type Parameters, readWireNumber, refusedValue } from './parameters.ts'

/** The parts of a device that a write changes. */
interface Written {
  readonly parameters: Parameters
  readonly model: VirtualModel
  readonly controller: Controller
  readonly clock: DeviceClock
  readonly quirks: Quirks
}

interface Target {
  readonly device: Written
  readonly now: number
}

interface ReadRow {
  readonly id: number
  readonly value: number
}

const FLOOR_SETPOINTS: readonly number[] = [ID.manualFloor, ID.awayFloor]
const AIR_SETPOINTS: readonly number[] = [ID.manualAir, ID.awayAir]
/** Setpoints that follow the control type in force. */
const CURRENT_SETPOINTS: readonly number[] = [ID.temporary, ID.current, ID.timerSetpoint]

/**
 * Applies the `par` of a write row by row. Rows that the device does not take change nothing; the rest is carried out. Limits
 * and modes come before setpoints, whatever their order on the wire.
 * @returns what was left out and why; empty when everything was taken
 */
export function applyRows(par: unknown, target: Target): string {
  if (!Array.isArray(par) || par.length === 0) return 'par is not a list of parameters'
  const reasons: string[] = []
  const rows: ReadRow[] = []
  for (const item of par) {
    const row = readRow(item, target.device)
    if (typeof row === 'string') reasons.push(row)
    else rows.push(row)
  }
  const isSetpoint = ({ id }: ReadRow) => [...FLOOR_SETPOINTS, ...AIR_SETPOINTS, ...CURRENT_SETPOINTS].includes(id)
  const ordered = [...rows.filter((row) => !isSetpoint(row)), ...rows.filter(isSetpoint)]
  for (const row of ordered) {
    const reason = isSetpoint(row) ? applySetpoint(row, target) : applyPlain(row, target)
    if (reason) reasons.push(reason)
  }
  return reasons.join('; ')
}

function readRow(item: unknown, device: Written): ReadRow | string {
  if (!Array.isArray(item) || item.length !== 3) return 'a row is not [id, type, value]'
  const [id, type, text]: unknown[] = item
  if (typeof id !== 'number' || !device.parameters.has(id)) return `no such parameter: ${String(id)}`
  const own = device.parameters.type(id)
  if (own === undefined || type !== own) return `${id} is of type ${own}, not ${String(type)}`
  if (device.model.readOnly.includes(id)) return `${id} is read-only`
  const value = readWireNumber(own, text)
  return value === undefined ? `${id} does not take ${JSON.stringify(text)}` : { id, value }
}

function applyPlain({ id, value }: ReadRow, { device }: Target): string | undefined {
  const { parameters, model, controller, clock } = device
  const refused = refusedValue(parameters, model, device.quirks, id, value)
  if (refused) return refused
  parameters.set(id, value)
  if (id === ID.mode) {
    controller.endTemporary()
    controller.standby = false
  }
  // The older pair of away times and the newer pair in UTC are two views of the same times.
  if (model.away.utc) {
    const zone = value === 0 ? 0 : clock.utcOffset * 3600
    if (id === model.away.start || id === model.away.end) parameters.set(id - model.away.start, value + zone)
    if (id === 0 || id === 1) parameters.set(id + model.away.start, Math.max(value - zone, 0))
  }
  return undefined
}

function applySetpoint({ id, value }: ReadRow, { device, now }: Target): string | undefined {
  const { parameters, controller, model } = device
  const target = id === ID.current ? controller.currentTarget(now) : id
  if (target === undefined) return 'no setpoint to change in this mode'
  const { mode } = controller.inForce(now)
  const temporary = target === ID.temporary
  if (temporary && mode !== MODE.schedule && mode !== MODE.temporary) return `${id} needs the schedule mode`
  const special = temporary && (value === 0 || (model.onOffSetpoints && isOnOff(value)))
  const sensor = FLOOR_SETPOINTS.includes(target)
    ? 'floor'
    : AIR_SETPOINTS.includes(target)
      ? 'air'
      : parameters.sensor()
  const scale = parameters.scale(id)
  const [lowest, highest] = parameters.limits(sensor)
  if (!special && (value < lowest * scale || value > highest * scale)) return `${id} is beyond the limits`
  // Controlled by the floor, these units take only whole degrees, though the wire has tenths.
  const step = sensor === 'floor' && !special ? scale : 1
  const taken = Math.round(value / step) * step
  if (temporary) controller.startTemporary(taken, now)
  else parameters.set(target, taken)
  return undefined
}
