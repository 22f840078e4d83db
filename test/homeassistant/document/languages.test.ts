/** Every word in every language, and nothing else by language. */
import t from 'tap'
import { type Datapoint, datapointsOf, MODELS } from '../../../src/catalog/index.ts'
import { LOCALES, type Locale, nameOf } from '../../../src/catalog/locales/index.ts'
import { bridgeDocument } from '../../../src/homeassistant/document/bridge.ts'
import type { DiscoveryDocument } from '../../../src/homeassistant/document/types.ts'
import { contractErrors } from '../../support/contracts/ha-contract.ts'
import { render } from '../../support/contracts/ha-template.ts'
import { exampleAccount } from '../../support/fake-accounts.ts'
import { exampleView } from '../../support/fake-bridge.ts'
import { documentOf, type Fields, fieldsOf, topics } from './documents.ts'

/** What must not differ between languages: everything but words, and what translates them. */
const IN_WORDS = new Set(['name', 'json_attributes_template', 'options', 'command_template'])

/** Whether its state is a text, or its value in words. */
const isText = (key: string, { platform, options }: Fields, wordy: ReadonlySet<string>) =>
  key === 'problem_text' || platform === 'event' || options !== undefined || wordy.has(key)

function withoutWords(document: DiscoveryDocument, wordy: ReadonlySet<string> = new Set()): unknown {
  const { device, ...rest } = document
  const components = fieldsOf(document).map(([key, fields]) => [
    key,
    Object.fromEntries(
      Object.entries(fields).filter(
        ([field]) =>
          !IN_WORDS.has(field) &&
          !(field === 'value_template' && isText(key, fields, wordy)) &&
          !(field === 'event_types' && key === 'event'),
      ),
    ),
  ])
  return { ...rest, identifiers: device.identifiers, components }
}

/** What a template calls each value. */
const meanings = ({ value_template: template }: Fields): [value: string, words: string][] =>
  [...String(template ?? '').matchAll(/'([^']*)': '([^']*)'/g)].map(([, value = '', words = '']) => [value, words])

/** The names, and the words for values, options and events; empty for values without words. */
function wordsIn(document: DiscoveryDocument, rows: readonly Datapoint[]): [string, unknown][] {
  return fieldsOf(document).flatMap(([key, fields]): [string, unknown][] => {
    const { name, options, event_types: types } = fields
    const events = key === 'event' && Array.isArray(types) ? types.map((type): [string, unknown] => [key, type]) : []
    const row = rows.find((one) => one.key === key && one.type === 'enum')
    // These are figures and names of their maker.
    if (!row || ['sensor_type', 'delay_model'].includes(key)) return [[key, name], ...events]
    const told = new Map(meanings(fields))
    const shown = row.values?.map((value): [string, unknown] => [`${key} ${value}`, told.get(value) ?? '']) ?? []
    const chosen = Array.isArray(options) ? options.map((option): [string, unknown] => [key, option]) : []
    return [[key, name], ...shown, ...chosen]
  })
}

const CYRILLIC: ReadonlySet<Locale> = new Set<Locale>(['uk', 'ru'])

/** What is the same word in German or Polish. */
const SAME = new Set([
  'Problem',
  'Version',
  'Timer',
  'Boost',
  'boost',
  'Cloud',
  'cloud',
  'Code: home',
  'normal',
  'Program',
])

/** Whether a word is not in the language: not in its letters, or as in English. */
const isForeign = (word: unknown, english: unknown, locale: Locale) =>
  CYRILLIC.has(locale)
    ? !/\p{Script=Cyrillic}/u.test(String(word))
    : word === '' || (word === english && !SAME.has(String(word)))

function untranslated(document: DiscoveryDocument, english: DiscoveryDocument, rows: readonly Datapoint[], to: Locale) {
  const original = wordsIn(english, rows)
  // What has the name of the device has no name.
  return wordsIn(document, rows).flatMap(([key, word], at) =>
    word === undefined || word === null || !isForeign(word, original[at]?.[1], to) ? [] : [`${to} ${key}: ${word}`],
  )
}

