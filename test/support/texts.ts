/** What is wrong with the texts of languages, for translators. */
import { readdirSync, readFileSync } from 'node:fs'

type Texts = Readonly<Record<string, string>>

/** What is wrong with the texts of one language beside the English ones. */
export function faultsBeside(english: Texts, texts: Texts): string[] {
  const keys = Object.keys(texts)
  const common = Object.keys(english).filter((key) => Object.hasOwn(texts, key))
  const order = keys.filter((key) => Object.hasOwn(english, key))
  const stray = order.find((key, at) => key !== common[at])
  return [
    ...Object.keys(english).flatMap((key) => (Object.hasOwn(texts, key) ? [] : [`${key} is missing`])),
    ...keys.flatMap((key) => (Object.hasOwn(english, key) ? [] : [`${key} is none of the English file`])),
    ...common.flatMap((key) => {
      const [here, there] = [texts[key] ?? '', english[key] ?? '']
      if (here.trim() === '') return [`${key} says nothing`]
      return places(here) === places(there) ? [] : [`${key} has other {places} than in English`]
    }),
    ...(stray === undefined ? [] : [`${stray} stands in another place than in English`]),
  ]
}

const places = (text: string): string => (text.match(/\{\w+\}/g) ?? []).sort().join()

/** The same of all files in a folder, with the names of the files. */
export function faultsOfTexts(folder: URL): string[] {
  const read = (name: string): Texts => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
  const english = read('en.json')
  return readdirSync(folder).flatMap((name) => faultsBeside(english, read(name)).map((fault) => `${name}: ${fault}`))
}
