/** Names and ids of entities. */
import type { ComponentPlatform } from './types.ts'

/**
 * The name of an entity under a device, without the device's own name in front (Home Assistant puts that there itself). null,
 * which means "same as the device", if nothing else is left.
 */
export function entityName(name: string, deviceName: string): string | null {
  const start = deviceName.trim().toLowerCase()
  const lower = name.toLowerCase()
  if (start === '' || !(lower === start || lower.startsWith(`${start} `))) return name
  const rest = name.slice(start.length).trim()
  return rest === '' ? null : rest.charAt(0).toUpperCase() + rest.slice(1)
}

/** Ukrainian and Russian letters, without their marks, in Latin ones; `ь` and `ъ` are left out. */
const CYRILLIC: Readonly<Record<string, string>> = {
  ...{ а: 'a', б: 'b', в: 'v', г: 'g', ґ: 'g', д: 'd', е: 'e', є: 'ie', ж: 'zh', з: 'z', и: 'i', і: 'i', к: 'k' },
  ...{ л: 'l', м: 'm', н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'kh', ц: 'ts', ч: 'ch' },
  ...{ ш: 'sh', щ: 'shch', ы: 'y', э: 'e', ю: 'iu', я: 'ia', ь: '', ъ: '' },
}

/**
 * The initial entity id, such as `sensor.bathroom_floor_temperature`; people can change it later. Cyrillic device names are
 * transliterated here: without an id from us, Home Assistant makes one from the entity's name, which differs between
 * languages. Empty for names in other scripts, which Home Assistant handles better.
 */
export function defaultEntityId(
  platform: ComponentPlatform,
  deviceName: string,
  suffix: string,
): { default_entity_id?: string } {
  const bare = deviceName
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
  const plain = bare.replace(/\p{Script=Cyrillic}/gu, (letter) => CYRILLIC[letter] ?? letter)
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
