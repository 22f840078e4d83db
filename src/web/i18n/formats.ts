/** Formats of numbers and dates. Making one takes a browser longer than drawing what it formats, so each is made once. */
export class Formats {
  readonly #numbers = new Map<string, Intl.NumberFormat>()
  readonly #dates = new Map<string, Intl.DateTimeFormat>()
  readonly #plurals = new Map<string, Intl.PluralRules>()

  number(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
    return once(this.#numbers, locale, options, () => new Intl.NumberFormat(locale, options))
  }

  plural(locale: string): Intl.PluralRules {
    return once(this.#plurals, locale, {}, () => new Intl.PluralRules(locale))
  }

  date(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return once(this.#dates, locale, options, () => new Intl.DateTimeFormat(locale, options))
  }
}

function once<Format>(made: Map<string, Format>, locale: string, options: object, make: () => Format): Format {
  const key = locale + JSON.stringify(options)
  const format = made.get(key) ?? make()
  made.set(key, format)
  return format
}
