/** One day of the schedule over MQTT: its message, and whether it shows. */
import type { ScheduleKind } from '../../catalog/index.ts'
import type { Published } from '../../devices/reading/second-source.ts'
import { type EncodedDay, showsDay, type Week } from '../../protocol/schedule.ts'
import type { Awaited } from './delivery.ts'

export class DayConfirmation implements Awaited {
  readonly done: Promise<void>
  readonly #kind: ScheduleKind
  readonly #day: EncodedDay
  readonly #settle: () => void
  #week: Week | undefined

  constructor(kind: ScheduleKind, day: EncodedDay) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.done = promise
    this.#settle = resolve
    this.#kind = kind
    this.#day = day
  }

  get shows(): boolean {
    return this.shown !== undefined
  }

  /** The week in which it shows. */
  get shown(): Week | undefined {
    return this.#week && showsDay(this.#week, this.#day) ? this.#week : undefined
  }

  get told(): boolean {
    return this.#week !== undefined
  }

  doubt(): void {
    if (!this.shows) this.#week = undefined
  }

  hear(message: Published): void {
    if (message.kind === 'week' && message.schedule === this.#kind) this.read(message.week)
  }

  /** The device answered. */
  read(week: Week): void {
    this.#week = week
    if (this.shows) this.#settle()
  }
}
