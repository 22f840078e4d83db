import { asBridgeError, BridgeError, type ErrorCode } from '../../core/errors.ts'
import { otherAlways, type Week } from '../../protocol/schedule.ts'
import type { DeviceLink } from '../link/link.ts'
import type { PlannedDay } from './plans.ts'
import type { FailedDay, ScheduleDay, ScheduleKind } from './types.ts'

/** Errors that concern one day alone; after any other, the next day would fail as well. */
const OF_THE_DAY: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['NOT_APPLIED', 'DEVICE_BAD_REPLY', 'OUT_OF_RANGE'])

/**
 * Writes days one after another and reads each back: devices take only one in a request. A refused day does not keep the
 * others from being written.
 * @param took gets the week read back after each day
 * @param plain whether always on and always off were last taken as a plain 127
 * @returns the days written, which are all of them
 * @throws BridgeError why some were not written; `details` are `{written: [{kind, day}], failed: [{kind, day, code,
 *   message}]}`
 */
export async function writeDays(
  days: readonly PlannedDay[],
  link: () => Pick<DeviceLink, 'writeDay'>,
  took: (kind: ScheduleKind, week: Week) => void,
  plain = () => false,
): Promise<readonly ScheduleDay[]> {
  const written: ScheduleDay[] = []
  const failed: FailedDay[] = []
  const errors: BridgeError[] = []
  for (const { kind, day, encoded } of days) {
    const stopped = errors.find(({ code }) => !OF_THE_DAY.has(code))
    if (stopped) {
      failed.push({ kind, day, code: stopped.code, message: 'Not tried because of the previous failure.' })
      continue
    }
    try {
      const other = otherAlways(encoded)
      const [first, second] = other && plain() ? [other, encoded] : [encoded, other]
      took(kind, await link().writeDay(kind, first, second))
      written.push({ kind, day })
    } catch (thrown) {
      const error = asBridgeError(thrown)
      errors.push(error)
      failed.push({ kind, day, code: error.code, message: error.message })
    }
  }
  const [first] = errors
  if (!first) return written
  throw new BridgeError(codeOf(errors, first), messageOf(days.length, failed, first), {
    details: { ...first.details, written, failed },
    cause: first,
  })
}

function codeOf(errors: readonly BridgeError[], first: BridgeError): ErrorCode {
  const stopped = errors.find(({ code }) => !OF_THE_DAY.has(code))
  if (stopped) return stopped.code
  return errors.every(({ code }) => code === first.code) ? first.code : 'NOT_APPLIED'
}

function messageOf(asked: number, failed: readonly FailedDay[], first: BridgeError): string {
  if (asked === 1) return first.message
  const names = failed.map(({ kind, day }) => `${day} by ${kind}`).join(', ')
  return `${asked - failed.length} of ${asked} days were written and read back, not ${names}. ${first.message}`
}
