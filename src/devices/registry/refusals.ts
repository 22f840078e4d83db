/** What came of commands: for the log, and of those that failed, what is shown of the last one and how many are told of. */
import type { Clock } from '../../core/clock.ts'
import { asBridgeError } from '../../core/errors.ts'
import type { Asked, CameOfIt } from '../news/command-events.ts'
import type { News } from '../news/news.ts'
import type { KnownDevice } from '../thermostat-options.ts'
import { explained } from './explained.ts'

/**
 * How many refusals of a device are told at once; after that, one per interval below (in ms). An automation that fails every
 * second must not push everything else out of the event log.
 */
const AT_ONCE = 10
const ONE_IN = 6_000

/** The longest text in characters; none of the bridge's own is as long. */
const LONGEST = 500

export interface RefusalsOptions {
  readonly clock: Clock
  /** Removes every known secret from a text: a command may hold one that somebody pasted into the wrong field. */
  readonly scrub?: (text: string) => string
  readonly known: Pick<ReadonlyMap<string, KnownDevice>, 'get'>
  readonly news: Pick<News, 'carriedOut' | 'refused'>
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
   * @param came what the result says of it; left out, it says nothing
   */
  async watch<Device extends KnownDevice, Result>(
    thermostat: Device,
    asked: Asked,
    tell: (thermostat: Device) => Promise<Result>,
    came: (result: Result) => CameOfIt = () => ({ rounded: {} }),
  ): Promise<Result> {
    try {
      const result = await tell(thermostat)
      const outcome = came(result)
      const { rounded } = outcome
      const rounding = Object.keys(rounded).length > 0 ? { at: this.#now(), rounded } : null
      thermostat.told({ refusal: null, rounding })
      if (this.#isKnown(thermostat)) this.#options.news.carriedOut(thermostat, asked, outcome)
      return result
    } catch (thrown) {
      const error = explained(thrown, thermostat.identity.sources)
      this.note(thermostat, asked, error)
      throw error
    }
  }

  /** Shows and tells why a command failed. */
  note(thermostat: KnownDevice, asked: Asked, thrown: unknown): void {
    const { scrub = (text: string) => text, news } = this.#options
    const { about } = asked
    const { code, message } = asBridgeError(thrown)
    const refusal = { code, message: scrub(message).slice(0, LONGEST), at: this.#now(), about }
    thermostat.told({ refusal, rounding: null })
    if (!this.#isKnown(thermostat)) return
    news.refused(thermostat.view(), refusal, asked, this.#take(thermostat.serial))
  }

  forget(serial: string): void {
    this.#left.delete(serial)
  }

  /** A forgotten device may still be answering. */
  #isKnown(thermostat: KnownDevice): boolean {
    return this.#options.known.get(thermostat.serial) === thermostat
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
