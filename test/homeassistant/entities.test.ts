/** Every row of every model to its entity, in every language, under an id that stays. */
import t from 'tap'
import { type Datapoint, datapointsOf, faultsOf, MODELS, type Model, platformOf } from '../../src/catalog/index.ts'
import { LOCALES, type Locale, nameOf } from '../../src/catalog/locales/index.ts'
import { isObject } from '../../src/core/json.ts'
import { ACTIONS, type DeviceView } from '../../src/devices/ports.ts'
import { bridgeDocument } from '../../src/homeassistant/bridge.ts'
import { deviceDocument } from '../../src/homeassistant/discovery.ts'
import type { DiscoveryDocument } from '../../src/homeassistant/document.ts'
import { Topics } from '../../src/mqtt/topics.ts'
import { exampleAccount } from '../support/fake-accounts.ts'
import { EXAMPLE_SERIAL, exampleView } from '../support/fake-bridge.ts'
import { contractErrors } from '../support/ha-contract.ts'
import { idsNow, readIds } from '../support/unique-ids.ts'

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
    device_class: type === 'enum' && platform === 'sensor' ? 'enum' : entity.deviceClass,
    state_class: entity.stateClass,
    unit_of_measurement: ['sensor', 'number'].includes(platform) ? unit : undefined,
    entity_category: entity.category,
    enabled_by_default: entity.disabled ? false : undefined,
    suggested_display_precision: numeric ? (entity.precision ?? 0) : fields.suggested_display_precision,
    options: type === 'enum' ? values : undefined,
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
  const shown = texts.includes(`{{ value_json.${key} }}`) && texts.includes(topics.set(EXAMPLE_SERIAL, key))
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
  t.strictSame(buttons('ms').sort(), ['blink', 'reset_energy', 'restart', 'sync_clock'])
  const { restart, blink, reset_parameters: reset } = documentOf(exampleView('ax')).components
  t.match(
    [restart, blink, reset],
    [{ device_class: 'restart' }, { device_class: 'identify' }, { enabled_by_default: false }],
  )
})

t.test('events of a device', async (t) => {
  const { components } = documentOf(exampleView('oz'))
  const types = (key: string) => {
    const component = components[key]
    return component && 'event_types' in component ? component.event_types : undefined
  }
  t.strictSame(
    ['sensor_event', 'overheating_event', 'fault_event', 'lock_event', 'key_event', 'connection_event'].map(types),
    [
      ['sensor_lost', 'sensor_restored'],
      ['overheated', 'cooled_down'],
      ['fault_began', 'fault_ended'],
      ['unlocked', 'cloud_locked', 'lan_locked', 'locked'],
      ['key_changed'],
      ['device_online', 'device_offline'],
    ],
  )
  t.match(components.sensor_event, {
    platform: 'event',
    state_topic: topics.event(EXAMPLE_SERIAL),
    availability: [{ topic: topics.bridgeState }],
    value_template:
      /'sensor_lost'.*'Sensor lost'.*'floor_sensor_missing': 'Floor sensor missing'.*details\.kind == 'sensor'/,
  })
  const triggers = fieldsOf(documentOf(exampleView('oz'))).filter(
    ([, { platform }]) => platform === 'device_automation',
  )
  const oz = MODELS.find(({ id }) => id === 'oz')
  t.strictSame(
    triggers.map(([, { subtype, payload }]) => [subtype, payload]),
    (oz ? faultsOf(datapointsOf(oz)) : []).map(([{ key }]) => [key, key]),
    'a trigger for each fault',
  )
  const few = exampleView('ax', { features: new Set(['load', 'problem', 'overheated']) })
  const there = Object.keys(documentOf(few).components)
  t.ok(there.includes('overheating_event') && there.includes('trigger_overheated'))
  for (const key of ['sensor_event', 'lock_event', 'trigger_clock_fault']) t.notOk(there.includes(key), key)
})

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

/** What must not differ between languages: everything but these, and but the text of faults and events. */
const IN_WORDS = new Set(['name', 'json_attributes_template'])

const isText = (key: string, { platform }: Fields) => key === 'problem_text' || platform === 'event'

