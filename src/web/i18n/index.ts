/** The texts of the page in the language chosen, and its times by the clocks of the house. */
import { type Signal, signal } from '@preact/signals'
import { labelIn } from '../../catalog/locales/words.ts'
import { type Fill, filled } from './fill.ts'
import { Formats } from './formats.ts'
import { type Language, type Spoken, spokenIn, type TextKey } from './languages.ts'
import { readNumber } from './typed-number.ts'

export { isLanguage, LANGUAGES, type Language, preferred, type TextKey } from './languages.ts'

export class Texts {
  /** IANA name of the time zone of the house; undefined until it is known: that of the browser. */
  readonly zone = signal<string | undefined>(undefined)
  readonly #spoken: Signal<Spoken>
  readonly #regions: readonly string[]
  readonly #formats = new Formats()
  /** The language last asked for, which may be under way. */
  #wanted: Language

  /** @param regions the browser's languages, such as `en-GB`, for the format of dates */
  constructor(spoken: Spoken, regions: readonly string[] = []) {
    this.#spoken = signal(spoken)
    this.#wanted = spoken.language
    this.#regions = regions
  }

  /** @throws as {@link spokenIn} */
  static async in(language: Language, regions: readonly string[] = []): Promise<Texts> {
    return new Texts(await spokenIn(language), regions)
  }

  get language(): Language {
    return this.#spoken.value.language
  }

  /** Changes to another language once that is loaded. @throws as {@link spokenIn}; the language stays then */
  async speak(language: Language): Promise<void> {
    this.#wanted = language
    const spoken = await spokenIn(language)
    if (this.#wanted === language) this.#spoken.value = spoken
  }

  /** The language with the reader's region, if that goes with it: for numbers, names and order. */
  get locale(): string {
    const { language } = this
    return this.#regions.find((tag) => tag.startsWith(`${language}-`)) ?? language
  }

  /** The language with the reader's region in any case: whether clocks have 12 or 24 hours, and when weeks begin. */
  get #region(): string {
    const { language, locale } = this
    if (locale !== language) return locale
    const region = this.#regions
      .map((tag) => /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?-([A-Z]{2})\b/.exec(tag)?.[1])
      .find(Boolean)
    return region === undefined ? language : `${language}-${region}`
  }

