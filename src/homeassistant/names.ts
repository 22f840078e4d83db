/** Names and ids of entities. */
import type { ComponentPlatform } from './document.ts'

/**
 * The name of an entity under a device, without the device's own name in front (Home Assistant puts that there itself).
 * null, which means "as the device", when nothing else is left.
 */
export function entityName(name: string, deviceName: string): string | null {
  const start = deviceName.trim().toLowerCase()
  const lower = name.toLowerCase()
  if (start === '' || !(lower === start || lower.startsWith(`${start} `))) return name
  const rest = name.slice(start.length).trim()
  return rest === '' ? null : rest.charAt(0).toUpperCase() + rest.slice(1)
}

/**
 * The entity id to start with, such as `sensor.bathroom_floor_temperature`; people can change it later. Empty for a name
 * in another script than Latin: Home Assistant transliterates those better than we could.
 */
export function defaultEntityId(
  platform: ComponentPlatform,
  deviceName: string,
  suffix: string,
): { default_entity_id?: string } {
  const plain = deviceName.normalize('NFKD').replace(/\p{Mark}/gu, '')
  if (/[^\p{Script=Latin}\p{Script=Common}]/u.test(plain)) return {}
  const slug = slugOf(plain)
  if (slug === '') return {}
  const end = slugOf(suffix)
  return { default_entity_id: `${platform}.${end === '' ? slug : `${slug}_${end}`}` }
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
}
