/** The bridge's own device, which the thermostats name as the one that they are reached through. */

import { ACCOUNT_STATES, type AccountView, type BridgeInfo } from '../devices/ports.ts'
import type { Topics } from '../mqtt/topics.ts'
import { originOf, PRODUCT } from './discovery.ts'
import { type Component, type ComponentPlatform, type DiscoveryDocument, objectId, QOS } from './document.ts'
import { defaultEntityId } from './names.ts'
import { accountState } from './templates.ts'

const NAME = 'Thermostat bridge'

/** The object id and identifier of the bridge: by its base topic, so that two bridges on one broker stay apart. */
export const bridgeId = (baseTopic: string): string => objectId(`${baseTopic}_bridge`)

/** An account's id as part of a key, with each unusual character as its code, so that different ids stay different. */
function accountKey(id: string): string {
  return `account_${id.replace(/[^A-Za-z0-9_]/g, (char) => `-${char.codePointAt(0)?.toString(16) ?? ''}-`)}`
}

export interface BridgeParts {
  readonly bridge: BridgeInfo
  readonly topics: Topics
  /** From `bridgeId`. */
  readonly id: string
}

/**
 * The document of the bridge. Its connectivity sensor has no availability: it is there to be seen while the bridge is
 * away.
 */
export function bridgeDocument({ bridge, topics, id }: BridgeParts): DiscoveryDocument {
  const common = (platform: ComponentPlatform, key: string, name: string) => ({
    platform,
    unique_id: `${id}_${key}`,
    name,
    ...defaultEntityId(platform, NAME, key),
    qos: QOS,
  })
  const available = { availability: [{ topic: topics.bridgeState }], availability_mode: 'all' }
  const diagnostic = { entity_category: 'diagnostic' }
  const sensor = (key: string, name: string, fields: Readonly<Record<string, string | readonly string[]>>) => ({
    ...common('sensor', key, name),
    ...available,
    ...diagnostic,
    state_topic: topics.bridgeInfo,
    ...fields,
  })
  const button = (action: string, name: string, fields: Readonly<Record<string, string>>) => ({
    ...common('button', action, name),
    ...available,
    entity_category: 'config',
    command_topic: topics.request(action),
    payload_press: '{}',
    ...fields,
  })
  const account = ({ id: accountId }: AccountView) =>
    sensor(accountKey(accountId), `Account ${accountId}`, {
      device_class: 'enum',
      options: ACCOUNT_STATES,
      value_template: accountState(accountId),
      icon: 'mdi:cloud-key',
    })
  const count = { state_class: 'measurement', icon: 'mdi:home-thermometer' }
  const components: Record<string, Component> = {
    connectivity: {
      ...common('binary_sensor', 'connectivity', 'Connection'),
      ...diagnostic,
      device_class: 'connectivity',
      state_topic: topics.bridgeState,
      payload_on: 'online',
      payload_off: 'offline',
    },
    version: sensor('version', 'Version', { value_template: '{{ value_json.version }}', icon: 'mdi:tag' }),
    devices_online: sensor('devices_online', 'Devices online', {
      ...count,
      value_template: '{{ value_json.devices.online }}',
    }),
    devices_total: sensor('devices_total', 'Devices', { ...count, value_template: '{{ value_json.devices.total }}' }),
    sync: button('sync', 'Sync accounts', { icon: 'mdi:cloud-sync' }),
    restart: button('restart', 'Restart', { device_class: 'restart' }),
  }
  for (const view of bridge.accounts) components[accountKey(view.id)] = account(view)
  return {
    device: { identifiers: [id], name: NAME, manufacturer: PRODUCT, model: 'Bridge', sw_version: bridge.version },
    origin: originOf(bridge.version),
    components,
  }
}
