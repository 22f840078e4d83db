/** A virtual thermostat without its network: parameters, clock, room, and how it answers requests. */
import type { Clock } from '../../core/clock.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import type { Quirks } from '../quirks.ts'
import { DeviceClock } from './clock.ts'
import { Controller } from './controller.ts'
import { Functions } from './functions.ts'
import { Gate } from './gate.ts'
import type { VirtualModel } from './models.ts'
import { ID, Parameters, type WireRow } from './parameters.ts'
import { readDay } from './schedule.ts'
import { beaconDisplay, fillTelemetry, type TelemetrySource } from './telemetry.ts'
import { type Demand, Thermal } from './thermal.ts'
import { applyRows } from './writes.ts'

export type Lock = 'none' | 'cloud' | 'lan' | 'both'

export interface DeviceOptions {
  readonly serial: string
  readonly model: VirtualModel
  readonly clock: Clock
  readonly key: string
  readonly counterBase: '2000' | 'unix'
  readonly clockDrift: number
  readonly clockOffset: number
  readonly utcOffset: number
  readonly clockCounts: 'utc' | 'local'
  readonly lock: Lock | undefined
  /** W that the load draws; undefined: the value of parameter 17. */
  readonly ratedPower: number | undefined
  readonly floor: number
  readonly air: number
  readonly outdoor: number
  readonly wifi: number
  readonly quirks: Quirks
}

/** How a request came. Only requests over the LAN need a signature while the unit is locked for the LAN. */
export type Network = 'lan' | 'mqtt'

/** The result of a request. `reply` is the JSON to answer with. */
export interface Outcome {
  readonly reply: unknown
  readonly write: boolean
  /** Whether the whole request was accepted. */
  readonly accepted: boolean
  /** Why the request was not accepted; empty when it was. */
  readonly reason: string
  readonly signed: boolean
}

/** W for a value of parameter 17, by its formula read as continuous. */
export const wattsOf = (units: number): number => (units <= 150 ? units * 10 : units * 20 - 1500)

/** The value of parameter 17 for W. */
export const unitsOf = (watts: number): number => Math.round(watts <= 1500 ? watts / 10 : (watts + 1500) / 20)

/** W of a load whose power the device was never given (parameter 17 is 0). */
const UNTOLD_POWER = 1000

/** A thermostat except for its network: what it holds, and how it answers requests. */
export class Device implements TelemetrySource {
  readonly serial: string
  readonly model: VirtualModel
  readonly clock: DeviceClock
  readonly gate: Gate
  readonly controller: Controller
  readonly thermal: Thermal
  readonly functions: Functions
  readonly parameters: Parameters
  readonly quirks: Quirks
  /** Numbers of the `f.` fields that are shown as set, whatever the unit does. 3: no floor sensor; 5: no air sensor. */
  readonly faults = new Set<number>()
  restartReason: string
  wifi: number
  /** W while the load is on; undefined: the value of parameter 17. */
  ratedPower: number | undefined
  #advancedTo: number

  constructor(options: DeviceOptions) {
    this.serial = options.serial
    this.model = options.model
    this.quirks = options.quirks
    this.clock = new DeviceClock({
      clock: options.clock,
      drift: options.clockDrift,
      offset: options.clockOffset,
      utcOffset: options.utcOffset,
      counts: options.clockCounts,
    })
    this.gate = new Gate({ clock: this.clock, key: options.key, counterBase: options.counterBase })
    this.parameters = new Parameters(options.model)
    this.controller = new Controller({ ...options, parameters: this.parameters, clock: this.clock })
    this.thermal = new Thermal({ floor: options.floor, air: options.air, outdoor: options.outdoor })
    this.functions = new Functions({
      parameters: this.parameters,
      controller: this.controller,
      thermal: this.thermal,
      clock: this.clock,
      airSensor: options.model.airSensor,
    })
    this.restartReason = options.model.restartReason.power
    this.wifi = options.wifi
    this.ratedPower = options.ratedPower
    if (options.ratedPower !== undefined) this.parameters.set(ID.power, unitsOf(options.ratedPower))
    if (options.lock) this.setLock(options.lock)
    this.#advancedTo = this.clock.seconds()
    this.advance()
  }

