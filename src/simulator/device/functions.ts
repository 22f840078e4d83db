import type { DeviceClock } from './clock.ts'
import { type Controller, MODE } from './controller.ts'
import { ID, type Parameters } from './parameters.ts'
import type { Thermal } from './thermal.ts'

/** °C by which the air falls within `WINDOW_WITHIN` seconds when somebody opens a window. */
const WINDOW_FALL = 3
const WINDOW_WITHIN = 300

/** Seconds for which an open window keeps the load off. */
const WINDOW_PAUSE = 1_800

/** Seconds that preheating reckons with for each °C, and altogether at most. */
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

/** What a thermostat does besides regulating: preheating, open windows, a long load warning, a clock set by hand. */
export class Functions {
  readonly #options: FunctionsOptions
  /** Whether it ignores the time of the cloud, since its clock was set through the LAN. */
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

  /** The temperature in °C of the period for which it preheats; undefined while it does not. */
  preheating(now: number): number | undefined {
    const { parameters, controller, thermal } = this.#options
    if (!parameters.flag(ID.preheat) || parameters.flag(ID.cooling) || parameters.flag(ID.off)) return undefined
    const { mode, setpoint } = controller.inForce(now)
    if (mode !== MODE.schedule) return undefined
    const { left, temperature } = controller.next(now)
    // Once begun it goes on until the period begins.
    if (Math.abs(now + left - this.#preheatsUntil) < 1) return temperature
    const measured = parameters.sensor() === 'floor' ? thermal.floor : thermal.air
    const needed = Math.min((temperature - measured) * PREHEAT_EACH, PREHEAT_MOST)
    if (temperature <= setpoint || !Number.isFinite(temperature) || left > needed) return undefined
    this.#preheatsUntil = now + left
    return temperature
  }

  /**
   * The clock was set through the LAN. One that was more than a day off follows the cloud again (Welrok OZ, "Time").
   * @param change seconds by which it went
   */
  clockSet(change: number): void {
    this.ignoresCloud = Math.abs(change) <= DAY
  }

  /** As after a reset to factory settings. */
  reset(): void {
    this.ignoresCloud = false
    this.#windowUntil = Number.NEGATIVE_INFINITY
    this.#preheatsUntil = Number.NEGATIVE_INFINITY
  }
}
