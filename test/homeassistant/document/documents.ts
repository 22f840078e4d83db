/** The documents of example devices. */
import type { Locale } from '../../../src/catalog/locales/index.ts'
import type { DeviceView } from '../../../src/devices/ports.ts'
import { deviceDocument } from '../../../src/homeassistant/document/index.ts'
import type { DiscoveryDocument } from '../../../src/homeassistant/document/types.ts'
import { Topics } from '../../../src/mqtt/topics.ts'

export const topics = new Topics('thermo2mqtt')

export type Fields = Readonly<Record<string, unknown>>

export function documentOf(view: DeviceView, locale: Locale = 'en'): DiscoveryDocument {
  const document = deviceDocument({ view, topics, locale, version: '1', via: 'bridge' })
  if (!document) throw new Error(`no document of ${view.model}`)
  return document
}

export const fieldsOf = (document: DiscoveryDocument): [key: string, fields: Fields][] =>
  Object.entries(document.components).map(([key, component]) => [key, { ...component }])
