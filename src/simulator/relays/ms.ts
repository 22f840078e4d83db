import type { JsonObject } from '../../core/json.ts'
import { readWireNumber } from '../device/parameters.ts'
import { type Answer, RelayInside, type RelayInsideOptions } from './inside.ts'
import { MS } from './models.ts'

const RELAY = 125
const AFTER_POWER_UP = 70
const MEMORY = 2
const PRESS_TIME = 68
const SWITCH_TYPE = 71
const LATCHING = 1
const CHILD_LOCK = 124

const DEGREES = 16

/** The relay MS: 125 = 1 switches it on. */
export class Ms extends RelayInside {
  readonly model = MS

  constructor(options: RelayInsideOptions) {
    super(options, MS.parameters)
    this.advance()
  }

  /** Published beacons of an MS say this. */
  display(): string {
    return 'error'
  }

  powerUp(): void {
    const state = this.get(AFTER_POWER_UP)
    if (state !== MEMORY) this.set(RELAY, state)
  }

  /** Presses the button for so many seconds, or uses a momentary external switch: the relay changes over. */
  press(seconds = 1): void {
    if (this.get(CHILD_LOCK) === 1 || seconds < this.get(PRESS_TIME)) return
    this.set(RELAY, 1 - this.get(RELAY))
    this.advance()
  }

  /** Sets a latching external switch to on or off, and the relay follows it. If the switch is momentary, nothing happens. */
  latch(on: boolean): void {
    if (this.get(SWITCH_TYPE) !== LATCHING) return
    this.set(RELAY, Number(on))
    this.advance()
  }

  protected settle(): void {
    this.closed = this.get(RELAY) === 1 && !this.faults.has(0)
  }

  protected read(cmd: unknown): Answer {
    const known = (reply: JsonObject) => ({ reply, accepted: true, reason: '' })
    if (cmd === 1) return known(this.everything())
    if (cmd === 3) return known(this.time())
    if (cmd === 4) return known(this.#telemetry())
    return { reply: { sn: this.serial }, accepted: false, reason: `no such command: ${String(cmd)}` }
  }

  protected everything(): JsonObject {
    return { sn: this.serial, par: this.parameterList() }
  }

  protected time(): JsonObject {
    return { sn: this.serial, time: String(Math.floor(this.clock.seconds())), tzone: String(this.clock.utcOffset) }
  }

  protected writeParameters({ par }: JsonObject): string {
    if (!Array.isArray(par) || par.length === 0) return 'par is not a list of parameters'
    return par.flatMap((row: unknown) => this.#writeRow(row) ?? []).join('; ')
  }

  #writeRow(item: unknown): string | undefined {
    if (!Array.isArray(item) || item.length !== 3) return 'a row is not [id, type, value]'
    const [id, type, text]: unknown[] = item
    const row = typeof id === 'number' ? this.rows.get(id) : undefined
    if (!row) return `no such parameter: ${String(id)}`
    if (type !== row.type) return `${row.id} is of type ${row.type}, not ${String(type)}`
    if (!row.range) return `${row.id} is read-only`
    const value = readWireNumber(row.type, text)
    if (value === undefined || value < row.range[0] || value > row.range[1])
      return `${row.id} goes from ${row.range.join(' to ')}`
    row.value = value
    return undefined
  }

  #telemetry(): JsonObject {
    const flag = (number: number, on = false): string => (on || this.faults.has(number) ? '1' : '0')
    const inside = this.closed ? 53 : 35
    return {
      sn: this.serial,
      'm.1': '1',
      't.0': String(inside * DEGREES),
      'o.0': String(this.wifi),
      'o.1': this.restartReason,
      'o.5': '0',
      't.7': String((inside + 6) * DEGREES),
      'm.3': String(this.get(115) + 2 * this.get(114)),
      'f.10': this.closed ? '1' : '0',
      'f.13': flag(13, this.timeSet),
      'f.0': flag(0),
      'f.1': flag(1),
      'f.2': flag(2),
      'f.20': flag(20),
      'f.21': flag(21, this.timeSet),
      time: String(Math.floor(this.clock.seconds())),
    }
  }
}
