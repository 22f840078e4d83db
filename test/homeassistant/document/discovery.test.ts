import t from 'tap'
import type { JsonValue } from '../../../src/core/json.ts'
import type { DeviceView } from '../../../src/devices/ports.ts'
import { bridgeDocument } from '../../../src/homeassistant/document/bridge.ts'
import { deviceDocument } from '../../../src/homeassistant/document/index.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'

const topics = new Topics('house/heating')
const STATE = `house/heating/${EXAMPLE_SERIAL}/state`
const SET = `house/heating/${EXAMPLE_SERIAL}/set`

const LIMITS = { floor_setpoint_min: 5, floor_setpoint_max: 45, air_setpoint_min: 7, air_setpoint_max: 35 }

function componentsOf(model: string, changes: Partial<DeviceView> = {}, state: Record<string, JsonValue> = {}) {
  const base = exampleView(model)
  const view = { ...base, state: { ...base.state, ...LIMITS, ...state }, ...changes }
  return deviceDocument({ view, topics, locale: 'en', version: '1.2.3', via: 'house_heating_bridge' })?.components ?? {}
}

t.test('a relay is a switch with the name of the device, and no climate', async (t) => {
  for (const model of ['ms', 'd2w']) {
    const components = componentsOf(model)
    t.match(components.relay, {
      platform: 'switch',
      name: null,
      default_entity_id: 'switch.bathroom',
      command_topic: `${SET}/relay`,
      state_topic: STATE,
      payload_on: '{"value":true,"via":"home_assistant"}',
      payload_off: '{"value":false,"via":"home_assistant"}',
    })
    t.equal(Object.values(components).filter((component) => 'name' in component && component.name === null).length, 1)
    for (const key of ['climate', 'reset_parameters', 'reset_schedule']) t.notOk(key in components, `${model} ${key}`)
    for (const key of ['restart', 'blink', 'sync_clock']) t.equal(components[key]?.platform, 'button')
    t.match(components.load, { platform: 'binary_sensor', device_class: 'power' })
    t.match(components.clock_wrong, {
      platform: 'binary_sensor',
      device_class: 'problem',
      entity_category: 'diagnostic',
    })
    t.match(components.clock_offset, { platform: 'sensor', device_class: 'duration', unit_of_measurement: 's' })
  }
  const { voltage, voltage_max, power_on_state } = { ...componentsOf('d2w'), ...componentsOf('ms') }
  t.match(voltage, {
    platform: 'sensor',
    device_class: 'voltage',
    unit_of_measurement: 'V',
    state_class: 'measurement',
  })
  t.match(voltage_max, { platform: 'number', min: 230, max: 280, step: 1, unit_of_measurement: 'V' })
  t.match(power_on_state, { platform: 'select', options: ['off', 'on', 'as before'] })
  t.match(componentsOf('oz').load_control, { platform: 'select', options: ['by setpoint', 'always on', 'always off'] })
  t.notOk('relay' in componentsOf('oz'))
})

t.test('the root of a document', async (t) => {
  const { components, ...root } = deviceDocument({
    view: exampleView('oz'),
    topics,
    locale: 'en',
    version: '1.2.3',
    via: 'house_heating_bridge',
  }) ?? { components: {} }
  t.ok(components)
  t.strictSame(root, {
    device: {
      identifiers: [`thermo2mqtt_${EXAMPLE_SERIAL}`],
      name: 'Bathroom',
      manufacturer: 'Welrok',
      model: 'OZ',
      serial_number: EXAMPLE_SERIAL,
      suggested_area: 'Bathroom',
      via_device: 'house_heating_bridge',
    },
    origin: { name: 'thermo2mqtt', sw_version: '1.2.3' },
    availability: [{ topic: 'house/heating/bridge/state' }, { topic: `house/heating/${EXAMPLE_SERIAL}/availability` }],
    availability_mode: 'all',
  })
})

t.test('what else is known of a device, and where its page is', async (t) => {
  const parts = { topics, locale: 'en', version: '1.2.3', via: 'b', page: 'https://heat.example/t2m/' } as const
  const of = (model: string, changes: Partial<DeviceView> = {}) =>
    deviceDocument({ ...parts, view: exampleView(model, { firmware: '2.34', ...changes }) })
  t.match(of('ax'), {
    device: {
      sw_version: '2.34',
      configuration_url: `https://heat.example/t2m/#/devices/${EXAMPLE_SERIAL}`,
      suggested_area: 'Bathroom',
    },
    origin: { support_url: 'https://heat.example/t2m/' },
  })
  t.equal(of('ax', { room: 'Attic' })?.device.suggested_area, 'Attic')
  t.equal(of('ms', { room: 'Cellar' })?.device.suggested_area, 'Cellar', 'a relay that somebody put into a room')
  t.equal(of('ax', { name: 'Bathroom 2' })?.device.suggested_area, 'Bathroom')
  t.notOk('suggested_area' in (of('ms')?.device ?? {}), 'what a relay switches is no room')
  t.notOk('suggested_area' in (of('ax', { nameSource: 'default' })?.device ?? {}), 'a name made of the serial neither')
  const bridge = { version: '1', started: '', accounts: [], devices: { total: 0, online: 0 } }
  t.match(bridgeDocument({ ...parts, bridge, id: 'b' }).device, {
    name: 'Thermostat bridge house/heating',
    configuration_url: 'https://heat.example/t2m/#/system',
  })
  const own = new Topics('thermo2mqtt')
  t.equal(bridgeDocument({ ...parts, topics: own, bridge, id: 'b' }).device.name, 'Thermostat bridge')
})

