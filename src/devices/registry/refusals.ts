/** Commands that failed: what is shown of the last one, and how many are told of. */
import type { Clock } from '../../core/clock.ts'
import { asBridgeError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { News } from '../news/news.ts'
import type { Rounding } from '../state/outcome.ts'
import type { KnownDevice } from '../thermostat-options.ts'
import { explained } from './explained.ts'

/**
 * How many refusals of a device are told at once; after that, one per interval below (in ms). An automation that fails every
 * second must not push everything else out of the event log.
 */
const AT_ONCE = 10
const ONE_IN = 6_000

/** The most keys that a refusal names: anybody can send commands. */
const MOST_KEYS = 16
const WORD = /^[a-z][a-z0-9_]{0,63}$/
/** The longest text in characters; none of the bridge's own is as long. */
const LONGEST = 500

export interface RefusalsOptions {
  readonly clock: Clock
  /** Removes every known secret from a text: a command may hold one that somebody pasted into the wrong field. */
  readonly scrub?: (text: string) => string
  readonly known: Pick<ReadonlyMap<string, KnownDevice>, 'get'>
  readonly news: Pick<News, 'refused'>
}

/** The keys that a command names, if they can be keys at all. */
export function keysIn(command: unknown): readonly string[] {
  if (!isObject(command)) return []
  return Object.keys(command)
    .filter((key) => WORD.test(key))
    .slice(0, MOST_KEYS)
}

export class Refusals {
  readonly #options: RefusalsOptions
  /** By serial: how many more refusals may be told of at once, and when that was counted. */
  readonly #left = new Map<string, { readonly left: number; readonly at: number }>()

  constructor(options: RefusalsOptions) {
    this.#options = options
  }

  /**
   * Runs a command to a device. Once one is carried out, the last refusal is no longer shown.
   * @param about the keys or the action
   * @param roundedOf what had to be rounded; left out, nothing was
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

  /** Shows and tells why a command failed. */
  note(thermostat: KnownDevice, about: readonly string[], thrown: unknown): void {
    const { scrub = (text: string) => text, known, news } = this.#options
    const { code, message } = asBridgeError(thrown)
    const refusal = { code, message: scrub(message).slice(0, LONGEST), at: this.#now(), about }
    thermostat.told({ refusal, rounding: null })
    // A forgotten device may still be answering.
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
