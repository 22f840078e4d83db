import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { ParameterList, Telemetry } from '../../protocol/replies.ts'
import type { Profile } from './profile.ts'
import type { Readings } from './readings.ts'

/** What the settings say of one device where the vendor's documents contradict each other; null: the device decides. */
export interface Decided {
  /** D2W: the value of parameter 119 that switches it on. */
  readonly relayOnValue: boolean | null
  /** D2W: what parameter 13 counts in. */
  readonly lowVoltageUnit: 'second' | 'tenth' | null
}

/** Undefined for a device that the settings do not name. */
export type DecidedFor = (serial: string) => Decided | undefined

export interface DisputesOptions {
  readonly serial: string
  readonly clock: Clock
  readonly logger: Logger
  readonly readings: Readings
  readonly profile: Pick<Profile, 'learned' | 'learn'>
  readonly decided?: DecidedFor | undefined
}

const RELAY = 119
const LOW_VOLTAGE_TIME = 13

/** Names under which it is remembered what a device has shown. */
export const LEARNED = {
  /** The raw value of 119 with which the relay was closed. */
  relayOn: 'relay_on',
  /** The same, guessed from a relay that stays open for no reason. */
  relayOnLikely: 'relay_on_likely',
  /** Units of 13 in a second. */
  lowVoltageUnit: 'low_voltage_unit',
} as const

/** As the table of D2W has it. */
const ON_BY_TABLE = 0

/** Tenths of a second that are one second: at most this could be seconds just as well. */
const AMBIGUOUS = 10

/** Flags of D2W that keep the relay open while it is switched on: heat, the lock after it, repetitions, the voltage. */
const HOLDING_OPEN = ['f.0', 'f.6', 'f.12', 'f.14', 'f.15']

/** V within a limit at which the relay may still wait: more than the largest hysteresis. */
const NEAR_A_LIMIT = 6

/** Seconds; the most that it can be set to. */
const LONGEST_DELAY = 999

/** Seconds over its delay for which a relay has to stay open before it is taken to be switched off. */
const MARGIN = 10

/**
 * What the documents of a device leave open, and what it has shown of that itself.
 *
 * - D2W, 119: its table says that true is off, its two samples that true is on. A closed relay is switched on, whatever
 *   the documents say: the value of 119 before and after the telemetry that shows it closed means on.
 * - D2W, 13: in seconds from 0.1 on, says its table; uint32, which holds no 0.1, it says as well; the vendor's list of 2019
 *   says tenths. A value above 10 is beyond the range in seconds, so it counts in tenths.
 */
export class Disputes {
  readonly #options: DisputesOptions
  readonly #decided: Decided | undefined
  #raw: string | undefined
  /** Whether the last telemetry since 119 was read shows the relay closed. */
  #closed = false
  /** Since when it is open with nothing that keeps it so, on the monotonic clock. */
  #openSince: number | undefined
  /** What was asked of a relay that had not shown yet which value means on. */
  #wish: { readonly on: boolean; readonly raw: string | undefined } | undefined
  /** By what was seen since the start. */
  #contradicted = false
  #told = false

  constructor(options: DisputesOptions) {
    this.#options = options
    this.#decided = options.decided?.(options.serial)
    this.#understand()
  }

  /** Whether the parameters are worth another look: the relay is closed, and with this value of 119 that is news. */
  get wantsParameters(): boolean {
    return this.#closed && !this.#contradicted && (this.#fixed ?? this.#onBySight) !== Number(this.#raw)
  }

