/** A typed event bus. A listener that throws does not keep the others from receiving the event. */

export type Unsubscribe = () => void

export class EventBus<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>()
  readonly #onError: (error: unknown, event: keyof Events) => void

  constructor(onError: (error: unknown, event: keyof Events) => void) {
    this.#onError = onError
  }

  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): Unsubscribe {
    const set = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, set)
    set.add(listener)
    return () => {
      set.delete(listener)
    }
  }

  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    const listeners = this.#listeners.get(name)
    if (!listeners) return
    for (const listener of [...listeners]) {
      // Skip a listener that an earlier one has just unsubscribed: its owner is gone.
      if (!listeners.has(listener)) continue
      try {
        ;(listener as (payload: Events[Name]) => void)(payload)
      } catch (error) {
        this.#onError(error, name)
      }
    }
  }
}
