const QUARTER = 15 * 60_000

/** Formats of numbers and dates. Making one takes a browser longer than drawing what it formats, so each is made once. */
export class Formats {
  readonly #numbers = new Map<string, Intl.NumberFormat>()
  readonly #dates = new Map<string, Intl.DateTimeFormat>()
  readonly #clocks = new Map<string | undefined, Intl.DateTimeFormat>()
  /** By zone and quarter of an hour: clocks change at none between. */
  readonly #aheads = new Map<string, number>()
  readonly #plurals = new Map<string, Intl.PluralRules>()

  number(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
    return once(this.#numbers, locale, options, () => new Intl.NumberFormat(locale, options))
  }

  plural(locale: string): Intl.PluralRules {
    return once(this.#plurals, locale, {}, () => new Intl.PluralRules(locale))
  }

  /**
   * ms by which the clocks of a time zone are ahead of UTC.
   * @param at Unix ms
   * @param zone IANA name; undefined, or one that the browser does not know: that of the browser
   */
  ahead(at: number, zone: string | undefined): number {
    const quarter = Math.floor(at / QUARTER) * QUARTER
    const key = `${quarter} ${zone}`
    // A graph and its table ask for the same moments again and again.
    const kept = this.#aheads.get(key)
    if (kept !== undefined) return kept
    const made = this.#clocks.get(zone) ?? clockOf(zone)
    this.#clocks.set(zone, made)
    const part = Object.fromEntries(made.formatToParts(quarter).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    const ahead = Date.UTC(year, month - 1, day, hour, minute, second) - quarter
    if (this.#aheads.size >= 4_096) this.#aheads.clear()
    this.#aheads.set(key, ahead)
    return ahead
  }

  date(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return once(this.#dates, locale, options, () => new Intl.DateTimeFormat(locale, options))
  }
}

function clockOf(zone: string | undefined): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      ...(zone === undefined ? {} : { timeZone: zone }),
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (error) {
    if (zone === undefined || !(error instanceof RangeError)) throw error
    // Zones get new names, which an older browser does not know.
    return clockOf(undefined)
  }
}

function once<Format>(made: Map<string, Format>, locale: string, options: object, make: () => Format): Format {
  const key = locale + JSON.stringify(options)
  const format = made.get(key) ?? make()
  made.set(key, format)
  return format
}
