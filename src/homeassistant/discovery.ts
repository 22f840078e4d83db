/** Discovery documents: pure functions of what the bridge knows. */

import { datapointsOf, modelWithId } from '../catalog/index.ts'
import type { Locale } from '../catalog/locales/index.ts'
import { actionsOf } from '../devices/actions.ts'
import type { DeviceView } from '../devices/ports.ts'
import type { Topics } from '../mqtt/topics.ts'
import { climateComponent } from './climate.ts'
import { buttonOf, componentOf } from './components.ts'
import type { DeviceContext } from './context.ts'
import { type Component, type DeviceTrigger, type DiscoveryDocument, type Origin, objectId } from './document.ts'
import { deviceTriggers, eventComponents } from './events.ts'
import { faultsComponent } from './faults.ts'

export const PRODUCT = 'thermo2mqtt'

export const originOf = (version: string): Origin => ({ name: PRODUCT, sw_version: version })

/** The object id of a thermostat, also its identifier in Home Assistant. */
export const deviceId = (serial: string): string => objectId(`${PRODUCT}_${serial}`)

/** What `deviceDocument` is made of. */
export interface DocumentParts {
  readonly view: DeviceView
  readonly topics: Topics
  /** Of the bridge. */
  readonly version: string
  readonly locale: Locale
  /** The identifier of the bridge's own device. */
  readonly via: string
}

/**
 * The document of a thermostat. Undefined for one that has shown nothing of itself yet: a document without its entities
 * would make Home Assistant drop those that it had before the bridge was restarted.
 */
export function deviceDocument({ view, topics, version, via, locale }: DocumentParts): DiscoveryDocument | undefined {
  if (view.features.size === 0) return undefined
  const model = modelWithId(view.model)
  const datapoints = datapointsOf(model)
  const context: DeviceContext = { view, model, datapoints, topics, locale }
  const components: Record<string, Component | DeviceTrigger> = {}
  const add = (key: string, component: Component | undefined) => {
    if (component) components[key] = component
  }
  add('climate', climateComponent(context))
  for (const datapoint of datapoints) {
    if (view.features.has(datapoint.key)) add(datapoint.key, componentOf(datapoint, context))
  }
  add('problem_text', faultsComponent(context))
  for (const action of actionsOf(model)) add(action, buttonOf(action, context))
  Object.assign(components, eventComponents(context), deviceTriggers(context))
  return {
    device: {
      identifiers: [deviceId(view.serial)],
      name: view.name,
      manufacturer: model.vendor,
      model: model.name,
      model_id: model.id,
      serial_number: view.serial,
      ...(view.hw === null ? {} : { hw_version: view.hw }),
      via_device: via,
    },
    origin: originOf(version),
    availability: [{ topic: topics.bridgeState }, { topic: topics.availability(view.serial) }],
    availability_mode: 'all',
    components,
  }
}
