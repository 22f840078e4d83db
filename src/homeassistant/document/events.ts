/** Event entities for people and automations, which listen to the topic of the device's events. */
import type { FaultKind } from '../../catalog/index.ts'
import type { DeviceContext } from './context.ts'
import { type FaultRow, faultNames, faultsHere } from './faults.ts'
import { defaultEntityId, entityName } from './names.ts'
import * as template from './templates.ts'
import { type EventType, textsOf } from './texts.ts'
import { type Component, QOS } from './types.ts'

/** What happened, in the notation of `templates.ts`, and its event type. */
type Happenings = Readonly<Record<string, EventType>>

interface EventEntity {
  readonly name: 'sensor' | 'overheating' | 'fault' | 'lock' | 'key' | 'connection' | 'command'
  readonly icon: string
  readonly happenings: Happenings
  readonly there: (faults: readonly FaultRow[], context: DeviceContext) => boolean
}

const has = (kind: FaultKind) => (faults: readonly FaultRow[]) => faults.some(([, other]) => other === kind)

/** Each reports one kind of event, and is disabled by default. */
const ENTITIES: readonly EventEntity[] = [
  {
    name: 'sensor',
    icon: 'mdi:thermometer-alert',
    happenings: { 'fault_began.sensor': 'sensor_lost', 'fault_ended.sensor': 'sensor_restored' },
    there: has('sensor'),
  },
  {
    name: 'overheating',
    icon: 'mdi:fire-alert',
    happenings: { 'fault_began.overheating': 'overheated', 'fault_ended.overheating': 'cooled_down' },
    there: has('overheating'),
  },
  {
    name: 'fault',
    icon: 'mdi:alert-circle',
    happenings: { 'fault_began.other': 'fault_began', 'fault_ended.other': 'fault_ended' },
    there: has('other'),
  },
  {
    name: 'lock',
    icon: 'mdi:lock-alert',
    happenings: {
      'lock_changed.none': 'unlocked',
      'lock_changed.cloud': 'cloud_locked',
      'lock_changed.lan': 'lan_locked',
      'lock_changed.both': 'locked',
    },
    there: (_faults, { view }) => view.features.has('lock'),
  },
  { name: 'key', icon: 'mdi:key-change', happenings: { 'key_changed.': 'key_changed' }, there: () => true },
  {
    name: 'connection',
    icon: 'mdi:lan-disconnect',
    happenings: { 'device_online.': 'device_online', 'device_offline.': 'device_offline' },
    there: () => true,
  },
  {
    name: 'command',
    icon: 'mdi:message-off',
    happenings: { 'command_waits.': 'command_waits', 'command_failed.': 'command_failed' },
    there: () => true,
  },
]

/** `record` with each type replaced by the result of `of`. */
const told = (happenings: Happenings, of: (type: EventType) => string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(happenings).map(([happening, type]) => [happening, of(type)]))

/**
 * An event entity. It is available as long as the bridge is: otherwise the last event before a device is lost, or the first
 * when it is back, would belong to an unavailable entity.
 */
function eventComponent(
  context: DeviceContext,
  { key, name, icon, happenings }: { key: string; name: string; icon: string; happenings: Happenings },
  typeName: (type: EventType) => string,
): Component {
  const { view, topics, uid, locale } = context
  const texts = textsOf(locale)
  const types = told(happenings, typeName)
  return {
    platform: 'event',
    unique_id: `${uid}_${key}`,
    name: entityName(name, view.name),
    ...defaultEntityId('event', view.name, key),
    qos: QOS,
    availability: [{ topic: topics.bridgeState }],
    availability_mode: 'all',
    state_topic: topics.event(view.serial),
    value_template: template.event({
      types,
      raw: told(happenings, (type) => type),
      sentences: told(happenings, (type) => texts[`happened.${type}.sentence`]),
      faults: faultNames(faultsHere(context), locale),
    }),
    event_types: Object.values(types),
    entity_category: 'diagnostic',
    icon,
  }
}

/**
 * The event entities of a device, by key. The one for all events shows the type as a label, since Home Assistant does not
 * translate it; its attribute `type` is the same in every language, and so are the types of the others.
 */
export function eventComponents(context: DeviceContext): Readonly<Record<string, Component>> {
  const texts = textsOf(context.locale)
  const faults = faultsHere(context)
  const here = ENTITIES.filter(({ there }) => there(faults, context))
  const one = {
    key: 'event',
    name: texts['event.last'],
    icon: 'mdi:message-alert',
    happenings: Object.assign({}, ...here.map(({ happenings }) => happenings)),
  }
  const components: Record<string, Component> = {
    event: eventComponent(context, one, (type) => texts[`happened.${type}.type`]),
  }
  for (const { name, icon, happenings } of here) {
    const parts = { key: `${name}_event`, name: texts[`event.${name}`], icon, happenings }
    components[parts.key] = { ...eventComponent(context, parts, (type) => type), enabled_by_default: false }
  }
  return components
}
