/** Messages from before the first connection of a run: they wait for it. */
import type { Drops } from '../drops.ts'

/** How many messages wait. */
const MOST = 100

export class Early {
  readonly #publish: (topic: string, payload: string) => void
  readonly #drops: Drops
  #waiting: (readonly [topic: string, payload: string])[] | undefined = []

  constructor(publish: (topic: string, payload: string) => void, drops: Drops) {
    this.#publish = publish
    this.#drops = drops
  }

  tell(topic: string, payload: string): void {
    if (!this.#waiting) this.#publish(topic, payload)
    else if (this.#waiting.length < MOST) this.#waiting.push([topic, payload])
    else this.#drops.note('not_connected')
  }

  /** Called with each connection. */
  connected(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const message of waiting) this.#publish(...message)
  }
}
