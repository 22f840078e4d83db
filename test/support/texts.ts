/** What is wrong with the texts of languages, for translators. */
import { readdirSync, readFileSync } from 'node:fs'
import { kindsOf } from '../../src/web/i18n/fill.ts'

type Texts = Readonly<Record<string, string>>

/** What is wrong with the texts of one language beside the English ones. @param language for its kinds of numbers */
export function faultsBeside(english: Texts, texts: Texts, language = 'en'): string[] {
  const kinds = kindsOf(new Intl.PluralRules(language)).length
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
      if (places(here) !== places(there)) return [`${key} has other {places} than in English`]
      return badForms(here, there, kinds).map((place) => `${key} has no good forms in ${place}`)
    }),
    ...(stray === undefined ? [] : [`${stray} stands in another place than in English`]),
  ]
}

/** `{n:one|many}` with a number that is not given, or more or fewer forms than the language has. */
const badForms = (text: string, english: string, kinds: number): string[] =>
  [...text.matchAll(/\{(\w+):([^{}]*)\}/g)].flatMap(([place, name, forms = '']) => {
    const each = forms.split('|')
    const good = english.includes(`{${name}}`) && each.length === kinds && each.every((form) => form !== '')
    return good ? [] : [place]
  })

const places = (text: string): string => (text.match(/\{\w+\}/g) ?? []).sort().join()

/** The same of all files in a folder, with the names of the files. */
export function faultsOfTexts(folder: URL): string[] {
  const read = (name: string): Texts => JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
  const english = read('en.json')
  return readdirSync(folder).flatMap((name) =>
    faultsBeside(english, read(name), name.slice(0, -'.json'.length)).map((fault) => `${name}: ${fault}`),
  )
}
