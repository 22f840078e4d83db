import { BridgeError } from '../../core/errors.ts'
import { type Called, calledByItself } from '../facts/called.ts'
import { readName } from '../facts/given-name.ts'

/** Where the names that people give are kept; the store satisfies it. */
export interface NameMemory {
  givenNames(): ReadonlyMap<string, string>
  /** Stores a name; null removes it. It is on disk when this returns. */
  giveName(serial: string, name: string | null): void
}

export interface NamesOptions {
  readonly configured: readonly { readonly serial: string; readonly name: string | null }[]
  /** Left out, the names that people give last until the next start. */
  readonly names?: NameMemory
}

/** What devices are called: as the settings say, else as somebody has named them, else as their account does. */
export class Names {
  /** Names that the settings fix, by serial. */
  readonly #settings: ReadonlyMap<string, string>
  readonly #memory: NameMemory | undefined
  #given = new Map<string, string>()

  constructor({ configured, names }: NamesOptions) {
    this.#settings = new Map(configured.flatMap(({ serial, name }) => (name ? [[serial, name]] : [])))
    this.#memory = names
  }

  start(): void {
    if (this.#memory) this.#given = new Map(this.#memory.givenNames())
  }

  /** What a device is called. @param own what the account calls it; null when no account does */
  of(serial: string, own: string | null): Called {
    const fixed = this.#settings.get(serial)
    if (fixed !== undefined) return { name: fixed, source: 'settings' }
    const given = this.#given.get(serial)
    if (given !== undefined) return { name: given, source: 'given' }
    return calledByItself(own)
  }

  /** @throws BridgeError `BAD_REQUEST` for an invalid name, or when the settings fix it; `INTERNAL` when it can't be stored */
  give(serial: string, value: unknown): void {
    const name = readName(value)
    if (this.#settings.has(serial)) {
      throw new BridgeError(
        'BAD_REQUEST',
        `The name of this device is set in the settings (devices[].name of ${serial}). Change it there, or remove it there to name the device here.`,
        { details: { source: 'settings' } },
      )
    }
    this.#memory?.giveName(serial, name)
    this.#take(serial, name)
  }

  /** The device was forgotten; the store has already dropped its name. */
  forget(serial: string): void {
    this.#take(serial, null)
  }

  #take(serial: string, name: string | null): void {
    if (name === null) this.#given.delete(serial)
    else this.#given.set(serial, name)
  }
}
