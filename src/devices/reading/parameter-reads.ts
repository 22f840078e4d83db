import type { Clock } from '../../core/clock.ts'
import { BridgeError, type ErrorCode } from '../../core/errors.ts'
import type { DeviceLink } from '../link/link.ts'

/** The parameters are read this often at least, in ms; in between, whenever the telemetry says that one has changed. */
const EVERY = 60_000
/** ms at most between two tries with a device that does not answer to them. */
const LONGEST = 10 * 60_000
/** So many tries in a row, a minute apart at least, are no accident. */
const TRIES = 2

/** Failures after which the telemetry may be had all the same. After a time-out that is found out by the next poll only. */
const HALF: ReadonlySet<ErrorCode> = new Set(['DEVICE_BAD_REPLY', 'DEVICE_WEDGED', 'DEVICE_TIMEOUT'])

export interface ParameterReadsOptions {
  readonly clock: Clock
  readonly read: (link: DeviceLink) => Promise<void>
}

/**
 * When the parameters are read, and whether they can be. Some SX answer `{"cmd":1}` with nothing while `{"cmd":4}` works (owners'
 * reports of firmware 2.5): what they measure is read on, and they are asked for the rest less and less often.
 */
export class ParameterReads {
  readonly #options: ParameterReadsOptions
  #due = Number.NEGATIVE_INFINITY
  /** What the last try came to, as long as nothing else was heard of the device since. */
  #failed: BridgeError | null = null
  /** Tries in a row that failed while the telemetry could be read. */
  #tries = 0
  #silence: BridgeError | null = null

  constructor(options: ParameterReadsOptions) {
    this.#options = options
  }

  get due(): boolean {
    return this.#options.clock.monotonic() >= this.#due
  }

  /** Why they could not be read when they were asked for last, though the device answers; null when they could. */
  get silence(): BridgeError | null {
    return this.#silence
  }

  /** The same, once it is no accident. */
  get unreadable(): BridgeError | null {
    return this.#tries >= TRIES ? this.#silence : null
  }

  /** Has them read at the next opportunity. */
  expire(): void {
    this.#due = Number.NEGATIVE_INFINITY
  }

  /** They were read, by whomever; asked for `at` this moment of the monotonic clock. */
  done(at: number): void {
    this.#due = at + EVERY
    this.#failed = null
    this.#tries = 0
    this.#silence = null
  }

  /** Reads them. @throws BridgeError when the device answers nothing at all, or is another one */
  async attempt(link: DeviceLink): Promise<void> {
    const { clock, read } = this.#options
    try {
      await read(link)
      this.done(clock.monotonic())
    } catch (error) {
      const half = error instanceof BridgeError && HALF.has(error.code) && !isOther(error)
      if (!half) throw error
      this.#failed = error
      this.#due = clock.monotonic() + Math.min(EVERY * 2 ** this.#tries, LONGEST)
      if (error.code === 'DEVICE_TIMEOUT') throw error
    }
  }

  /** The telemetry was read: if the parameters were not, that is because of them alone. */
  answered(): void {
    const cause = this.#failed
    if (!cause) return
    this.#failed = null
    this.#tries++
    this.#silence = new BridgeError(
      cause.code,
      `The thermostat reports its measurements but not its settings. The settings are shown as last read, and commands may fail. Switch its power off and on. ${cause.message}`,
      { cause, details: { reason: 'settings_unreadable' } },
    )
  }
}

const isOther = ({ details }: BridgeError): boolean =>
  details?.reason === 'other_device' || details?.reason === 'other_kind'
