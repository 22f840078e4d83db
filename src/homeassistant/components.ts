/** The components of discovery documents: what Home Assistant knows of each device. */
import { isObject, parseJson } from '../core/json.ts'
import { Shared } from '../core/shared.ts'
import { type DiscoveryDocument, PLATFORMS } from './document/types.ts'

/** Platform by key. */
export type Components = ReadonlyMap<string, string>

export function componentsOf(components: DiscoveryDocument['components']): Components {
  return new Map(Object.entries(components).map(([key, { platform }]) => [key, platform]))
}

/** The components of a retained document; none if it can't be parsed. */
export function parseComponents(payload: string): Components {
  const document = parseJson(payload)
  const found = new Map<string, string>()
  if (!isObject(document) || !isObject(document.components)) return found
  for (const [key, component] of Object.entries(document.components)) {
    if (!isObject(component) || typeof component.platform !== 'string' || !PLATFORMS.has(component.platform)) continue
    if (Object.keys(component).length > 1) found.set(key, component.platform)
  }
  return found
}

/** The components of all documents. Those of one model have the same, which are kept once. */
export class ComponentSets {
  readonly #shared = new Shared<Components>()
  readonly none = this.of([])

  of(entries: readonly (readonly [key: string, platform: string])[]): Components {
    return this.#shared.of(JSON.stringify(entries), () => new Map(entries))
  }
}
