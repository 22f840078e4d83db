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

/** The IANA name of the host's own time zone; where its setting is no such name, that of the zone with its present whole hours. */
export function hostZoneName(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  // An empty TZ, a file or bare hours, such as MSK-3, give none, Etc/Unknown, or an offset that has the wrong sign.
  if (/^(?!Etc\/Unknown)[A-Z]/.test(timeZone)) return timeZone
  return fixedZoneName(Math.round(-new Date().getTimezoneOffset() / 60)) ?? 'UTC'
}

/**
 * The IANA name of the zone that is always so many hours ahead of UTC; null where none has a name, as for half an hour. The
 * names count the other way.
 */
export function fixedZoneName(hours: number): string | null {
  if (hours === 0) return 'UTC'
  if (!Number.isInteger(hours) || hours < -12 || hours > 14) return null
  return `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
}

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
