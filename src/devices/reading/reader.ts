import { type Kind, kindOf, kindOfTelemetry, type Model, modelNamed, modelOf } from '../../catalog/index.ts'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { ParameterList, Telemetry } from '../../protocol/replies.ts'
import { tellsZone } from '../clock/zone.ts'
import { hostZone } from '../clock/zones.ts'
import { type DecidedFor, Disputes } from '../facts/disputes.ts'
import { TELLS_NO_CLOCK } from '../facts/firmware.ts'
import type { Profile } from '../facts/profile.ts'
import { learnedMax } from '../facts/profile.ts'
import { Readings, type Rows, type Source } from '../facts/readings.ts'
import type { DeviceLink, Said } from '../link/link.ts'
import { ParameterReads } from './parameter-reads.ts'

/** The clock is asked for as often as this, in ms: clocks drift, and time zones change twice a year. */
const CLOCK_EVERY = 60 * 60_000

/** The same after it did not answer. */
const CLOCK_AGAIN = 60_000

/** Seconds by which a clock has leapt, more than any drift. */
const LEAP = 60

/** Telemetry fields that follow a parameter: when one of them changes, the parameters are read again. */
const FOLLOWS = /^(m\.[0135]|f\.1[06]|t\.5|u\.1[34]|par\.\d+)$/

const NAMES: Readonly<Record<Kind, string>> = {
  thermostat: 'thermostat',
  relay: 'relay',
  voltage_relay: 'voltage relay',
}

export interface ReaderOptions {
  readonly serial: string
  readonly clock: Clock
  readonly logger: Logger
  /** What the device calls itself, and what was learned of it. */
  readonly profile: Pick<Profile, 'hw' | 'learned' | 'learn'>
  /** What the settings say where its documents contradict each other. */
  readonly decided?: DecidedFor | undefined
  readonly rows: (model: Model) => Rows
  /** A telemetry was taken in. */
  readonly onTelemetry: (telemetry: Telemetry) => void
}

/** Under this name the wire type of its setpoints is remembered, which tells some models apart before they answer. */
const SETPOINT_WIRE = 'setpoint_wire'

function rememberedTypes(learned: Readonly<Record<string, number>>): ReadonlyMap<number, number> {
  const wire = learned[SETPOINT_WIRE]
  return new Map(wire === undefined ? [] : [[31, wire]])
}

/** Decides what to read of a device, and as which model to understand it. */
export class Reader {
  readonly readings: Readings
  readonly disputes: Disputes
  readonly #options: ReaderOptions
  readonly #parameters: ParameterReads
  #followed = ''
  /** Hours east of UTC; null when the device was asked and did not say. */
  #zone: number | null | undefined
  /** When its clock is asked for next, on the monotonic clock. */
  #clockDue = Number.NEGATIVE_INFINITY
  /** By how much its clock was ahead when its zone was asked for. */
  #aheadThen: number | null = null
  /** The host's zone then: when that changes, the device's may have changed as well. */
  #hostThen: number | undefined
  /** Whether its telemetry tells its clock. */
  #saysTime = false

  constructor(options: ReaderOptions) {
    this.#options = options
    const { hw, learned } = options.profile
    this.readings = new Readings(options.rows(modelOf(hw, rememberedTypes(learned))))
    this.disputes = new Disputes({ ...options, readings: this.readings })
    this.#parameters = new ParameterReads({ clock: options.clock, read: (link) => this.#readParameters(link) })
  }

  get model(): Model {
    return this.readings.rows.model
  }

  /** Hours that the device's clock is east of UTC, where it says so. */
  get zone(): number | undefined {
    return this.#zone ?? undefined
  }

  /** Has the parameters read at the next opportunity. */
  expire(): void {
    this.#parameters.expire()
  }

  /** Has its clock and zone read at the next opportunity: they were set. */
  expireClock(): void {
    this.#clockDue = Number.NEGATIVE_INFINITY
  }

  /** Why the parameters could not be read when they were asked for last, though the device answers; null when they could. */
  get silence(): BridgeError | null {
    return this.#parameters.silence
  }

  /** The same, once it is no accident. */
  get unreadable(): BridgeError | null {
    return this.#parameters.unreadable
  }

  /** Reads the telemetry, and the parameters when they are due or may have changed. */
  async read(link: DeviceLink): Promise<void> {
    const { due } = this.#parameters
    if (due) await this.#parameters.attempt(link)
    const changed = await this.readTelemetry(link)
    this.#parameters.answered()
    const wanted = (changed && !due) || this.disputes.wantsParameters
    if (wanted && !this.silence) await this.#parameters.attempt(link)
    await this.#readClock(link)
  }

  /** Reads the telemetry alone; returns whether a field that follows a parameter has changed since the last. */
  async readTelemetry(link: DeviceLink): Promise<boolean> {
    const asked = this.#now()
    return this.takeTelemetry(await link.readTelemetry(), asked)
  }

