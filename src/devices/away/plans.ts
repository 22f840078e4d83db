/** What a command makes of away: keys of its start and end, the preset, and what ends it. */
import { BridgeError } from '../../core/errors.ts'
import { type DeviceTimes, requireTimes } from '../clock/times.ts'
import type { Draft } from '../plan/draft.ts'
import {
  AWAY_KEYS,
  type AwayAsked,
  type AwayEnd,
  type AwayTimes,
  awayFromNow,
  fromParameters,
  planAway,
  toParameters,
} from './facts.ts'

/** The parameters of local time, which OZ has beside those of UTC that it goes by (Welrok OZ, "Parameters list"). */
const LOCAL_KEYS = ['away_start', 'away_end'] as const

export class AwayPlans {
  readonly #draft: Draft
  readonly #times: DeviceTimes | null
  readonly #asked: Partial<Record<AwayEnd, AwayAsked>> = {}
  #planned = false
  /** The key by which this command has away hold from now on. */
  #begunBy: string | undefined

  /** @param times the clock of the device; null while it is not known */
  constructor(draft: Draft, times: DeviceTimes | null) {
    this.#draft = draft
    this.#times = times
  }

  /**
   * Takes what names an end of away; returns whether it does.
   * @throws BridgeError `BAD_REQUEST` when a command says the same twice
   */
  takes(key: string, value: unknown): boolean {
    const about = AWAY_KEYS.get(key)
    if (!about) return false
    const before = this.#asked[about.end]
    if (before)
      throw new BridgeError(
        'BAD_REQUEST',
        `${before.key} and ${key} set the same value. Use only one of them in a command.`,
      )
    this.#asked[about.end] = { key, value }
    return true
  }

  /** From now until it is taken back. */
  begin(askedBy: string): void {
    this.#begunBy = askedBy
    this.#write(awayFromNow(requireTimes(this.#times)), askedBy)
    this.#draft.decide('operating_mode', 'away')
  }

  clear(askedBy: string): void {
    this.#write({ start: null, end: null }, askedBy)
    this.#draft.decide('operating_mode', this.#draft.value('program'))
  }

  /**
   * Ends an away that holds, since `askedBy` says what is to hold instead.
   * @param own the key that sets the setpoint of away itself
   * @throws BridgeError `BAD_REQUEST` when the same command has away begin
   */
  giveWay(askedBy: string, own: string): void {
    if (this.#draft.value('operating_mode') !== 'away') return
    if (this.#begunBy) {
      throw new BridgeError(
        'BAD_REQUEST',
        `${askedBy} ends away, and ${this.#begunBy} begins it. Use only one of them. The setpoint of away is ${own}.`,
      )
    }
    this.clear(askedBy)
  }

  /**
   * What was asked of start and end is judged together, whatever their order in the command, and once.
   * @param boosting whether the command begins a boost, for which the bridge ends away until it is over
   * @throws BridgeError of `planAway`; `BAD_REQUEST` when a boost is to begin with it
   */
  plan(boosting: boolean): void {
    const named = this.#asked.start ?? this.#asked.end
    if (!named || this.#planned) return
    this.#planned = true
    const draft = this.#draft
    const times = requireTimes(this.#times)
    const held = { start: draft.value(this.#keys.start), end: draft.value(this.#keys.end) }
    const planned = planAway(this.#asked, fromParameters(held, this.#zone, times), times)
    this.#write(planned, named.key)
    const inForce = planned.start !== null && planned.start <= times.utc
    if (inForce && boosting) {
      throw new BridgeError(
        'BAD_REQUEST',
        `preset can't be boost while ${named.key} begins away. Use only one of them.`,
      )
    }
    if (inForce) {
      this.#begunBy = named.key
      draft.decide('operating_mode', 'away')
    } else if (draft.value('operating_mode') === 'away') draft.decide('operating_mode', draft.value('program'))
  }

  /** The keys of start and end that the device goes by. */
  get #keys(): { readonly start: string; readonly end: string } {
    const { model } = this.#draft.readings.rows
    if (model.away) return model.away
    // Only models with away have keys about it; this is for the compiler.
    throw new BridgeError('UNKNOWN_KEY', `${model.name} has no presets.`)
  }

  get #zone(): 'device' | 'utc' {
    return this.#keys.start === 'away_start_utc' ? 'utc' : 'device'
  }

  #write(away: AwayTimes, askedBy: string): void {
    const draft = this.#draft
    const cleared = away.start === null && away.end === null
    // No clock is needed to say that there is none.
    const { start, end } = cleared ? away : toParameters(away, this.#zone, requireTimes(this.#times))
    draft.write(this.#keys.start, start, this.#asked.start?.key ?? askedBy)
    draft.write(this.#keys.end, end, this.#asked.end?.key ?? askedBy)
    if (cleared) this.#clearLocal(askedBy)
  }

  /** An away that was set by the other parameters would still be shown, and may still hold. */
  #clearLocal(askedBy: string): void {
    if (this.#zone === 'device') return
    const draft = this.#draft
    for (const key of LOCAL_KEYS) if (typeof draft.value(key) === 'string') draft.write(key, null, askedBy)
  }
}
