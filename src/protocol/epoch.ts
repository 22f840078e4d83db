/** Device time: seconds since 2000-01-01 00:00, a whole number of TOTP steps after the Unix epoch. */
export const EPOCH_2000 = 946684800

/** The last second that uint32 holds, in 2136. */
export const LATEST_TIME = 0xffffffff

/** ISO time of device seconds, with `Z` only when they are known to be UTC. */
export function deviceTimeToIso(seconds: number, zone: 'device' | 'utc'): string {
  const iso = new Date((seconds + EPOCH_2000) * 1000).toISOString().slice(0, 19)
  return zone === 'utc' ? `${iso}Z` : iso
}

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?:(:\d\d)(?:\.\d+)?)?(Z|([+-])(\d\d):(\d\d))?$/

/** An ISO time as it was written. */
export interface IsoTime {
  /** Seconds since 2000 of date and time, whatever the zone; before 2000 negative. */
  readonly local: number
  /** Seconds by which it says that local time is ahead of UTC; null when it names no zone. */
  readonly ahead: number | null
}

/** Reads an ISO time, with or without a zone; undefined when it is none, or a day or time that does not exist. */
export function parseIso(text: string): IsoTime | undefined {
  const match = ISO.exec(text)
  if (!match) return undefined
  const [, date, minutes, seconds = ':00', zone, sign, hours, quarters] = match
  const local = `${date}T${minutes}${seconds}`
  const asUtc = new Date(`${local}Z`)
  // Date takes 30 February for 2 March, and 24:00 for the day after.
  if (Number.isNaN(asUtc.getTime()) || asUtc.toISOString().slice(0, 19) !== local) return undefined
  const minutesAhead = Number(hours ?? 0) * 60 + Number(quarters ?? 0)
  if (minutesAhead >= 24 * 60 || Number(quarters ?? 0) > 59) return undefined
  const ahead = minutesAhead === 0 ? 0 : (sign === '-' ? -60 : 60) * minutesAhead
  return { local: asUtc.getTime() / 1000 - EPOCH_2000, ahead: zone === undefined ? null : ahead }
}

/**
 * Device seconds of an ISO time; undefined when it is none or lies outside of 2000 to 2136. In zone `device` a time with a
 * zone of its own is refused, since nobody knows how the device's clock relates to it; in `utc` a missing zone means UTC.
 */
export function isoToDeviceTime(text: string, zone: 'device' | 'utc'): number | undefined {
  const parsed = parseIso(text)
  if (!parsed || (zone === 'device' && parsed.ahead !== null)) return undefined
  const time = parsed.local - (parsed.ahead ?? 0)
  return time >= 0 && time <= LATEST_TIME ? time : undefined
}

/** Minutes since midnight (0 to 1439) as HH:MM. */
export function minutesToTime(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** HH:MM as minutes since midnight; undefined when it is no time of day. */
export function timeToMinutes(text: string): number | undefined {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text)
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined
}
