/** The texts of the page in the language chosen. */
import { type Signal, signal } from '@preact/signals'
import { labelIn } from '../../catalog/locales/words.ts'
import { Formats } from './formats.ts'
import { type Language, type Spoken, spokenIn, type TextKey } from './languages.ts'

export { isLanguage, LANGUAGES, type Language, preferred, type TextKey } from './languages.ts'

type Fill = Readonly<Record<string, string | number>>

export class Texts {
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

  /** The language with the reader's region, for dates and numbers. */
  get locale(): string {
    const { language } = this
    return this.#regions.find((tag) => tag.startsWith(`${language}-`)) ?? language
  }

  /** The text of a key with its places filled in. */
  say = (key: TextKey, fill: Fill = {}): string =>
    this.#spoken.value.texts[key].replace(/\{(\w+)\}/g, (place, name: string) => String(fill[name] ?? place))

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

  time(iso: string | null): string {
    if (iso === null) return this.say('common.never')
    const format = this.#formats.date(this.locale, { dateStyle: 'medium', timeStyle: 'short' })
    return format.format(new Date(iso))
  }

  /** Half an hour, or whole hours, in the words of the language. */
  duration(minutes: number): string {
    const [unit, value] = minutes % 60 === 0 ? (['hour', minutes / 60] as const) : (['minute', minutes] as const)
    return this.#formats.number(this.locale, { style: 'unit', unit, unitDisplay: 'short' }).format(value)
  }

  /** A day, the first day of a week, or a month. */
  date(iso: string, of: 'day' | 'week' | 'month'): string {
    const parts =
      of === 'month' ? ({ month: 'long', year: 'numeric' } as const) : ({ ...DATE, weekday: 'short' } as const)
    return this.#formats.date(this.locale, parts).format(new Date(iso))
  }

  /** The shortest that a day of the week is known by. @param day 0 for Monday */
  weekday(day: number): string {
    // The first of January 2024 was a Monday.
    return this.#formats.date(this.locale, { weekday: 'short' }).format(new Date(2024, 0, 1 + day))
  }

  money(value: number, currency: string): string {
    return `${this.number(value, 2)} ${currency}`
  }

  /** When something will be or was, as short as it stays clear: 22:00, Mon 07:00, or 5 Dec 07:00. */
  moment(iso: string, now: Date, { seconds = false } = {}): string {
    const at = new Date(iso)
    const days = Math.abs(Math.round((dayOf(at) - dayOf(now)) / 86_400_000))
    const day = days === 0 ? {} : days < 7 ? ({ weekday: 'short' } as const) : DATE
    const year = days > 300 ? ({ year: 'numeric' } as const) : {}
    const time = { hour: '2-digit', minute: '2-digit', ...(seconds ? ({ second: '2-digit' } as const) : {}) } as const
    return this.#formats.date(this.locale, { ...day, ...year, ...time }).format(at)
  }
}

const DATE = { day: 'numeric', month: 'short' } as const

/** Local midnight in Unix ms. */
const dayOf = (at: Date): number => new Date(at).setHours(0, 0, 0, 0)
