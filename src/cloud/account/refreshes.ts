import { type Clock, sleep, type Timer } from '../../core/clock.ts'

/**
 * Milliseconds: how often the list is fetched for one device whose key was refused, and when it is fetched once more.
 */
const ONE_DEVICE = 60_000
/** How often the list is fetched for all of them together; requests in between wait. */
const ALL_DEVICES = 10_000

export interface RefreshesOptions {
  readonly account: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Fetches the list. Never rejects. */
  readonly sync: () => Promise<unknown>
  /** Why the last sync failed. */
  readonly failure: () => string | undefined
}

/** Decides when an account's device list is fetched because a device refused its key. */
export class Refreshes {
  readonly #options: RefreshesOptions
  /** When it was last fetched, on the monotonic clock, and for which device. */
  #fetchedAt = Number.NEGATIVE_INFINITY
  readonly #fetchedFor = new Map<string, number>()
  #running: Promise<void> | undefined
  #following: Timer | undefined

  constructor(options: RefreshesOptions) {
    this.#options = options
  }

  /**
   * Fetches the list at most once a minute for each device, and once in ten seconds in total, waiting if needed.
   * Fetches it again a minute later, since a cloud may lag behind the device. Never rejects.
   * @returns why it was not fetched, as a sentence; undefined if it was
   */
  async of(serial: string): Promise<string | undefined> {
    const { account, clock } = this.#options
    this.#follow()
    const since = clock.monotonic() - (this.#fetchedFor.get(serial) ?? Number.NEGATIVE_INFINITY)
    if (since < ONE_DEVICE && !this.#running) {
      return (
        this.#notKnown() ??
        `The account ${account} was asked ${Math.round(since / 1000)} s ago and had no newer key; it is asked again within a minute.`
      )
    }
    this.#fetchedFor.set(serial, clock.monotonic())
    this.#running ??= this.#fetch().finally(() => {
      this.#running = undefined
    })
    await this.#running
    return this.#notKnown()
  }

  /** The reason why the list is unknown, if it could not be fetched. */
  #notKnown(): string | undefined {
    const { account, failure } = this.#options
    const reason = failure()
    return reason === undefined
      ? undefined
      : `It is not known whether the account ${account} has a newer key: ${reason}`
  }

  stop(): void {
    this.#following?.cancel()
  }

  async #fetch(): Promise<void> {
    const { clock, signal, sync } = this.#options
    const wait = this.#fetchedAt + ALL_DEVICES - clock.monotonic()
    if (wait > 0) await sleep(clock, wait, signal)
    this.#fetchedAt = clock.monotonic()
    await sync()
  }

  #follow(): void {
    const { clock, sync } = this.#options
    this.#following ??= clock.timer(ONE_DEVICE, () => {
      this.#following = undefined
      void sync()
    })
  }
}
