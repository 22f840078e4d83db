/** What datapoints and their values are called in the languages that the bridge speaks. */
import type { Datapoint } from '../types.ts'
import type { Locale, Names } from './locale.ts'
import { ru } from './ru.ts'
import { uk } from './uk.ts'

export { labelOf } from './labels.ts'
export { LOCALES, type Locale } from './locale.ts'

const NAMES: Readonly<Record<Locale, Names>> = { en: {}, uk, ru }

/** What a datapoint is called; in English where a language lacks it. */
export function nameOf({ key, name }: Pick<Datapoint, 'key' | 'name'>, locale: Locale): string {
  return NAMES[locale][key]?.[0] ?? name
}
