import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { ParameterList, Telemetry } from '../../protocol/replies.ts'
import type { Profile } from './profile.ts'
import type { Readings } from './readings.ts'

/**
 * The owner's settings for one device where the vendor's documents contradict each other; null: the device's behaviour
 * decides.
 */
export interface Decided {
  /** D2W: the value of parameter 119 that switches the relay on. */
  readonly relayOnValue: boolean | null
  /** D2W: the unit of parameter 13. */
  readonly lowVoltageUnit: 'second' | 'tenth' | null
}

/** Returns undefined for a device that the settings do not name. */
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

/** The names under which the profile keeps what a device has shown. */
export const LEARNED = {
  /** The raw value of 119 with which the relay was closed. */
  relayOn: 'relay_on',
  /** The same, guessed from a relay that stays open for no known reason. */
  relayOnLikely: 'relay_on_likely',
  /** How many units of parameter 13 make a second. */
  lowVoltageUnit: 'low_voltage_unit',
} as const

/** The value that switches the relay on by D2W's table. */
const ON_BY_TABLE = 0

/** Tenths of a second in one second: up to this value, a number could be either unit. */
const AMBIGUOUS = 10

/**
 * D2W's flags for what keeps a relay open while it is switched on: overheating, the lock after it, repetitions, the voltage.
 */
const HOLDING_OPEN = ['f.0', 'f.6', 'f.12', 'f.14', 'f.15']

/** V from a limit within which the relay may still wait: more than the largest hysteresis. */
const NEAR_A_LIMIT = 6

/** Seconds; the longest delay that can be set. */
const LONGEST_DELAY = 999

/** Seconds beyond its delay for which a relay has to stay open before it is taken to be switched off. */
const MARGIN = 10

/**
 * What a device's documents leave open, and what the device itself has shown of that.
 *
 * - D2W, parameter 119: its table says that true is off; its two samples say that true is on. A closed relay is switched on,
 * whatever the documents say, so a value of 119 that is the same before and after telemetry that shows the relay closed means
 * on.
 * - D2W, parameter 13: its table says seconds from 0.1 on, but also uint32, which holds no 0.1; the vendor's list of 2019 says
 * tenths. A value above 10 is beyond the range in seconds, so it counts tenths.
 */
export class Disputes {
  readonly #options: DisputesOptions
  readonly #decided: Decided | undefined
  #raw: string | undefined
  /** Whether telemetry read since 119 was last read shows the relay closed. */
  #closed = false
  /** When the relay opened with nothing to keep it open, on the monotonic clock. */
  #openSince: number | undefined
  /** The last request to a relay that had not yet shown which value means on. */
  #wish: { readonly on: boolean; readonly raw: string | undefined } | undefined
  /** Whether the device has contradicted the settings since the start. */
  #contradicted = false
  #told = false

  constructor(options: DisputesOptions) {
    this.#options = options
    this.#decided = options.decided?.(options.serial)
    this.#understand()
  }

  /** Whether to read the parameters again: the relay is closed, and that is new for this value of 119. */
  get wantsParameters(): boolean {
    return this.#closed && !this.#contradicted && (this.#fixed ?? this.#onBySight) !== Number(this.#raw)
  }

  /** Whether it is known which value switches a D2W on; null for any other model. */
  get relayProven(): boolean | null {
    if (!this.#options.readings.rows.parameters.has(RELAY)) return null
    return this.#fixed !== null || this.#onBySight !== undefined
  }

  /** Whether the unit of parameter 13 is known. */
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

  /** The relay was told to switch, and the write is done. */
  asked(on: boolean): void {
    if (this.relayProven === false) this.#wish = { on, raw: this.#raw }
  }

  /** The state that the relay was asked for and, as has turned out since, did not take; undefined for none. Tells it once. */
  unfulfilled(): boolean | undefined {
    const wish = this.#wish
    const shown = this.relayProven || this.#options.profile.learned[LEARNED.relayOnLikely] !== undefined
    if (!wish || !shown) return undefined
    const done = this.#options.readings.value('relay') === wish.on
    // A likely conclusion may still turn out wrong.
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

  /** Called when 119 was the same before and after the telemetry in between. */
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
