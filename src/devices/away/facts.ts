/** When away begins and ends: from what a person says to what the device holds. */
import { BridgeError } from '../../core/errors.ts'
import { deviceTimeToIso, isoToDeviceTime, minutesToTime, parseIso } from '../../protocol/epoch.ts'
import type { DeviceTimes } from '../clock/times.ts'

const DAY = 86_400

/**
 * The length of an away that has no end. The device requires an end, so the bridge writes one exactly this long after the
 * start, and recognises it by that, even after a restart. Six years are longer than anybody is away. They also end before
 * 2038, where the time overflows in firmware that keeps it as signed Unix time.
 */
const WITHOUT_END = 2192 * DAY

/** Seconds since 2000: the last moment of unsigned 32-bit Unix time, in 2106. */
const LATEST = 0xffffffff - 946_684_800

/** The keys that set a time of away, and the end that each sets. The UTC keys read a time without a zone as UTC. */
export const AWAY_KEYS: ReadonlyMap<string, { readonly end: AwayEnd; readonly utc: boolean }> = new Map([
  ['away_start', { end: 'start', utc: false }],
  ['away_end', { end: 'end', utc: false }],
  ['away_start_utc', { end: 'start', utc: true }],
  ['away_end_utc', { end: 'end', utc: true }],
])

export type AwayEnd = 'start' | 'end'

/** One end as a person asked for it; a `value` of null means that there is none. */
export interface AwayAsked {
  readonly key: string
  readonly value: unknown
}

/** Seconds since 2000 in UTC; null when it is not set. A start alone is an away without an end. */
export interface AwayTimes {
  readonly start: number | null
  readonly end: number | null
}

/** Both ends as the parameters of a device hold them. */
export interface AwayParameters {
  readonly start: unknown
  readonly end: unknown
}

const refuse = (key: string, why: string) => new BridgeError('OUT_OF_RANGE', `${key} ${why}`)

/**
 * The moment that a person means.
 * @throws BridgeError `BAD_REQUEST` when it is not a time; `OUT_OF_RANGE` for a local time that does not exist or exists twice
 */
function momentOf({ key, value }: AwayAsked, times: DeviceTimes): number {
  const parsed = typeof value === 'string' ? parseIso(value.trim()) : undefined
  if (!parsed) {
    throw new BridgeError(
      'BAD_REQUEST',
      `${key} must be an ISO time, such as 2026-12-20T18:00 in local time or 2026-12-20T18:00+02:00, or null, not ${JSON.stringify(value)?.slice(0, 60)}.`,
    )
  }
  const ahead = parsed.ahead ?? (AWAY_KEYS.get(key)?.utc ? 0 : null)
  const moments = ahead === null ? times.momentsOf(parsed.local) : [parsed.local - ahead]
  const [moment] = moments
  if (moment === undefined) {
    throw refuse(key, `can't be ${value}: clocks are put forward over that time. Give an hour that exists.`)
  }
  if (moments.length > 1) {
    const offset = offsetText(parsed.local - moment)
    throw refuse(
      key,
      `can't be ${value}: that time occurs twice, because clocks are put back. Say which one you mean, such as ${value}${offset}.`,
    )
  }
  if (moment < 0 || moment > LATEST) {
    throw refuse(key, `can't be ${value}: devices count seconds in 32 bits, which end in February 2106.`)
  }
  return moment
}

function offsetText(ahead: number): string {
  const minutes = Math.abs(ahead) / 60
  return `${ahead < 0 ? '-' : '+'}${minutesToTime(Math.floor(minutes))}`
}

/**
 * The start and end to write; both are null to clear away. A time that the person leaves out stays as it is; without a current
 * away, the start becomes now and there is no end. When away is to begin now, the start is written as a day ago, so that away
 * holds at once in any zone that the device may count in.
 * @param current what the device has now
 * @throws BridgeError as `momentOf` does; `OUT_OF_RANGE` when away would end before it starts, or has already ended
 */
export function planAway(
  asked: Readonly<Partial<Record<AwayEnd, AwayAsked>>>,
  current: AwayTimes,
  times: DeviceTimes,
): AwayTimes {
  const { start, end } = asked
  const given = [start, end].filter((one) => one !== undefined)
  if (given.every(({ value }) => value === null || value === '')) return { start: null, end: null }
  const isSet = (one: AwayAsked | undefined) => one !== undefined && one.value !== null && one.value !== ''
  const now = times.utc
  const from = isSet(start) && start ? momentOf(start, times) : start ? null : current.start
  const to = isSet(end) && end ? momentOf(end, times) : end ? null : current.end
  // An away that is over has no bearing on the next one.
  const over = current.end !== null && current.end <= now
  const begins = from === null || (over && !isSet(start)) ? sinceYesterday(times) : from
  const stale = !isSet(end) && to !== null && (to <= now || to <= begins)
  if (to === null || stale) return { start: begins, end: null }
  const named = end ?? start
  if (named && to <= now) {
    throw refuse(
      named.key,
      `can't be ${named.value}: by the clock of the device, that time has passed. Away must end later.`,
    )
  }
  if (named && to <= begins) {
    throw refuse(named.key, `can't be ${named.value}: away would end before it starts, or as it starts.`)
  }
  return { start: begins, end: to }
}

/** Away from now on until somebody ends it. */
export function awayFromNow(times: DeviceTimes): AwayTimes {
  return { start: sinceYesterday(times), end: null }
}

/** A clock that was never set may still be in its first day of 2000; the device can hold no earlier time. */
function sinceYesterday({ utc }: DeviceTimes): number {
  return Math.max(utc - DAY, 1)
}

/** The times as the device's parameters hold them. @param zone the zone that those parameters count in */
export function toParameters(
  { start, end }: AwayTimes,
  zone: 'device' | 'utc',
  times: DeviceTimes,
): { readonly start: string | null; readonly end: string | null } {
  const counted = (moment: number) => (zone === 'utc' ? moment : times.deviceTime(moment))
  const from = start === null ? null : counted(start)
  const to = end !== null ? counted(end) : from === null ? null : from + WITHOUT_END
  const iso = (time: number | null) => (time === null ? null : deviceTimeToIso(time, zone))
  return { start: iso(from), end: iso(to) }
}

/** The times that values read from these parameters stand for. */
export function fromParameters(held: AwayParameters, zone: 'device' | 'utc', times: DeviceTimes): AwayTimes {
  const moment = (value: unknown) => {
    const time = secondsOf(value, zone)
    if (time === undefined) return null
    return zone === 'utc' ? time : times.momentOf(time)
  }
  return { start: moment(held.start), end: isWithoutEnd(held, zone) ? null : moment(held.end) }
}

/** Whether the end is the one that means "without end". */
export function isWithoutEnd({ start, end }: AwayParameters, zone: 'device' | 'utc'): boolean {
  const from = secondsOf(start, zone)
  return from !== undefined && secondsOf(end, zone) === from + WITHOUT_END
}

/**
 * A value read from such a parameter as the state shows it: local time without a zone. Unchanged while the device's clock is
 * not known.
 */
export function localTime(value: unknown, zone: 'device' | 'utc', times: DeviceTimes | null): string | null {
  const time = secondsOf(value, zone)
  if (time === undefined) return null
  if (!times) return deviceTimeToIso(time, zone)
  return deviceTimeToIso(zone === 'utc' ? time + times.aheadAt(time) : times.localOf(time), 'device')
}

/** Undefined when none is set. */
function secondsOf(value: unknown, zone: 'device' | 'utc'): number | undefined {
  return typeof value === 'string' ? isoToDeviceTime(value, zone) : undefined
}
