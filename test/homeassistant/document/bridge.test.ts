/** The document of the bridge itself. */
import t from 'tap'
import { bridgeDocument, bridgeId } from '../../../src/homeassistant/document/bridge.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { exampleAccount } from '../../support/fake-accounts.ts'

const topics = new Topics('house/heating')

t.test('the bridge', async (t) => {
  const bridge = {
    version: '1.2.3',
    started: '2026-01-15T12:00:00.000Z',
    accounts: [exampleAccount({ id: "it's" })],
    devices: { total: 2, online: 1 },
  }
  t.equal(bridgeId('house/heating'), 'house_heating_bridge')
  const { components, device } = bridgeDocument({ bridge, topics, locale: 'en', id: bridgeId(topics.base) })
  t.match(device, { identifiers: ['house_heating_bridge'], sw_version: '1.2.3' })
  t.match(components, {
    connectivity: { platform: 'binary_sensor', state_topic: 'house/heating/bridge/state', payload_on: 'online' },
    sync: { command_topic: 'house/heating/bridge/request/sync' },
    house_mode: {
      platform: 'select',
      options: ['normal', 'away', 'frost protection', 'off'],
      state_topic: 'house/heating/bridge/house',
      value_template: /'frost_protection': 'frost protection'/,
      command_topic: 'house/heating/bridge/request/house',
      command_template:
        /\{'mode': \{.*'frost protection': 'frost_protection'.*\}\.get\(value, value\), 'via': 'home_assistant'\} \| tojson/,
    },
    house_frost_protection: {
      platform: 'button',
      command_topic: 'house/heating/bridge/request/house',
      payload_press: '{"mode":"frost_protection","via":"home_assistant"}',
    },
    house_power: {
      platform: 'sensor',
      enabled_by_default: false,
      device_class: 'power',
      state_topic: 'house/heating/bridge/house',
      value_template: '{{ value_json.power }}',
    },
    house_problem: {
      platform: 'binary_sensor',
      enabled_by_default: false,
      device_class: 'problem',
      value_template: "{{ 'ON' if value_json.problems else 'OFF' }}",
      json_attributes_template: /'messages': value_json\.problems\[:20\] \| map\(attribute='message'\)/,
    },
    restart: { command_topic: 'house/heating/bridge/request/restart', device_class: 'restart' },
    'account_it-27-s': {
      value_template: /'code_needed': 'code needed'.*'it\\u0027s'/,
      json_attributes_template: /'value': .*'it\\u0027s'/,
    },
    'sign_in_account_it-27-s': {
      platform: 'binary_sensor',
      device_class: 'problem',
      state_topic: 'house/heating/bridge/info',
      value_template: /in \['code_needed', 'auth_failed'\]/,
      json_attributes_topic: 'house/heating/bridge/info',
    },
    'code_account_it-27-s': {
      platform: 'text',
      mode: 'password',
      entity_category: 'config',
      command_topic: 'house/heating/bridge/request/account_code',
      command_template: "{{ {'id': 'it\\u0027s', 'code': value} | tojson }}",
      // With a state of its own, and that empty: Home Assistant would otherwise keep what was typed.
      state_topic: 'house/heating/bridge/info',
      value_template: "{{ '' }}",
    },
  })
  t.notOk('availability' in (components.connectivity ?? {}), 'to be seen while the bridge is away')
})

t.test('the bridge has an update entity if it looks for newer versions', async (t) => {
  const bridge = { version: '1.2.3', started: '', accounts: [], devices: { total: 0, online: 0 } }
  const parts = { topics, locale: 'en', id: bridgeId(topics.base) } as const
  t.notOk('update' in bridgeDocument({ ...parts, bridge }).components, 'nobody looks')
  const { update } = bridgeDocument({ ...parts, bridge: { ...bridge, update: null } }).components
  t.match(update, {
    platform: 'update',
    entity_category: 'diagnostic',
    state_topic: 'house/heating/bridge/info',
    title: 'thermo2mqtt',
  })
  t.notOk('command_topic' in (update ?? {}), 'nothing can be installed')
  // In Home Assistant, `value_json.update` and `value_json['update']` may be the method of a dictionary.
  t.notMatch(update, { value_template: /value_json(\.|\[')update/ })
  t.match(update, { value_template: /value_json\.get\('update'\)/ })
})
