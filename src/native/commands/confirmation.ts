import type { PlannedChange } from '../../devices/link/link.ts'
import type { Published } from '../../devices/reading/second-source.ts'
import type { ParameterList, RawParameter } from '../../protocol/replies.ts'
import type { Awaited } from './delivery.ts'

const POWER_OFF = 125
const CONTROL_TYPE = 3
const SIXTEENTHS = 16
const INT16 = 3

/** Two raw values are equal if they are the same number, however written. */
const same = (a: string, b: string): boolean => a === b || (a.trim() !== '' && Number(a) === Number(b))

/**
 * Whether a published command shows in the device's later answers and messages. A message that repeats earlier values does not
 * match the command, so it confirms nothing.
 */
export class Confirmation implements Awaited {
  readonly done: Promise<void>
  readonly #changes: readonly PlannedChange[]
  /** The parameter set by `setTemp`; null if none. */
  readonly #setpoint: number | null
  readonly #shown = new Map<number, RawParameter>()
  readonly #settle: () => void

  constructor(changes: readonly PlannedChange[], setpoint: number | null) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.done = promise
    this.#settle = resolve
    this.#changes = changes
    this.#setpoint = setpoint
  }

  /** All parameters that the device has reported since. */
  get parameters(): ParameterList {
    return this.#shown
  }

  /** Changes that do not show yet. */
  get missing(): readonly PlannedChange[] {
    return this.#changes.filter(({ id, raws }) => {
      const value = this.#shown.get(id)?.value
      return value === undefined || !raws.some((raw) => same(raw, value))
    })
  }

  get shows(): boolean {
    return this.missing.length === 0
  }

  get told(): boolean {
    return this.#changes.every(({ id }) => this.#shown.has(id))
  }

  doubt(): void {
    for (const { id } of this.missing) this.#shown.delete(id)
  }

  /** The raw value that shows, by id. */
  get used(): ReadonlyMap<number, string> {
    const missing = this.missing.map(({ id }) => id)
    return new Map(
      this.#changes.flatMap(({ id }) => {
        const value = this.#shown.get(id)?.value
        return value === undefined || missing.includes(id) ? [] : [[id, value]]
      }),
    )
  }

  /** The device answered. */
  read(list: ParameterList): void {
    for (const [id, parameter] of list) this.#shown.set(id, parameter)
    this.#look()
  }

  hear(message: Published): void {
    if (message.kind === 'parameters') this.read(message.list)
    else if (message.kind === 'parameter') this.#see(message.id, () => message.raw)
    else if (message.kind === 'fields') {
      const { fields } = message
      this.#see(POWER_OFF, () => fields.get('f.16'))
      this.#see(CONTROL_TYPE, () => fields.get('m.0'))
      const degrees = fields.get('t.5')
      if (degrees !== undefined && this.#setpoint !== null) {
        const value = Number(degrees) / SIXTEENTHS
        this.#see(this.#setpoint, (type) => String(type === INT16 ? Math.round(value * 10) : value))
      }
    }
    this.#look()
  }

  #see(id: number, rawOf: (type: number) => string | undefined): void {
    const change = this.#changes.find((candidate) => candidate.id === id)
    const value = change && rawOf(change.type)
    if (change && value !== undefined) this.#shown.set(id, { type: change.type, value })
  }

  #look(): void {
    if (this.shows) this.#settle()
  }
}