  /** The text of a key with its places filled in; numbers as the language writes them. */
  say = (key: TextKey, fill: Fill = {}): string =>
    filled(this.#spoken.value.texts[key], fill, this.#formats.plural(this.language), (value) => this.number(value))

  /** The text for a value from the bridge; the value itself if there is no text. */
  lookUp(prefix: string, name: string): string {
    const key = `${prefix}.${name}`
    return this.find(key) ?? name
  }

  /** The text of a key; null if there is none. */
  find(key: string, fill: Fill = {}): string | null {
    return this.#has(key) ? this.say(key, fill) : null
  }

  #has = (key: string): key is TextKey => Object.hasOwn(this.#spoken.value.texts, key)

  /** Name and text of a datapoint; the bridge sends English ones. */
  datapoint(point: { readonly key: string; readonly name: string; readonly text: string }): {
    name: string
    text: string
  } {
    const { names } = this.#spoken.value
    return { name: names[`${point.key}.name`] ?? point.name, text: names[`${point.key}.text`] ?? point.text }
  }

  /** What one value of a datapoint is called; the value itself where it needs no words. */
  label = (point: { readonly key: string }, value: string): string => labelIn(this.#spoken.value.words, point, value)

  number(value: number, decimals?: number): string {
    const digits = decimals === undefined ? {} : { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
    return this.#formats.number(this.locale, { maximumFractionDigits: 2, ...digits }).format(value)
  }

  /** As it stands in a field: without thousands, and with all that it has. */
  field = (value: number): string =>
    this.#formats.number(this.locale, { useGrouping: false, maximumFractionDigits: 10 }).format(value)

  /** What somebody has typed, with a comma or a point; undefined if that is no number. */
  read = (text: string): number | undefined => readNumber(text, this.locale)

  /** What a unit of the bridge is called, such as `kWh`. */
  unit = (unit: string): string => this.find(`unit.${unit}`) ?? unit

  /** A number with its unit, which stay on one line. */
  quantity = (value: number, unit: string, decimals?: number): string =>
    `${this.number(value, decimals)}\u00a0${this.unit(unit)}`

  /** @param share 0 to 1 */
  percent = (share: number): string =>
    this.#formats.number(this.locale, { style: 'percent', maximumFractionDigits: 0 }).format(share)

  /** Several names as one text. */
  names = (names: readonly string[]): string => new Intl.ListFormat(this.locale, { type: 'conjunction' }).format(names)

  /** Days of the week, which are given from Monday on, as they follow each other where the reader lives. */
  week<Day>(fromMonday: readonly Day[]): readonly Day[] {
    const first = firstDayOf(this.#region) - 1
    return [...fromMonday.slice(first), ...fromMonday.slice(0, first)]
  }

  /**
   * What the clocks show: a local time without a zone, such as 2026-12-20T18:00:00. All that is said of times begins with this.
   * @param time Unix ms or ISO; one without a zone, such as the end of an away, is a local time already and stays as it is
   * @param zone where a thermostat goes by another zone than the house
   */
  local = (time: number | string, zone: string | null = null): string => {
    if (typeof time === 'string' && /T[\d:.]+$/.test(time)) return time
    const at = new Date(time).getTime()
    // Anybody can ask a device for anything, and the log says what was asked: what is no time stays as it is.
    if (!(Math.abs(at) <= LATEST)) return String(time)
    return new Date(at + this.ahead(at, zone)).toISOString().slice(0, 19)
  }

  /** The moment of a local time, in Unix ms: one of both in an hour that clocks repeat, and one close to an hour that they skip. */
  momentOf = (local: string, zone: string | null = null): number => {
    const asUtc = Date.parse(`${local}Z`)
    return asUtc - this.ahead(asUtc - this.ahead(asUtc, zone), zone)
  }

  /** ms by which the clocks are ahead of UTC. @param at Unix ms */
  ahead = (at: number, zone: string | null = null): number => this.#formats.ahead(at, zone ?? this.zone.value)

  /** Whether the clocks of the house and those of whoever looks differ now. */
  get elsewhere(): boolean {
    const now = Date.now()
    return this.ahead(now) !== this.#formats.ahead(now, undefined)
  }

  time(time: number | string | null, zone: string | null = null): string {
    if (time === null) return this.say('common.never')
    return this.#written(this.local(time, zone), { dateStyle: 'medium', timeStyle: 'short' })
  }

  /** Half an hour, or whole hours, in the words of the language. */
  duration(minutes: number): string {
    const [unit, value] = minutes % 60 === 0 ? (['hour', minutes / 60] as const) : (['minute', minutes] as const)
    return this.#formats.number(this.locale, { style: 'unit', unit, unitDisplay: 'short' }).format(value)
  }

  /** A time of day, such as `06:30`. */
  clock(time: string): string {
    if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) return time
    return this.#written(`2000-01-01T${time}`, { hour: '2-digit', minute: '2-digit' })
  }

  /**
   * A moment on the axis of a graph: its day at midnight, else its time.
   * @param at Unix ms
   * @param days whether only days are told apart
   */
  tick(at: number, days: boolean): string {
    const local = this.local(at)
    const parts = days || local.endsWith('T00:00:00') ? DATE : ({ hour: '2-digit', minute: '2-digit' } as const)
    return this.#written(local, parts)
  }

  /** A day, the first day of a week, or a month. */
  date(iso: string, of: 'day' | 'week' | 'month'): string {
    const parts =
      of === 'month' ? ({ month: 'long', year: 'numeric' } as const) : ({ ...DATE, weekday: 'short' } as const)
    return this.#written(this.local(iso), parts)
  }

  /** The shortest that a day of the week is known by. @param day 0 for Monday */
  weekday(day: number): string {
    // The first of January 2024 was a Monday.
    return this.#formats.date(this.locale, { weekday: 'short' }).format(new Date(2024, 0, 1 + day))
  }

  money(value: number, currency: string): string {
    return `${this.number(value, 2)}\u00a0${currency}`
  }

  /**
   * When something will be or was, as short as it stays clear: 22:00, Mon 07:00, or 5 Dec 07:00.
   * @param now local time there
   */
  moment(
    time: number | string,
    { zone = null, now = this.local(Date.now(), zone), seconds = false }: MomentOptions = {},
  ): string {
    const at = this.local(time, zone)
    const days = Math.abs(dayNumber(at) - dayNumber(now))
    const day = days === 0 ? {} : days < 7 ? ({ weekday: 'short' } as const) : DATE
    const year = days > 300 ? ({ year: 'numeric' } as const) : {}
    const clock = { hour: '2-digit', minute: '2-digit', ...(seconds ? ({ second: '2-digit' } as const) : {}) } as const
    return this.#written(at, { ...day, ...year, ...clock })
  }

  /** A local time as it is, whatever the zone of the browser. */
  #written = (local: string, parts: Intl.DateTimeFormatOptions): string => {
    const at = new Date(`${local}Z`)
    if (Number.isNaN(at.getTime())) return local
    return this.#formats.date(this.#region, { ...parts, timeZone: 'UTC' }).format(at)
  }
}

interface MomentOptions {
  readonly zone?: string | null
  readonly now?: string
  readonly seconds?: boolean
}

/** The end of the year 9999, in Unix ms. */
const LATEST = 253_402_214_400_000

const DATE = { day: 'numeric', month: 'short' } as const

/** Of a local time, counted on from any day. */
const dayNumber = (local: string): number => Date.parse(local.slice(0, 10)) / 86_400_000

/** 1 is Monday. Not every browser knows, and most of the world begins with Monday. */
function firstDayOf(region: string): number {
  const locale: Intl.Locale & Partial<WeekInfo> = new Intl.Locale(region)
  const { firstDay } = locale.getWeekInfo?.() ?? locale.weekInfo ?? { firstDay: 1 }
  return firstDay
}

/** In TypeScript from ES2026 on; some browsers have it under its earlier name. */
interface WeekInfo {
  getWeekInfo(): { readonly firstDay: number }
  readonly weekInfo: { readonly firstDay: number }
}