function withoutWords(document: DiscoveryDocument): unknown {
  const { device, ...rest } = document
  const components = fieldsOf(document).map(([key, fields]) => [
    key,
    Object.fromEntries(
      Object.entries(fields).filter(
        ([field]) => !IN_WORDS.has(field) && !(field === 'value_template' && isText(key, fields)),
      ),
    ),
  ])
  return { ...rest, identifiers: device.identifiers, components }
}

/** What a template calls each value. */
const meanings = ({ json_attributes_template: template }: Fields): [value: string, words: string][] =>
  [...String(template ?? '').matchAll(/'([^']*)': '([^']*)'/g)].map(([, value = '', words = '']) => [value, words])

/** The names, and what values mean, in a document that are not in Cyrillic letters; and values without a meaning. */
function untranslated(document: DiscoveryDocument): string[] {
  const words = fieldsOf(document).flatMap(([key, fields]): [string, unknown][] => {
    const { name, options } = fields
    // These are figures and names of their maker.
    if (!Array.isArray(options) || ['sensor_type', 'delay_model'].includes(key)) return [[key, name]]
    const told = new Map(meanings(fields))
    return [[key, name], ...options.map((value): [string, unknown] => [`${key} ${value}`, told.get(value) ?? ''])]
  })
  // A trigger and what has the name of the device have no name.
  return words.flatMap(([key, word]) =>
    word === undefined || word === null || /\p{Script=Cyrillic}/u.test(String(word)) ? [] : [`${key}: ${word}`],
  )
}

t.test(
  'names are in the language of the settings, and what states mean; ids, topics, types and states are not',
  async (t) => {
    const failures: string[] = []
    for (const { id } of MODELS) {
      const view = exampleView(id, { name: 'Ванна' })
      const same = JSON.stringify(withoutWords(documentOf(view)))
      for (const locale of LOCALES) {
        const document = documentOf(view, locale)
        failures.push(...contractErrors(document).map((error) => `${id} ${locale} ${error}`))
        if (JSON.stringify(withoutWords(document)) !== same) failures.push(`${id} ${locale} differs by more than words`)
        if (locale !== 'en') failures.push(...untranslated(document).map((what) => `${id} ${locale} ${what}`))
      }
    }
    t.strictSame(failures, [])
    const { control_type: select, lock, floor_temperature: floor } = documentOf(exampleView('oz'), 'uk').components
    t.match(select, { options: ['floor', 'air', 'air_floor_limits'], value_template: '{{ value_json.control_type }}' })
    t.match(lock, { device_class: 'enum', options: ['none', 'cloud', 'lan', 'both'] })
    t.match(select, {
      json_attributes_template:
        /^\{\{ \{'text': \{.*'air': 'повітря', .*\}\.get\(value_json\.control_type \| default\(none\), .* \| default\(none\)\)\} \| tojson \}\}$/,
    })
    t.match(floor, { name: 'Температура підлоги', default_entity_id: 'sensor.bathroom_floor_temperature' })
    const row = { key: 'floor_temperature', name: 'Floor temperature' }
    t.equal(nameOf(row, 'ru'), 'Температура пола')
  },
)

t.test('the device of the bridge in every language', async (t) => {
  const bridge = { version: '1', started: '', accounts: [exampleAccount()], devices: { total: 1, online: 1 } }
  const failures: string[] = []
  const same = JSON.stringify(withoutWords(bridgeDocument({ bridge, topics, locale: 'en', id: 'b' })))
  for (const locale of LOCALES) {
    const document = bridgeDocument({ bridge, topics, locale, id: 'b' })
    failures.push(...contractErrors(document).map((error) => `${locale} ${error}`))
    if (JSON.stringify(withoutWords(document)) !== same) failures.push(`${locale} differs by more than words`)
    if (locale === 'en') continue
    const names = fieldsOf(document).map(([, { name }]) => String(name))
    failures.push(...[document.device.name, ...names].filter((name) => !/\p{Script=Cyrillic}/u.test(name)))
  }
  t.strictSame(failures, [])
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
  t.strictSame(fresh, [], 'add them by: node test/support/unique-ids.ts')
  const suffix = (id: string) => id.slice(id.indexOf(' ') + 1)
  const taken = new Set(Object.keys(retired).map(suffix))
  t.strictSame(
    [...now.keys()].filter((id) => taken.has(suffix(id))),
    [],
    'no id comes back with another meaning',
  )
  t.ok(isObject(published) && Object.keys(published).length > 100)
})
