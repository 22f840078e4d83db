/** The names and texts of all rows in English, beside those of other languages: what translators begin with. */
import { datapointsOf, MODELS } from '../index.ts'
import type { Names } from './words.ts'

/** A row that models have with different texts has the first one. */
export function englishNames(): Names {
  const names = new Map<string, string>()
  for (const { key, name, text } of MODELS.flatMap(datapointsOf)) {
    if (names.has(`${key}.name`)) continue
    names.set(`${key}.name`, name)
    names.set(`${key}.text`, text)
  }
  return Object.fromEntries(names)
}
