/** Who one device is and what was learned of it. Kept across restarts. */
import type { Shared } from '../../core/shared.ts'
import type { DeviceAddress } from '../link/link.ts'
import type { CounterBase } from '../ports.ts'
import { firmwareBySilence } from './firmware.ts'

const BOOST_MINUTES = 60

/** The name under which the profile keeps that a unit takes less than the maximum of its row. */
export const learnedMax = (key: string): string => `${key}_max`

/** Who a device is, and what was learned about it. */
export interface Identity {
  readonly serial: string
  readonly hw: string | null
  readonly name: string | null
  /** The version of its firmware, as its account lists it. */
  readonly firmware?: string | null
  readonly counterBase: CounterBase | null
  /** The address that last took a signed command. */
  readonly proven?: DeviceAddress | null
  readonly learned: Readonly<Record<string, number>>
  readonly features: readonly string[]
  readonly sources: readonly string[]
}

/** What a completed command says about later boosts; undefined leaves it unchanged, null takes it back. */
interface BoostsToCome {
  readonly boostMinutes: number | undefined
  readonly boostSetpoint: number | null | undefined
}

/** What is known of one device apart from its state. Kept across restarts; `onChange` hears of each change. */
export class Profile {
  readonly #onChange: () => void
  readonly #shared: Shared<ReadonlySet<string>>
  #self: Omit<Identity, 'features'>
  #features: ReadonlySet<string>

  constructor({ features, ...self }: Identity, onChange: () => void, shared: Shared<ReadonlySet<string>>) {
    this.#self = self
    this.#onChange = onChange
    this.#shared = shared
    this.#features = this.#set(features)
  }

  get identity(): Identity {
    return { ...this.#self, features: [...this.#features] }
  }

  /** The identity without the features, which then need not be copied. */
  get self(): Omit<Identity, 'features'> {
    return this.#self
  }

  get hw(): string | null {
    return this.#self.hw
  }

  /** The firmware as the account lists it, else as the device shows it. */
  get firmware(): string | null {
    return this.#self.firmware ?? firmwareBySilence(this.learned)
  }

  get learned(): Readonly<Record<string, number>> {
    return this.#self.learned
  }

  /** The keys of the state that the device has shown to have. */
  get features(): ReadonlySet<string> {
    return this.#features
  }

  /** How long the next boost lasts. */
  get boostMinutes(): number {
    return this.learned.boost_minutes ?? BOOST_MINUTES
  }

  /** °C of boosts timed by the bridge; null while nobody has set one. */
  get boostSetpoint(): number | null {
    return this.learned.timer_setpoint ?? null
  }

  learnBoost({ boostMinutes, boostSetpoint }: BoostsToCome): void {
    if (boostMinutes !== undefined) this.learn('boost_minutes', boostMinutes)
    if (typeof boostSetpoint === 'number') this.learn('timer_setpoint', boostSetpoint)
    if (boostSetpoint !== null || this.boostSetpoint === null) return
    const { timer_setpoint: _, ...learned } = this.learned
    this.set({ learned })
  }

  /** Takes in news; returns whether any of it was new. The caller calls `tell` after drawing its own conclusions. */
  update(news: Partial<Omit<Identity, 'features'>>): boolean {
    const before = JSON.stringify(this.#self)
    this.#self = { ...this.#self, ...news }
    return JSON.stringify(this.#self) !== before
  }

  /** Tells that the profile has changed. */
  tell(): void {
    this.#onChange()
  }

  set(news: Partial<Omit<Identity, 'features'>>): void {
    if (this.update(news)) this.#onChange()
  }

  learn(key: string, value: number): void {
    if (this.learned[key] !== value) this.set({ learned: { ...this.learned, [key]: value } })
  }

  /** Adds features. They stay once seen: a unit that is off leaves some out, and its entities must not come and go. */
  grow(features: readonly string[] | ReadonlySet<string>): void {
    for (const key of features) {
      if (this.#features.has(key)) continue
      this.#features = this.#set([...this.#features, ...features])
      this.#onChange()
      return
    }
  }

  /** Forgets the features of a device that turned out to be another model. */
  forgetFeatures(): void {
    this.#features = this.#set([])
  }

  #set(features: Iterable<string>): ReadonlySet<string> {
    const set = new Set(features)
    return this.#shared.of([...set].join(' '), () => set)
  }
}
