/** What datapoints and their values are called in the languages that the bridge speaks. */
import type { Datapoint } from '../types.ts'
import { labels } from './labels.ts'
import type { Locale, Names } from './locale.ts'
import { ru } from './ru.ts'
import { uk } from './uk.ts'

export { LOCALES, type Locale } from './locale.ts'

const NAMES: Readonly<Record<Locale, Names>> = { en: {}, uk, ru }

/** What a datapoint is called; in English where a language lacks it. */
export function nameOf({ key, name }: Pick<Datapoint, 'key' | 'name'>, locale: Locale): string {
  return NAMES[locale][key]?.[0] ?? name
}

/** What one value of an enum is called; the value itself where it needs no words, such as `10 kΩ`. */
export function labelOf({ key }: Pick<Datapoint, 'key'>, value: string, locale: Locale): string {
  const words: Readonly<Record<string, string>> = labels[locale]
  return words[`${key}.${value}`] ?? words[`value.${value}`] ?? value
}