  /** Whether it is known which value switches a D2W on; null for anything else. */
  get relayProven(): boolean | null {
    if (!this.#options.readings.rows.parameters.has(RELAY)) return null
    return this.#fixed !== null || this.#onBySight !== undefined
  }

  /** Whether it is known what 13 counts in. */
  get unitKnown(): boolean {
    const { profile } = this.#options
    return (this.#decided?.lowVoltageUnit ?? profile.learned[LEARNED.lowVoltageUnit]) !== undefined
  }

  parameters(list: ParameterList): void {
    if (this.relayProven === null) return
    const time = Number(list.get(LOW_VOLTAGE_TIME)?.value)
    if (time > AMBIGUOUS || !Number.isInteger(time || 0)) this.learnUnit(time > AMBIGUOUS ? 'tenth' : 'second')
    const raw = list.get(RELAY)?.value
    if (raw === undefined) return
    if (raw === this.#raw) this.#conclude(Number(raw))
    else this.#openSince = undefined
    if (raw !== this.#wish?.raw) this.#wish = undefined
    this.#raw = raw
    this.#closed = false
    this.#understand()
  }

  telemetry({ fields }: Telemetry): void {
    if (this.relayProven === null || !fields.has('f.10')) return
    this.#closed = isOn(fields.get('f.10')) && this.#raw !== undefined
    if (this.#closed || this.#heldOpen(fields)) this.#openSince = undefined
    else this.#openSince ??= this.#options.clock.monotonic()
    if (this.#told || this.#closed || this.relayProven) return
    this.#told = true
    const { logger, serial } = this.#options
    logger.warn(
      { serial },
      'This D2W has not shown yet which value of its parameter 119 switches it on, and its documents contradict each other. Until its relay is closed, relay follows the table in the document. devices[].relay_on_value decides it at once.',
    )
  }

  /** @throws BridgeError `NOT_APPLIED` when the settings and the device contradict each other */
  guard(): void {
    if (!this.#contradicted) return
    throw new BridgeError(
      'NOT_APPLIED',
      `Nothing was sent: according to devices[].relay_on_value this D2W is switched off, but its relay is closed. The command would do the opposite. Remove that setting or reverse it.`,
    )
  }

  /** The relay was told to switch; the write is done. */
  asked(on: boolean): void {
    if (this.relayProven === false) this.#wish = { on, raw: this.#raw }
  }

  /** What the relay was told and, as has turned out since, does not do; undefined for nothing. Tells it once. */
  unfulfilled(): boolean | undefined {
    const wish = this.#wish
    const shown = this.relayProven || this.#options.profile.learned[LEARNED.relayOnLikely] !== undefined
    if (!wish || !shown) return undefined
    const done = this.#options.readings.value('relay') === wish.on
    // What is only likely may still turn out otherwise.
    if (!done || this.relayProven) this.#wish = undefined
    return done ? undefined : wish.on
  }

  learnUnit(unit: 'second' | 'tenth'): void {
    this.#options.profile.learn(LEARNED.lowVoltageUnit, unit === 'tenth' ? 10 : 1)
    this.#understand()
  }

  get #fixed(): number | null {
    const value = this.#decided?.relayOnValue ?? null
    return value === null ? null : Number(value)
  }

  get #onBySight(): number | undefined {
    return this.#options.profile.learned[LEARNED.relayOn]
  }

  /** 119 is what it was before the telemetry in between. */
  #conclude(raw: number): void {
    if (this.#closed) this.#seenClosed(raw)
    const { clock, profile, readings } = this.#options
    const { learned } = profile
    const delay = (readings.number('switch_on_delay') ?? LONGEST_DELAY) + MARGIN
    const open = this.#openSince !== undefined && clock.monotonic() - this.#openSince >= delay * 1_000
    if (open && learned[LEARNED.relayOn] === undefined && learned[LEARNED.relayOnLikely] === undefined) {
      profile.learn(LEARNED.relayOnLikely, 1 - raw)
    }
  }

  #seenClosed(raw: number): void {
    const { logger, profile, serial } = this.#options
    if (this.#onBySight !== raw) {
      profile.learn(LEARNED.relayOn, raw)
      logger.info({ serial, on: raw === 1 }, 'This D2W has shown which value of its parameter 119 switches it on')
    }
    const contradicted = this.#fixed !== null && this.#fixed !== raw
    if (contradicted && !this.#contradicted) {
      logger.warn(
        { serial },
        'devices[].relay_on_value of this D2W is wrong: its relay is closed with the other value of 119. Commands to it are refused until that setting is removed or reversed.',
      )
    }
    this.#contradicted = contradicted
  }

  #heldOpen(fields: ReadonlyMap<string, string>): boolean {
    const number = (field: string) => Number(fields.get(field) ?? Number.NaN)
    if (HOLDING_OPEN.some((field) => isOn(fields.get(field))) || number('m.10') > 0) return true
    const volts = number('u.15')
    return !(volts <= number('u.13') - NEAR_A_LIMIT && volts >= number('u.14') + NEAR_A_LIMIT)
  }

  #understand(): void {
    const { profile, readings } = this.#options
    const { learned } = profile
    const on = this.#fixed ?? learned[LEARNED.relayOn] ?? learned[LEARNED.relayOnLikely] ?? ON_BY_TABLE
    const unit = this.#decided?.lowVoltageUnit ?? (learned[LEARNED.lowVoltageUnit] === 1 ? 'second' : 'tenth')
    readings.understand('relay', on !== ON_BY_TABLE)
    readings.understand('low_voltage_time', unit === 'second')
  }
}

const isOn = (raw: string | undefined): boolean => raw === '1' || raw === 'true'
