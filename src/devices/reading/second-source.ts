import type { ScheduleKind } from '../../catalog/index.ts'
import type { Clock } from '../../core/clock.ts'
import type { ParameterList, Telemetry } from '../../protocol/replies.ts'
import type { Week } from '../../protocol/schedule.ts'
import type { Schedules } from '../schedule/schedules.ts'
import type { Facts } from '../state/facts.ts'
import type { Reader } from './reader.ts'

/** What a device says of itself without being asked, in the words of its answers. */
export type Published =
  /** Some fields of the telemetry, as the telemetry has them. */
  | { readonly kind: 'fields'; readonly fields: ReadonlyMap<string, string> }
  | { readonly kind: 'parameter'; readonly id: number; readonly raw: string }
  | { readonly kind: 'parameters'; readonly list: ParameterList }
  | { readonly kind: 'telemetry'; readonly telemetry: Telemetry }
  | { readonly kind: 'week'; readonly schedule: ScheduleKind; readonly week: Week }

/**
 * Milliseconds after a confirmed command in which only what is measured is taken: a message that was on its way, or made
 * of what the device held before, must not undo what it has just confirmed.
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
 * What a device publishes, merged by time with what it answers: a message counts from when it arrives, an answer from when
 * it was asked for, and the later one holds.
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
   * Takes a message in. Returns whether there is more to be read now than it says: a field changed that others follow, or it
   * was not believed.
   * @throws BridgeError `DEVICE_BAD_REPLY` when it is that of another kind of device; nothing of it is taken in
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
    // Whether the load is on was said.
    if (fields.has('f.0')) energy?.take(readings, undefined)
    return more
  }
}
