import type { Clock, Timer } from '../clock.ts'
import type { LogLevel, RootLogger } from './logger.ts'

/** What can be recorded for a while, from most to least. */
export const RECORDED = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type Recorded = (typeof RECORDED)[number]

export interface Recording {
  /** The level in force now. */
  readonly level: LogLevel
  /** The level of the settings. */
  readonly usual: LogLevel
  /** Unix ms at which the level of the settings is back; null while it is in force. */
  readonly until: number | null
}

/** Another level of the log than that of the settings, always for a limited time: nobody remembers to switch debugging off. */
export class MoreDetail {
  readonly #logger: RootLogger
  readonly #usual: LogLevel
  readonly #clock: Clock
  #until: number | null = null
  #timer: Timer | undefined

  constructor(logger: RootLogger, clock: Clock) {
    this.#logger = logger
    this.#usual = logger.level
    this.#clock = clock
  }

  get recording(): Recording {
    return { level: this.#logger.level, usual: this.#usual, until: this.#until }
  }

  /** @param minutes for how long */
  record(level: Recorded, minutes: number): void {
    this.stop()
    this.#logger.level = level
    this.#until = this.#clock.now() + minutes * 60_000
    this.#timer = this.#clock.timer(minutes * 60_000, () => this.stop())
  }

  /** Back to the level of the settings. */
  stop(): void {
    this.#timer?.cancel()
    this.#until = null
    this.#logger.level = this.#usual
  }
}
