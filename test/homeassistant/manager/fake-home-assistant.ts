import { isObject, parseJson } from '../../../src/core/json.ts'

/** A second document on a topic within these milliseconds loses components. */
const DEBOUNCE = 4_900

/**
 * What Home Assistant makes of discovery documents (homeassistant/components/mqtt/discovery.py): a component is known by its
 * topic and key, an entity by its unique id, which no second component may have.
 */
export class FakeHomeAssistant {
  /** Unique id by topic, platform and key. */
  readonly #components = new Map<string, string>()
  readonly #registry = new Set<string>()
  readonly #changedAt = new Map<string, number>()
  /** What went wrong: ids known twice, entities that people's settings were lost of, documents too soon after another. */
  readonly faults: string[] = []

  get entities(): readonly string[] {
    return [...this.#components.values()].sort()
  }

  receive(topic: string, payload: string, now: number): void {
    const document = parseJson(payload)
    const known = [...this.#components.keys()].filter((key) => key.startsWith(`${topic} `))
    if (known.length > 0 && now - (this.#changedAt.get(topic) ?? -DEBOUNCE) < DEBOUNCE)
      this.faults.push(`soon ${topic}`)
    this.#changedAt.set(topic, now)
    if (payload === '') for (const key of known) this.#remove(key, true)
    else if (isObject(document) && document.migrate_discovery === true) {
      for (const key of known) this.#remove(key, false)
    } else if (isObject(document) && isObject(document.components)) {
      for (const [key, component] of Object.entries(document.components)) this.#component(topic, key, component)
    }
  }

  #component(topic: string, key: string, component: unknown): void {
    if (!isObject(component)) return
    const hash = `${topic} ${String(component.platform)} ${key}`
    if (Object.keys(component).length === 1) this.#remove(hash, true)
    else if (typeof component.unique_id === 'string') this.#add(hash, component.unique_id)
  }

  #add(hash: string, id: string): void {
    const twice = [...this.#components].some(([other, taken]) => taken === id && other !== hash)
    if (twice) {
      this.faults.push(`twice ${id}`)
      return
    }
    this.#components.set(hash, id)
    this.#registry.add(id)
  }

  #remove(hash: string, forget: boolean): void {
    const id = this.#components.get(hash)
    this.#components.delete(hash)
    if (id !== undefined && forget) {
      this.#registry.delete(id)
      this.faults.push(`forgot ${id}`)
    }
  }
}
