import { isObject, type JsonObject } from '../../core/json.ts'
import { EPOCH_2000 } from '../totp.ts'
import { type Answer, RelayInside, type RelayInsideOptions } from './inside.ts'
import { D2W, type RelayRow } from './models.ts'
import { Protection } from './protection.ts'

const OFF = 119
const CHILD_LOCK = 126
const LOW_TIME = 13
/** Seconds. */
const LOW_TIME_MOST = 10

/** The number of overheatings at which the relay stays off. */
const OVERHEATS = 5
const BOOLEAN = 7
const DEGREES = 16

/** V of the mains by default. */
const MAINS = 230

/**
 * The voltage relay D2W. 119 = true switches it off, as its table says, or on, as its samples do (`quirks.switchesOn`). It
 * uses objects of numbers and booleans, and never identifies itself. It requires `deviceId` in each change of parameters and,
 * if locked, `sn`. Otherwise it ignores `sn`, unless that is another device's.
 */
export class D2w extends RelayInside {
  readonly model = D2W
  /** V at the terminals, before correction. */
  mains = MAINS
  readonly #protection: Protection
  #offByButton = false
  #overheats = 0
  #hot = false
  /** Whether the voltage has left its limits since the last request for telemetry. */
  #incident = false

  constructor(options: RelayInsideOptions) {
    super(options, D2W.parameters)
    if (this.quirks.switchesOn === 1) this.set(OFF, 1)
    const get = (id: number) => (id === LOW_TIME ? this.get(id) / this.#perSecond : this.get(id))
    this.#protection = new Protection({ get, since: this.clock.seconds() })
    this.advance()
  }

  /** V as the relay measures it. */
  get voltage(): number {
    return this.mains + this.get(14)
  }

  /** Presses the button: the relay switches off and on again, which also ends the lock after overheating. */
  press(): void {
    this.advance()
    if (this.get(CHILD_LOCK) === 1) return
    this.#overheats = 0
    this.#offByButton = !this.#offByButton
    this.set(OFF, Number(this.#offByButton !== (this.quirks.switchesOn === 1)))
    this.advance()
  }

  display(): string {
    this.advance()
    return String(this.voltage)
  }

  powerUp(): void {
    this.#overheats = 0
    this.#protection.restart(this.clock.seconds())
  }

  protected settle(now: number): void {
    if (!this.#off) this.#offByButton = false
    const hot = this.faults.has(0)
    if (hot && !this.#hot) this.#overheats++
    this.#hot = hot
    const before = this.#protection.trips
    this.closed = this.#protection.settle(now, {
      voltage: this.voltage,
      off: this.#off,
      overheated: hot || this.#overheatLocked,
    })
    if (this.#protection.trips > before) this.#incident = true
  }

  /** How many units of parameter 13 make a second. */
  get #perSecond(): number {
    return this.quirks.lowVoltageUnit === 'tenth' ? 10 : 1
  }

  get #off(): boolean {
    return this.get(OFF) !== this.quirks.switchesOn
  }

  get #overheatLocked(): boolean {
    return this.faults.has(6) || this.#overheats >= OVERHEATS
  }

  protected read(cmd: unknown): Answer {
    const known = (reply: JsonObject) => ({ reply: { deviceId: 0, ...reply }, accepted: true, reason: '' })
    if (cmd === 1) return known(this.everything())
    if (cmd === 3) return known(this.time())
    if (cmd === 4) return known({ telemetry: this.#telemetry() })
    return { reply: { deviceId: 0 }, accepted: false, reason: `no such command: ${String(cmd)}` }
  }

  protected everything(): JsonObject {
    const value = ({ type, value }: RelayRow) => (type === BOOLEAN ? value === 1 : value)
    const par = Object.fromEntries([...this.rows.values()].map((row) => [row.id, value(row)]))
    return { deviceId: 0, par: { ...par, ts: Math.floor(this.clock.seconds()) + EPOCH_2000 } }
  }

  protected time(): JsonObject {
    return { deviceId: 0, time: Math.floor(this.clock.seconds()) }
  }

  protected override refuseForm(body: JsonObject, data: string): string | undefined {
    if (data === 'par' && body.deviceId !== 0) return 'deviceId is not 0'
    if (data === 'par' && this.lock === 'none' && body.sn === undefined) return undefined
    return super.refuseForm(body, data)
  }

  protected writeParameters({ par }: JsonObject): string {
    if (!isObject(par) || Object.keys(par).length === 0) return 'par is not an object of parameters'
    return Object.entries(par)
      .flatMap(([id, value]) => this.#writeField(id, value) ?? [])
      .join('; ')
  }

  #writeField(id: string, value: unknown): string | undefined {
    const row = /^\d{1,3}$/.test(id) ? this.rows.get(Number(id)) : undefined
    if (!row?.range) return `no such parameter: ${id}`
    if (typeof value !== (row.type === BOOLEAN ? 'boolean' : 'number'))
      return `${id} does not take ${JSON.stringify(value)}`
    const number = Number(value)
    if (number < row.range[0] || number > row.range[1]) return `${id} goes from ${row.range.join(' to ')}`
    if (row.id === LOW_TIME && number > LOW_TIME_MOST * this.#perSecond) return '13 is beyond 10 s'
    if (!Number.isInteger(number)) return `${id} takes whole numbers`
    row.value = number
    return undefined
  }

  #telemetry(): JsonObject {
    const flag = (number: number, on = false): boolean => on || this.faults.has(number)
    const { waiting, high, low, locked } = this.#protection
    const now = this.clock.seconds()
    const incident = this.#incident
    this.#incident = false
    return {
      u: { 13: this.get(1), 14: this.get(5), 15: this.voltage },
      t: { 0: (this.closed ? 36 : 30) * DEGREES, 7: 59 * DEGREES },
      m: { 1: this.#offByButton ? 1 : 0, 3: this.get(115) + 2 * this.get(114), 10: Math.ceil(waiting(now)) },
      f: {
        0: flag(0),
        1: flag(1),
        2: flag(2),
        3: flag(3, this.timeSet),
        4: flag(4, this.get(118) === 1),
        5: true,
        6: this.#overheatLocked,
        10: this.closed,
        12: flag(12, locked),
        13: flag(13, incident),
        14: flag(14, high),
        15: flag(15, low),
      },
      o: { 0: this.wifi },
      ts: Math.floor(now),
    }
  }
}
