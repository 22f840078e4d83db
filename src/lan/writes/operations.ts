/** Writes other than parameters: resets, one day of the schedule, the clock. */
import { isObject, type JsonObject } from '../../core/json.ts'
import { timeToMinutes } from '../../protocol/epoch.ts'
import { type DeviceTime, type ParameterList, parseDeviceTime, parseParameters } from '../../protocol/replies.ts'
import { DAYS, type EncodedDay, parseWeek, showsDay, type Week } from '../../protocol/schedule.ts'
import type { Reader } from '../reader.ts'
import type { ScheduleKind } from '../types.ts'
import type { Operation } from './delivery.ts'
import { clockBody, commandBody, writeBody } from './sign.ts'

/** An operation whose result can be compared with the state before. */
export interface JudgedOperation<R> extends Operation<R> {
  /** Whether the result is what was wanted; undefined if the result alone does not show it. */
  wanted(result: R): boolean | undefined
  /** Whether it shows that the write, and nothing else, changed something. */
  changed(result: R): boolean
}

interface Target {
  readonly serial: string
  readonly reader: Reader
}

/** Follows the mode in force and the clock, so its change proves nothing. */
const CURRENT_SETPOINT = 31

/** No document has the factory values of every model, so only a change shows that they were set. */
export function parameterReset({ serial, reader }: Target, before: ParameterList): JudgedOperation<ParameterList> {
  const changed = (list: ParameterList) =>
    [...list].some(([id, { value }]) => id !== CURRENT_SETPOINT && before.get(id)?.value !== value)
  return {
    body: (sign) => commandBody(serial, 5, sign),
    fromReply: (reply) => {
      if (!('par' in reply)) return undefined
      const list = parseParameters(reply)
      reader.note(list)
      return list
    },
    readBack: () => reader.parameters(),
    applied: changed,
    mayRepeat: () => false,
    changed,
    wanted: () => undefined,
  }
}

/** The week that every vendor's document prints as the answer to the reset ("Commands", `{"cmd":6}`). */
const WORKDAY = '[[360,300],[480,250],[1020,300],[1320,250]]'
const WEEKEND = '[[480,300],[1380,250]]'

function isFactory(week: Week): boolean {
  return DAYS.every((day, index) => {
    const pairs = week[day].map(({ time, temperature }) => [timeToMinutes(time), Math.round(temperature * 10)])
    return JSON.stringify(pairs) === (index < 5 ? WORKDAY : WEEKEND)
  })
}

export function scheduleReset({ serial, reader }: Target, before: Week): JudgedOperation<Week> {
  const changed = (week: Week) => JSON.stringify(week) !== JSON.stringify(before)
  // Other factory weeks are not known; a week that a reset can't have produced shows that there was no reset.
  const untouched = (week: Week) => !changed(week) && !isFactory(week)
  return {
    body: (sign) => commandBody(serial, 6, sign),
    fromReply: (reply) => weekOf(reply, 'tt'),
    readBack: () => reader.week('floor'),
    applied: (week) => changed(week) || isFactory(week),
    mayRepeat: untouched,
    changed,
    wanted: (week) => (isFactory(week) ? true : untouched(week) ? false : undefined),
  }
}

export function dayWrite({ serial, reader }: Target, kind: ScheduleKind, day: EncodedDay): JudgedOperation<Week> {
  const key = kind === 'air' ? 'ttAir' : 'tt'
  const before = reader.weekBefore(kind)
  const wanted = (week: Week) => showsDay(week, day)
  return {
    body: (sign) => writeBody(serial, `"${key}":${JSON.stringify(day)}`, sign),
    fromReply: (reply) => {
      const week = weekOf(reply, key)
      return typeof week === 'object' ? reader.noteWeek(kind, week) : week
    },
    readBack: () => reader.week(kind),
    applied: wanted,
    changed: (week) => before !== undefined && !wanted(before) && wanted(week),
    wanted,
  }
}

/** Seconds by which a clock may be off right after it was set. */
const CLOCK_TOLERANCE = 60

/** @param time seconds since 2000 @param zone hours east of UTC */
export function clockSet(
  { serial, reader }: Target,
  time: number,
  zone: number | undefined,
): JudgedOperation<DeviceTime> {
  const before = reader.clock.now()
  const wanted = (shown: DeviceTime) =>
    Math.abs(shown.time - time) <= CLOCK_TOLERANCE &&
    (zone === undefined || shown.zone === undefined || shown.zone === zone)
  return {
    body: (sign) => clockBody(serial, `"time":"${time}"${zone === undefined ? '' : `,"tzone":"${zone}"`}`, sign),
    fromReply: (reply) => ('time' in reply ? parseDeviceTime(reply) : undefined),
    readBack: () => reader.time(),
    applied: wanted,
    changed: (shown) =>
      before !== undefined &&
      Math.abs(before - time) > 2 * CLOCK_TOLERANCE &&
      Math.abs(shown.time - before) > CLOCK_TOLERANCE,
    wanted,
  }
}

/** The week in a reply; `accepted` if the reply shows only a part of it, such as the written day. */
function weekOf(reply: JsonObject, key: 'tt' | 'ttAir'): Week | 'accepted' | undefined {
  const table = reply[key]
  if (!isObject(table)) return undefined
  return DAYS.every((_, index) => String(index) in table) ? parseWeek(reply, key) : 'accepted'
}
