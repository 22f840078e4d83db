/** What datapoints, their values and actions are called in the languages that the bridge speaks. */
import type { Datapoint } from '../types.ts'
import type { Locale } from './locale.ts'
import namesDe from './names/de.json' with { type: 'json' }
import namesPl from './names/pl.json' with { type: 'json' }
import namesRu from './names/ru.json' with { type: 'json' }
import namesUk from './names/uk.json' with { type: 'json' }
import de from './words/de.json' with { type: 'json' }
import en from './words/en.json' with { type: 'json' }
import pl from './words/pl.json' with { type: 'json' }
import ru from './words/ru.json' with { type: 'json' }
import uk from './words/uk.json' with { type: 'json' }
import { labelIn, type Names, type Words } from './words.ts'

export { LOCALES, type Locale } from './locale.ts'

const NAMES: Readonly<Record<Locale, Names>> = { en: {}, uk: namesUk, ru: namesRu, pl: namesPl, de: namesDe }

const WORDS: Readonly<Record<Locale, Words>> = { en, uk, ru, pl, de }

/** What a datapoint is called; in English where a language lacks it. */
export function nameOf({ key, name }: Pick<Datapoint, 'key' | 'name'>, locale: Locale): string {
  return NAMES[locale][`${key}.name`] ?? name
}

export const labelOf = (row: Pick<Datapoint, 'key'>, value: string, locale: Locale): string =>
  labelIn(WORDS[locale], row, value)

/** Words that are not about one row, such as `button.restart`. */
export const wordOf = (key: keyof Words, locale: Locale): string => WORDS[locale][key]
