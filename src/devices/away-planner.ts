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
  readonly decide: (key: string, value: unknown) => void
  /** Whether the command begins a boost, for which the bridge ends away until it is over. */
  readonly boosting: () => boolean
}

/** The part of a command that is about away. */
export class AwayPlanner {
  readonly #options: AwayPlannerOptions
  readonly #asked: Partial<Record<AwayEnd, AwayAsked>> = {}
  #planned = false

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
    this.#options.decide('operating_mode', 'away')
  }

  clear(askedBy: string): void {
    this.#write({ start: null, end: null }, askedBy)
    this.#options.decide('operating_mode', this.#options.shown.value('program'))
  }

  /**
   * What was asked of start and end is judged together, whatever their order in the command, and once.
   * @throws BridgeError of `planAway`; `BAD_REQUEST` when a boost is to begin with it
   */
  plan(): void {
    const named = this.#asked.start ?? this.#asked.end
    if (!named || this.#planned) return
    this.#planned = true
    const { shown, context, decide, boosting } = this.#options
    const times = timesOf(context)
    const current = {
      start: fromParameter(shown.value(this.keys.start), this.#zone, times),
      end: fromParameter(shown.value(this.keys.end), this.#zone, times),
    }
    const planned = planAway(this.#asked, current, times)
    this.#write(planned, named.key)
    const inForce = planned.start !== null && planned.start <= times.utc
    if (inForce && boosting()) {
      throw new BridgeError(
        'BAD_REQUEST',
        `preset can't be boost while ${named.key} has away begin: ask for one of them.`,
      )
    }
    if (inForce) decide('operating_mode', 'away')
    else if (shown.value('operating_mode') === 'away') decide('operating_mode', shown.value('program'))
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
