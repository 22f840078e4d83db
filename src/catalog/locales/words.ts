/** How words are found in the files of a language, for whoever has loaded only one: the page. */
import type en from './words/en.json'

/** Words of one language that are not about one row: labels of enums, actions, the nodes of Homie. */
export type Words = Readonly<Record<keyof typeof en, string>>

/** `<key>.name` and `<key>.text` of each row. English is what the rows themselves say, and its file is made from them. */
export type Names = Readonly<Record<string, string>>

/**
 * What one value of an enum is called: by key and value where a row needs words of its own, otherwise by the value alone. The
 * value itself where it needs no words, such as `10 kΩ`.
 */
export function labelIn(language: Words, { key }: { readonly key: string }, value: string): string {
  const words: Readonly<Record<string, string>> = language
  return words[`${key}.${value}`] ?? words[`value.${value}`] ?? value
}
