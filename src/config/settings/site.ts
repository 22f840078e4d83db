/**
 * How the name of a site changes the settings that must differ between bridges at the same broker. Without a site they
 * stay unchanged.
 */
import type { Settings } from './index.ts'

type Named = Pick<Settings, 'site'>

/** The prefix of every topic of the bridge. */
export const baseTopic = ({ site, mqtt }: Named & Pick<Settings, 'mqtt'>): string =>
  site === '' ? mqtt.base_topic : `${mqtt.base_topic}/${site}`

/** @param id the configured id, or the one made by the bridge */
export const clientIdAt = ({ site }: Named, id: string): string => (site === '' ? id : `${id}-${site}`)

/** The first word of names on Wiren Board, which contain no hyphens. */
export const wirenboardPrefix = ({ site, wirenboard }: Named & Pick<Settings, 'wirenboard'>): string =>
  site === '' ? wirenboard.prefix : `${wirenboard.prefix}_${site.replaceAll('-', '_')}`
