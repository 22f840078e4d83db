import assert from 'node:assert/strict'
import t from 'tap'
import { datapointsOf, MODELS } from '../../../src/catalog/index.ts'
import type { DeviceView } from '../../../src/devices/ports.ts'
import { bridgeDocument, bridgeId } from '../../../src/homeassistant/document/bridge.ts'
import { deviceDocument, deviceId } from '../../../src/homeassistant/document/index.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { contractErrors } from '../../support/contracts/ha-contract.ts'
import { exampleAccount } from '../../support/fake-accounts.ts'
import { exampleView } from '../../support/fake-bridge.ts'
import { eachRow } from '../../support/rows.ts'

const topics = new Topics('thermo2mqtt')
const via = bridgeId('thermo2mqtt')

function documentOf(view: DeviceView) {
  return deviceDocument({ view, topics, locale: 'en', version: '1.2.3', via })
}

function check(view: DeviceView) {
  return contractErrors(documentOf(view), `homeassistant/device/${deviceId(view.serial)}/config`)
}

/** What the state can be, as far as documents depend on it. */
function statesOf(view: DeviceView): Record<string, DeviceView['state']> {
  const changes: Record<string, DeviceView['state']> = {
    'as it is': {},
    'all unknown': Object.fromEntries(Object.keys(view.state).map((key) => [key, null])),
    cooling: { cooling: true },
    'contradicting limits': { floor_setpoint_min: 40, floor_setpoint_max: 10 },
  }
  for (const type of ['floor', 'air', 'air_floor_limits']) changes[`control by ${type}`] = { control_type: type }
  return changes
}

for (const model of MODELS) {
  t.test(model.id, async (t) => {
    const all = exampleView(model.id)
    t.equal(documentOf({ ...all, features: new Set() }), undefined, 'no features, no document')
    const names = ['Floor', 'Power', 'Display', 'Ванна', 'Child lock', 'Küche', 'a/b+c#"d']
    const views: readonly (readonly [what: string, changes: Partial<DeviceView>])[] = [
      ...Object.entries(statesOf(all)).map(([what, state]) => [what, { state: { ...all.state, ...state } }] as const),
      ['tenths', { setpointStep: 0.5 }],
      ...names.map((name) => [name, { name }] as const),
      ['hardly any features', { features: new Set(['power_off']) }],
      ...datapointsOf(model).flatMap(({ key }) => [
        [`without ${key}`, { features: new Set([...all.features].filter((feature) => feature !== key)) }] as const,
        [`with ${key} alone`, { features: new Set([key]) }] as const,
      ]),
    ]
    eachRow(
      t,
      'Home Assistant takes it',
      views,
      ([what]) => what,
      ([, changes]) => assert.deepEqual(check({ ...all, ...changes }), []),
    )
  })
}

t.test('the bridge', async (t) => {
  for (const accounts of [
    [],
    [exampleAccount()],
    ['o\'dd "}} ä', 'o-dd', 'o_dd', 'O', 'O_code', 'code_O'].map((id) => exampleAccount({ id })),
  ]) {
    const bridge = { version: '1.2.3', started: '2026-01-15T12:00:00.000Z', accounts, devices: { total: 2, online: 1 } }
    const document = bridgeDocument({ bridge, topics, locale: 'en', id: via })
    t.strictSame(contractErrors(document, `homeassistant/device/${via}/config`), [])
    t.equal(Object.keys(document.components).length, 14 + 3 * accounts.length)
  }
})

