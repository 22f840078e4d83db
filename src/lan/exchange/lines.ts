import { type Clock, sleep } from '../../core/clock.ts'
import type { Address } from '../types.ts'
import { show } from './errors.ts'

interface Line {
  readyAt: number
  /** How many are talking or waiting. */
  users: number
  /** Settles when the last of them is done. */
  last: Promise<unknown>
}

/** How many lines are remembered before the first clean-up. */
const FEW = 64

/**
 * One request at a time to each address, with a pause in between, whichever part asks: a device's link, identification,
 * or the check whether a device is still there. Unused lines without a pending pause are forgotten.
 */
export class Lines {
  readonly #clock: Clock
  readonly #lines = new Map<string, Line>()
  #sweepAt = FEW

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#lines.size
  }

  /** Milliseconds until the address may be asked again, not counting a request in progress. */
  pause(address: Address): number {
    const line = this.#lines.get(show(address))
    return line ? Math.max(0, line.readyAt - this.#clock.monotonic()) : 0
  }

  /**
   * Waits until the address is free or `signal` is aborted.
   * @returns a function to call at the end, with the pause in milliseconds
   */
  async take(address: Address, signal: AbortSignal | undefined): Promise<(pause: number) => void> {
    const line = this.#of(show(address))
    const before = line.last
    let leave = () => {}
    const mine = new Promise<void>((resolve) => {
      leave = resolve
    })
    line.users++
    line.last = before.then(() => mine)
    if (line.users > 1) await orAborted(before, signal)
    const wait = this.pause(address)
    if (wait > 0) await sleep(this.#clock, Math.ceil(wait), signal)
    return (pause) => {
      line.users--
      line.readyAt = Math.max(line.readyAt, this.#clock.monotonic() + pause)
      leave()
    }
  }

  #of(key: string): Line {
    const known = this.#lines.get(key)
    if (known) return known
    if (this.#lines.size >= this.#sweepAt) this.#sweep()
    const line: Line = { readyAt: Number.NEGATIVE_INFINITY, users: 0, last: Promise.resolve() }
    this.#lines.set(key, line)
    return line
  }

  #sweep(): void {
    const now = this.#clock.monotonic()
    for (const [key, { users, readyAt }] of this.#lines) if (users === 0 && readyAt <= now) this.#lines.delete(key)
    this.#sweepAt = Math.max(FEW, 2 * this.#lines.size)
  }
}

async function orAborted(done: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) {
    await done
    return
  }
  let abort = () => {}
  const aborted = new Promise<void>((resolve) => {
    abort = resolve
  })
  signal.addEventListener('abort', abort)
  if (!signal.aborted) await Promise.race([done, aborted])
  signal.removeEventListener('abort', abort)
}
