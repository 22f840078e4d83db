import type { Clock } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { Shared } from '../core/shared.ts'
import {
  type DeviceTime,
  type ParameterList,
  parseDeviceTime,
  parseParameters,
  parseTelemetry,
  type Telemetry,
} from '../protocol/replies.ts'
import { parseWeek, type Week } from '../protocol/schedule.ts'
import { DeviceClock } from './device-clock.ts'
import { badReply, ExchangeError, type Locked, lanLocked } from './exchange/errors.ts'
import type { Exchanger } from './exchange/index.ts'
import type { Clearance, Lock, ScheduleKind } from './types.ts'

/** Locks by `m.3`. */
const LOCKS: ReadonlyMap<string | undefined, Lock> = new Map([
  ['0', 'none'],
  ['1', 'cloud'],
  ['2', 'lan'],
  ['3', 'both'],
])
const LAN_LOCK = 114
const CLOUD_LOCK = 115

export interface ReaderOptions {
  readonly exchanger: Exchanger
  readonly clock: Clock
  readonly clearance: Pick<Clearance, 'trusted'>
  readonly model: () => Locked
  /** Equal schedules of all devices, held once. */
  readonly shared: Shared<Week>
}

/** Reads from one device, and keeps what signing needs: its clock, its lock and its parameters. */
export class Reader {
  readonly clock: DeviceClock
  /** As last reported; null before. */
  lock: Lock | null = null
  /** As last read, to see what a write changed; null before. */
  known: ParameterList | null = null
  readonly #weeks = new Map<ScheduleKind, Week>()
  readonly #shared: Shared<Week>
  readonly #exchanger: Exchanger
  readonly #hostClock: Clock
  readonly #model: () => Locked

  constructor({ exchanger, clock, clearance, model, shared }: ReaderOptions) {
    this.#exchanger = exchanger
    this.#hostClock = clock
    this.#model = model
    this.#shared = shared
    this.clock = new DeviceClock(clock, () => clearance.trusted)
  }

  async telemetry(): Promise<Telemetry> {
    return (await this.#telemetry()).telemetry
  }

  async parameters(): Promise<ParameterList> {
    const list = parseParameters(await this.#ask(1))
    this.note(list)
    return list
  }

  async time(): Promise<DeviceTime> {
    return (await this.#time()).time
  }

  async week(kind: ScheduleKind): Promise<Week> {
    const week = kind === 'air' ? parseWeek(await this.#ask(10), 'ttAir') : parseWeek(await this.#ask(2), 'tt')
    return this.noteWeek(kind, week)
  }

  /**
   * Asks again for the lock, and for the clock unless the lock shows that no signature is needed.
   * @returns seconds by which the kept clock was off; Infinity if there was none, 0 if the device reports none
   */
  async refresh(): Promise<number> {
    const { telemetry, off } = await this.#telemetry()
    if (telemetry.time !== undefined) return off
    if (this.lock === 'none' || this.lock === 'cloud') return 0
    try {
      return (await this.#time()).off
    } catch (error) {
      // Firmware before 2.4 does not support `{"cmd":3}`: it answers, but without useful data.
      if (error instanceof BridgeError && !(error instanceof ExchangeError)) return 0
      throw error
    }
  }

  /** As last read, to see what a write changed; undefined before. */
  weekBefore(kind: ScheduleKind): Week | undefined {
    return this.#weeks.get(kind)
  }

  /** Keeps a week from any reply; returns the equal one that is held. */
  noteWeek(kind: ScheduleKind, read: Week): Week {
    const week = this.#shared.of(JSON.stringify(read), () => read)
    this.#weeks.set(kind, week)
    return week
  }

  /** Keeps parameters from another reply. */
  note(list: ParameterList): void {
    const partial = this.known !== null && list.size < this.known.size
    this.known = partial ? new Map([...(this.known ?? []), ...list]) : list
    const lan = list.get(LAN_LOCK)?.value
    const cloud = list.get(CLOUD_LOCK)?.value
    if (lan === undefined || cloud === undefined) return
    this.lock = lan === '0' ? (cloud === '0' ? 'none' : 'cloud') : cloud === '0' ? 'lan' : 'both'
  }

  async #telemetry(): Promise<{ telemetry: Telemetry; off: number }> {
    const asked = this.#hostClock.monotonic()
    const telemetry = parseTelemetry(await this.#ask(4))
    const off = telemetry.time === undefined ? 0 : this.clock.learn(telemetry.time, asked)
    this.lock = LOCKS.get(telemetry.fields.get('m.3')) ?? this.lock
    return { telemetry, off }
  }

  async #time(): Promise<{ time: DeviceTime; off: number }> {
    const asked = this.#hostClock.monotonic()
    const time = parseDeviceTime(await this.#ask(3))
    return { time, off: this.clock.learn(time.time, asked) }
  }

  async #ask(cmd: number): Promise<JsonObject> {
    const reply = await this.#exchanger.request({ body: () => `{"cmd":${cmd}}` })
    if (reply === 'block') throw lanLocked('refuses even to be read', this.#model())
    if (reply === 'success') throw badReply(this.#exchanger.address, 'contains nothing of what was asked')
    return reply
  }
}
