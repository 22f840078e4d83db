/** The texts of the page in the language chosen. */
import { type Signal, signal } from '@preact/signals'
import { labelOf } from '../../catalog/locales/labels.ts'
import { ru as namesRu } from '../../catalog/locales/ru.ts'
import { uk as namesUk } from '../../catalog/locales/uk.ts'
import { plainEnglish } from './plain-english.ts'
import { type Dictionary, en, ru, type TextKey, uk } from './texts/index.ts'

export type { TextKey } from './texts/index.ts'

export const LANGUAGES = { en: 'English', uk: 'Українська', ru: 'Русский' } as const
export type Language = keyof typeof LANGUAGES

const TEXTS: Readonly<Record<Language, Dictionary>> = { en, uk, ru }
const NAMES: Readonly<Record<Language, Readonly<Record<string, readonly [string, string]>>>> = {
  en: plainEnglish,
  uk: namesUk,
  ru: namesRu,
}

export const isLanguage = (value: string | null | undefined): value is Language =>
  value !== null && value !== undefined && Object.hasOwn(LANGUAGES, value)

/** The first of somebody's languages that the page has. */
export function preferred(languages: readonly string[]): Language {
  for (const tag of languages) {
    const language = tag.toLowerCase().split('-')[0]
    if (isLanguage(language)) return language
  }
  return 'en'
}

type Fill = Readonly<Record<string, string | number>>

export class Texts {
  readonly language: Signal<Language>
  readonly #regions: readonly string[]

  /** @param regions the browser's languages, such as `en-GB`, for the format of dates */
  constructor(language: Language, regions: readonly string[] = []) {
    this.language = signal(language)
    this.#regions = regions
  }

  /** The language with the reader's region, for dates and numbers. */
  get locale(): string {
    const language = this.language.value
    return this.#regions.find((tag) => tag.startsWith(`${language}-`)) ?? language
  }

  /** The text of a key with its places filled in. */
  say = (key: TextKey, fill: Fill = {}): string =>
    TEXTS[this.language.value][key].replace(/\{(\w+)\}/g, (place, name: string) => String(fill[name] ?? place))

  /** The text for a value from the bridge; the value itself if there is no text. */
  lookUp(prefix: string, name: string): string {
    const key = `${prefix}.${name}`
    return isKey(key) ? this.say(key) : name
  }

  /** The text of a key; null if there is none. */
  find(key: string, fill: Fill = {}): string | null {
    return isKey(key) ? this.say(key, fill) : null
  }

  /** Name and text of a datapoint; the bridge sends English ones. */
  datapoint(point: { readonly key: string; readonly name: string; readonly text: string }): {
    name: string
    text: string
  } {
    const [name, text] = NAMES[this.language.value][point.key] ?? [point.name, point.text]
    return { name, text }
  }

  /** What one value of a datapoint is called; the value itself where it needs no words. */
  label = (point: { readonly key: string }, value: string): string => labelOf(point, value, this.language.value)

  number(value: number, decimals?: number): string {
    const digits = decimals === undefined ? {} : { minimumFractionDigits: decimals, maximumFractionDigits: decimals }
    return new Intl.NumberFormat(this.locale, { maximumFractionDigits: 2, ...digits }).format(value)
  }

  time(iso: string | null): string {
    if (iso === null) return this.say('common.never')
    const format = new Intl.DateTimeFormat(this.locale, { dateStyle: 'medium', timeStyle: 'short' })
    return format.format(new Date(iso))
  }

  /** Half an hour, or whole hours, in the words of the language. */
  duration(minutes: number): string {
    const [unit, value] = minutes % 60 === 0 ? (['hour', minutes / 60] as const) : (['minute', minutes] as const)
    return new Intl.NumberFormat(this.locale, { style: 'unit', unit, unitDisplay: 'short' }).format(value)
  }

  /** A day, the first day of a week, or a month. */
  date(iso: string, of: 'day' | 'week' | 'month'): string {
    const parts =
      of === 'month' ? ({ month: 'long', year: 'numeric' } as const) : ({ ...DATE, weekday: 'short' } as const)
    return new Intl.DateTimeFormat(this.locale, parts).format(new Date(iso))
  }

  money(value: number, currency: string): string {
    return `${this.number(value, 2)} ${currency}`
  }

  /** When something will be or was, as short as it stays clear: 22:00, Mon 07:00, or 5 Dec 07:00. */
  moment(iso: string, now: Date): string {
    const at = new Date(iso)
    const days = Math.abs(Math.round((dayOf(at) - dayOf(now)) / 86_400_000))
    const day = days === 0 ? {} : days < 7 ? ({ weekday: 'short' } as const) : DATE
    const year = days > 300 ? ({ year: 'numeric' } as const) : {}
    return new Intl.DateTimeFormat(this.locale, { ...day, ...year, hour: '2-digit', minute: '2-digit' }).format(at)
  }
}

const DATE = { day: 'numeric', month: 'short' } as const

/** Local midnight in Unix ms. */
const dayOf = (at: Date): number => new Date(at).setHours(0, 0, 0, 0)

const isKey = (key: string): key is TextKey => Object.hasOwn(en, key)
