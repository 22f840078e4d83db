/** The bridge's own device, to which the thermostats refer as `via_device`. */

import type { Locale } from '../../catalog/locales/index.ts'
import { ACCOUNT_STATES, type AccountState, type AccountView, type BridgeInfo } from '../../devices/ports.ts'
import type { Topics } from '../../mqtt/topics.ts'
import { houseComponents } from '../house.ts'
import { linkTo, originOf, PRODUCT } from './index.ts'
import { defaultEntityId } from './names.ts'
import {
  accountCode,
  accountIn,
  accountMessage,
  accountState,
  accountValue,
  bridgeProblem,
  bridgeProblemAttributes,
  bridgeUpdate,
} from './templates.ts'
import { type EntityTexts, filled, textsOf, wordsFor } from './texts.ts'
import { type Component, type ComponentPlatform, type DiscoveryDocument, objectId, QOS } from './types.ts'

/** Used in its entity ids, in every language. */
const NAME = 'Thermostat bridge'

/** The states in which an account waits for a person. */
const WAITING: readonly AccountState[] = ['code_needed', 'auth_failed']

/** The form of a code, or empty: the entity always shows nothing, because an entered code is private. */
const CODE = '^[A-Za-z0-9 -]{0,64}$'

/** The object id and identifier of the bridge, from its base topic, so that two bridges on one broker stay separate. */
export const bridgeId = (baseTopic: string): string => objectId(`${baseTopic}_bridge`)

/**
 * An account's id as part of a key, with each unusual character replaced by its code, so that different ids stay different.
 */
function accountKey(id: string): string {
  return `account_${id.replace(/[^A-Za-z0-9_]/g, (char) => `-${char.codePointAt(0)?.toString(16) ?? ''}-`)}`
}

export interface BridgeParts {
  readonly bridge: BridgeInfo
  readonly topics: Topics
  /** From `bridgeId`. */
  readonly id: string
  readonly locale: Locale
  /** The address of the page for browsers; null or absent if not set. */
  readonly page?: string | null
}

/**
 * The document of the bridge. Its connectivity sensor has no availability, so that it stays visible while the bridge is
 * offline.
 */
export function bridgeDocument(parts: BridgeParts): DiscoveryDocument {
  const { bridge, id, page = null } = parts
  const texts = textsOf(parts.locale)
  const frames = framesOf(parts)
  const components = ownComponents(parts, frames, texts)
  for (const [index, account] of bridge.accounts.entries()) {
    const shown = index < SHOWN_ACCOUNTS
    for (const [key, component] of Object.entries(accountComponents(parts, frames, texts, account))) {
      components[key] = { ...component, ...(shown ? {} : OFF) }
    }
  }
  return {
    device: {
      identifiers: [id],
      name: named(texts['bridge.name'], parts),
      manufacturer: PRODUCT,
      model: 'Bridge',
      sw_version: bridge.version,
      ...linkTo(page, 'system'),
    },
    origin: originOf(bridge.version, page),
    components,
  }
}

type Frames = ReturnType<typeof framesOf>

const DIAGNOSTIC = { entity_category: 'diagnostic' }
const OFF = { enabled_by_default: false }

/** Accounts whose entities are enabled by default, so that many accounts do not fill the page. */
const SHOWN_ACCOUNTS = 2

/** Several bridges in one Home Assistant are distinguished by their sites, or without a site by their topics. */
function named(name: string, { bridge, topics }: BridgeParts): string {
  const other = bridge.site ?? (topics.base === PRODUCT ? '' : topics.base)
  return other === '' ? name : `${name} ${other}`
}

/** The common parts of its entities. */
function framesOf(parts: BridgeParts) {
  const { topics, id } = parts
  const common = (platform: ComponentPlatform, key: string, name: string) => ({
    platform,
    unique_id: `${id}_${key}`,
    name,
    ...defaultEntityId(platform, named(NAME, parts), key),
    qos: QOS,
  })
  const available = { availability: [{ topic: topics.bridgeState }], availability_mode: 'all' }
  const sensor = (key: string, name: string, fields: Readonly<Record<string, string | boolean>>) => ({
    ...common('sensor', key, name),
    ...available,
    ...DIAGNOSTIC,
    state_topic: topics.bridgeInfo,
    ...fields,
  })
  const button = (action: string, name: string, fields: Readonly<Record<string, string | boolean>>) => ({
    ...common('button', action, name),
    ...available,
    entity_category: 'config',
    command_topic: topics.request(action),
    payload_press: '{}',
    ...fields,
  })
  /** On while something is wrong; the attributes say what. */
  const problem = (key: string, name: string, topic: string, wrong: string, attributes: string) => ({
    ...common('binary_sensor', key, name),
    ...available,
    ...DIAGNOSTIC,
    device_class: 'problem',
    state_topic: topic,
    payload_on: 'ON',
    payload_off: 'OFF',
    value_template: wrong,
    json_attributes_topic: topic,
    json_attributes_template: attributes,
  })
  return { common, available, sensor, button, problem }
}

