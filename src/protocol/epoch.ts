/** Device time: seconds since 2000-01-01 00:00, a whole number of TOTP steps after the Unix epoch. */
export const EPOCH_2000 = 946684800

/** The last second that uint32 holds, in 2136. */
export const LATEST_TIME = 0xffffffff

/** ISO time of device seconds, with `Z` only when they are known to be UTC. */
export function deviceTimeToIso(seconds: number, zone: 'device' | 'utc'): string {
  const iso = new Date((seconds + EPOCH_2000) * 1000).toISOString().slice(0, 19)
  return zone === 'utc' ? `${iso}Z` : iso
}

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?:(:\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/

/**
 * Device seconds of an ISO time; undefined when it is none or lies outside of 2000 to 2136. In zone `device` a time with a
 * zone of its own is refused, since nobody knows how the device's clock relates to it; in `utc` a missing zone means UTC.
 */
export function isoToDeviceTime(text: string, zone: 'device' | 'utc'): number | undefined {
  const match = ISO.exec(text)
  if (!match) return undefined
  const [, date, minutes, seconds = ':00', offset] = match
  if (zone === 'device' && offset) return undefined
  const local = `${date}T${minutes}${seconds}`
  const asUtc = new Date(`${local}Z`)
  // Date takes 30 February for 2 March, and 24:00 for the day after.
  if (Number.isNaN(asUtc.getTime()) || asUtc.toISOString().slice(0, 19) !== local) return undefined
  const time = Date.parse(`${local}${offset ?? 'Z'}`) / 1000 - EPOCH_2000
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
