/** Starts the guardian some minutes after the bridge, so that neither the start nor an idle bridge pays for it. */
import type { Clock, Timer } from '../core/clock.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { Registry } from '../devices/registry/registry.ts'
import type { History } from '../history/types.ts'

/** Milliseconds after the start of the bridge. */
const LATER = 5 * 60_000

export interface LateGuardianOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly registry: Pick<Registry, 'events' | 'get' | 'serials' | 'watched'>
  readonly history: History
  readonly enabled: boolean
  /** Milliseconds for which the history is kept. */
  readonly keep: number
}

export class LateGuardian {
  readonly #options: LateGuardianOptions
  #timer: Timer | undefined
  #stopped = false
  #guardian: { stop(): void } | undefined

  constructor(options: LateGuardianOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#options.enabled) this.#timer = this.#options.clock.timer(LATER, () => void this.#begin())
  }

  stop(): void {
    this.#stopped = true
    this.#timer?.cancel()
    this.#guardian?.stop()
  }

  async #begin(): Promise<void> {
    const { clock, history, keep, logger, registry } = this.#options
    const { Guardian } = await import('../guardian/index.ts')
    if (this.#stopped) return
    const guardian = new Guardian({
      clock,
      logger,
      devices: registry,
      history,
      keep: keep / 1000,
      tell: (serial, findings) => registry.watched(serial, findings),
    })
    this.#guardian = guardian
    guardian.start()
  }
}