t.test('a model that the catalog does not know is shown as the unknown one', async (t) => {
  const view = { ...exampleView('unknown'), model: 'new', hw: null }
  const document = deviceDocument({ view, topics, locale: 'en', version: '1.2.3', via: 'b' })
  t.match(document?.device, { model: 'Thermostat' })
  t.notOk('hw_version' in (document?.device ?? {}))
  const known = deviceDocument({ view: { ...view, hw: 'zz' }, topics, locale: 'en', version: '1.2.3', via: 'b' })
  t.match(known?.device, { model: 'Thermostat', hw_version: 'zz' })
})

/** What Home Assistant sends, and that it is Home Assistant that sends it. */
const CHOSEN = "{{ {'value': value, 'via': 'home_assistant'} | tojson }}"

t.test('the climate entity', async (t) => {
  t.strictSame(componentsOf('ax').climate, {
    platform: 'climate',
    unique_id: `${EXAMPLE_SERIAL}_climate`,
    name: null,
    default_entity_id: 'climate.bathroom',
    qos: 1,
    modes: ['off', 'heat', 'auto'],
    mode_state_topic: STATE,
    mode_state_template: "{{ {'off': 'off', 'heat': 'heat', 'auto': 'auto'}.get(value_json.mode, none) }}",
    mode_command_topic: `${SET}/mode`,
    mode_command_template: CHOSEN,
    temperature_state_topic: STATE,
    temperature_state_template: '{{ value_json.target_temperature }}',
    temperature_command_topic: `${SET}/target_temperature`,
    temperature_command_template: CHOSEN,
    temperature_unit: 'C',
    min_temp: 5,
    max_temp: 45,
    temp_step: 1,
    precision: 0.1,
    json_attributes_topic: STATE,
    json_attributes_template:
      "{% set e = value_json.last_error | default({}, true) %}{{ {'last_error': e or none, 'last_rounded': value_json.last_rounded | default(none)} | tojson }}",
    current_temperature_topic: STATE,
    current_temperature_template: '{{ value_json.current_temperature }}',
    action_topic: STATE,
    action_template: '{{ value_json.action }}',
    power_command_topic: `${SET}/power_off`,
    payload_on: '{"value":false,"via":"home_assistant"}',
    payload_off: '{"value":true,"via":"home_assistant"}',
    preset_modes: ['away', 'boost'],
    preset_mode_state_topic: STATE,
    preset_mode_value_template: "{{ {'none': 'none', 'away': 'away', 'boost': 'boost'}.get(value_json.preset, none) }}",
    preset_mode_command_topic: `${SET}/preset`,
    preset_mode_command_template: CHOSEN,
  })
  t.match(componentsOf('oz', { setpointStep: 0.5 }).climate, {
    preset_modes: ['away', 'boost'],
    temp_step: 0.5,
    current_humidity_topic: STATE,
  })
  t.match(componentsOf('ax', {}, { cooling: true }).climate, { modes: ['off', 'cool', 'auto'] })
  t.notOk('preset_modes' in (componentsOf('ax', { features: new Set(['mode', 'target_temperature']) }).climate ?? {}))
  t.equal(componentsOf('ax', { features: new Set(['mode']) }).climate, undefined)
})

t.test('limits follow the sensor that controls, and what the device says of them', async (t) => {
  const limits = (state: Record<string, JsonValue>, model = 'ax') => {
    const { climate } = componentsOf(model, {}, state)
    return climate && 'min_temp' in climate ? [climate.min_temp, climate.max_temp] : undefined
  }
  t.strictSame(limits({ control_type: 'air' }), [7, 35])
  t.strictSame(limits({ control_type: 'air_floor_limits' }), [7, 35])
  t.strictSame(limits({ control_type: null }), [5, 45])
  t.strictSame(limits({ floor_setpoint_max: null }), [5, 45], 'unknown: those that commands are held to')
  t.strictSame(limits({ floor_setpoint_min: 50 }), [5, 45], 'contradicting: the same')
  t.strictSame(limits({ control_type: 'air', air_setpoint_min: null, air_setpoint_max: null }, 'az'), [5, 35])
  t.match(componentsOf('oz', { setpointStep: 0.5 }), {
    away_air_setpoint: { min: 7, max: 35, step: 0.5 },
    away_floor_setpoint: { min: 5, max: 45 },
  })
})

