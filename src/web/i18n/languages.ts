/** The languages of the page: a row and files of texts for each. Only those of the one in use are loaded. */
import type { Names, Words } from '../../catalog/locales/words.ts'
import type en from './texts/en.json'

type OwnTexts = Readonly<Record<keyof typeof en, string>>
export type Dictionary = OwnTexts & Words
export type TextKey = keyof Dictionary

type Loaded<Texts> = Promise<{ readonly default: Texts }>

/** The compiler reports texts that are missing. The build puts all files of a language into one. */
interface Row {
  /** What those who speak it call it. */
  readonly name: string
  readonly texts: () => Loaded<OwnTexts>
  readonly words: () => Loaded<Words>
  /** Where it has none, what the bridge sends is good. */
  readonly names: () => Loaded<Names>
}

const ROWS = {
  en: {
    name: 'English',
    texts: () => import('./texts/en.json', { with: { type: 'json' } }),
    words: () => import('../../catalog/locales/words/en.json', { with: { type: 'json' } }),
    names: () => import('./plain-english.json', { with: { type: 'json' } }),
  },
  uk: {
    name: 'Українська',
    texts: () => import('./texts/uk.json', { with: { type: 'json' } }),
    words: () => import('../../catalog/locales/words/uk.json', { with: { type: 'json' } }),
    names: () => import('../../catalog/locales/names/uk.json', { with: { type: 'json' } }),
  },
  ru: {
    name: 'Русский',
    texts: () => import('./texts/ru.json', { with: { type: 'json' } }),
    words: () => import('../../catalog/locales/words/ru.json', { with: { type: 'json' } }),
    names: () => import('../../catalog/locales/names/ru.json', { with: { type: 'json' } }),
  },
  pl: {
    name: 'Polski',
    texts: () => import('./texts/pl.json', { with: { type: 'json' } }),
    words: () => import('../../catalog/locales/words/pl.json', { with: { type: 'json' } }),
    names: () => import('../../catalog/locales/names/pl.json', { with: { type: 'json' } }),
  },
  de: {
    name: 'Deutsch',
    texts: () => import('./texts/de.json', { with: { type: 'json' } }),
    words: () => import('../../catalog/locales/words/de.json', { with: { type: 'json' } }),
    names: () => import('../../catalog/locales/names/de.json', { with: { type: 'json' } }),
  },
} as const satisfies Readonly<Record<string, Row>>

export type Language = keyof typeof ROWS

export const isLanguage = (value: string | null | undefined): value is Language =>
  value !== null && value !== undefined && Object.hasOwn(ROWS, value)

/** All of them, and what each is called by those who speak it. */
export const LANGUAGES: readonly { readonly language: Language; readonly name: string }[] = Object.entries(
  ROWS,
).flatMap(([language, { name }]) => (isLanguage(language) ? [{ language, name }] : []))

/** The first of somebody's languages that the page has. */
export function preferred(languages: readonly string[]): Language {
  for (const tag of languages) {
    const language = tag.toLowerCase().split('-')[0]
    if (isLanguage(language)) return language
  }
  return 'en'
}

/** All that is said in one language. */
export interface Spoken {
  readonly language: Language
  readonly texts: Dictionary
  readonly words: Words
  readonly names: Names
}

/** @throws what the browser says if the bridge can't be reached, or has another version by now */
export async function spokenIn(language: Language): Promise<Spoken> {
  const row = ROWS[language]
  const [texts, words, names] = await Promise.all([row.texts(), row.words(), row.names()])
  return { language, texts: { ...words.default, ...texts.default }, words: words.default, names: names.default }
}
