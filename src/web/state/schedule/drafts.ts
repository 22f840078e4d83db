/** The schedules that are changed and not saved, of all devices. */
import { type Signal, signal } from '@preact/signals'
import type { Me } from '../../api/types.ts'
import { type Draft, NO_DRAFT } from './draft.ts'

/**
 * They are in memory only, and outlast the session: who signs in again finds them as they were. They belong to one user, and
 * nobody else gets to see them.
 */
export class Drafts {
  /** By what they are drafts of. */
  readonly #all: Signal<ReadonlyMap<string, Draft>> = signal(new Map())
  #owner: string | null = null

  /** Whether anything would be lost. */
  get unsaved(): boolean {
    return [...this.#all.value.values()].some(({ changes }) => Object.keys(changes).length > 0)
  }

  of(place: string): Draft {
    return this.#all.value.get(place) ?? NO_DRAFT
  }

  put(place: string, draft: Draft): void {
    this.#all.value = new Map([...this.#all.value, [place, draft]])
  }

  /** To be called when somebody is signed in, or may do other things than before: whoever may only look can save none. */
  belongTo({ name, scopes }: Pick<Me, 'name' | 'scopes'>): void {
    if (name !== this.#owner || !scopes.includes('control')) this.forget()
    this.#owner = name
  }

  /** To be called when somebody signs out on purpose. */
  forget(): void {
    this.#all.value = new Map()
  }
}
