/** The languages that the bridge speaks. */
export const LOCALES = ['en', 'uk', 'ru'] as const
export type Locale = (typeof LOCALES)[number]

/** Name and text by key; English is what the rows themselves say. */
export type Names = Readonly<Record<string, readonly [name: string, text: string]>>
