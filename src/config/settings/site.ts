/**
 * What the name of a site makes of those settings that have to differ between bridges at one broker. Without a site each is
 * as it stands.
 */
import type { Settings } from './index.ts'

type Named = Pick<Settings, 'site'>

/** What every topic of the bridge begins with. */
export const baseTopic = ({ site, mqtt }: Named & Pick<Settings, 'mqtt'>): string =>
  site === '' ? mqtt.base_topic : `${mqtt.base_topic}/${site}`

/** @param id as it is configured, or was made by the bridge */
export const clientIdAt = ({ site }: Named, id: string): string => (site === '' ? id : `${id}-${site}`)

/** The first word of Wiren Board's names, which have no hyphens. */
export const wirenboardPrefix = ({ site, wirenboard }: Named & Pick<Settings, 'wirenboard'>): string =>
  site === '' ? wirenboard.prefix : `${wirenboard.prefix}_${site.replaceAll('-', '_')}`
