import type { Clock, Timer } from '../../core/clock.ts'

export type Turn = 'write' | 'read'

interface Waiting {
  readonly turn: Turn
  readonly run: () => Promise<void>
  readonly reject: (error: unknown) => void
}

export interface TurnsOptions {
  readonly clock: Clock
  /** Milliseconds until the next job may start. */
  readonly pause: () => number
}

/**
 * One job at a time, writes before reads. The next job is chosen when the pause after the last one is over, so a write
 * that arrives during the pause still goes before an earlier read. Holds no timer while idle.
 */
export class Turns {
  readonly #options: TurnsOptions
  readonly #waiting: Record<Turn, Waiting[]> = { write: [], read: [] }
  #running: Turn | undefined
  #timer: Timer | undefined
  #stopped: Error | undefined
  #whenIdle: (() => void) | undefined

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  get running(): Turn | undefined {
    return this.#running
  }

  get busy(): boolean {
    return this.#running !== undefined || this.#waiting.write.length > 0 || this.#waiting.read.length > 0
  }

  /** Calls `job` in its turn, and resolves or rejects like it. */
  take<T>(turn: Turn, job: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#stopped) return reject(this.#stopped)
      this.#waiting[turn].push({ turn, reject, run: () => job().then(resolve, reject) })
      this.#next()
    })
  }

  /** Rejects waiting and later jobs with `error`; resolves when the running job has ended. */
  stop(error: Error): Promise<void> {
    this.#stopped = error
    this.#timer?.cancel()
    this.#timer = undefined
    for (const waiting of [...this.#waiting.write.splice(0), ...this.#waiting.read.splice(0)]) waiting.reject(error)
    return new Promise((resolve) => {
      if (this.#running === undefined) resolve()
      else this.#whenIdle = resolve
    })
  }

  #next(): void {
    if (this.#running !== undefined || this.#timer !== undefined || !this.busy) return
    const pause = this.#options.pause()
    if (pause > 0) {
      this.#timer = this.#options.clock.timer(Math.ceil(pause), () => {
        this.#timer = undefined
        this.#next()
      })
      return
    }
    const waiting = this.#waiting.write.shift() ?? this.#waiting.read.shift()
    if (!waiting) return
    this.#running = waiting.turn
    void waiting.run().then(() => {
      this.#running = undefined
      this.#whenIdle?.()
      this.#next()
    })
  }
}
