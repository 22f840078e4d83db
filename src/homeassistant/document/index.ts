/** Discovery documents: pure functions of what the bridge knows. */

import { datapointsOf, type Model, modelWithId } from '../../catalog/index.ts'
import type { Locale } from '../../catalog/locales/index.ts'
import { actionsOf } from '../../devices/commands/actions.ts'
import { suggestedRoom } from '../../devices/house/suggested-room.ts'
import type { DeviceView } from '../../devices/ports.ts'
import type { Topics } from '../../mqtt/topics.ts'
import { climateComponent } from './climate.ts'
import { buttonOf, componentOf } from './components.ts'
import type { DeviceContext } from './context.ts'
import { eventComponents } from './events.ts'
import { faultsComponent } from './faults.ts'
import { type Component, type DiscoveryDocument, type Origin, objectId } from './types.ts'

export const PRODUCT = 'thermo2mqtt'

/** @param page address of the bridge's page for browsers; null if not set */
export const originOf = (version: string, page: string | null): Origin => ({
  name: PRODUCT,
  sw_version: version,
  ...(page === null ? {} : { support_url: page }),
})

/** A part of the page, by its route. */
export const linkTo = (page: string | null, route: string): { readonly configuration_url?: string } =>
  page === null ? {} : { configuration_url: `${page.replace(/\/+$/, '')}/#/${route}` }

/** The object id of a thermostat, also its identifier in Home Assistant. */
export const deviceId = (serial: string, site = ''): string => objectId(`${PRODUCT}_${ofSite(serial, site)}`)

/** Two sites can know the same thermostats, for example after a move, so their ids differ. */
const ofSite = (serial: string, site: string): string => (site === '' ? serial : `${site}_${serial}`)

/**
 * The topic of a bridge's document `id`. A site has its own level, the node id of Home Assistant, since brokers' access lists
 * support only whole levels.
 */
export const discoveryTopic = (prefix: string, site: string, id: string): string =>
  `${prefix}/device/${site === '' ? '' : `${site}/`}${id}/config`

/** The input of `deviceDocument`. */
export interface DocumentParts {
  readonly view: DeviceView
  readonly topics: Topics
  /** The version of the bridge. */
  readonly version: string
  readonly locale: Locale
  /** The identifier of the bridge's own device. */
  readonly via: string
  /** The name of the site; absent or empty if there is none. */
  readonly site?: string
  /** The address of the page for browsers; null or absent if not set. */
  readonly page?: string | null
}

/**
 * The model without the vendor's name, which is shown next to it, plus the device's own model name if that says more: Home
 * Assistant shows all of them in a row.
 */
function modelOf({ name, vendor }: Model, hw: string | null): { readonly model: string; readonly hw_version?: string } {
  const model = name.replace(`${vendor} `, '')
  return { model, ...(hw === null || name.toLowerCase().includes(hw.toLowerCase()) ? {} : { hw_version: hw }) }
}

/** Without a room: people name a thermostat after it, while the name of a relay says nothing about its place. */
function areaOf({ kind }: Model, { name, nameSource, room }: DeviceView): { readonly suggested_area?: string } {
  const area = room ?? (kind === 'thermostat' && nameSource !== 'default' ? suggestedRoom(name) : null)
  return area === null ? {} : { suggested_area: area }
}

/**
 * The document of a thermostat. Undefined for one that has not shown its values yet: a document without its entities would
 * make Home Assistant drop those from before a restart of the bridge.
 */
export function deviceDocument(parts: DocumentParts): DiscoveryDocument | undefined {
  const { view, topics, version, via, locale, site = '', page = null } = parts
  if (view.features.size === 0) return undefined
  const model = modelWithId(view.model)
  const datapoints = datapointsOf(model)
  const context: DeviceContext = { view, model, datapoints, topics, uid: ofSite(view.serial, site), locale }
  const components: Record<string, Component> = {}
  const add = (key: string, component: Component | undefined) => {
    if (component) components[key] = component
  }
  add('climate', climateComponent(context))
  for (const datapoint of datapoints) {
    if (view.features.has(datapoint.key)) add(datapoint.key, componentOf(datapoint, context))
  }
  add('problem_text', faultsComponent(context))
  for (const action of actionsOf(model)) add(action, buttonOf(action, context))
  Object.assign(components, eventComponents(context))
  return {
    device: {
      identifiers: [deviceId(view.serial, site)],
      name: view.name,
      manufacturer: model.vendor,
      ...modelOf(model, view.hw),
      serial_number: view.serial,
      ...(view.firmware === null ? {} : { sw_version: view.firmware }),
      ...linkTo(page, `devices/${view.serial}`),
      ...areaOf(model, view),
      via_device: via,
    },
    origin: originOf(version, page),
    availability: [{ topic: topics.bridgeState }, { topic: topics.availability(view.serial) }],
    availability_mode: 'all',
    components,
  }
}
