/** One copy of equal values: a thousand devices of one model have the same features, and often the same schedule. */
import { hash } from 'node:crypto'

/** Values that never change, by the text that says what they are. Each is kept only as long as somebody else holds it. */
export class Shared<Value extends object> {
  readonly #held = new Map<string, WeakRef<Value>>()
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (this.#held.get(key)?.deref() === undefined) this.#held.delete(key)
  })

  /** How many different values are held. */
  get size(): number {
    return this.#held.size
  }

  /** The value that `text` stands for; made only if nobody holds it. */
  of(text: string, make: () => Value): Value {
    const key = hash('sha256', text, 'base64')
    const held = this.#held.get(key)?.deref()
    if (held) return held
    const value = make()
    this.#held.set(key, new WeakRef(value))
    this.#gone.register(value, key)
    return value
  }
}
