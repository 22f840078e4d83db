import type { Unsubscribe } from '../../core/events.ts'

/** An event that recurs and lasts for a while; a listener added while it lasts is called at once. */
export class Moment {
  readonly #handlers = new Set<() => void>()
  readonly #lasts: () => boolean
  readonly #guarded: (run: () => void) => void

  /** @param guarded runs a function that may fail */
  constructor(lasts: () => boolean, guarded: (run: () => void) => void) {
    this.#lasts = lasts
    this.#guarded = guarded
  }

  listen(handler: () => void): Unsubscribe {
    // A new object, so that the same function may be registered twice.
    const own = () => handler()
    this.#handlers.add(own)
    if (this.#lasts()) this.#guarded(own)
    return () => {
      this.#handlers.delete(own)
    }
  }

  come(): void {
    for (const handler of [...this.#handlers]) this.#guarded(handler)
  }
}
