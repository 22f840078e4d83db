import { BridgeError } from '../core/errors.ts'
import {
  type AwayAsked,
  type AwayEnd,
  type AwayTimes,
  awayFromNow,
  fromParameter,
  planAway,
  toParameter,
} from './away.ts'
import type { Shown } from './boost-plan.ts'
import type { CommandContext } from './command.ts'
import type { DeviceTimes } from './times.ts'

/** The parameters of local time, which OZ has beside those of UTC that it goes by (Welrok OZ, "Parameters list"). */
const LOCAL_KEYS = ['away_start', 'away_end'] as const

export interface AwayPlannerOptions {
  readonly context: CommandContext
  /** The readings with the command's decisions over them. */
  readonly shown: Pick<Shown, 'value'>
  readonly write: (key: string, value: unknown, askedBy: string) => unknown
}

/** The part of a command that is about away. */
export class AwayPlanner {
  readonly #options: AwayPlannerOptions
  readonly #asked: Partial<Record<AwayEnd, AwayAsked>> = {}

  constructor(options: AwayPlannerOptions) {
    this.#options = options
  }

  /** The keys of start and end that the device goes by. */
  get keys(): { readonly start: string; readonly end: string } {
    const { model } = this.#options.context.readings.rows
    if (model.away) return model.away
    // Only models with away have keys about it; this is for the compiler.
    throw new BridgeError('UNKNOWN_KEY', `${model.name} has no presets.`)
  }

  /** A person's command names one end. @throws BridgeError `BAD_REQUEST` when it does so twice */
  ask(end: AwayEnd, asked: AwayAsked): void {
    const before = this.#asked[end]
    if (before) {
      throw new BridgeError('BAD_REQUEST', `${before.key} and ${asked.key} say the same; a command takes one of them.`)
    }
    this.#asked[end] = asked
  }

  /** From now until further notice. */
  begin(askedBy: string): void {
    this.#write(awayFromNow(timesOf(this.#options.context)), askedBy)
  }

  clear(askedBy: string): void {
    this.#write({ start: null, end: null }, askedBy)
  }

  /** What was asked of start and end is judged together, whatever their order in the command. @throws BridgeError of `planAway` */
  result(): void {
    const named = this.#asked.start ?? this.#asked.end
    if (!named) return
    const { shown, context } = this.#options
    const times = timesOf(context)
    const current = {
      start: fromParameter(shown.value(this.keys.start), this.#zone, times),
      end: fromParameter(shown.value(this.keys.end), this.#zone, times),
    }
    this.#write(planAway(this.#asked, current, times), named.key)
  }

  get #zone(): 'device' | 'utc' {
    return this.keys.start === 'away_start_utc' ? 'utc' : 'device'
  }

  #write({ start, end }: AwayTimes, askedBy: string): void {
    const { context, write } = this.#options
    const inZone = (moment: number | null) =>
      moment === null ? null : toParameter(moment, this.#zone, timesOf(context))
    write(this.keys.start, inZone(start), this.#asked.start?.key ?? askedBy)
    write(this.keys.end, inZone(end), this.#asked.end?.key ?? askedBy)
    if (start === null && end === null) this.#clearLocal(askedBy)
  }

  /** An away that was set by the other parameters would still be shown, and may still hold. */
  #clearLocal(askedBy: string): void {
    if (this.#zone === 'device') return
    const { shown, write } = this.#options
    for (const key of LOCAL_KEYS) if (typeof shown.value(key) === 'string') write(key, null, askedBy)
  }
}

/** @throws BridgeError `DEVICE_UNREACHABLE` while the clock of the device is not known */
export function timesOf({ times }: Pick<CommandContext, 'times'>): DeviceTimes {
  if (times) return times
  throw new BridgeError(
    'DEVICE_UNREACHABLE',
    'The clock of the device is not known yet. Try again when it has been read.',
  )
}