  get lock(): Lock {
    const lan = this.parameters.flag(ID.lanLock)
    if (this.parameters.flag(ID.cloudLock)) return lan ? 'both' : 'cloud'
    return lan ? 'lan' : 'none'
  }

  setLock(lock: Lock): void {
    this.parameters.set(ID.lanLock, lock === 'lan' || lock === 'both' ? 1 : 0)
    this.parameters.set(ID.cloudLock, lock === 'cloud' || lock === 'both' ? 1 : 0)
  }

  /** Advances the device by the time since the last call. */
  advance(): void {
    const now = this.clock.seconds()
    this.thermal.advance(now - this.#advancedTo, (left) => this.#demand(now - left))
    this.#advancedTo = now
    this.functions.advance(now)
    this.controller.settle(now)
  }

  /** Carries out a request. */
  handle(body: unknown, from: Network = 'lan'): Outcome {
    this.advance()
    if (!isObject(body)) return { reply: {}, write: false, accepted: false, reason: 'not a JSON object', signed: false }
    const signed = body.auth !== undefined
    if (body.cmd === 5 || body.cmd === 6) return { ...this.#reset(body, body.cmd, from), write: true, signed }
    if (body.cmd !== undefined) return { ...this.#read(body.cmd), write: false, signed }
    const outcome = this.#write(body, from)
    if (outcome.accepted) this.advance()
    return { ...outcome, write: true, signed }
  }

  /** What the display shows; the beacon repeats it. */
  display(): string {
    this.advance()
    return beaconDisplay(this)
  }

  setLocally(id: number, value: number): void {
    // Choosing a mode, or clearing a temporary setpoint, ends that setpoint.
    if (id === ID.mode || (id === ID.temporary && value === 0)) this.controller.endTemporary()
    if (id === ID.temporary && value !== 0) this.controller.startTemporary(value, this.clock.seconds())
    else this.parameters.set(id, value)
  }

  meter(): number {
    return this.thermal.meter
  }

  parameterList(): WireRow[] {
    const now = this.clock.seconds()
    const rows: WireRow[] = []
    for (const id of this.parameters.ids()) {
      rows.push([id, this.parameters.type(id) ?? 0, String(this.#shown(id, now))])
    }
    return rows
  }

  #shown(id: number, now: number): number {
    if (id === ID.current) return this.controller.current(now)
    const value = this.parameters.get(id)
    return id === ID.mode && value !== 0 ? this.quirks.manualCode : value
  }

  #read(cmd: unknown): { reply: JsonObject; accepted: boolean; reason: string } {
    const known = (reply: JsonObject) => ({ reply: { sn: this.serial, ...reply }, accepted: true, reason: '' })
    if (cmd === 1) return known({ par: this.parameterList() })
    if (cmd === 2) return known({ tt: this.controller.floor.wire() })
    if (cmd === 3) return known(this.quirks.answersTime ? this.#time() : {})
    if (cmd === 4) return known(fillTelemetry(this))
    if (cmd === 10 && this.model.airSchedule) return known({ ttAir: this.controller.air.wire() })
    return { reply: { sn: this.serial }, accepted: false, reason: `no such command: ${String(cmd)}` }
  }

  #time(): JsonObject {
    const time = String(Math.floor(this.clock.seconds()))
    return this.model.tellsZone ? { time, tzone: String(this.clock.utcOffset) } : { time }
  }

  #reset(body: JsonObject, cmd: 5 | 6, from: Network): { reply: unknown; accepted: boolean; reason: string } {
    const refused = this.#refuse(body, 'cmd', from)
    if (refused) return this.#refusal(refused)
    if (cmd === 6) {
      this.controller.floor.reset()
      this.controller.air.reset()
      return { reply: { sn: this.serial, tt: this.controller.floor.wire() }, accepted: true, reason: '' }
    }
    const lock = this.lock
    for (const [id, , value] of this.model.parameters) this.parameters.set(id, value)
    this.setLock(lock)
    this.controller.endTemporary()
    this.functions.reset()
    return { reply: { sn: this.serial, par: this.parameterList() }, accepted: true, reason: '' }
  }

  #write(body: JsonObject, from: Network): { reply: unknown; accepted: boolean; reason: string } {
    const parts = ['par', 'tt', 'ttAir'].filter((key) => key in body)
    const data = parts[0] ?? (body.time === undefined && body.tzone === undefined ? undefined : 'time')
    if (data === undefined) return { reply: {}, accepted: false, reason: 'nothing asked for' }
    const refused = this.#refuse(body, data, from)
    if (refused) return this.#refusal(refused)
    if (parts.length > 1) return this.#acknowledge({ par: this.parameterList() }, 'several things in one request')
    if (data === 'par') return this.#writeParameters(body.par)
    if (data === 'time') return this.#setClock(body)
    return this.#writeSchedule(data === 'tt' ? 'tt' : 'ttAir', body[data])
  }

  #writeParameters(par: unknown) {
    const now = this.clock.seconds()
    const reason = applyRows(par, { device: this, now })
    this.advance()
    return this.#acknowledge({ par: this.parameterList() }, reason)
  }

  #writeSchedule(key: 'tt' | 'ttAir', value: unknown) {
    const air = key === 'ttAir'
    const schedule = air ? this.controller.air : this.controller.floor
    if (air && !this.model.airSchedule) return this.#acknowledge({}, 'no air sensor')
    const sensor = this.model.airSchedule ? (air ? 'air' : 'floor') : this.parameters.sensor()
    const always = this.model.onOffSetpoints ? this.quirks.scheduleAlways : undefined
    const day = readDay(value, this.parameters.limits(sensor), always)
    if (typeof day === 'string') return this.#acknowledge({ [key]: schedule.wire() }, day)
    schedule.setDay(day.day, day.periods)
    return this.#acknowledge({ [key]: schedule.wire() }, '')
  }

