/** The dashboard, package and blueprints of docker/homeassistant: well-formed, and about what is really published. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { parseDocument } from 'yaml'
import { modelOf } from '../../../src/catalog/index.ts'
import { isObject } from '../../../src/core/json.ts'
import { bridgeDocument } from '../../../src/homeassistant/document/bridge.ts'
import { deviceDocument } from '../../../src/homeassistant/document/index.ts'
import type { DiscoveryDocument } from '../../../src/homeassistant/document/types.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { VirtualHouse } from '../../../src/simulator/index.ts'
import { exampleView } from '../../support/fake-bridge.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const FOLDER = new URL('../../../docker/homeassistant/', import.meta.url)
const BLUEPRINTS = new URL('blueprints/automation/thermo2mqtt/', FOLDER)

/** What `!input name` becomes. */
class Input {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** @throws for YAML that Home Assistant would not read */
function load(file: URL): unknown {
  const text = readFileSync(file, 'utf8')
  const document = parseDocument(text, {
    version: '1.1',
    customTags: [{ tag: '!input', resolve: (name: string) => new Input(name) }],
  })
  const [problem] = [...document.errors, ...document.warnings]
  if (problem) throw problem
  return document.toJS()
}

/** Every value in `value`, with the key that it is under; items of a list are under the key of the list. */
function* values(value: unknown, key = ''): Generator<readonly [key: string, value: unknown]> {
  yield [key, value]
  if (value instanceof Input) return
  if (Array.isArray(value)) for (const item of value) yield* values(item, key)
  else if (isObject(value)) for (const [name, item] of Object.entries(value)) yield* values(item, name)
}

/** The documents of the house of the demo, with every entity that units of its models can have. */
function published(): DiscoveryDocument[] {
  const topics = new Topics('thermo2mqtt')
  const house = new VirtualHouse({ clock: new FakeClock(), thermostats: 7, relays: 2, addressing: 'ports' })
  const bridge = { version: '1', started: '', accounts: [], devices: { total: 9, online: 9 } }
  const models = [
    ...house.thermostats.map(({ device: { model } }) =>
      modelOf(model.hw, new Map(model.parameters.map(([id, type]) => [id, type]))),
    ),
    ...house.describe().relays.map(({ model }) => modelOf(model, new Map())),
  ]
  const documents = house.units.map(({ name, serial }, index) =>
    deviceDocument({
      view: exampleView(models[index]?.id, { name, serial }),
      ...{ topics, locale: 'uk', version: '1', via: 'b' },
    }),
  )
  return [bridgeDocument({ bridge, topics, locale: 'uk', id: 'b' }), ...documents.filter((one) => one !== undefined)]
}

const components = published().flatMap((document) => Object.values(document.components))
/** Those that are on by default: nobody has the others before they look for them. */
const entityIds = new Set(
  components.flatMap((one) =>
    'default_entity_id' in one && !('enabled_by_default' in one) ? one.default_entity_id : [],
  ),
)
/** Those that are the same in every language: the entity that tells of all events shows them in words. */
const eventTypes = new Set(
  components.flatMap((one) =>
    'event_types' in one && 'enabled_by_default' in one ? [one.event_types].flat().map(String) : [],
  ),
)
const presets = new Set(components.flatMap((one) => ('preset_modes' in one ? [one.preset_modes].flat() : [])))
const modes = new Set(components.flatMap((one) => ('modes' in one ? [one.modes].flat() : [])))

const DOMAINS = '(?:automation|binary_sensor|button|climate|event|number|select|sensor|switch|text)'
const ENTITY = new RegExp(`^${DOMAINS}\\.[a-z0-9_]+$`)

/** The entities that a file names, wherever they stand. */
const named = (file: unknown): string[] =>
  [...values(file)].flatMap(([key, value]) =>
    ['entity', 'entities', 'entity_id', 'source'].includes(key) && typeof value === 'string' ? [value] : [],
  )

const CARDS = new Set([
  ...['entities', 'heading', 'history-graph', 'logbook', 'statistics-graph', 'thermostat', 'tile'],
  // Sections, features and their kind of view.
  ...['sections', 'grid', 'climate-hvac-modes', 'climate-preset-modes', 'target-temperature'],
])

t.test('the dashboard shows entities that there are, on cards that Home Assistant has', async (t) => {
  const dashboard = load(new URL('dashboard.yaml', FOLDER))
  const ids = named(dashboard)
  t.ok(ids.length > 30)
  t.strictSame(
    ids.filter((id) => !ENTITY.test(id) || !entityIds.has(id)),
    [],
  )
  const all = [...values(dashboard)]
  const of = (name: string) => all.flatMap(([key, value]) => (key === name && typeof value === 'string' ? [value] : []))
  t.strictSame(
    of('type').filter((type) => !CARDS.has(type)),
    [],
  )
  t.strictSame(
    of('preset_modes').filter((preset) => preset !== 'none' && !presets.has(preset)),
    [],
  )
  t.strictSame(
    of('hvac_modes').filter((mode) => !modes.has(mode)),
    [],
  )
  t.match(dashboard, { title: String, views: [{ title: String, path: String, sections: Array }, { cards: Array }] })
})

t.test('the package counts energy that there is', async (t) => {
  const file = load(new URL('packages/thermo2mqtt_energy.yaml', FOLDER))
  // Made by the package itself.
  const own = new Set([
    ...['sensor.heating_energy', 'sensor.bathroom_heating_energy'],
    ...['sensor.heating_this_month_day', 'select.heating_this_month'],
  ])
  const inTemplates = [...values(file)].flatMap(([, value]) =>
    typeof value === 'string' && value.includes('{{') ? [...value.matchAll(/'([a-z_]+\.[a-z0-9_]+)'/g)] : [],
  )
  const ids = [...named(file), ...inTemplates.map(([, id = '']) => id)].filter((id) => !own.has(id))
  t.equal(ids.length, 16)
  const wrong = ids.filter((id) => {
    const found = components.find((one) => 'default_entity_id' in one && one.default_entity_id === id)
    return !found || !('state_class' in found) || found.state_class !== 'total_increasing'
  })
  t.strictSame(wrong, [])
  const unit = { device_class: 'energy', state_class: 'total_increasing', unit_of_measurement: 'kWh' }
  t.match(file, {
    // A meter warns of each unknown value of its source, so that has to be unavailable instead.
    template: [
      {
        sensor: [
          { name: 'Bathroom heating energy', state: String, availability: String, ...unit },
          { name: 'Heating energy', state: String, availability: String, ...unit },
        ],
      },
    ],
    utility_meter: {
      bathroom_heating_today: { name: 'Bathroom heating today', source: 'sensor.bathroom_heating_energy' },
      heating_this_month: {
        name: 'Heating this month',
        source: 'sensor.heating_energy',
        tariffs: ['day', 'night'],
      },
    },
    // Else the first value of a meter at night is a warning.
    automation: [
      {
        triggers: Array,
        actions: [{ wait_template: /'sensor\.heating_this_month_day'/ }, { action: 'select.select_option' }],
      },
    ],
  })
})

/** What a selector may hold (Home Assistant, `helpers/selector.py`). */
const SELECTORS: Readonly<Record<string, readonly string[]>> = {
  action: [],
  duration: ['allow_negative', 'enable_day', 'enable_millisecond'],
  entity: ['exclude_entities', 'filter', 'include_entities', 'multiple', 'reorder'],
  number: ['max', 'min', 'mode', 'step', 'unit_of_measurement'],
  select: ['custom_value', 'mode', 'multiple', 'options', 'sort', 'translation_key'],
}

const ACTIONS = new Set([
  ...['climate.set_preset_mode', 'climate.set_temperature', 'climate.turn_off', 'climate.turn_on'],
  'persistent_notification.create',
])

/** What is wrong with one input of a blueprint. */
function inputFaults(name: string, input: unknown): string[] {
  if (!isObject(input)) return [`${name} is no object`]
  const faults = Object.keys(input).filter((key) => !['name', 'description', 'default', 'selector'].includes(key))
  if (typeof input.name !== 'string') faults.push('no name')
  const [[kind = '', config = null] = [], ...more] = Object.entries(isObject(input.selector) ? input.selector : {})
  const allowed = SELECTORS[kind]
  if (!allowed || more.length > 0 || !isObject(config)) return [...faults, `bad selector ${kind}`]
  faults.push(...Object.keys(config).filter((key) => !allowed.includes(key)))
  return faults.map((fault) => `${name}: ${fault}`)
}

/** What is wrong with a blueprint as such. */
function blueprintFaults(file: unknown): string[] {
  if (!isObject(file) || !isObject(file.blueprint)) return ['no blueprint']
  const { name, description, domain, homeassistant, input, ...rest } = file.blueprint
  const inputs = isObject(input) ? input : {}
  const used = new Set([...values(file)].flatMap(([, value]) => (value instanceof Input ? [value.name] : [])))
  const parts = [
    'blueprint',
    'mode',
    'max',
    'max_exceeded',
    'trigger_variables',
    'triggers',
    'variables',
    'conditions',
    'actions',
  ]
  const rules: Readonly<Record<string, boolean>> = {
    'no name or description': typeof name === 'string' && typeof description === 'string',
    'another domain': domain === 'automation',
    'no version that it needs': isObject(homeassistant) && /^\d{4}\.\d+\.\d+$/.test(String(homeassistant.min_version)),
    'an unknown part of the blueprint': Object.keys(rest).every((key) => ['author', 'source_url'].includes(key)),
    'an unknown part': Object.keys(file).every((key) => parts.includes(key)),
    'no triggers': Array.isArray(file.triggers) && file.triggers.length > 0,
    'no actions': file.actions instanceof Input || (Array.isArray(file.actions) && file.actions.length > 0),
  }
  return [
    ...Object.entries(rules).flatMap(([rule, kept]) => (kept ? [] : [rule])),
    ...Object.entries(inputs).flatMap(([key, value]) => inputFaults(key, value)),
    ...Object.keys(inputs).flatMap((key) => (used.has(key) ? [] : [`${key} is not used`])),
    ...[...used].flatMap((key) => (key in inputs ? [] : [`${key} is no input`])),
  ]
}

/** Actions, presets and event types that are not published, and ids of single entities, which no blueprint can know. */
function unknownWords(file: unknown): string[] {
  return [...values(file)].flatMap(([key, value]) => {
    if (typeof value !== 'string') return []
    if (key === 'action') return ACTIONS.has(value) ? [] : [`action ${value}`]
    if (key === 'preset_mode') return value === 'none' || presets.has(value) ? [] : [`preset ${value}`]
    return ENTITY.test(value) && !ACTIONS.has(value) ? [`entity ${value}`] : []
  })
}

t.test('blueprints are well-formed, and say what is published', async (t) => {
  const files = readdirSync(BLUEPRINTS).sort()
  t.strictSame(files, ['cheap_tariff.yaml', 'notify.yaml', 'presence.yaml', 'window.yaml'])
  for (const name of files) {
    const file = load(new URL(name, BLUEPRINTS))
    t.strictSame([...blueprintFaults(file), ...unknownWords(file)], [], name)
  }
  const [notify] = [load(new URL('notify.yaml', BLUEPRINTS))]
  const offered = [...values(notify)].flatMap(([key, value]) => (key === 'value' ? [value] : []))
  t.strictSame(new Set(offered), eventTypes, 'every type of event can be chosen, and no other')
  t.match(
    notify,
    { conditions: [{}, { value_template: /fault != 'emergency_mode' or 'sensor_lost' not in wanted/ }] },
    'one broken sensor is told of once',
  )
  t.match(notify, {
    blueprint: {
      input: {
        event_types: { default: [...eventTypes].filter((type) => /lost|overheated|began|offline/.test(type)) },
      },
    },
  })
})

t.test('the checks find what is wrong', async (t) => {
  const good = load(new URL('window.yaml', BLUEPRINTS))
  if (!isObject(good) || !isObject(good.blueprint)) return t.fail('no blueprint')
  const { blueprint } = good
  const input = (one: unknown) => ({
    ...good,
    blueprint: { ...blueprint, input: { ...Object(blueprint.input), delay: one } },
  })
  const bad: readonly unknown[] = [
    null,
    { ...good, triggers: [] },
    { ...good, actions: undefined },
    { ...good, trigger: [] },
    { ...good, blueprint: { ...blueprint, domain: 'x' } },
    { ...good, blueprint: { ...blueprint, input: {} } },
    { ...good, blueprint: { ...blueprint, homeassistant: { min_version: '2024' } } },
    { ...good, blueprint: { ...blueprint, extra: 1 } },
    input({ name: 'x', selector: { unheard: {} } }),
    input({ name: 'x', selector: { duration: { odd: true } } }),
    input({ selector: { duration: {} } }),
  ]
  for (const file of bad) t.ok(blueprintFaults(file).length > 0, JSON.stringify(file)?.slice(0, 60))
  for (const [key, value] of [
    ['action', 'climate.dance'],
    ['preset_mode', 'party'],
    ['entity_id', 'climate.bathroom'],
  ])
    t.equal(unknownWords({ [String(key)]: value }).length, 1)
})
