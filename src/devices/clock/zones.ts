/** Time zones: how far local time is ahead of UTC. */

/** Seconds by which local time is ahead of UTC at a moment. @param moment Unix ms */
export type Zone = (moment: number) => number

/** One that the settings name. */
export interface NamedZone {
  /** From the IANA database. */
  readonly name: string
  readonly ahead: Zone
}

export const hostZone: Zone = (moment) => -new Date(moment).getTimezoneOffset() * 60

/** The host's zone offsets in the winter and summer around a moment, in seconds; a single one when they are the same. */
export function hostZones(moment: number): ReadonlySet<number> {
  const year = new Date(moment).getUTCFullYear()
  return new Set([Date.UTC(year, 0, 15), Date.UTC(year, 6, 15)].map(hostZone))
}

/** Zones change on full quarters of an hour in UTC. */
const QUARTER = 15 * 60_000

/**
 * The zone with a name from the IANA database, such as `Europe/Kyiv`, or `UTC`.
 * @throws RangeError when there is no such zone
 */
function zoneNamed(name: string): NamedZone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  // The same moments are asked for again and again, at each state of the device.
  const known = new Map<number, number>()
  const ahead: Zone = (moment) => {
    const quarter = Math.floor(moment / QUARTER) * QUARTER
    const kept = known.get(quarter)
    if (kept !== undefined) return kept
    const part = Object.fromEntries(format.formatToParts(quarter).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    const seconds = (Date.UTC(year, month - 1, day, hour, minute, second) - quarter) / 1000
    if (known.size >= 64) known.clear()
    known.set(quarter, seconds)
    return seconds
  }
  return { name, ahead }
}

/** The zones that the settings name, by the serials of their devices. */
export function zonesOf(
  configured: readonly { readonly serial: string; readonly timezone?: string | null }[],
): ReadonlyMap<string, NamedZone> {
  return new Map(configured.flatMap(({ serial, timezone }) => (timezone ? [[serial, zoneNamed(timezone)]] : [])))
}
