/** Time is injected everywhere, so that tests control it. */

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Wall clock, Unix milliseconds. It can jump: use it for what people read, never for measuring or signing. */
  now(): number
  /** Milliseconds from an arbitrary origin; never jumps, never goes back. */
  monotonic(): number
  /** Calls `run` once after `ms` milliseconds, unless cancelled. */
  timer(ms: number, run: () => void): Timer
}

export class SystemClock implements Clock {
  now(): number {
    return Date.now()
  }

  monotonic(): number {
    return performance.now()
  }

  timer(ms: number, run: () => void): Timer {
    // Node fires at once, with a warning, for anything above 2^31-1 ms (25 days).
    const handle = setTimeout(run, Math.min(Math.max(ms, 0), 0x7fffffff))
    return { cancel: () => clearTimeout(handle) }
  }
}

/** The IANA name of the host's own time zone. */
export const hostZoneName = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone

/** Resolves after `ms` milliseconds of `clock`, or at once if `signal` is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      timer.cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = clock.timer(ms, done)
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** Waits for the first of `events`, at most `ms` milliseconds of `clock`. */
export async function within(clock: Clock, ms: number, events: readonly Promise<void>[]): Promise<void> {
  let timer: Timer | undefined
  const late = new Promise<void>((resolve) => {
    timer = clock.timer(ms, resolve)
  })
  await Promise.race([late, ...events])
  timer?.cancel()
}