/** The bridge's own sensors and buttons. */
function ownComponents({ topics, bridge }: BridgeParts, frames: Frames, texts: EntityTexts): Record<string, Component> {
  const { common, available, sensor, button, problem } = frames
  const count = { state_class: 'measurement', icon: 'mdi:home-thermometer' }
  return {
    connectivity: {
      ...common('binary_sensor', 'connectivity', texts['bridge.connectivity']),
      ...DIAGNOSTIC,
      device_class: 'connectivity',
      state_topic: topics.bridgeState,
      payload_on: 'online',
      payload_off: 'offline',
    },
    // Problems of the bridge itself.
    problem: problem('problem', texts['bridge.problem'], topics.bridgeInfo, bridgeProblem, bridgeProblemAttributes),
    version: sensor('version', texts['bridge.version'], {
      ...OFF,
      value_template: '{{ value_json.version }}',
      icon: 'mdi:tag',
    }),
    // Without a command: nothing can be installed from there.
    ...(bridge.update === undefined
      ? {}
      : {
          update: {
            ...common('update', 'update', texts['bridge.update']),
            ...available,
            ...DIAGNOSTIC,
            state_topic: topics.bridgeInfo,
            value_template: bridgeUpdate,
            title: PRODUCT,
          },
        }),
    devices_online: sensor('devices_online', texts['bridge.devicesOnline'], {
      ...OFF,
      ...count,
      value_template: '{{ value_json.devices.online }}',
    }),
    devices_total: sensor('devices_total', texts['bridge.devicesTotal'], {
      ...OFF,
      ...count,
      value_template: '{{ value_json.devices.total }}',
    }),
    ...houseComponents(topics, frames, texts),
    sync: button('sync', texts['bridge.sync'], { ...OFF, icon: 'mdi:cloud-sync' }),
    restart: button('restart', texts['bridge.restart'], { ...OFF, device_class: 'restart' }),
  }
}

/** The entities of an account: its state, whether a person must act, and the field for a code. */
function accountComponents(
  { topics }: BridgeParts,
  { common, sensor, problem }: Frames,
  texts: EntityTexts,
  { id: account, takes_code: takesCode }: AccountView,
): Record<string, Component> {
  const key = accountKey(account)
  return {
    [key]: sensor(key, filled(texts['account.name'], account), {
      ...OFF,
      value_template: accountState(
        account,
        wordsFor(ACCOUNT_STATES, (state) => texts[`account.${state}`]),
      ),
      json_attributes_topic: topics.bridgeInfo,
      json_attributes_template: accountValue(account),
      icon: 'mdi:cloud-key',
    }),
    // What only a person can solve.
    [`sign_in_${key}`]: problem(
      `sign_in_${key}`,
      filled(texts['account.signIn'], account),
      topics.bridgeInfo,
      accountIn(account, WAITING),
      accountMessage(account),
    ),
    ...(takesCode
      ? {
          [`code_${key}`]: codeComponent(
            topics,
            common('text', `code_${key}`, filled(texts['account.code'], account)),
            account,
          ),
        }
      : {}),
  }
}

/** The field for a code. It has a state topic only so that Home Assistant does not show what was typed. */
function codeComponent(topics: Topics, common: Component, account: string): Component {
  return {
    ...common,
    availability: [{ topic: topics.bridgeState }],
    availability_mode: 'all',
    entity_category: 'config',
    mode: 'password',
    min: 0,
    max: 64,
    pattern: CODE,
    state_topic: topics.bridgeInfo,
    value_template: "{{ '' }}",
    command_topic: topics.request('account_code'),
    command_template: accountCode(account),
    icon: 'mdi:form-textbox-password',
  }
}