t.test('one entity of each platform', async (t) => {
  const components = componentsOf('oz')
  t.strictSame(components.floor_temperature, {
    platform: 'sensor',
    unique_id: `${EXAMPLE_SERIAL}_floor_temperature`,
    name: 'Floor temperature',
    default_entity_id: 'sensor.bathroom_floor_temperature',
    qos: 1,
    state_topic: STATE,
    value_template: '{{ value_json.floor_temperature }}',
    device_class: 'temperature',
    state_class: 'measurement',
    unit_of_measurement: '°C',
    suggested_display_precision: 1,
  })
  t.match(components.lock, {
    platform: 'sensor',
    value_template:
      "{{ {'none': 'none', 'cloud': 'cloud', 'lan': 'local network', 'both': 'both'}.get(value_json.lock, value_json.lock) }}",
    json_attributes_topic: STATE,
    json_attributes_template: "{{ {'value': value_json.lock | default(none)} | tojson }}",
  })
  t.match(components.child_lock, {
    platform: 'switch',
    entity_category: 'config',
    command_topic: `${SET}/child_lock`,
    payload_on: '{"value":true,"via":"home_assistant"}',
    payload_off: '{"value":false,"via":"home_assistant"}',
    state_on: 'ON',
    state_off: 'OFF',
  })
  t.match(components.hysteresis, { platform: 'number', min: 0.1, max: 10, step: 0.1, unit_of_measurement: '°C' })
  t.match(components.control_type, { platform: 'select', options: ['floor', 'air', 'air within floor limits'] })
  t.match(components.night_start, { platform: 'text', value_template: "{{ value_json.night_start or '' }}" })
  t.match(components.timer_end, { platform: 'sensor', device_class: 'timestamp' })
  t.match(components.lan_lock, { enabled_by_default: false })
  t.match(components.load, {
    platform: 'binary_sensor',
    value_template: "{{ {true: 'ON', false: 'OFF', none: 'None'}.get(value_json.load, '') }}",
  })
  t.match(components.reset_schedule, {
    platform: 'button',
    command_topic: `house/heating/${EXAMPLE_SERIAL}/action`,
    payload_press: '{"action":"reset_schedule","via":"home_assistant"}',
    enabled_by_default: false,
  })
  t.match(components.energy, { device_class: 'energy', state_class: 'total_increasing', unit_of_measurement: 'kWh' })
  t.notOk('enabled_by_default' in (components.energy ?? {}), 'for the energy dashboard')
  t.match(components.energy_error, { entity_category: 'diagnostic', enabled_by_default: false })
  t.match(components.heating_time, { device_class: 'duration', unit_of_measurement: 'h' })
  t.match(components.reset_energy, { platform: 'button', payload_press: /reset_energy/, enabled_by_default: false })
  t.match(components.power_off, { platform: 'switch', enabled_by_default: false })
  t.match(components.temporary_setpoint, { platform: 'sensor', enabled_by_default: false })
  t.match(components.wifi_rssi, { suggested_display_precision: 0 })
})

t.test('the problem sensor lists the faults that the unit can have', async (t) => {
  const { problem } = componentsOf('ax', { features: new Set(['problem', 'overheated', 'clock_fault', 'load']) })
  t.match(problem, {
    json_attributes_topic: STATE,
    json_attributes_template: /select\('in', \['overheated', 'clock_fault'\]\)/,
  })
})

t.test('names do not repeat that of the device', async (t) => {
  const names = (name: string) => {
    const { floor_temperature: floor, power } = componentsOf('ax', { name })
    return [floor, power].map((component) => (component && 'name' in component ? component.name : undefined))
  }
  t.strictSame(names('Floor'), ['Temperature', 'Power'])
  t.strictSame(names('power'), ['Floor temperature', null])
  t.strictSame(names('Flo'), ['Floor temperature', 'Power'])
})

t.test('entity ids', async (t) => {
  const id = (name: string) => componentsOf('ax', { name }).climate
  t.match(id('Küche / Süd 2'), { default_entity_id: 'climate.kuche_sud_2' })
  t.match(id('Ванна'), { default_entity_id: 'climate.vanna' })
  t.match(id('Їдальня, 2 поверх'), { default_entity_id: 'climate.idalnia_2_poverkh' })
  t.match(id('Подъезд Щ'), { default_entity_id: 'climate.podezd_shch' })
  for (const name of ['浴室', 'Ђорђе']) t.notOk('default_entity_id' in (id(name) ?? {}), 'Home Assistant knows better')
  t.notOk('default_entity_id' in (id('!') ?? {}))
})
