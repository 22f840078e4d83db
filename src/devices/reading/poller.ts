import type { Clock, Timer } from '../../core/clock.ts'
import { asBridgeError, BridgeError } from '../../core/errors.ts'

/** Failed polls after which a device counts as offline. */
export const FAILURES_TO_OFFLINE = 3
/**
 * Milliseconds between two polls of a device that does not answer, at most: with the last attempt to connect in vain and the poll
 * that succeeds, one that is back after a power cut shows within a minute, though it sends no beacons.
 */
const LONGEST_WAIT = 45_000

/** Milliseconds for which a message of its own shows that a device is there: two and a half of its minutes. */
export const HEARD_FOR = 150_000

export interface PollerOptions {
  readonly clock: Clock
  readonly random: () => number
  /** Time between two polls, in ms. */
  readonly interval: number
  /** The same while the device speaks of itself; not shorter than `interval`. */
  readonly heardInterval?: number | undefined
  readonly poll: () => Promise<void>
  /** A poll failed by something that is no answer of a device, so that nobody else would tell. */
  readonly onFault: (thrown: unknown) => void
  /** The device answered, after it had not or for the first time; or it failed so often that it counts as offline. */
  readonly onChange: (online: boolean, error: BridgeError | null) => void
}

/**
 * Polls one device: regularly while it answers, at growing intervals up to three quarters of a minute when it does not. A device is
 * offline after three failed polls, or at once when it says itself that nothing will help but its owner; but not while it is
 * heard by another way.
 */
export class Poller {
  readonly #options: PollerOptions
  #timer: Timer | undefined
  /** When the next poll is due. */
  #due = Number.POSITIVE_INFINITY
  /** Runs while the device is heard. */
  #silence: Timer | undefined
  #running: Promise<void> | undefined
  #stopped = true
  #reported: boolean | undefined
  failures = 0
  error: BridgeError | null = null

  constructor(options: PollerOptions) {
    this.#options = options
  }

  get online(): boolean {
    return this.#reported === true
  }

  /** Begins polling after `delay` ms. */
  start(delay: number): void {
    if (!this.#stopped) return
    this.#stopped = false
    this.#wait(delay)
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#silence?.cancel()
  }

  /** Polls now; joins a poll that is under way. Resolves when it is done, whatever came of it. */
  now(): Promise<void> {
    this.#running ??= this.#poll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** An answer outside of polling, such as to a command, counts as well. */
  answered(): void {
    this.failures = 0
    this.error = null
    this.#report(true)
  }

  /** The device spoke of itself: it is there, whether it answers or not. One that was offline is polled at once. */
  heard(): void {
    const back = !this.online
    this.#silence?.cancel()
    this.#silence = this.#options.clock.timer(HEARD_FOR, () => this.#fellSilent())
    this.#report(true)
    if (back && !this.#stopped) void this.now()
  }

  /** There is something to be read: polls as soon as it would if the device were not heard. */
  soon(): void {
    const { clock, interval } = this.#options
    if (this.#silence && this.#due - clock.monotonic() > interval) this.#wait(interval)
  }

  /** Offline now if it does not answer either. */
  #fellSilent(): void {
    this.#silence = undefined
    if (!this.#stopped) void this.now()
    else {
      this.error = new BridgeError('DEVICE_UNREACHABLE', 'It has fallen silent, and its address is not known.')
      this.#report(false)
    }
  }

  async #poll(): Promise<void> {
    this.#timer?.cancel()
    try {
      await this.#options.poll()
      this.answered()
    } catch (thrown) {
      if (!(thrown instanceof BridgeError)) this.#options.onFault(thrown)
      this.#failed(asBridgeError(thrown))
    }
    this.#wait(this.#pause())
  }

  #failed(error: BridgeError): void {
    this.failures++
    this.error = error
    const gone = this.failures >= FAILURES_TO_OFFLINE || error.code === 'DEVICE_WEDGED'
    if (gone && !this.#silence) this.#report(false)
  }

  #report(online: boolean): void {
    if (this.#reported === online) return
    this.#reported = online
    this.#options.onChange(online, this.error)
  }

  #pause(): number {
    const { heardInterval = 0, random } = this.#options
    const interval = Math.max(this.#options.interval, this.#silence ? heardInterval : 0)
    const doublings = Math.max(0, this.failures - FAILURES_TO_OFFLINE + 1)
    const pause = Math.min(interval * 2 ** Math.min(doublings, 16), Math.max(LONGEST_WAIT, interval))
    // A tenth of chance keeps many devices from being asked in the same moment for ever.
    return doublings > 0 ? pause * (0.9 + 0.1 * random()) : pause * (0.95 + 0.1 * random())
  }

  #wait(ms: number): void {
    this.#timer?.cancel()
    if (this.#stopped) return
    this.#due = this.#options.clock.monotonic() + ms
    this.#timer = this.#options.clock.timer(ms, () => void this.now())
  }
}
