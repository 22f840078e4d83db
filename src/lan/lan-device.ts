import { Shared } from '../core/shared.ts'
import type { DeviceTime, ParameterList, Telemetry } from '../protocol/replies.ts'
import type { EncodedDay, Week } from '../protocol/schedule.ts'
import { doneOrNot, type Locked, lanLocked, notApplied, stopping } from './exchange/errors.ts'
import { HttpClient } from './exchange/http.ts'
import { Exchanger } from './exchange/index.ts'
import { Lines } from './exchange/lines.ts'
import type { LanDeviceOptions } from './options.ts'
import { Reader } from './reader.ts'
import type { Address, Change, CounterBase, LocalDevice, Lock, ScheduleKind, WriteOutcome } from './types.ts'
import { Authorizer, type Verdict } from './writes/authorizer.ts'
import { deliver } from './writes/delivery.ts'
import { clockSet, dayWrite, type JudgedOperation, parameterReset, scheduleReset } from './writes/operations.ts'
import { ParameterWrite } from './writes/parameter-write.ts'
import type { Signature } from './writes/sign.ts'
import { Turns } from './writes/turns.ts'

/** Milliseconds for a write in flight once the bridge stops; it has 5 s in total, including MQTT's last messages. */
const LAST_WRITE = 3_000

const NOTHING_SENT: WriteOutcome = { parameters: new Map(), notApplied: [], used: new Map() }

/** One thermostat on the LAN. `LocalDevice` describes what each method does and throws. */
export class LanDevice implements LocalDevice {
  readonly #options: LanDeviceOptions
  readonly #client: HttpClient
  readonly #exchanger: Exchanger
  readonly #reader: Reader
  readonly #authorizer: Authorizer
  readonly #turns: Turns
  readonly #model: () => Locked
  readonly #abort = new AbortController()

