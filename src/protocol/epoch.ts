/** Device time: seconds since 2000-01-01 00:00, a whole number of TOTP steps after the Unix epoch. */
export const EPOCH_2000 = 946684800

/** The last second that uint32 holds, in 2136. */
export const LATEST_TIME = 0xffffffff

/** ISO time of device seconds, with `Z` only if they are known to be UTC. */
export function deviceTimeToIso(seconds: number, zone: 'device' | 'utc'): string {
  const iso = new Date((seconds + EPOCH_2000) * 1000).toISOString().slice(0, 19)
  return zone === 'utc' ? `${iso}Z` : iso
}

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?:(:\d\d)(?:\.\d+)?)?(Z|([+-])(\d\d):(\d\d))?$/

/** A parsed ISO time. */
export interface IsoTime {
  /** Date and time as seconds since 2000, ignoring the zone; negative before 2000. */
  readonly local: number
  /** Offset of its zone from UTC in seconds; null without a zone. */
  readonly ahead: number | null
}

/** Reads an ISO time, with or without a zone; undefined if it is invalid or does not exist. */
export function parseIso(text: string): IsoTime | undefined {
  const match = ISO.exec(text)
  if (!match) return undefined
  const [, date, minutes, seconds = ':00', zone, sign, hours, quarters] = match
  const local = `${date}T${minutes}${seconds}`
  const asUtc = new Date(`${local}Z`)
  // Date turns 30 February into 2 March, and 24:00 into the next day.
  if (Number.isNaN(asUtc.getTime()) || asUtc.toISOString().slice(0, 19) !== local) return undefined
  const minutesAhead = Number(hours ?? 0) * 60 + Number(quarters ?? 0)
  if (minutesAhead >= 24 * 60 || Number(quarters ?? 0) > 59) return undefined
  const ahead = minutesAhead === 0 ? 0 : (sign === '-' ? -60 : 60) * minutesAhead
  return { local: asUtc.getTime() / 1000 - EPOCH_2000, ahead: zone === undefined ? null : ahead }
}

/**
 * Device seconds of an ISO time; undefined if it is invalid or outside 2000 to 2136. In zone `device`, a time with a
 * zone is refused, since its relation to the device's clock is unknown; in `utc`, a missing zone means UTC.
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

/** HH:MM as minutes since midnight; undefined if it is not a time of day. */
export function timeToMinutes(text: string): number | undefined {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text)
  return match ? Number(match[1]) * 60 + Number(match[2]) : undefined
}
