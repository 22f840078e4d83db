/** What datapoints and their values are called in the languages that there are. */
import t from 'tap'
import { datapointsOf, MODELS } from '../../src/catalog/index.ts'
import { LOCALES, labelOf, nameOf } from '../../src/catalog/locales/index.ts'
import { labels } from '../../src/catalog/locales/labels.ts'
import { ru } from '../../src/catalog/locales/ru.ts'
import { uk } from '../../src/catalog/locales/uk.ts'

const POINTS = MODELS.flatMap(datapointsOf)

t.test(
  'every row of every model has name and text in every language, and no text is of a row that there is not',
  async (t) => {
    const keys = new Set(POINTS.map(({ key }) => key))
    const failures: string[] = []
    for (const [locale, names] of Object.entries({ uk, ru })) {
      for (const key of keys) {
        const [name = '', text = ''] = names[key] ?? []
        if (!/\p{Script=Cyrillic}/u.test(name) || !/\p{Script=Cyrillic}/u.test(text)) failures.push(`${locale} ${key}`)
        if (!text.endsWith('.')) failures.push(`${locale} ${key}: the text is no sentence`)
      }
      for (const key of Object.keys(names)) if (!keys.has(key)) failures.push(`${locale} ${key} is of no row`)
    }
    t.strictSame(failures, [])
  },
)

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
  for (const locale of LOCALES) {
    t.strictSame(Object.keys(labels[locale]).sort(), Object.keys(labels.en).sort(), locale)
    for (const point of POINTS.filter(({ key }) => !['sensor_type', 'delay_model'].includes(key)))
      for (const value of point.values ?? [])
        if (labelOf(point, value, 'uk') === value) failures.push(`${point.key} ${value}`)
  }
  t.strictSame(failures, [])
  t.equal(labelOf({ key: 'action' }, 'idle', 'uk'), 'Не нагріває')
  t.equal(labelOf({ key: 'sensor_type' }, '10 kΩ', 'uk'), '10 kΩ')
  t.equal(nameOf({ key: 'new', name: 'New' }, 'uk'), 'New')
})
