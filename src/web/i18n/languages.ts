/** The languages of the page: a row and a file of texts for each. Only the one in use is loaded. */
import { labels } from '../../catalog/locales/labels.ts'
import { ru as namesRu } from '../../catalog/locales/ru.ts'
import { uk as namesUk } from '../../catalog/locales/uk.ts'
import { plainEnglish } from './plain-english.ts'
import type en from './texts/en.json'

type OwnTexts = Readonly<Record<keyof typeof en, string>>
/** With what values are called everywhere. */
export type Dictionary = OwnTexts & Readonly<Record<keyof (typeof labels)['en'], string>>
export type TextKey = keyof Dictionary

/** Name and text of datapoints by key; for those that are not there, what the bridge sends is good. */
type Names = Readonly<Record<string, readonly [name: string, text: string]>>

interface Row {
  /** What those who speak it call it. */
  readonly name: string
  /** The compiler reports texts that are missing. */
  readonly texts: () => Promise<{ readonly default: OwnTexts }>
  readonly names: Names
}

const ROWS = {
  en: { name: 'English', texts: () => import('./texts/en.json', { with: { type: 'json' } }), names: plainEnglish },
  uk: { name: 'Українська', texts: () => import('./texts/uk.json', { with: { type: 'json' } }), names: namesUk },
  ru: { name: 'Русский', texts: () => import('./texts/ru.json', { with: { type: 'json' } }), names: namesRu },
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

/** All words of one language. */
export interface Words {
  readonly language: Language
  readonly texts: Dictionary
  readonly names: Names
}

/** @throws what the browser says if the bridge can't be reached, or has another version by now */
export async function wordsOf(language: Language): Promise<Words> {
  const { texts, names } = ROWS[language]
  return { language, names, texts: { ...labels[language], ...(await texts()).default } }
}
