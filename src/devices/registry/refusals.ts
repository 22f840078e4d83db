/** Commands that were not carried out: what is shown of the last one, and how many are told of. */
import type { Clock } from '../../core/clock.ts'
import { asBridgeError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { News } from '../news/news.ts'
import type { Rounding } from '../state/outcome.ts'
import type { KnownDevice } from '../thermostat-options.ts'
import { explained } from './explained.ts'

/**
 * Told of at once, and then one in so many milliseconds, of each device: an automation that goes wrong every second must not
 * push everything else out of the log of events.
 */
const AT_ONCE = 10
const ONE_IN = 6_000

/** What a refusal names at most: commands come from anybody. */
const MOST_KEYS = 16
const WORD = /^[a-z][a-z0-9_]{0,63}$/
/** Characters; the longest of ours is shorter. */
const LONGEST = 500

export interface RefusalsOptions {
  readonly clock: Clock
  /** Takes every known secret out of a text: commands may hold what somebody pasted into the wrong field. */
  readonly scrub?: (text: string) => string
  readonly known: Pick<ReadonlyMap<string, KnownDevice>, 'get'>
  readonly news: Pick<News, 'refused'>
}

/** The keys that a command names, as far as they can be keys. */
export function keysIn(command: unknown): readonly string[] {
  if (!isObject(command)) return []
  return Object.keys(command)
    .filter((key) => WORD.test(key))
    .slice(0, MOST_KEYS)
}

export class Refusals {
  readonly #options: RefusalsOptions
  /** How many more may be told of at once, by serial, and as of when. */
  readonly #left = new Map<string, { readonly left: number; readonly at: number }>()

  constructor(options: RefusalsOptions) {
    this.#options = options
  }

  /**
   * Has a device told something. What was refused before is shown no longer once something is carried out.
   * @param about the keys or the action
   * @param roundedOf what had to be rounded; nothing when left out
   */
  async watch<Device extends KnownDevice, Result>(
    thermostat: Device,
    about: readonly string[],
    tell: (thermostat: Device) => Promise<Result>,
    roundedOf: (result: Result) => Rounding['rounded'] = () => ({}),
  ): Promise<Result> {
    try {
      const result = await tell(thermostat)
      const rounded = roundedOf(result)
      const rounding = Object.keys(rounded).length > 0 ? { at: this.#now(), rounded } : null
      thermostat.told({ refusal: null, rounding })
      return result
    } catch (thrown) {
      const error = explained(thrown, thermostat.identity.sources)
      this.note(thermostat, about, error)
      throw error
    }
  }

  /** Shows and tells why a command was not carried out. */
  note(thermostat: KnownDevice, about: readonly string[], thrown: unknown): void {
    const { scrub = (text: string) => text, known, news } = this.#options
    const { code, message } = asBridgeError(thrown)
    const refusal = { code, message: scrub(message).slice(0, LONGEST), at: this.#now(), about }
    thermostat.told({ refusal, rounding: null })
    // One that was forgotten may still have been answering.
    if (known.get(thermostat.serial) !== thermostat) return
    if (this.#take(thermostat.serial)) news.refused(thermostat.view(), refusal)
  }

  forget(serial: string): void {
    this.#left.delete(serial)
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString()
  }

  #take(serial: string): boolean {
    const now = this.#options.clock.monotonic()
    const { left, at } = this.#left.get(serial) ?? { left: AT_ONCE, at: now }
    const grown = Math.min(AT_ONCE, left + (now - at) / ONE_IN)
    const taken = grown >= 1
    this.#left.set(serial, { left: taken ? grown - 1 : grown, at: now })
    return taken
  }
}
