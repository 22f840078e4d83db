/** Dropped incoming and outgoing messages: all are counted, each kind is logged once. */
import type { Logger } from '../core/logging/logger.ts'

/** Why something was dropped. */
export type DropReason =
  | 'unknown_topic'
  | 'bad_answer_topic'
  | 'too_many_waiting'
  /** A command that arrived twice over two connections: carried out and answered once. */
  | 'repeated'
  | 'not_connected'
  | 'packet_too_large'
  | 'too_many_connections'
  | 'own_client_id'
  | 'too_much_arriving'
  | 'slow_reader'
  | 'too_many_subscriptions'
  | 'topic_too_long'
  | 'retained_full'
  | 'queue_full'
  | 'sessions_full'
  | 'larger_than_client_takes'
  | 'unspoken_tls'
  | 'unspoken_http'
  | 'unspoken_version'
  | 'wrong_password'
  | 'too_many_guesses'

export class Drops {
  readonly #counts = new Map<DropReason, number>()
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** `message` says what this means; it is logged only the first time. `fields` must be safe to log. */
  count(reason: DropReason, fields: object, message: string): void {
    const before = this.#counts.get(reason) ?? 0
    this.#counts.set(reason, before + 1)
    if (before === 0) this.#logger.warn({ ...fields, reason }, `${message} Further cases are only counted.`)
  }

  /** Counts a case that needs no log line, because its cause has been logged. */
  note(reason: DropReason): void {
    this.#counts.set(reason, this.of(reason) + 1)
  }

  of(reason: DropReason): number {
    return this.#counts.get(reason) ?? 0
  }

  get total(): number {
    let sum = 0
    for (const count of this.#counts.values()) sum += count
    return sum
  }
}

/** Text from outside, short and without control characters, for the log. */
export function shown(text: string): string {
  return text.slice(0, 100).replace(/\p{Cc}/gu, '?')
}
