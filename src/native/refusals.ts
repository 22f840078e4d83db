/** Refused messages: all are counted, and the first of each kind is logged. */
import type { Logger } from '../core/logging/logger.ts'
import type { BadMessage } from './messages.ts'

export type Refusal = BadMessage | 'retained' | 'unknown_device' | 'ambiguous' | 'echo' | 'flood' | 'other_kind'

const TEXTS: Readonly<Record<Refusal, string>> = {
  retained: 'is retained, so its age is unknown; the next one, within a minute, is used',
  unknown_device: 'is from an unknown device: discovery, an account or the settings must list it',
  ambiguous: 'may belong to several devices: the patterns of native_mqtt.topics contradict each other',
  echo: 'is on a topic on which the device also accepts commands, so it may be a command; set another “Subscribe path” on its page',
  flood: 'exceeds what any device publishes; further messages are ignored',
  bad_value: 'contains no value that a device would publish',
  too_long: 'is longer than any message of a device',
  other_device: 'names a different device than its topic: two devices have the same client id',
  other_kind: 'is from another kind of device: two devices have the same client id',
}

/** How many unknown devices are named in the log. */
const MOST_NAMED = 16

export class Refusals {
  readonly #logger: Logger
  readonly #counts = new Map<Refusal, number>()
  readonly #named = new Set<string>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  count(refusal: Refusal, topic: string, serial?: string): void {
    const before = this.of(refusal)
    this.#counts.set(refusal, before + 1)
    if (!this.#worthALine(refusal, before, serial)) return
    const level = refusal === 'retained' || refusal === 'unknown_device' ? 'info' : 'warn'
    const more = refusal === 'unknown_device' ? '' : ' Further cases are only counted.'
    this.#logger[level](
      { reason: refusal, topic: shown(topic), serial },
      `A message published by a device was ignored: it ${TEXTS[refusal]}.${more}`,
    )
  }

  of(refusal: Refusal): number {
    return this.#counts.get(refusal) ?? 0
  }

  counts(): ReadonlyMap<Refusal, number> {
    return this.#counts
  }

  /** Each unknown device is named once, up to a number of them. */
  #worthALine(refusal: Refusal, before: number, serial: string | undefined): boolean {
    if (refusal !== 'unknown_device' || serial === undefined) return before === 0
    if (this.#named.has(serial) || this.#named.size >= MOST_NAMED) return false
    this.#named.add(serial)
    return true
  }
}

/** Text from outside, short and without control characters, for the log. */
function shown(text: string): string {
  return text.slice(0, 160).replace(/\p{Cc}/gu, '?')
}
