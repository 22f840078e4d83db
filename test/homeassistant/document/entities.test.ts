/** Every row of every model to its entity, under an id that stays. */
import t from 'tap'
import { type Datapoint, datapointsOf, MODELS, type Model, platformOf } from '../../../src/catalog/index.ts'
import { labelOf } from '../../../src/catalog/locales/index.ts'
import { isObject } from '../../../src/core/json.ts'
import { ACTIONS } from '../../../src/devices/ports.ts'
import { idsNow, readIds } from '../../support/contracts/unique-ids.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { documentOf, type Fields, fieldsOf, topics } from './documents.ts'

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
