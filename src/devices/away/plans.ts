/** What a command does about away: it sets the start and end, chooses the preset, or ends away. */
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

/** The local-time parameters, which OZ has besides the UTC ones that it goes by (Welrok OZ, "Parameters list"). */
const LOCAL_KEYS = ['away_start', 'away_end'] as const

export class AwayPlans {
  readonly #draft: Draft
  readonly #times: DeviceTimes | null
  readonly #asked: Partial<Record<AwayEnd, AwayAsked>> = {}
  #planned = false
  /** The key with which this command makes away hold from now on. */
  #begunBy: string | undefined

  /** @param times the clock of the device; null while it is not known */
  constructor(draft: Draft, times: DeviceTimes | null) {
    this.#draft = draft
    this.#times = times
  }

  /**
   * Takes a key that sets an end of away; returns whether it is such a key.
   * @throws BridgeError `BAD_REQUEST` when a command sets the same end twice
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

  /** Begins an away from now on until somebody ends it. */
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
   * Ends an away that holds, because `askedBy` asks for something else.
   * @param own the key that sets the setpoint of away itself
   * @throws BridgeError `BAD_REQUEST` when the same command begins away
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
   * Judges the requested start and end together and once, whatever their order in the command.
   * @param boosting whether the command begins a boost, for which the bridge ends away
   * @throws BridgeError as `planAway` does; `BAD_REQUEST` when a boost is to begin at the same time
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
    // Only models with away have keys for it; the compiler needs this check.
    throw new BridgeError('UNKNOWN_KEY', `${model.name} has no presets.`)
  }

  get #zone(): 'device' | 'utc' {
    return this.#keys.start === 'away_start_utc' ? 'utc' : 'device'
  }

  #write(away: AwayTimes, askedBy: string): void {
    const draft = this.#draft
    const cleared = away.start === null && away.end === null
    // Clearing away needs no clock.
    const { start, end } = cleared ? away : toParameters(away, this.#zone, requireTimes(this.#times))
    draft.write(this.#keys.start, start, this.#asked.start?.key ?? askedBy)
    draft.write(this.#keys.end, end, this.#asked.end?.key ?? askedBy)
    if (cleared) this.#clearLocal(askedBy)
  }

  /** Clears the local-time parameters: an away set by them would still be shown, and might still hold. */
  #clearLocal(askedBy: string): void {
    if (this.#zone === 'device') return
    const draft = this.#draft
    for (const key of LOCAL_KEYS) if (typeof draft.value(key) === 'string') draft.write(key, null, askedBy)
  }
}
