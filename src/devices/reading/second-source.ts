import type { ScheduleKind } from '../../catalog/index.ts'
import type { Clock } from '../../core/clock.ts'
import type { ParameterList, Telemetry } from '../../protocol/replies.ts'
import type { Week } from '../../protocol/schedule.ts'
import type { Schedules } from '../schedule/schedules.ts'
import type { Facts } from '../state/facts.ts'
import type { Reader } from './reader.ts'

/** What a device says unasked, in the same form as its answers. */
export type Published =
  /** Some telemetry fields, in the form of the telemetry. */
  | { readonly kind: 'fields'; readonly fields: ReadonlyMap<string, string> }
  | { readonly kind: 'parameter'; readonly id: number; readonly raw: string }
  | { readonly kind: 'parameters'; readonly list: ParameterList }
  | { readonly kind: 'telemetry'; readonly telemetry: Telemetry }
  | { readonly kind: 'week'; readonly schedule: ScheduleKind; readonly week: Week }

/**
 * Milliseconds after a confirmed command in which only measurements are taken: a message that was on its way, or that shows
 * the state before the command, must not undo what the device has just confirmed.
 */
export const SETTLING = 10_000

const MEASURED = /^t\.[0127]$/

export interface SecondSourceOptions {
  readonly clock: Clock
  readonly facts: Facts
  readonly reader: Reader
  readonly schedules: Pick<Schedules, 'published'>
}

/**
 * What a device publishes, merged by time with what it answers. A message counts from its arrival, an answer from its request;
 * the later one holds.
 */
export class SecondSource {
  readonly #options: SecondSourceOptions
  #settledAt = Number.NEGATIVE_INFINITY

  constructor(options: SecondSourceOptions) {
    this.#options = options
  }

  /** The device has confirmed a command. */
  settle(): void {
    this.#settledAt = this.#options.clock.monotonic() + SETTLING
  }

  /**
   * Takes a message in. Returns whether there is more to read than the message says: a field changed that a parameter goes
   * with, or the message was not believed.
   * @throws BridgeError `DEVICE_BAD_REPLY` when the message is that of another kind of device; none of it is taken in
   */
  take(message: Published): boolean {
    const { facts, reader } = this.#options
    const before = facts.readings.rows.model
    const more = this.#take(message)
    reader.conclude(before)
    return more
  }

  #take(message: Published): boolean {
    const { clock, facts, reader, schedules } = this.#options
    const at = clock.monotonic()
    const settling = at < this.#settledAt
    if (message.kind === 'fields') return this.#fields(message.fields, at, settling)
    if (message.kind === 'week') {
      if (!settling) schedules.published(message.schedule, message.week)
      return false
    }
    if (settling) return true
    switch (message.kind) {
      case 'parameter':
        return facts.readings.publishParameter(message.id, message.raw, at)
      case 'parameters':
        reader.takeParameters(message.list, { at, published: true })
        return false
      case 'telemetry':
        return reader.takeTelemetry(message.telemetry, { at, published: true })
    }
  }

  #fields(fields: ReadonlyMap<string, string>, at: number, settling: boolean): boolean {
    const { readings, energy } = this.#options.facts
    let more = false
    for (const [field, raw] of fields) {
      if (settling && !MEASURED.test(field)) more = true
      else if (readings.publishField(field, raw, at) && !MEASURED.test(field)) more = true
    }
    // The message told whether the load is on.
    if (fields.has('f.0')) energy?.take(readings, undefined)
    return more
  }
}
