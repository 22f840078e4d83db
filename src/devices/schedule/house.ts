/** Schedules of several thermostats at once: copied from one, or brought back from a file. */

import type { Actor } from '../../core/actor.ts'
import { asBridgeError, BridgeError, type ErrorBody } from '../../core/errors.ts'
import { spelled } from '../../core/serial.ts'
import type { Devices, DeviceView } from '../ports.ts'
import type { WantedSchedule } from './file.ts'
import { SCHEDULE_KINDS, type ScheduleDay, type ScheduleKind, type ScheduleResult } from './types.ts'

/** The most thermostats written to at the same time. */
const AT_ONCE = 8

type House = Pick<Devices, 'get' | 'serials' | 'setSchedule'>

/** The result for one thermostat; in a dry run, what it would be. */
export interface ScheduleOutcome {
  readonly serial: string
  /** null for an unknown thermostat. */
  readonly name: string | null
  /** Whether everything is, or in a dry run would be, as asked. */
  readonly ok: boolean
  /** Days written and read back, even where others failed; in a dry run, the days that would be written. */
  readonly written: readonly ScheduleDay[]
  readonly unchanged: readonly ScheduleDay[]
  /** Temperatures that had to be rounded to what the device can hold, by `<kind>.<day>.<time>`. */
  readonly rounded: ScheduleResult['rounded']
  readonly error: ErrorBody | null
}

/**
 * Writes its schedule to each thermostat. A thermostat checks all of its days before any is sent. One that refuses or can't be
 * reached does not hold up the others.
 * @param dryRun reads what the thermostats hold, and writes nothing
 */
export async function applySchedules(
  devices: House,
  wanted: readonly WantedSchedule[],
  by: Actor,
  dryRun: boolean,
): Promise<readonly ScheduleOutcome[]> {
  const outcomes: ScheduleOutcome[] = []
  for (let first = 0; first < wanted.length; first += AT_ONCE) {
    const some = wanted.slice(first, first + AT_ONCE)
    outcomes.push(...(await Promise.all(some.map((one) => applyOne(devices, one, by, dryRun)))))
  }
  return outcomes
}

/** @throws BridgeError `BAD_REQUEST` when none of the thermostats is known here: the file is from another house */
export async function bringBack(
  devices: House,
  wanted: readonly WantedSchedule[],
  by: Actor,
  dryRun: boolean,
): Promise<readonly ScheduleOutcome[]> {
  if (!wanted.some(({ serial }) => devices.get(serial))) {
    throw new BridgeError(
      'BAD_REQUEST',
      `None of the thermostats in the file (${wanted.length}) is known here: the file is from another house. Nothing was changed.`,
    )
  }
  return applySchedules(devices, wanted, by, dryRun)
}

/**
 * The command that makes other thermostats like one.
 * @param kind the schedule to copy; left out, all that the thermostat has
 * @throws BridgeError `BAD_REQUEST` when there is nothing to copy, or no thermostat to copy it to
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
  by: Actor,
  dryRun: boolean,
): Promise<ScheduleOutcome> {
  const name = devices.get(serial)?.name ?? null
  try {
    const { written, unchanged, rounded } = await devices.setSchedule(serial, command, by, { dryRun })
    return { serial, name, ok: true, written, unchanged, rounded, error: null }
  } catch (thrown) {
    const error = asBridgeError(thrown)
    const done = error.details?.written
    const written = Array.isArray(done) ? (done as readonly ScheduleDay[]) : []
    return { serial, name, ok: false, written, unchanged: [], rounded: {}, error: error.body() }
  }
}
