import type { Quirks } from '../quirks.ts'
import type { DeviceClock } from './clock.ts'
import type { VirtualModel } from './models.ts'
import { ID, type Parameters } from './parameters.ts'
import { PERIODS_A_DAY, Schedule } from './schedule.ts'

/** `m.1`. */
export const MODE = { schedule: 0, standby: 1, manual: 3, away: 4, temporary: 5, timer: 6 } as const
export type ModeInForce = (typeof MODE)[keyof typeof MODE]

export interface InForce {
  readonly mode: ModeInForce
  /** °C; ±Infinity for a load that is always on or always off. */
  readonly setpoint: number
}

/** The parameter value that stands for always on, and its negative for always off, on models that know them. */
const ALWAYS = 127

/** `m.6` when no mode follows. */
const NOTHING_FOLLOWS = 255

/** Decides which mode and setpoint are in force at a moment of the device's clock. */
export class Controller {
  readonly #model: VirtualModel
  readonly #parameters: Parameters
  readonly #clock: DeviceClock
  readonly floor = new Schedule()
  readonly air = new Schedule()
  /** Device time at which the temporary setpoint ends. */
  #temporaryUntil: number | undefined
  /** OZ: the unit waits with the load off until somebody presses a button. */
  standby = false

  readonly #quirks: Pick<Quirks, 'scheduleAlways'>

  constructor(options: {
    model: VirtualModel
    parameters: Parameters
    clock: DeviceClock
    quirks: Pick<Quirks, 'scheduleAlways'>
  }) {
    this.#quirks = options.quirks
    this.#model = options.model
    this.#parameters = options.parameters
    this.#clock = options.clock
  }

  /** What is in force at `time`, in seconds of the device's clock. */
  inForce(time: number): InForce {
    const mode = this.#mode(time)
    return { mode, setpoint: this.#setpoint(mode, time) }
  }

  /** `m.2`: the number of the schedule's current period. */
  periodNumber(time: number): number {
    const { day, index } = this.#schedule().at(this.#clock.local(time))
    if (this.#model.periodNumbers === 'by-day') return day * PERIODS_A_DAY + index
    return this.#schedule().periodsBefore(day) + index
  }

  /** The next period of the schedule: °C (±Infinity for always on and always off), and seconds until it begins. */
  next(time: number): { readonly temperature: number; readonly left: number } {
    const local = this.#clock.local(time)
    const { left } = this.#schedule().at(local)
    return { left, temperature: this.#scheduled(local + left + 1) }
  }

  /** `m.6`: the mode that follows a timer, an away or a standby. */
  following(time: number): number {
    const mode = this.#mode(time)
    if (mode !== MODE.timer && mode !== MODE.away && mode !== MODE.standby) return NOTHING_FOLLOWS
    return this.#mode(time, mode)
  }

  /** Seconds left of the timer. */
  timerLeft(time: number): number {
    return Math.max(this.#parameters.get(ID.timerEnd) - this.#clock.utc(time), 0)
  }

  /** Parameter 31: the setpoint in force in the units of the wire. */
  current(time: number): number {
    const { setpoint } = this.inForce(time)
    if (!Number.isFinite(setpoint)) return Math.sign(setpoint) * ALWAYS
    return Math.round(setpoint * this.#parameters.scale(ID.current))
  }

  /** Puts a temporary setpoint in force until the schedule's next period. 0 ends it. */
  startTemporary(value: number, time: number): void {
    this.#parameters.set(ID.temporary, value)
    this.#temporaryUntil = value === 0 ? undefined : time + this.#schedule().at(this.#clock.local(time)).left
  }

  endTemporary(): void {
    if (this.#temporaryUntil === undefined) return
    this.#temporaryUntil = undefined
    this.#parameters.set(ID.temporary, 0)
  }

  /** Forgets what has ended by `time`. */
  settle(time: number): void {
    if (this.#temporaryUntil !== undefined && time >= this.#temporaryUntil) this.endTemporary()
  }

  /** The parameter that a write to 31 changes; undefined when the mode in force has none. */
  currentTarget(time: number): number | undefined {
    const air = this.#parameters.sensor() === 'air'
    switch (this.#mode(time)) {
      case MODE.manual:
        return air ? ID.manualAir : ID.manualFloor
      case MODE.away:
        return air ? ID.awayAir : ID.awayFloor
      case MODE.schedule:
      case MODE.temporary:
        return ID.temporary
      case MODE.timer:
        return ID.timerSetpoint
      default:
        return undefined
    }
  }

  /** The mode in force. @param ended a mode to ignore */
  #mode(time: number, ended?: ModeInForce): ModeInForce {
    const { away } = this.#model
    const now = away.utc ? this.#clock.utc(time) : time
    const absent = this.#parameters.get(away.start) <= now && now < this.#parameters.get(away.end)
    if (this.standby && ended !== MODE.standby) return MODE.standby
    if (absent && ended !== MODE.away) return MODE.away
    if (this.#parameters.has(ID.timerEnd) && this.timerLeft(time) > 0 && ended !== MODE.timer) return MODE.timer
    if (this.#parameters.get(ID.mode) !== 0) return MODE.manual
    if (this.#temporaryUntil !== undefined && time < this.#temporaryUntil) return MODE.temporary
    return MODE.schedule
  }

  #setpoint(mode: ModeInForce, time: number): number {
    const air = this.#parameters.sensor() === 'air'
    switch (mode) {
      case MODE.away:
        return this.#parameters.degrees(air ? ID.awayAir : ID.awayFloor)
      case MODE.timer:
        return this.#parameters.degrees(ID.timerSetpoint)
      case MODE.temporary:
        return this.#temporary()
      case MODE.schedule:
        return this.#scheduled(this.#clock.local(time))
      default:
        return this.#parameters.degrees(air ? ID.manualAir : ID.manualFloor)
    }
  }

  #temporary(): number {
    const value = this.#parameters.get(ID.temporary)
    return isOnOff(value) ? this.#orAlways(value) : this.#parameters.degrees(ID.temporary)
  }

  /** °C of the schedule's period at a local time; ±Infinity for always on and always off. */
  #scheduled(local: number): number {
    const { temperature } = this.#schedule().at(local)
    const always = this.#model.onOffSetpoints && Math.round(Math.abs(temperature) * 10) === this.#quirks.scheduleAlways
    return always ? Math.sign(temperature) * Number.POSITIVE_INFINITY : temperature
  }

  #orAlways(setpoint: number): number {
    return this.#model.onOffSetpoints && isOnOff(setpoint) ? Math.sign(setpoint) * Number.POSITIVE_INFINITY : setpoint
  }

  #schedule(): Schedule {
    return this.#model.airSchedule && this.#parameters.sensor() === 'air' ? this.air : this.floor
  }
}

/** Whether `value` is one of the two values for always on and always off. */
export function isOnOff(value: number): boolean {
  return Math.abs(value) === ALWAYS
}