  #setClock(body: JsonObject) {
    const { time, tzone } = body
    if (tzone !== undefined && !(typeof tzone === 'string' && /^-?\d{1,2}$/.test(tzone))) {
      return this.#acknowledge(this.#time(), 'tzone is not a string of hours')
    }
    if (time !== undefined && !(typeof time === 'string' && /^\d{1,10}$/.test(time))) {
      return this.#acknowledge(this.#time(), 'time is not a string of seconds')
    }
    if (this.quirks.ignoreClock) return this.#acknowledge(this.#time(), '')
    if (typeof tzone === 'string') this.clock.utcOffset = Number(tzone)
    if (typeof time === 'string') {
      this.functions.clockSet(Number(time) - this.clock.seconds())
      this.clock.set(Number(time))
    }
    this.#advancedTo = this.clock.seconds()
    return this.#acknowledge(this.#time(), '')
  }

  #refuse(body: JsonObject, data: string, from: Network): string | undefined {
    if (body.sn !== this.serial) return body.sn === undefined ? 'sn is missing' : 'sn of another device'
    if (this.lock === 'both') return 'locked for every network'
    if (this.lock !== 'lan' || from === 'mqtt') return undefined
    return this.gate.refuse(body, data, this.quirks.refuseReplayedCodes)
  }

  #refusal(reason: string) {
    const replies = {
      block: { success: 'block' },
      'block-with-sn': { sn: this.serial, success: 'block' },
      silent: { success: 'true' },
    }
    return { reply: replies[this.quirks.refusal], accepted: false, reason }
  }

  #acknowledge(full: JsonObject, reason: string) {
    const reply = this.quirks.acknowledgement === 'short' ? { success: 'true' } : { sn: this.serial, ...full }
    return { reply, accepted: reason === '', reason }
  }

  #demand(time: number): Demand {
    const { parameters } = this
    const { mode, setpoint } = this.controller.inForce(time)
    const sensor = parameters.sensor()
    const held = this.faults.has(9) || this.functions.windowOpen(time)
    return {
      active: !parameters.flag(ID.off) && mode !== 1 && !held,
      setpoint:
        (this.functions.preheating(time) ?? setpoint) -
        parameters.get(sensor === 'floor' ? ID.floorCorrection : ID.airCorrection) / 10,
      sensor,
      hysteresis: parameters.get(ID.hysteresis, 10) / 10,
      cooling: parameters.flag(ID.cooling),
      floorLimits:
        parameters.get(ID.controlType) === 2
          ? [parameters.get(ID.floorMin), parameters.get(ID.floorMax, 45)]
          : undefined,
      duty: this.faults.has(sensor === 'floor' ? 3 : 5) ? parameters.get(ID.duty) : undefined,
      power: this.ratedPower ?? (wattsOf(parameters.get(ID.power)) || UNTOLD_POWER),
    }
  }
}
