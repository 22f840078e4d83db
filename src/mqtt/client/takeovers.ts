/**
 * Notices that another client uses the same client id: the broker accepts one and disconnects the other, which
 * reconnects and displaces the first, without end. MQTT 5 reports this; before, the sign is connections that the broker
 * accepts and soon closes without a reason.
 */
import type { Clock, Timer } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { BridgeProblem } from '../../devices/ports.ts'
import type { Closed } from './closed.ts'

/** The reason “Session taken over” (MQTT 5, section 3.14.2.1). */
export const TAKEN_OVER = 142
/** How often that, or a close without a reason, must occur within WITHIN; a single one may be a coincidence. */
const SAID = 2
const GUESSED = 4
/** A connection that is closed after longer, in ms, is closed for another reason. */
const SOON = 60_000
/** Milliseconds without such an event after which the problem is over. */
const WITHIN = 10 * 60_000

export interface TakeoversOptions {
  readonly clientId: string
  readonly clock: Clock
  readonly logger: Logger
  /** `problem` has changed. */
  readonly onChange: () => void
}

export class Takeovers {
  readonly #options: TakeoversOptions
  /** Monotonic ms of each. */
  #said: number[] = []
  #guessed: number[] = []
  #end: Timer | undefined

  constructor(options: TakeoversOptions) {
    this.#options = options
  }

  get problem(): BridgeProblem | undefined {
    if (!this.#end) return undefined
    const { clientId } = this.#options
    const what =
      this.#said.length > 0
        ? `Another client connects to the MQTT broker with the client id of this bridge, ${clientId}, and the two keep disconnecting each other`
        : `The MQTT broker closes each connection of this bridge soon after accepting it, as if another client had the same client id, ${clientId}, too`
    return {
      code: 'client_id_taken',
      message: `${what}. Usually it is a second bridge with a copy of the data folder: stop one of them. Otherwise give one of the two another client id (mqtt.client_id, T2M_MQTT_CLIENT_ID).`,
    }
  }

  /** After every connection. @param held its duration in ms */
  closed({ opened, error, learned }: Closed, held: number): void {
    const now = this.#options.clock.monotonic()
    const recent = (times: number[]) => times.filter((time) => now - time < WITHIN)
    if (!opened) {
      // The broker is being restarted.
      this.#guessed = []
      return
    }
    this.#said = recent(this.#said)
    this.#guessed = recent(this.#guessed)
    const code = error && 'code' in error ? error.code : undefined
    if (code === TAKEN_OVER) this.#said.push(now)
    else if (!learned && held < SOON && (error === undefined || code === 'ECONNRESET')) this.#guessed.push(now)
    else return
    if (this.#said.length >= SAID || this.#guessed.length >= GUESSED) this.#seen()
  }

  stop(): void {
    this.#end?.cancel()
    this.#end = undefined
  }

  #seen(): void {
    const { clock, logger, onChange } = this.#options
    const known = this.#end !== undefined
    this.#end?.cancel()
    this.#end = clock.timer(WITHIN, () => {
      this.#end = undefined
      logger.info('No other client disconnects this bridge at the MQTT broker any more')
      onChange()
    })
    if (known) return
    logger.error(this.problem?.message ?? '')
    onChange()
  }
}
