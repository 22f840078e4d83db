/** Every row of every model to its entity, in every language, under an id that stays. */
import t from 'tap'
import { type Datapoint, datapointsOf, MODELS, type Model, platformOf } from '../../../src/catalog/index.ts'
import { LOCALES, type Locale, labelOf, nameOf } from '../../../src/catalog/locales/index.ts'
import { isObject } from '../../../src/core/json.ts'
import { ACTIONS, type DeviceView } from '../../../src/devices/ports.ts'
import { bridgeDocument } from '../../../src/homeassistant/document/bridge.ts'
import { deviceDocument } from '../../../src/homeassistant/document/index.ts'
import type { DiscoveryDocument } from '../../../src/homeassistant/document/types.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { contractErrors } from '../../support/contracts/ha-contract.ts'
import { render } from '../../support/contracts/ha-template.ts'
import { idsNow, readIds } from '../../support/contracts/unique-ids.ts'
import { exampleAccount } from '../../support/fake-accounts.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'

const topics = new Topics('thermo2mqtt')

type Fields = Readonly<Record<string, unknown>>

function documentOf(view: DeviceView, locale: Locale = 'en'): DiscoveryDocument {
  const document = deviceDocument({ view, topics, locale, version: '1', via: 'bridge' })
  if (!document) throw new Error(`no document of ${view.model}`)
  return document
}

const fieldsOf = (document: DiscoveryDocument): [key: string, fields: Fields][] =>
  Object.entries(document.components).map(([key, component]) => [key, { ...component }])

/** What of a row Home Assistant is not told. */
function missing(row: Datapoint, fields: Fields | undefined): string[] {
  if (!fields) return ['has no entity']
  const { entity, unit, type, values = [] } = row
  const platform = platformOf(row)
  const numeric = platform === 'sensor' && type === 'number' && unit !== undefined
  const wanted: Fields = {
    platform,
    unique_id: `${EXAMPLE_SERIAL}_${row.key}`,
    name: entity.main ? null : row.name,
    device_class: entity.deviceClass,
    state_class: entity.stateClass,
    unit_of_measurement: ['sensor', 'number'].includes(platform) ? unit : undefined,
    entity_category: entity.category,
    enabled_by_default: entity.shown ? undefined : false,
    suggested_display_precision: numeric ? (entity.precision ?? 0) : fields.suggested_display_precision,
    options: platform === 'select' ? values.map((value) => labelOf(row, value, 'en')) : undefined,
    icon: entity.icon,
    mode: platform === 'number' ? 'box' : undefined,
    command_topic: ['sensor', 'binary_sensor'].includes(platform) ? undefined : topics.set(EXAMPLE_SERIAL, row.key),
    min: platform === 'number' && !row.limits ? row.min : fields.min,
    max: platform === 'number' && !row.limits ? row.max : fields.max,
    step: platform === 'number' ? (row.step ?? 1) : undefined,
  }
  const wrong = Object.keys(wanted).filter((field) => JSON.stringify(fields[field]) !== JSON.stringify(wanted[field]))
  return wrong.map((field) => `${field} is ${JSON.stringify(fields[field])}, not ${JSON.stringify(wanted[field])}`)
}

/** The rows that are the climate entity: it shows and sets them. */
function missingOfClimate({ key }: Datapoint, climate: Fields | undefined): string[] {
  const texts = Object.values(climate ?? {})
  const isShown = texts.some((text) => new RegExp(`^{{ .*\\bvalue_json\\.${key}\\b.* }}$`).test(String(text)))
  const shown = isShown && texts.includes(topics.set(EXAMPLE_SERIAL, key))
  return shown ? [] : ['is not in the climate entity']
}

function missingOf(model: Model): string[] {
  const components = new Map(fieldsOf(documentOf(exampleView(model.id))))
  return datapointsOf(model).flatMap((row) => {
    const climate = platformOf(row) === 'climate'
    const found = climate ? missingOfClimate(row, components.get('climate')) : missing(row, components.get(row.key))
    return found.map((what) => `${model.id} ${row.key} ${what}`)
  })
}

