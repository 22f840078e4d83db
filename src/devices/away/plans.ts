import { BridgeError } from '../../core/errors.ts'
import type { Shown } from '../boost/judgement.ts'
import type { DeviceTimes } from '../clock/times.ts'
import type { CommandContext } from '../commands/command.ts'
import {
  type AwayAsked,
  type AwayEnd,
  type AwayTimes,
  awayFromNow,
  fromParameters,
  planAway,
  toParameters,
} from './times.ts'

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
  /** The key by which this command has away hold from now on. */
  #begunBy: string | undefined

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

  /** From now until it is taken back. */
  begin(askedBy: string): void {
    this.#begunBy = askedBy
    this.#write(awayFromNow(timesOf(this.#options.context)), askedBy)
    this.#options.decide('operating_mode', 'away')
  }

  clear(askedBy: string): void {
    this.#write({ start: null, end: null }, askedBy)
    this.#options.decide('operating_mode', this.#options.shown.value('program'))
  }

  /**
   * Ends an away that holds, since `askedBy` says what is to hold instead.
   * @param own the key that sets the setpoint of away itself
   * @throws BridgeError `BAD_REQUEST` when the same command has away begin
   */
  giveWay(askedBy: string, own: string): void {
    if (this.#options.shown.value('operating_mode') !== 'away') return
    if (this.#begunBy) {
      throw new BridgeError(
        'BAD_REQUEST',
        `${askedBy} ends away, and ${this.#begunBy} has it begin: ask for one of them. The setpoint of away is ${own}.`,
      )
    }
    this.clear(askedBy)
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
    const held = { start: shown.value(this.keys.start), end: shown.value(this.keys.end) }
    const planned = planAway(this.#asked, fromParameters(held, this.#zone, times), times)
    this.#write(planned, named.key)
    const inForce = planned.start !== null && planned.start <= times.utc
    if (inForce && boosting()) {
      throw new BridgeError(
        'BAD_REQUEST',
        `preset can't be boost while ${named.key} has away begin: ask for one of them.`,
      )
    }
    if (inForce) {
      this.#begunBy = named.key
      decide('operating_mode', 'away')
    } else if (shown.value('operating_mode') === 'away') decide('operating_mode', shown.value('program'))
  }

  get #zone(): 'device' | 'utc' {
    return this.keys.start === 'away_start_utc' ? 'utc' : 'device'
  }

  #write(away: AwayTimes, askedBy: string): void {
    const { context, write } = this.#options
    const cleared = away.start === null && away.end === null
    // No clock is needed to say that there is none.
    const { start, end } = cleared ? away : toParameters(away, this.#zone, timesOf(context))
    write(this.keys.start, start, this.#asked.start?.key ?? askedBy)
    write(this.keys.end, end, this.#asked.end?.key ?? askedBy)
    if (cleared) this.#clearLocal(askedBy)
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
