/**
 * What happens to a device, for automations: event entities, each with its fixed types, and a device trigger for each fault
 * that it can have. Both listen to the topic of the device's events. Types are the same in every language.
 */
import type { FaultKind } from '../catalog/index.ts'
import type { BridgeEvent } from '../devices/ports.ts'
import type { DeviceContext } from './context.ts'
import { type Component, type DeviceTrigger, QOS } from './document.ts'
import { type FaultRow, faultNames, faultsHere } from './faults.ts'
import { defaultEntityId, entityName } from './names.ts'
import * as template from './templates.ts'
import { type EntityTexts, type EventType, textsOf } from './texts.ts'

interface EventEntity {
  readonly name: keyof EntityTexts['events']
  readonly icon: string
  /** The types that Home Assistant is told, by type of the bridge's event, or by the lock that it tells of. */
  readonly types: Readonly<Partial<Record<BridgeEvent['type'], EventType>>> | 'lock'
  /** Tells of faults of this kind alone. */
  readonly kind?: FaultKind
  readonly there: (faults: readonly FaultRow[], context: DeviceContext) => boolean
}

/** What the lock is after a change. */
const LOCKS: Readonly<Record<string, EventType>> = {
  none: 'unlocked',
  cloud: 'cloud_locked',
  lan: 'lan_locked',
  both: 'locked',
}

const has = (kind: FaultKind) => (faults: readonly FaultRow[]) => faults.some(([, other]) => other === kind)

const ENTITIES: readonly EventEntity[] = [
  {
    name: 'sensor',
    icon: 'mdi:thermometer-alert',
    types: { fault_began: 'sensor_lost', fault_ended: 'sensor_restored' },
    kind: 'sensor',
    there: has('sensor'),
  },
  {
    name: 'overheating',
    icon: 'mdi:fire-alert',
    types: { fault_began: 'overheated', fault_ended: 'cooled_down' },
    kind: 'overheating',
    there: has('overheating'),
  },
  {
    name: 'fault',
    icon: 'mdi:alert-circle',
    types: { fault_began: 'fault_began', fault_ended: 'fault_ended' },
    kind: 'other',
    there: has('other'),
  },
  { name: 'lock', icon: 'mdi:lock-alert', types: 'lock', there: (_faults, { view }) => view.features.has('lock') },
  { name: 'key', icon: 'mdi:key-change', types: { key_changed: 'key_changed' }, there: () => true },
  {
    name: 'connection',
    icon: 'mdi:lan-disconnect',
    types: { device_online: 'device_online', device_offline: 'device_offline' },
    there: () => true,
  },
]

function templateOf(entity: EventEntity, context: DeviceContext, faults: readonly FaultRow[]): string {
  const { happened } = textsOf(context.locale)
  const types = typesOf(entity)
  const words = Object.fromEntries(Object.entries(types).map(([key, type]) => [key, happened[type]]))
  if (entity.types === 'lock') return template.lockEvent({ types, words })
  if (entity.kind === undefined) return template.event({ types, words })
  return template.faultEvent({ types, words }, entity.kind, faultNames(faults, context.locale))
}

const typesOf = ({ types }: EventEntity): Readonly<Record<string, EventType>> => (types === 'lock' ? LOCKS : types)

/**
 * The event entities of a device, by key. They are available as long as the bridge is: what is told last before a device is
 * lost, or first when it is back, would else be told of an entity that is not there.
 */
export function eventComponents(context: DeviceContext): Readonly<Record<string, Component>> {
  const { view, topics, uid, locale } = context
  const faults = faultsHere(context)
  const components: Record<string, Component> = {}
  for (const entity of ENTITIES.filter(({ there }) => there(faults, context))) {
    const key = `${entity.name}_event`
    components[key] = {
      platform: 'event',
      unique_id: `${uid}_${key}`,
      name: entityName(textsOf(locale).events[entity.name], view.name),
      ...defaultEntityId('event', view.name, key),
      qos: QOS,
      availability: [{ topic: topics.bridgeState }],
      availability_mode: 'all',
      state_topic: topics.event(view.serial),
      value_template: templateOf(entity, context, faults),
      event_types: Object.values(typesOf(entity)),
      entity_category: 'diagnostic',
      icon: entity.icon,
    }
  }
  return components
}

/** A trigger for each fault, by key: "when … has begun", offered on the page of the device. */
export function deviceTriggers(context: DeviceContext): Readonly<Record<string, DeviceTrigger>> {
  const { view, topics } = context
  const triggers = faultsHere(context).map(([{ key }]): [string, DeviceTrigger] => [
    `trigger_${key}`,
    {
      platform: 'device_automation',
      automation_type: 'trigger',
      type: 'fault_began',
      subtype: key,
      qos: QOS,
      topic: topics.event(view.serial),
      value_template: template.faultBegun,
      payload: key,
    },
  ])
  return Object.fromEntries(triggers)
}