t.test('the checker finds what Home Assistant refuses', async (t) => {
  const good = documentOf(exampleView('oz'))
  t.ok(good)
  if (!good) return
  const noState = Object.fromEntries(
    Object.entries(good.components.action ?? {}).filter(([key]) => key !== 'state_topic'),
  )
  const component = (key: string, change: object) => ({
    ...good,
    components: { ...good.components, [key]: { ...good.components[key], ...change } },
  })
  const bad: Record<string, unknown> = {
    'no object': null,
    'a root key': { ...good, name: 'x' },
    'a device key': { ...good, device: { ...good.device, firmware: '1' } },
    'an origin key': { ...good, origin: { ...good.origin, url: '1' } },
    'no origin': { ...good, origin: undefined },
    'no device': { ...good, device: undefined },
    'no identifiers': { ...good, device: { ...good.device, identifiers: [] } },
    'a bad configuration_url': { ...good, device: { ...good.device, configuration_url: 'x' } },
    'no components': { ...good, components: undefined },
    'a component that is none': { ...good, components: { x: 1 } },
    'a bad key': { ...good, components: { 'a b': good.components.action } },
    'a missing state topic': { ...good, components: { action: noState } },
    'a wrong mode of availability': { ...good, availability_mode: 'any' },
    'no list of availability': { ...good, availability: 'x' },
    'no availability at all': {
      ...good,
      availability: undefined,
      availability_mode: undefined,
      components: good.components,
    },
    'a mix of availabilities': { ...good, availability_topic: 'x' },
    'a key of another platform': component('action', { command_topic: 'x' }),
    'an unknown platform': component('action', { platform: 'thermometer' }),
    'no unique_id': component('action', { unique_id: undefined }),
    'a unique_id twice': component('action', { unique_id: `${exampleView().serial}_power` }),
    'an entity id twice': component('power', { default_entity_id: 'sensor.bathroom_action' }),
    'an entity id of another platform': component('power', { default_entity_id: 'number.power' }),
    'no qos': component('action', { qos: 0 }),
    'no name': component('action', { name: null }),
    'an empty name': component('action', { name: '' }),
    'the name of the device': component('action', { name: 'Bathroom action' }),
    'config on a sensor': component('action', { entity_category: 'config' }),
    'an unknown category': component('action', { entity_category: 'x' }),
    'no options': component('action', { device_class: 'enum', options: [] }),
    'an option twice': component('action', { device_class: 'enum', options: ['a', 'a'] }),
    'options without enum': component('action', { options: ['a'] }),
    'an enum with a unit': component('action', { device_class: 'enum', options: ['a'], unit_of_measurement: 'W' }),
    'a wrong unit': component('power', { unit_of_measurement: 'kWh' }),
    'a wrong state class': component('power', { state_class: 'total' }),
    'an unknown state class': component('power', { state_class: 'x' }),
    'an unknown class': component('power', { device_class: 'x' }),
    'a timestamp with a unit': component('timer_end', { unit_of_measurement: 's' }),
    'a number without range': component('hysteresis', { max: 0 }),
    'a number without step': component('hysteresis', { step: 0 }),
    'a number of a wrong class': component('hysteresis', { device_class: 'x' }),
    'a number of a wrong unit': component('rated_power', { unit_of_measurement: 's' }),
    'a binary sensor of a wrong class': component('load', { device_class: 'x' }),
    'a binary sensor without ON and OFF': component('load', { value_template: '{{ value_json.load }}' }),
    'a bad template': component('load', { value_template: 'load' }),
    'a topic with a wildcard': component('load', { state_topic: 'a/+' }),
    'a bad icon': component('load', { icon: 'x' }),
    'a text for a boolean': component('load', { enabled_by_default: 'no' }),
    'the option none': component('control_type', { options: ['None'] }),
    'a bad length': component('night_start', { max: 300 }),
    'a button of a wrong class': component('restart', { device_class: 'x' }),
    'a bad mode': component('climate', { modes: ['dry'] }),
    'no modes': component('climate', { modes: undefined }),
    'the preset none': component('climate', { preset_modes: ['none'] }),
    'no command topic for presets': component('climate', {
      preset_modes: undefined,
      preset_mode_command_topic: undefined,
    }),
    'a bad precision': component('climate', { precision: 0.2 }),
    'a bad range': component('climate', { min_temp: 70 }),
    'a bad step': component('climate', { temp_step: 0 }),
    'no event types': component('key_event', { event_types: [] }),
    'an event type twice': component('key_event', { event_types: ['key_changed', 'key_changed'] }),
    'an event type in words alone': component('key_event', {
      event_types: ['Key changed'],
      value_template: "{{ {'event_type': 'Key changed'} | tojson }}",
    }),
    'a slider': component('hysteresis', { mode: 'auto' }),
    'an event type that never comes': component('key_event', { event_types: ['key_changed', 'other'] }),
    'an event without its type': component('key_event', { value_template: "{{ 'key_changed' }}" }),
    'an event of an entity that goes with its device': component('key_event', { availability: undefined }),
    'an event with a command': component('key_event', { command_topic: 'x' }),
    'config on an event': component('key_event', { entity_category: 'config' }),
    'a device trigger': component('trigger_overheated', {
      platform: 'device_automation',
      automation_type: 'trigger',
      type: 'fault_began',
      subtype: 'overheated',
      topic: 'a/event',
      payload: 'overheated',
      qos: 1,
    }),
  }
  for (const [what, document] of Object.entries(bad)) {
    const plain: unknown = JSON.parse(JSON.stringify(document))
    const errors = contractErrors(plain)
    if (what === 'no command topic for presets') t.strictSame(errors, [], 'both left out is fine')
    else t.ok(errors.length > 0, what)
  }
  t.ok(contractErrors(good, 'homeassistant/device/a b/config').length > 0, 'a bad topic')
  t.strictSame(contractErrors({ ...good, components: { x: { platform: 'sensor' } } }), [], 'a removal')
})