  /** Asks for the clock where the telemetry does not say it, and for the zone of one that has it. */
  async #readClock(link: DeviceLink): Promise<void> {
    const { profile } = this.#options
    const ahead = link.clockOffset
    const now = this.#options.clock.monotonic()
    const told = tellsZone(this.model)
    // A clock that has leapt may have been put forward or back, and its zone with it.
    const leapt = told && ahead !== null && Math.abs(ahead - (this.#aheadThen ?? ahead)) > LEAP
    const host = hostZone(this.#options.clock.now())
    const summer = told && host !== (this.#hostThen ?? host)
    const wanted = told || !this.#saysTime
    // Setting it and restarting make the link forget it.
    const forgotten = ahead === null && this.#aheadThen !== null
    if (!wanted || (now < this.#clockDue && !leapt && !forgotten && !summer)) return
    this.#clockDue = now + CLOCK_EVERY
    this.#hostThen = host
    try {
      const { zone } = await link.readTime()
      if (told) this.#zone = zone ?? null
      if (profile.learned[TELLS_NO_CLOCK] === 1) profile.learn(TELLS_NO_CLOCK, 0)
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
      // What the poll was for has been read. Firmware before 2.4 answers nothing of use to `{"cmd":3}`, ever.
      if (error.code !== 'DEVICE_BAD_REPLY') this.#clockDue = now + CLOCK_AGAIN
      else if (this.model.vendor === 'Terneo') profile.learn(TELLS_NO_CLOCK, 1)
    }
    this.#aheadThen = link.clockOffset
  }

  /** Whether what kind of device it is has been said, by its beacons or by itself. */
  get certain(): boolean {
    return modelNamed(this.#options.profile.hw) !== undefined || this.readings.types.size > 0
  }

  /** Takes in what the device answered elsewhere; returns whether that holds anything, and is of this kind of device. */
  takeSaid({ parameters, at }: Said, link: DeviceLink): boolean {
    const kind = kindOf(parameters)
    if (parameters.size === 0 || (kind !== undefined && kind !== this.model.kind && this.certain)) return false
    link.note(parameters)
    this.takeParameters(parameters, { at })
    this.#parameters.done(at)
    return true
  }

  /** @throws BridgeError `DEVICE_BAD_REPLY` when they are those of another kind of device; nothing of them is taken in */
  takeParameters(parameters: ParameterList, source: Source = this.#now()): void {
    this.#checkKind(kindOf(parameters))
    this.readings.applyParameters(parameters, source)
    if (this.chooseModel()) this.readings.applyParameters(parameters, source)
    this.disputes.parameters(parameters)
  }

  /**
   * Returns whether a field that follows a parameter has changed since the last telemetry.
   * @throws BridgeError `DEVICE_BAD_REPLY` when it is that of another kind of device; nothing of it is taken in
   */
  takeTelemetry(telemetry: Telemetry, source: Source = this.#now()): boolean {
    this.#checkKind(kindOfTelemetry(telemetry.fields))
    this.readings.applyTelemetry(telemetry, source)
    this.disputes.telemetry(telemetry)
    this.#saysTime = telemetry.time !== undefined
    this.#options.onTelemetry(telemetry)
    let followed = ''
    for (const [field, raw] of telemetry.fields) if (FOLLOWS.test(field)) followed += `${field}=${raw} `
    const changed = this.#followed !== '' && this.#followed !== followed
    this.#followed = followed
    return changed
  }

  #checkKind(kind: Kind | undefined): void {
    if (kind === undefined || kind === this.model.kind || !this.certain) return
    throw new BridgeError(
      'DEVICE_BAD_REPLY',
      `The answer is that of a ${NAMES[kind]}, but the device is a ${NAMES[this.model.kind]}. Check that the address is its own; if it was replaced by another, forget the old one.`,
      { details: { reason: 'other_kind' } },
    )
  }

  /** What is worth remembering of what was read, by name. */
  lessons(): ReadonlyMap<string, number> {
    const wire = this.readings.types.get(31) ?? this.readings.types.get(5)
    const lessons = new Map(this.readings.ambiguousLabels())
    for (const { key, max, orMax } of this.model.parameters) {
      const shown = this.readings.number(key)
      if (max === undefined || orMax === undefined || shown === undefined) continue
      if (shown > orMax) lessons.set(learnedMax(key), max)
    }
    return wire === undefined ? lessons : lessons.set(SETPOINT_WIRE, wire)
  }

  /** Picks the model anew, now that more is known of the device; returns whether it is another. */
  chooseModel(): boolean {
    const { types } = this.readings
    const { hw, learned } = this.#options.profile
    const model = modelOf(hw, types.size > 0 ? types : rememberedTypes(learned))
    if (model.id === this.model.id) return false
    this.readings.reinterpret(this.#options.rows(model))
    this.expire()
    return true
  }

  async #readParameters(link: DeviceLink): Promise<void> {
    const asked = this.#now()
    this.takeParameters(await link.readParameters(), asked)
  }

  #now(): Source {
    return { at: this.#options.clock.monotonic() }
  }
}