  constructor(options: LanDeviceOptions) {
    const { signal } = this.#abort
    const { clock, timeout, keepAlive, lines = new Lines(clock), weeks = new Shared<Week>() } = options
    this.#options = options
    this.#model = () => options.model?.() ?? null
    this.#client = new HttpClient({ clock, timeout, keepAlive, signal })
    this.#exchanger = new Exchanger({ ...options, lines, client: this.#client, signal })
    this.#reader = new Reader({
      exchanger: this.#exchanger,
      clock,
      clearance: options.clearance,
      model: this.#model,
      shared: weeks,
    })
    this.#authorizer = new Authorizer({
      ...options,
      reader: this.#reader,
      model: this.#model,
      onKeyAccepted: (key) => options.onKeyAccepted?.(key),
      signal,
    })
    this.#turns = new Turns({ clock, pause: () => this.#exchanger.pause })
  }

  get address(): Address {
    return this.#exchanger.address
  }

  get clockOffset(): number | null {
    return this.#reader.clock.ahead()
  }

  get counterBase(): CounterBase | null {
    return this.#authorizer.counterBase
  }

  get lock(): Lock | null {
    return this.#reader.lock
  }

  get busy(): boolean {
    return this.#turns.busy
  }

  setAddress(address: Address): void {
    if (address.host !== this.address.host || address.port !== this.address.port) this.#exchanger.move(address)
  }

  note(parameters: ParameterList): void {
    this.#reader.note(parameters)
  }

  readTelemetry(): Promise<Telemetry> {
    return this.#turns.take('read', () => this.#reader.telemetry())
  }

  readParameters(): Promise<ParameterList> {
    return this.#turns.take('read', () => this.#reader.parameters())
  }

  readTime(): Promise<DeviceTime> {
    return this.#turns.take('read', () => this.#reader.time())
  }

  readWeek(kind: ScheduleKind): Promise<Week> {
    return this.#turns.take('read', () => this.#reader.week(kind))
  }

  write(prepare: () => readonly Change[] | Promise<readonly Change[]>): Promise<WriteOutcome> {
    return this.#takeWrite(async () => {
      const changes = await prepare()
      if (changes.length === 0) return NOTHING_SENT
      await this.#wake()
      const write = new ParameterWrite({
        serial: this.#options.serial,
        reader: this.#reader,
        exchanger: this.#exchanger,
        changes,
      })
      return this.#authorizer.run((sign) => write.send(sign))
    })
  }

  resetParameters(): Promise<ParameterList> {
    return this.#takeWrite(async () => {
      const before = await this.#reader.parameters()
      return this.#operate([parameterReset(this.#target(), before)], 'what it shows')
    })
  }

  async resetSchedule(): Promise<void> {
    await this.#takeWrite(async () => {
      const before = await this.#reader.week('floor')
      return this.#operate([scheduleReset(this.#target(), before)], 'the schedule that it shows')
    })
  }

  writeDay(kind: ScheduleKind, day: EncodedDay, otherwise?: EncodedDay): Promise<Week> {
    return this.#takeWrite(() => {
      const ways = otherwise ? [day, otherwise] : [day]
      const operations = ways.map((way) => dayWrite(this.#target(), kind, way))
      return this.#operate(operations, 'the schedule that it shows')
    })
  }

  async setTime(time: number, zone?: number): Promise<void> {
    await this.#takeWrite(() =>
      this.#operate([clockSet(this.#target(), time, zone)], 'the clock that it shows'),
    ).finally(() => this.#reader.clock.forget())
  }

  /** The clock may have stopped meanwhile, so the next write asks for it. */
  async restart(): Promise<void> {
    await this.#test('restart')
    this.#reader.clock.forget()
  }

  blink(): Promise<void> {
    return this.#test('blink')
  }

  async stop(): Promise<void> {
    const idle = this.#turns.stop(stopping(false))
    if (this.#turns.running === 'write') {
      const timer = this.#options.clock.timer(LAST_WRITE, () => this.#abort.abort())
      await idle
      timer.cancel()
    } else {
      this.#abort.abort()
      await idle
    }
    this.#client.close()
  }

  /**
   * A write that may need a signature waits for permission to sign before its turn, so that reads continue meanwhile.
   */
  async #takeWrite<T>(job: () => Promise<T>): Promise<T> {
    const { clearance } = this.#options
    if (!clearance.trusted && this.#authorizer.signs) await clearance.clear(this.#abort.signal)
    return this.#turns.take('write', job)
  }

  #target() {
    return { serial: this.#exchanger.spelling ?? this.#options.serial, reader: this.#reader }
  }

  /**
   * If a unit has stopped answering, or another device answered at its address, a harmless request is sent first, so
   * that a write does not end with an unknown outcome.
   */
  async #wake(): Promise<void> {
    if (this.#exchanger.wedged || this.#exchanger.doubtful) await this.#reader.telemetry()
  }

  /** @param operations equivalent writes, each sent if the device did not accept the previous one */
  async #operate<R>(operations: readonly JudgedOperation<R>[], what: string): Promise<R> {
    await this.#wake()
    const result = await this.#authorizer.run((sign) => this.#attempt(operations, sign))
    if (operations.every((operation) => operation.wanted(result) === false)) throw notApplied(what)
    return result
  }

  async #attempt<R>(
    operations: readonly JudgedOperation<R>[],
    sign: (() => Signature) | undefined,
  ): Promise<Verdict<R>> {
    let proven = false
    let last: Verdict<R> = { result: 'blocked' }
    for (const operation of operations) {
      const delivered = await deliver(this.#exchanger, operation, sign)
      if (delivered === 'blocked') return last
      const { result, full } = delivered
      proven ||= full || operation.changed(result)
      if (operation.wanted(result)) return { result: 'done', proven, value: result }
      if (!proven && operation.mayRepeat?.(result) === false) throw doneOrNot('it says that it did')
      last = proven ? { result: 'done', proven, value: result } : { result: 'ignored', value: result }
    }
    return last
  }

  /**
   * `test.cgi` is in no vendor document; owners' code uses it and ignores the answer. A restarting unit may cut the
   * connection.
   */
  async #test(cmd: 'restart' | 'blink'): Promise<void> {
    await this.#turns.take('write', async () => {
      const reply = await this.#exchanger.request({
        write: true,
        path: '/test.cgi',
        body: () => JSON.stringify({ cmd }),
        anyReply: true,
      })
      if (reply === 'block') throw lanLocked(`refuses to ${cmd}`, this.#model())
    })
  }
}
