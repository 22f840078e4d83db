import type { Unsubscribe } from '../../core/events.ts'

/** Something that comes again and again, and lasts for a while; who listens later than it came is told at once. */
export class Moment {
  readonly #handlers = new Set<() => void>()
  readonly #lasts: () => boolean
  readonly #guarded: (run: () => void) => void

  /** @param guarded runs what may fail */
  constructor(lasts: () => boolean, guarded: (run: () => void) => void) {
    this.#lasts = lasts
    this.#guarded = guarded
  }

  listen(handler: () => void): Unsubscribe {
    // One of its own, so that the same function may be given twice.
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
