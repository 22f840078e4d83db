import type { Clock, Timer } from '../../core/clock.ts'
import { asBridgeError, BridgeError } from '../../core/errors.ts'
import type { DeviceView } from '../ports.ts'

/** Failed polls after which a device counts as offline. */
export const FAILURES_TO_OFFLINE = 3

/** Whether a device has answered in this run of the bridge, or can be said not to: after a start that takes a few polls. */
export const isDecided = ({ address, health, online }: DeviceView): boolean =>
  online || address === null || health.lastSeen !== null || health.failures >= FAILURES_TO_OFFLINE

/**
 * The longest time in ms between two polls of a device that does not answer. Together with a last failed connection and the
 * poll that succeeds, a device that is back after a power cut shows within a minute, even if it sends no beacons.
 */
const LONGEST_WAIT = 45_000

/** Milliseconds for which a published message shows that a device is there: two and a half times its interval of a minute. */
export const HEARD_FOR = 150_000

export interface PollerOptions {
  readonly clock: Clock
  readonly random: () => number
  /** Time between two polls, in ms. */
  readonly interval: number
  /** The interval while the device publishes by itself; not shorter than `interval`. */
  readonly heardInterval?: number | undefined
  readonly poll: () => Promise<void>
  /** A poll failed for a reason other than the device, which nothing else would report. */
  readonly onFault: (thrown: unknown) => void
  /** The device answered for the first time or again, or it failed so often that it counts as offline. */
  readonly onChange: (online: boolean, error: BridgeError | null) => void
}

/**
 * Polls one device: regularly while it answers, and at growing intervals of up to 45 seconds while it does not. A device is
 * offline after three failed polls, or at once when it reports a condition that only its owner can end. A device that is heard
 * another way is not offline.
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

  /** Polls now, or joins a poll that is under way. Resolves when the poll is done, whatever its result. */
  now(): Promise<void> {
    this.#running ??= this.#poll().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** The device answered outside of polling, such as to a command; that counts as well. */
  answered(): void {
    this.failures = 0
    this.error = null
    this.#report(true)
  }

  /** The device published something: it is there, whether it answers or not. If it was offline, it is polled at once. */
  heard(): void {
    const back = !this.online
    this.#silence?.cancel()
    this.#silence = this.#options.clock.timer(HEARD_FOR, () => this.#fellSilent())
    this.#report(true)
    if (back && !this.#stopped) void this.now()
  }

  /** There is something to read: polls as soon as it would if the device were not heard. */
  soon(): void {
    const { clock, interval } = this.#options
    if (this.#silence && this.#due - clock.monotonic() > interval) this.#wait(interval)
  }

  /** The device is heard no more: it is offline now if it does not answer either. */
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
    // A tenth of the pause is random, so that many devices are not asked at the same moment for ever.
    return doublings > 0 ? pause * (0.9 + 0.1 * random()) : pause * (0.95 + 0.1 * random())
  }

  #wait(ms: number): void {
    this.#timer?.cancel()
    if (this.#stopped) return
    this.#due = this.#options.clock.monotonic() + ms
    this.#timer = this.#options.clock.timer(ms, () => void this.now())
  }
}
