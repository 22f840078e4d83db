import type { Clock } from '../../core/clock.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import { DeviceClock } from '../device/clock.ts'
import { Gate } from '../device/gate.ts'
import type { Lock, Network, Outcome } from '../device/index.ts'
import type { WireRow } from '../device/parameters.ts'
import type { Quirks } from '../quirks.ts'
import type { Inside } from '../unit.ts'
import type { RelayModel, RelayRow } from './models.ts'

export interface RelayInsideOptions {
  readonly serial: string
  readonly clock: Clock
  readonly key: string
  readonly counterBase: '2000' | 'unix'
  readonly clockDrift: number
  readonly clockOffset: number
  /** Hours east of UTC. */
  readonly utcOffset: number
  readonly lock: Lock | undefined
  /** W of the connected load. */
  readonly ratedPower: number
  readonly wifi: number
  readonly quirks: Quirks
}

/** The answer to a request, before it is known whether the request is signed and is a write. */
export type Answer = Pick<Outcome, 'reply' | 'accepted' | 'reason'>

const LAN_LOCK = 114
const CLOUD_LOCK = 115
const DAY = 86_400

/** What MS and D2W have in common: parameters, locks, a clock, and a load that is on or off. */
export abstract class RelayInside implements Inside {
  abstract readonly model: RelayModel
  readonly serial: string
  readonly clock: DeviceClock
  readonly gate: Gate
  readonly quirks: Quirks
  /** Numbers of the `f.` fields that are shown as set, whatever the unit does. */
  readonly faults = new Set<number>()
  wifi: number
  restartReason = '1'
  ratedPower: number
  /** Whether the relay is closed. */
  protected closed = false
  protected readonly rows = new Map<number, RelayRow & { value: number }>()
  #watthours = 0
  #advancedTo: number
  #setAt: number | undefined

  constructor(options: RelayInsideOptions, parameters: readonly RelayRow[]) {
    this.serial = options.serial
    this.quirks = options.quirks
    this.wifi = options.wifi
    this.ratedPower = options.ratedPower
    this.clock = new DeviceClock({
      clock: options.clock,
      drift: options.clockDrift,
      offset: options.clockOffset,
      utcOffset: options.utcOffset,
      counts: 'utc',
    })
    this.gate = new Gate({ clock: this.clock, key: options.key, counterBase: options.counterBase })
    for (const row of parameters) this.rows.set(row.id, { ...row })
    if (options.lock) this.setLock(options.lock)
    this.#advancedTo = this.clock.seconds()
  }

  get lock(): Lock {
    const lan = this.get(LAN_LOCK) === 1
    if (this.get(CLOUD_LOCK) === 1) return lan ? 'both' : 'cloud'
    return lan ? 'lan' : 'none'
  }

  setLock(lock: Lock): void {
    this.set(LAN_LOCK, Number(lock === 'lan' || lock === 'both'))
    this.set(CLOUD_LOCK, Number(lock === 'cloud' || lock === 'both'))
  }

  /** Whether the clock was set over the LAN less than 24 hours ago. */
  get timeSet(): boolean {
    return this.#setAt !== undefined && this.clock.seconds() - this.#setAt < DAY
  }

  get(id: number): number {
    return this.rows.get(id)?.value ?? 0
  }

  protected set(id: number, value: number): void {
    const row = this.rows.get(id)
    if (row) row.value = value
  }

  setLocally(id: number, value: number): void {
    this.set(id, value)
  }

  meter(): number {
    return this.#watthours
  }

  advance(): void {
    const now = this.clock.seconds()
    const seconds = Math.max(now - this.#advancedTo, 0)
    if (this.closed) this.#watthours += (this.ratedPower * seconds) / 3600
    this.#advancedTo = now
    this.settle(now)
  }

  parameterList(): WireRow[] {
    return [...this.rows.values()].map(({ id, type, value }) => [id, type, String(value)])
  }

  handle(body: unknown, from: Network = 'lan'): Outcome {
    this.advance()
    if (!isObject(body)) return { reply: {}, write: false, accepted: false, reason: 'not a JSON object', signed: false }
    const signed = body.auth !== undefined
    if (body.cmd !== undefined) return { ...this.read(body.cmd), write: false, signed }
    const outcome = this.#write(body, from)
    this.advance()
    return { ...outcome, write: true, signed }
  }

  abstract display(): string
  /** Decides whether the relay is closed at `now`, in seconds of the unit's clock. */
  protected abstract settle(now: number): void
  protected abstract read(cmd: unknown): Answer
  protected abstract writeParameters(body: JsonObject): string
  protected abstract everything(): JsonObject
  protected abstract time(): JsonObject

  #write(body: JsonObject, from: Network): Answer {
    const data = 'par' in body ? 'par' : 'time' in body || 'tzone' in body ? 'time' : undefined
    if (data === undefined) return { reply: {}, accepted: false, reason: 'nothing asked for' }
    const refused = this.#refuse(body, data, from)
    if (refused) return this.#refusal(refused)
    const reason = data === 'par' ? this.writeParameters(body) : this.#setClock(body)
    return { reply: this.#acknowledgement(data), accepted: reason === '', reason }
  }

  #acknowledgement(data: 'par' | 'time'): JsonObject {
    if (this.quirks.acknowledgement === 'short') return { success: 'true' }
    return data === 'par' ? this.everything() : this.time()
  }

  #refuse(body: JsonObject, data: string, from: Network): string | undefined {
    const wrong = this.refuseForm(body, data)
    if (wrong) return wrong
    if (this.lock === 'both') return 'locked for every network'
    if (this.lock !== 'lan' || from === 'mqtt') return undefined
    return this.gate.refuse(body, data, this.quirks.refuseReplayedCodes)
  }

  /** Why a write does not have this unit's form; undefined when it does. */
  protected refuseForm(body: JsonObject, _data: string): string | undefined {
    if (body.sn === this.serial) return undefined
    return body.sn === undefined ? 'sn is missing' : 'sn of another device'
  }

  #refusal(reason: string): Answer {
    const replies = {
      block: { success: 'block' },
      'block-with-sn': { sn: this.serial, success: 'block' },
      silent: { success: 'true' },
    }
    return { reply: replies[this.quirks.refusal], accepted: false, reason }
  }

  #setClock({ time, tzone }: JsonObject): string {
    if (tzone !== undefined) return 'tzone can not be set'
    if (!(typeof time === 'string' && /^\d{1,10}$/.test(time))) return 'time is not a string of seconds'
    this.clock.set(Number(time))
    this.#advancedTo = this.clock.seconds()
    this.#setAt = this.clock.seconds()
    return ''
  }
}