t.test(
  'every row of every model has its entity: platform, class, unit, precision, category, enabled or not',
  async (t) => {
    t.strictSame(MODELS.flatMap(missingOf), [])
  },
)

t.test('the climate entity of each model, by each sensor that can control it', async (t) => {
  const limits = { floor_setpoint_min: 10, floor_setpoint_max: 40, air_setpoint_min: 7, air_setpoint_max: 30 }
  const shown = MODELS.flatMap((model) => {
    const view = exampleView(model.id)
    const types = model.kind === 'thermostat' ? ['floor', 'air', 'air_floor_limits', null] : [null]
    return types.map((control_type) => {
      const own = Object.entries(limits).filter(([key]) => key in view.state)
      const state = { ...view.state, ...Object.fromEntries(own), ...('mode' in view.state ? { control_type } : {}) }
      const { climate } = documentOf({ ...view, state, setpointStep: control_type === 'air' ? 0.5 : 1 }).components
      if (!climate || !('modes' in climate)) return `${model.id}: none`
      const { modes, preset_modes: presets, min_temp: min, max_temp: max, temp_step: step } = climate
      return `${model.id} by ${control_type}: ${[modes].flat()} ${[presets].flat()} ${min}-${max} step ${step}`
    })
  })
  const ways = 'off,heat,auto away,boost'
  const withAir = ['ax', 'sx', 'rx', 'bx', 'oz', 'unknown']
  const expected = MODELS.flatMap(({ id, kind }) => {
    if (kind !== 'thermostat') return [`${id}: none`]
    // A model without air says no limits of the air; then they are those that commands are held to.
    const air = withAir.includes(id) ? '7-30' : '5-35'
    return [
      `${id} by floor: ${ways} 10-40 step 1`,
      `${id} by air: ${ways} ${air} step 0.5`,
      `${id} by air_floor_limits: ${ways} ${air} step 1`,
      `${id} by null: ${ways} 10-40 step 1`,
    ]
  })
  t.strictSame(shown, expected)
})

t.test('each model has the buttons that fit it', async (t) => {
  const buttons = (model: string) =>
    fieldsOf(documentOf(exampleView(model))).flatMap(([key, { platform }]) => (platform === 'button' ? [key] : []))
  t.strictSame(buttons('oz').sort(), [...ACTIONS].sort())
  t.strictSame(buttons('ms').sort(), ['accept_lock', 'blink', 'reset_energy', 'restart', 'sync_clock'])
  const { restart, blink, reset_parameters: reset } = documentOf(exampleView('ax')).components
  t.match(
    [restart, blink, reset],
    [
      { device_class: 'restart', enabled_by_default: false },
      { device_class: 'identify', enabled_by_default: false },
      { enabled_by_default: false },
    ],
  )
})

t.test('events of a device', async (t) => {
  const { components } = documentOf(exampleView('oz'))
  const all = [
    'event',
    'sensor_event',
    'overheating_event',
    'fault_event',
    'lock_event',
    'key_event',
    'connection_event',
    'command_event',
  ]
  t.strictSame(
    all.filter((key) => !('enabled_by_default' in (components[key] ?? {}))),
    ['event'],
    'one is on, the one that tells of all',
  )
  const types = (key: string) => {
    const component = components[key]
    return component && 'event_types' in component ? component.event_types : undefined
  }
  t.strictSame(all.slice(1).map(types), [
    ['sensor_lost', 'sensor_restored'],
    ['overheated', 'cooled_down'],
    ['fault_began', 'fault_ended'],
    ['unlocked', 'cloud_locked', 'lan_locked', 'locked'],
    ['key_changed'],
    ['device_online', 'device_offline'],
    ['command_waits', 'command_failed'],
  ])
  t.match(components.sensor_event, {
    platform: 'event',
    state_topic: topics.event(EXAMPLE_SERIAL),
    availability: [{ topic: topics.bridgeState }],
    value_template: /'fault_began.sensor': 'sensor_lost'.*'floor_sensor_missing': 'Floor sensor missing'/,
  })
  const parts = new Set(all.slice(1).flatMap((key) => types(key) ?? []))
  t.equal([types('event')].flat().length, parts.size)
  t.match(components.event, {
    name: 'Last event',
    event_types: [...parts].map(() => /^[A-Z][a-z ]+$/),
    value_template: /'fault_began.sensor': 'sensor_lost'/,
  })
  const few = exampleView('ax', { features: new Set(['load', 'problem', 'overheated']) })
  const there = Object.keys(documentOf(few).components)
  t.ok(there.includes('overheating_event'))
  for (const key of ['sensor_event', 'lock_event']) t.notOk(there.includes(key), key)
})

