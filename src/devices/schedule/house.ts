/** Schedules of several thermostats at once: copied from one, or brought back from a file. */
import { asBridgeError, BridgeError, type ErrorBody } from '../../core/errors.ts'
import { spelled } from '../../core/serial.ts'
import type { Devices, DeviceView } from '../ports.ts'
import type { WantedSchedule } from './file.ts'
import { SCHEDULE_KINDS, type ScheduleDay, type ScheduleKind, type ScheduleResult } from './types.ts'

/** Thermostats written to at a time. */
const AT_ONCE = 8

type House = Pick<Devices, 'get' | 'serials' | 'setSchedule'>

/** What became, or would become, of one thermostat. */
export interface ScheduleOutcome {
  readonly serial: string
  /** null for one that is not known. */
  readonly name: string | null
  /** Whether all of it is, or would be, as it was asked for. */
  readonly ok: boolean
  /** Days that were written and read back, also where others failed; in a dry run, those that would be written. */
  readonly written: readonly ScheduleDay[]
  readonly unchanged: readonly ScheduleDay[]
  /** Temperatures that it can't hold as they were asked for, by `<kind>.<day>.<time>`. */
  readonly rounded: ScheduleResult['rounded']
  readonly error: ErrorBody | null
}

/**
 * Has each thermostat take its schedule. Each checks all of its days before it is sent any, and one that refuses, or can't be
 * reached, keeps no other from taking its own.
 * @param dryRun asks the thermostats what they hold, and writes nothing
 */
export async function applySchedules(
  devices: House,
  wanted: readonly WantedSchedule[],
  dryRun: boolean,
): Promise<readonly ScheduleOutcome[]> {
  const outcomes: ScheduleOutcome[] = []
  for (let first = 0; first < wanted.length; first += AT_ONCE) {
    const some = wanted.slice(first, first + AT_ONCE)
    outcomes.push(...(await Promise.all(some.map((one) => applyOne(devices, one, dryRun)))))
  }
  return outcomes
}

/** @throws BridgeError `BAD_REQUEST` when none of the thermostats is known here: the file is of another house */
export async function bringBack(
  devices: House,
  wanted: readonly WantedSchedule[],
  dryRun: boolean,
): Promise<readonly ScheduleOutcome[]> {
  if (!wanted.some(({ serial }) => devices.get(serial))) {
    throw new BridgeError(
      'BAD_REQUEST',
      `None of the thermostats in the file (${wanted.length}) is known here: the file is from another house. Nothing was changed.`,
    )
  }
  return applySchedules(devices, wanted, dryRun)
}

/**
 * What others have to be told to be like one.
 * @param kind the one schedule to copy; all that it has when left out
 * @throws BridgeError `BAD_REQUEST` when there is nothing to copy, or nobody to copy it to
 */
export function copied(
  from: Pick<DeviceView, 'serial' | 'name' | 'schedule'>,
  to: readonly string[],
  kind?: ScheduleKind,
): readonly WantedSchedule[] {
  const weeks = (kind ? [kind] : SCHEDULE_KINDS).flatMap((each) => {
    const week = from.schedule[each]
    return week ? [[each, week] as const] : []
  })
  if (weeks.length === 0) {
    const which = kind ? ` by ${kind}` : ''
    throw new BridgeError('BAD_REQUEST', `No schedule${which} of ${from.name} is known, so there is nothing to copy.`)
  }
  const serials = [...new Set(to.map(spelled))]
  if (serials.includes(from.serial)) throw new BridgeError('BAD_REQUEST', `${from.name} can't be copied to itself.`)
  const command = Object.fromEntries(weeks)
  return serials.map((serial) => ({ serial, command }))
}

async function applyOne(
  devices: House,
  { serial, command }: WantedSchedule,
  dryRun: boolean,
): Promise<ScheduleOutcome> {
  const name = devices.get(serial)?.name ?? null
  try {
    const { written, unchanged, rounded } = await devices.setSchedule(serial, command, { dryRun })
    return { serial, name, ok: true, written, unchanged, rounded, error: null }
  } catch (thrown) {
    const error = asBridgeError(thrown)
    const done = error.details?.written
    const written = Array.isArray(done) ? (done as readonly ScheduleDay[]) : []
    return { serial, name, ok: false, written, unchanged: [], rounded: {}, error: error.body() }
  }
}
