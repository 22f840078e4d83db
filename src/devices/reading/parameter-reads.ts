import type { Clock } from '../../core/clock.ts'
import { BridgeError, type ErrorCode } from '../../core/errors.ts'
import type { DeviceLink } from '../link/link.ts'

/**
 * Milliseconds between two readings of the parameters at most; in between they are read when the telemetry says that one has
 * changed.
 */
const EVERY = 60_000
/** Milliseconds at most between two tries with a device that does not answer when asked for parameters. */
const LONGEST = 10 * 60_000
/** So many failed tries in a row, at least a minute apart, are no accident. */
const TRIES = 2

/** Failures after which the telemetry may still be readable. After a time-out, only the next poll shows whether it is. */
const HALF: ReadonlySet<ErrorCode> = new Set(['DEVICE_BAD_REPLY', 'DEVICE_WEDGED', 'DEVICE_TIMEOUT'])

export interface ParameterReadsOptions {
  readonly clock: Clock
  readonly read: (link: DeviceLink) => Promise<void>
}

/**
 * When the parameters are read, and whether they can be. Some SX answer nothing to `{"cmd":1}` while `{"cmd":4}` works
 * (owners' reports of firmware 2.5). Their telemetry is still read, and they are asked for parameters less and less often.
 */
export class ParameterReads {
  readonly #options: ParameterReadsOptions
  #due = Number.NEGATIVE_INFINITY
  /** The error of the last try, until the device is heard of again. */
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

  /** Why the last reading of the parameters failed although the device answers; null when it succeeded. */
  get silence(): BridgeError | null {
    return this.#silence
  }

  /** The same, once it has failed too often to be an accident. */
  get unreadable(): BridgeError | null {
    return this.#tries >= TRIES ? this.#silence : null
  }

  /** Makes the parameters due at the next opportunity. */
  expire(): void {
    this.#due = Number.NEGATIVE_INFINITY
  }

  /** The parameters were read, whoever asked. @param at when they were asked for, on the monotonic clock */
  done(at: number): void {
    this.#due = at + EVERY
    this.#failed = null
    this.#tries = 0
    this.#silence = null
  }

  /** Reads the parameters. @throws BridgeError when the device answers nothing at all, or is another device */
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

  /** The telemetry was read: if the parameters were not, they alone are the problem. */
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