t.test(
  'whatever can be set or pressed shows why that was refused, so that it is written anew and what is true comes back',
  async (t) => {
    const silent = MODELS.flatMap(({ id }) =>
      fieldsOf(documentOf(exampleView(id))).flatMap(([key, component]) => {
        if (!('command_topic' in component) && !('mode_command_topic' in component)) return []
        const about =
          key === 'climate' ? /'last_error': e or none/ : new RegExp(`'last_error': e if '${key}' in e.about`)
        // What was rounded to the value before changes nothing else that would have the entity write its state.
        const rounds = key === 'climate' || component.platform === 'number'
        const told = component.json_attributes_topic === topics.state(EXAMPLE_SERIAL)
        const attributes = String(component.json_attributes_template)
        const right =
          about.test(attributes) && rounds === attributes.includes("'last_rounded': value_json.last_rounded")
        return told && right ? [] : [`${id} ${key}`]
      }),
    )
    t.strictSame(silent, [])
  },
)

t.test('faults in words', async (t) => {
  const { problem, problem_text: text } = documentOf(exampleView('ax', { name: 'Ванна' }), 'uk').components
  t.match(text, {
    platform: 'sensor',
    name: 'Перелік несправностей',
    default_entity_id: 'sensor.vanna_problem_text',
    value_template: /'overheated': 'Перегрів'.*'Несправностей немає'/,
  })
  t.match(problem, { json_attributes_template: /'faults': .*'text': .*'Перегрів'/ })
  t.notOk('problem_text' in documentOf(exampleView('ax', { features: new Set(['load']) })).components)
})

t.test('what is unusual is a problem with its sentences as attributes', async (t) => {
  const { unusual } = documentOf(exampleView('ax')).components
  t.match(unusual, {
    platform: 'binary_sensor',
    device_class: 'problem',
    json_attributes_topic: /state$/,
    json_attributes_template: /'findings': f, 'text': f .*message/,
  })
  t.notOk('enabled_by_default' in (unusual ?? {}))
})

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

t.test('ids that were ever published stay, and new ones are on the list', async (t) => {
  const { published, retired } = readIds()
  const now = idsNow()
  const gone = Object.entries(published).flatMap(([id, models]) =>
    models.filter((model) => !now.get(id)?.includes(model)).map((model) => `${model}: ${id}`),
  )
  t.strictSame(gone, [], 'one that has to go moves to `retired` by hand, with a line in the changelog')
  const fresh = [...now].flatMap(([id, models]) =>
    models.filter((model) => !published[id]?.includes(model)).map((model) => `${model}: ${id}`),
  )
  t.strictSame(fresh, [], 'add them by: node test/support/contracts/unique-ids.ts')
  const suffix = (id: string) => id.slice(id.indexOf(' ') + 1)
  const taken = new Set(Object.entries(retired).flatMap(([id, models]) => models.map((m) => `${m} ${suffix(id)}`)))
  t.strictSame(
    [...now].flatMap(([id, models]) =>
      models.filter((model) => taken.has(`${model} ${suffix(id)}`)).map((m) => `${m}: ${id}`),
    ),
    [],
    'no id comes back with another meaning',
  )
  t.ok(isObject(published) && Object.keys(published).length > 100)
})
