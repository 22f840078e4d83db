/** What datapoints and their values are called in the languages that there are. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { datapointsOf, MODELS } from '../../src/catalog/index.ts'
import { LOCALES, labelOf, nameOf } from '../../src/catalog/locales/index.ts'
import { SCHEMA } from '../../src/config/settings/index.ts'
import { faultsOfTexts } from '../support/texts.ts'

const POINTS = MODELS.flatMap(datapointsOf)

t.test('every language has every text of the bridge in the same order, with the same places to fill in', async (t) => {
  for (const folder of ['catalog/locales/names', 'catalog/locales/words', 'homeassistant/document/texts']) {
    const place = new URL(`../../src/${folder}/`, import.meta.url)
    t.strictSame(readdirSync(place).sort(), LOCALES.map((locale) => `${locale}.json`).sort(), folder)
    t.strictSame(faultsOfTexts(place), [], folder)
  }
})

t.test('the setting offers all of them', async (t) => {
  t.strictSame(SCHEMA.locale.format, LOCALES)
})

t.test('the text of a row is a sentence in every language', async (t) => {
  const failures = LOCALES.flatMap((locale) => {
    const file = new URL(`../../src/catalog/locales/names/${locale}.json`, import.meta.url)
    const texts = Object.entries<string>(JSON.parse(readFileSync(file, 'utf8')))
    return texts.flatMap(([key, text]) => (key.endsWith('.text') === text.endsWith('.') ? [] : [`${locale} ${key}`]))
  })
  t.strictSame(failures, [])
})

t.test('in every language the names of a model differ, and the labels of an enum', async (t) => {
  const failures: string[] = []
  for (const locale of LOCALES) {
    for (const model of MODELS) {
      const names = datapointsOf(model).map((point) => nameOf(point, locale))
      for (const name of names.filter((name, index) => names.indexOf(name) !== index))
        failures.push(`${locale} ${model.id}: ${name}`)
    }
    for (const point of POINTS) {
      const words = (point.values ?? []).map((value) => labelOf(point, value, locale))
      if (new Set(words).size !== words.length) failures.push(`${locale} ${point.key}: ${words}`)
    }
  }
  t.strictSame(failures, [])
})

t.test('values of enums have words, but for those that are the same everywhere', async (t) => {
  const failures: string[] = []
  for (const point of POINTS.filter(({ key }) => !['sensor_type', 'delay_model'].includes(key)))
    for (const value of point.values ?? [])
      if (labelOf(point, value, 'uk') === value) failures.push(`${point.key} ${value}`)
  t.strictSame(failures, [])
  t.equal(labelOf({ key: 'action' }, 'idle', 'uk'), 'Не нагріває')
  t.equal(labelOf({ key: 'sensor_type' }, '10 kΩ', 'uk'), '10 kΩ')
  t.equal(nameOf({ key: 'new', name: 'New' }, 'uk'), 'New')
})
