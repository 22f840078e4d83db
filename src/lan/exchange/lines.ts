import { type Clock, sleep } from '../../core/clock.ts'
import type { Address } from '../types.ts'
import { show } from './errors.ts'

interface Line {
  readyAt: number
  /** Those who talk or wait. */
  users: number
  /** Settles when the last of them has done. */
  last: Promise<unknown>
}

/** Lines that are remembered before the first sweep. */
const FEW = 64

/**
 * One request at a time to each address and a pause in between, whoever asks: the link of a device, the question who is there, the
 * one whether a device is still at home. What nobody uses and is not to be waited for is forgotten.
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

  /** Milliseconds until the address may be asked again, not counting who is talking to it now. */
  pause(address: Address): number {
    const line = this.#lines.get(show(address))
    return line ? Math.max(0, line.readyAt - this.#clock.monotonic()) : 0
  }

  /**
   * Waits until the address is free, or until `signal` is aborted.
   * @returns what has to be called at the end, with the milliseconds for which nobody may ask then
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