t.test(
  'every word is in the language of the settings; ids, topics, and what stands for the words are not',
  async (t) => {
    const failures: string[] = []
    for (const model of MODELS) {
      const { id } = model
      const rows = datapointsOf(model)
      const wordy = new Set(rows.filter(({ type }) => type === 'enum').map(({ key }) => key))
      const view = exampleView(id, { name: 'Ванна' })
      const english = documentOf(view)
      const same = JSON.stringify(withoutWords(english, wordy))
      for (const locale of LOCALES) {
        const document = documentOf(view, locale)
        failures.push(...contractErrors(document).map((error) => `${id} ${locale} ${error}`))
        if (JSON.stringify(withoutWords(document, wordy)) !== same) failures.push(`${id} ${locale} differs by more`)
        if (locale !== 'en')
          failures.push(...untranslated(document, english, rows, locale).map((what) => `${id} ${what}`))
      }
    }
    t.strictSame(failures, [])
    const {
      control_type: select,
      lock,
      floor_temperature: floor,
      event,
    } = documentOf(exampleView('oz'), 'uk').components
    t.match(select, {
      options: ['підлога', 'повітря', 'повітря в межах підлоги'],
      json_attributes_template:
        /'value': value_json\.control_type \| default\(none\), 'last_error': e if 'control_type' in/,
    })
    t.match(lock, { platform: 'sensor', icon: 'mdi:lock' })
    t.notOk('device_class' in (lock ?? {}), 'with the class enum a change of language would throw an error')
    t.match(event, { value_template: /'fault_began.sensor': 'Датчик утрачено або пошкоджено'/ })
    t.match(floor, { name: 'Температура підлоги', default_entity_id: 'sensor.bathroom_floor_temperature' })
    const row = { key: 'floor_temperature', name: 'Floor temperature' }
    t.equal(nameOf(row, 'ru'), 'Температура пола')
  },
)

t.test('what is chosen by a word is sent as the value that it stands for, in every language', async (t) => {
  const wrong = MODELS.flatMap((model) =>
    LOCALES.flatMap((locale) => {
      const { components } = documentOf(exampleView(model.id), locale)
      return datapointsOf(model).flatMap((row) => {
        const component: Fields = { ...components[row.key] }
        if (component.platform !== 'select') return []
        const { value_template: shown, command_template: sent, options } = component
        return (row.values ?? []).flatMap((value) => {
          const word = render(String(shown), { value_json: { [row.key]: value } })
          const back = render(String(sent), { value: word })
          return back === JSON.stringify({ value, via: 'home_assistant' }) && [options].flat().includes(word)
            ? []
            : [`${model.id} ${locale} ${row.key} ${value}`]
        })
      })
    }),
  )
  t.strictSame(wrong, [])
})

t.test('the device of the bridge in every language', async (t) => {
  const bridge = { version: '1', started: '', accounts: [exampleAccount()], devices: { total: 1, online: 1 } }
  const failures: string[] = []
  const wordy = new Set(['account_home'])
  const english = bridgeDocument({ bridge, topics, locale: 'en', id: 'b' })
  const same = JSON.stringify(withoutWords(english, wordy))
  for (const locale of LOCALES) {
    const document = bridgeDocument({ bridge, topics, locale, id: 'b' })
    failures.push(...contractErrors(document).map((error) => `${locale} ${error}`))
    if (JSON.stringify(withoutWords(document, wordy)) !== same) failures.push(`${locale} differs by more than words`)
    if (locale === 'en') continue
    failures.push(...untranslated(document, english, [], locale))
    if (isForeign(document.device.name, english.device.name, locale)) failures.push(`${locale} ${document.device.name}`)
  }
  t.strictSame(failures, [])
  const { components } = bridgeDocument({ bridge, topics, locale: 'uk', id: 'b' })
  t.match(components.account_home, { value_template: /'ready': 'готовий'/, json_attributes_template: /'value'/ })
})
