import type { DeviceClock } from './clock.ts'
import { type Controller, MODE } from './controller.ts'
import { ID, type Parameters } from './parameters.ts'
import type { Thermal } from './thermal.ts'

/** °C by which the air has to fall within `WINDOW_WITHIN` seconds to be taken for an open window. */
const WINDOW_FALL = 3
const WINDOW_WITHIN = 300

/** Seconds for which an open window keeps the load off. */
const WINDOW_PAUSE = 1_800

/** Seconds of preheating per °C, and the most in all. */
const PREHEAT_EACH = 120
const PREHEAT_MOST = 7_200

const DAY = 86_400

export interface FunctionsOptions {
  readonly parameters: Parameters
  readonly controller: Controller
  readonly thermal: Thermal
  readonly clock: DeviceClock
  readonly airSensor: boolean
}

/** What a thermostat does besides regulating: preheating, open windows, the warning of a long load, a clock set by hand. */
export class Functions {
  readonly #options: FunctionsOptions
  /** Whether the device ignores the cloud's time because its clock was set over the LAN. */
  ignoresCloud = false
  #reference: { readonly at: number; readonly air: number } | undefined
  #windowUntil = Number.NEGATIVE_INFINITY
  #onSince: number | undefined
  #preheatsUntil = Number.NEGATIVE_INFINITY

  constructor(options: FunctionsOptions) {
    this.#options = options
  }

  /** Advances to `now`, in seconds of the device's clock. */
  advance(now: number): void {
    const { thermal, parameters, airSensor } = this.#options
    this.#onSince = thermal.load ? (this.#onSince ?? now) : undefined
    const { air } = thermal
    const reference = this.#reference
    if (!reference || now - reference.at > WINDOW_WITHIN || air > reference.air) this.#reference = { at: now, air }
    else if (airSensor && parameters.flag(ID.window) && reference.air - air >= WINDOW_FALL) {
      this.#windowUntil = now + WINDOW_PAUSE
      this.#reference = { at: now, air }
    }
  }

  windowOpen(now: number): boolean {
    return now < this.#windowUntil && this.#options.parameters.flag(ID.window)
  }

  /** Whether the load has been on for longer than the warning time. */
  onForLong(now: number): boolean {
    const hours = this.#options.parameters.get(ID.warningHours)
    return hours > 0 && this.#onSince !== undefined && now - this.#onSince >= hours * 3600
  }

  /** °C of the period that the device preheats for; undefined while it does not preheat. */
  preheating(now: number): number | undefined {
    const { parameters, controller, thermal } = this.#options
    if (!parameters.flag(ID.preheat) || parameters.flag(ID.cooling) || parameters.flag(ID.off)) return undefined
    const { mode, setpoint } = controller.inForce(now)
    if (mode !== MODE.schedule) return undefined
    const { left, temperature } = controller.next(now)
    // Once begun, preheating goes on until the period begins.
    if (Math.abs(now + left - this.#preheatsUntil) < 1) return temperature
    const measured = parameters.sensor() === 'floor' ? thermal.floor : thermal.air
    const needed = Math.min((temperature - measured) * PREHEAT_EACH, PREHEAT_MOST)
    if (temperature <= setpoint || !Number.isFinite(temperature) || left > needed) return undefined
    this.#preheatsUntil = now + left
    return temperature
  }

  /**
   * The clock was set over the LAN. A clock that was more than a day off follows the cloud again (Welrok OZ, "Time").
   * @param change seconds by which the clock moved
   */
  clockSet(change: number): void {
    this.ignoresCloud = Math.abs(change) <= DAY
  }

  /** Resets the functions, as after a factory reset. */
  reset(): void {
    this.ignoresCloud = false
    this.#windowUntil = Number.NEGATIVE_INFINITY
    this.#preheatsUntil = Number.NEGATIVE_INFINITY
  }
}
