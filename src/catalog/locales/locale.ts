/** The languages that the bridge speaks. */
export const LOCALES = ['en', 'uk', 'ru', 'pl', 'de'] as const
export type Locale = (typeof LOCALES)[number]
