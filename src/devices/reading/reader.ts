/** Decides what to read from a device, takes in what it says, and draws the conclusions. */
import { type Kind, kindOf, kindOfTelemetry, type Model } from '../../catalog/index.ts'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { ParameterList, Telemetry } from '../../protocol/replies.ts'
import { ClockReads } from '../clock/reads.ts'
import { choose, isCertain, lessonsOf } from '../facts/model.ts'
import { believable } from '../facts/owner.ts'
import type { Identity } from '../facts/profile.ts'
import type { Source } from '../facts/readings.ts'
import type { Rows } from '../facts/rows.ts'
import type { DeviceLink, Said } from '../link/link.ts'
import type { Facts } from '../state/facts.ts'
import { ParameterReads } from './parameter-reads.ts'

/** Telemetry fields that follow a parameter: when one of them changes, the parameters are read again. */
const FOLLOWS = /^(m\.[0135]|f\.1[06]|t\.5|u\.1[34]|par\.\d+)$/

type Fields = ReadonlyMap<string, string>

/** Whether any of these fields has changed, appeared or gone. */
function followedChanged(before: Fields, fields: Fields): boolean {
  for (const [field, raw] of fields) if (before.get(field) !== raw && FOLLOWS.test(field)) return true
  for (const field of before.keys()) if (!fields.has(field) && FOLLOWS.test(field)) return true
  return false
}

const NAMES: Readonly<Record<Kind, string>> = {
  thermostat: 'thermostat',
  relay: 'relay',
  voltage_relay: 'voltage relay',
}

export interface ReaderOptions {
  readonly clock: Clock
  readonly facts: Facts
  /** The indexed rows of a model. */
  readonly rows: (model: Model) => Rows
}

export class Reader {
  readonly #options: ReaderOptions
  readonly #facts: Facts
  readonly #parameters: ParameterReads
  readonly #clockReads: ClockReads
  readonly #listeners: (() => void)[] = []
  /** The last telemetry; undefined before the first. */
  #fields: Fields | undefined
  /** Whether the device's telemetry tells its clock. */
  #saysTime = false

  constructor(options: ReaderOptions) {
    this.#options = options
    this.#facts = options.facts
    this.#parameters = new ParameterReads({ clock: options.clock, read: (link) => this.#readParameters(link) })
    this.#clockReads = new ClockReads(options)
  }

  get model(): Model {
    return this.#facts.readings.rows.model
  }

  /** Why the last reading of the parameters failed although the device answers; null when it succeeded. */
  get silence(): BridgeError | null {
    return this.#parameters.silence
  }

  /** Calls `listener` after each reading of the device. Listeners are called in the order in which they were added. */
  listen(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Makes the parameters due at the next opportunity. */
  expire(): void {
    this.#parameters.expire()
  }

  /** Makes clock and zone due at the next opportunity: they were set. */
  expireClock(): void {
    this.#clockReads.expire()
  }

  /** Reads the telemetry, and the parameters when they are due or may have changed; then calls the listeners. */
  async read(link: DeviceLink): Promise<void> {
    const before = this.model
    const { due } = this.#parameters
    if (due) await this.#parameters.attempt(link)
    const changed = await this.readTelemetry(link)
    this.#parameters.answered()
    const wanted = (changed && !due) || this.#facts.disputes.wantsParameters
    if (wanted && !this.silence) await this.#parameters.attempt(link)
    this.#facts.unreadable = this.#parameters.unreadable
    await this.#clockReads.read(link, this.#saysTime)
    this.conclude(before)
    this.#facts.clock.look(this.#options.clock.now())
    for (const listener of this.#listeners) listener()
  }

  /** Reads the telemetry alone; returns whether a field that follows a parameter has changed since the last time. */
  async readTelemetry(link: DeviceLink): Promise<boolean> {
    const asked = this.#now()
    return this.takeTelemetry(await link.readTelemetry(), asked)
  }

  /** Takes in what became known elsewhere: name and version from the account, the `hw`, another source. */
  identify(news: Partial<Pick<Identity, 'hw' | 'name' | 'firmware' | 'sources'>>): void {
    const { profile, readings } = this.#facts
    const hw = believable(news.hw, readings.types) ?? profile.hw
    if (!profile.update({ ...news, hw })) return
    if (this.#chooseModel()) profile.forgetFeatures()
    profile.tell()
  }

  /** Takes in what the device answered to another request, unless it is empty or from another kind of device. */
  takeSaid({ parameters, at }: Said, link: DeviceLink): void {
    const kind = kindOf(parameters)
    const foreign = kind !== undefined && kind !== this.model.kind && isCertain(this.#facts)
    if (parameters.size === 0 || foreign) return
    const before = this.model
    link.note(parameters)
    this.takeParameters(parameters, { at })
    this.#parameters.done(at)
    this.#facts.unreadable = null
    this.conclude(before)
  }

  /** @throws BridgeError `DEVICE_BAD_REPLY` when the parameters are those of another kind of device; none are taken in */
  takeParameters(parameters: ParameterList, source: Source = this.#now()): void {
    const { readings, disputes } = this.#facts
    this.#checkKind(kindOf(parameters))
    readings.applyParameters(parameters, source)
    if (this.#chooseModel()) readings.applyParameters(parameters, source)
    disputes.parameters(parameters)
  }

  /**
   * Returns whether a field that follows a parameter has changed since the last telemetry.
   * @throws BridgeError `DEVICE_BAD_REPLY` when the telemetry is that of another kind of device; none of it is taken in
   */
  takeTelemetry(telemetry: Telemetry, source: Source = this.#now()): boolean {
    const { readings, disputes, energy } = this.#facts
    this.#checkKind(kindOfTelemetry(telemetry.fields))
    readings.applyTelemetry(telemetry, source)
    disputes.telemetry(telemetry)
    this.#saysTime = telemetry.time !== undefined
    energy?.take(readings, telemetry.time)
    const changed = this.#fields !== undefined && followedChanged(this.#fields, telemetry.fields)
    this.#fields = telemetry.fields
    return changed
  }

  /** Draws the conclusions from what was just taken in. @param before the model that the device was taken for until then */
  conclude(before: Model): void {
    const { profile, readings } = this.#facts
    if (before !== this.model) profile.forgetFeatures()
    // The device never says who it is, so after a restart only its dialect identifies it.
    if (this.model.dialect === 'object' && profile.hw === null) this.identify({ hw: this.model.id })
    for (const [key, raw] of lessonsOf(readings)) profile.learn(key, raw)
  }

  #checkKind(kind: Kind | undefined): void {
    if (kind === undefined || kind === this.model.kind || !isCertain(this.#facts)) return
    throw new BridgeError(
      'DEVICE_BAD_REPLY',
      `The answer is from a ${NAMES[kind]}, but the device is a ${NAMES[this.model.kind]}. Check that the address is right; if the device was replaced by another, forget the old one.`,
      { details: { reason: 'other_kind' } },
    )
  }

  /** Chooses the model again, now that more is known; returns whether it is another one. */
  #chooseModel(): boolean {
    const { profile, readings } = this.#facts
    const model = choose(profile, readings.types)
    if (model.id === this.model.id) return false
    readings.reinterpret(this.#options.rows(model))
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
