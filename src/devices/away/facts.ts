/** When away begins and ends, from what a person says to what the device holds. */
import { BridgeError } from '../../core/errors.ts'
import { deviceTimeToIso, isoToDeviceTime, parseIso } from '../../protocol/epoch.ts'
import type { DeviceTimes } from '../clock/times.ts'

const DAY = 86_400

/**
 * What a device holds as the end of an away without one, since it wants one: exactly so long after the start, by which it is
 * known again, whoever reads it and after whatever restart. Six years are longer than anybody is away, and short of 2038, where
 * the time ends for a firmware that keeps it as signed Unix time.
 */
const WITHOUT_END = 2192 * DAY

/** In seconds since 2000: what is left of the Unix time that 32 bits hold, in 2106. */
const LATEST = 0xffffffff - 946_684_800

/** The keys that take a time of away, and which end each is about. Those of UTC take a missing zone for UTC. */
export const AWAY_KEYS: ReadonlyMap<string, { readonly end: AwayEnd; readonly utc: boolean }> = new Map([
  ['away_start', { end: 'start', utc: false }],
  ['away_end', { end: 'end', utc: false }],
  ['away_start_utc', { end: 'start', utc: true }],
  ['away_end_utc', { end: 'end', utc: true }],
])

export type AwayEnd = 'start' | 'end'

/** One end as a person asked for it; `value` null means without. */
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
 * @throws BridgeError `BAD_REQUEST` for what is no time, `OUT_OF_RANGE` for one that there is not, or not once
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
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0')
  return `${ahead < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

/**
 * The start and end to be written; both null clear away. What a person leaves out stays as it is, or becomes now and without
 * an end. Away begins a day ago when it is to begin now: so it holds at once in whatever zone the device counts.
 * @param current what the device has now
 * @throws BridgeError of `momentOf`; `OUT_OF_RANGE` when it would end before it starts, or is over already
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
  // An away that is over says nothing about the next.
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

/** Away from now until it is taken back. */
export function awayFromNow(times: DeviceTimes): AwayTimes {
  return { start: sinceYesterday(times), end: null }
}

/** A clock that was never set may have begun in 2000, before which there is nothing to say. */
function sinceYesterday({ utc }: DeviceTimes): number {
  return Math.max(utc - DAY, 1)
}

/** As the parameters of the device have it. @param zone what those count in */
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

/** The moments of values read from such parameters. */
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

/** A value read from such a parameter as the state shows it, in local time without a zone; as it is while that is not known. */
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
