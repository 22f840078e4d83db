/** The faults of a device as texts. */
import { type Datapoint, type FaultKind, faultsOf } from '../../catalog/index.ts'
import { type Locale, nameOf } from '../../catalog/locales/index.ts'
import type { DeviceContext } from './context.ts'
import { defaultEntityId, entityName } from './names.ts'
import * as template from './templates.ts'
import { textsOf } from './texts.ts'
import { type Component, QOS } from './types.ts'

export type FaultRow = readonly [Datapoint, FaultKind]

/** The faults that this unit can have. */
export function faultsHere({ view, datapoints }: DeviceContext): readonly FaultRow[] {
  return faultsOf(datapoints).filter(([{ key }]) => view.features.has(key))
}

/** Their names, by key. */
export function faultNames(faults: readonly FaultRow[], locale: Locale): Readonly<Record<string, string>> {
  return Object.fromEntries(faults.map(([row]) => [row.key, nameOf(row, locale)]))
}

/** The attributes of the problem sensor: `faults`, the keys of present faults, and `text`, their names. */
export function problemAttributes(context: DeviceContext) {
  const { view, topics, locale } = context
  const names = faultNames(faultsHere(context), locale)
  const none = textsOf(locale)['faults.none']
  return {
    json_attributes_topic: topics.state(view.serial),
    json_attributes_template: template.faultAttributes(names, none),
  }
}

/** A sensor that lists the present faults by name. */
export function faultsComponent(context: DeviceContext): Component | undefined {
  const { view, topics, uid, locale } = context
  if (!view.features.has('problem')) return undefined
  const texts = textsOf(locale)
  return {
    platform: 'sensor',
    unique_id: `${uid}_problem_text`,
    name: entityName(texts['faults.name'], view.name),
    ...defaultEntityId('sensor', view.name, 'problem_text'),
    qos: QOS,
    state_topic: topics.state(view.serial),
    value_template: template.faultText(faultNames(faultsHere(context), locale), texts['faults.none']),
    entity_category: 'diagnostic',
    icon: 'mdi:alert-circle-outline',
  }
}
