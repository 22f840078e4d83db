/** A link straight into a virtual device: a week of polls passes in seconds. */
import type { Clock, Timer } from '../../src/core/clock.ts'
import { BridgeError } from '../../src/core/errors.ts'
import { isObject, type JsonObject } from '../../src/core/json.ts'
import type { DeviceLink, LinkOutcome, Prepare } from '../../src/devices/link/link.ts'
import { parseParameters, parseTelemetry } from '../../src/protocol/replies.ts'
import { parseWeek } from '../../src/protocol/schedule.ts'

/** What is inside of a virtual device, as far as a link needs it. */
interface Inside {
  readonly serial: string
  advance(): void
  handle(body: unknown): { readonly reply: unknown }
}

/**
 * A clock that stands still until told, for many timers: what they set off has to get by without I/O, so that it is done
 * after one turn of the loop.
 */
export class BriskClock implements Clock {
  readonly #pending = new Set<{ readonly at: number; readonly run: () => void }>()
  #monotonic = 0

  now = () => Date.UTC(2026, 0, 15, 12) + this.#monotonic
  monotonic = () => this.#monotonic

  timer(ms: number, run: () => void): Timer {
    const entry = { at: this.#monotonic + Math.max(ms, 0), run }
    this.#pending.add(entry)
    return { cancel: () => this.#pending.delete(entry) }
  }

  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      const next = [...this.#pending].sort((a, b) => a.at - b.at)[0]
      if (!next || next.at > end) break
      this.#pending.delete(next)
      this.#monotonic = Math.max(next.at, this.#monotonic)
      next.run()
    }
    this.#monotonic = end
  }
}

/** The time of a device, which passes in steps so small that its load is not switched in time with the polls. */
export class SteppedClock implements Clock {
  readonly #clock: Clock
  readonly #step: number
  #monotonic: number

  constructor(clock: Clock, step: number) {
    this.#clock = clock
    this.#step = step
    this.#monotonic = clock.monotonic()
  }

  now = () => this.#clock.now()
  monotonic = () => this.#monotonic
  timer = (ms: number, run: () => void) => this.#clock.timer(ms, run)

  /** Catches up with the time of the host. */
  catchUp(device: Inside): void {
    const now = this.#clock.monotonic()
    while (this.#monotonic < now) {
      this.#monotonic = Math.min(this.#monotonic + this.#step, now)
      device.advance()
    }
  }
}

const untold = (): never => {
  throw new BridgeError('DEVICE_UNREACHABLE', 'This link does not do that.')
}

export class InsideLink implements DeviceLink {
  readonly address = { host: '127.0.0.1', port: 80 }
  readonly clockOffset = 0
  /** Off the network. */
  unplugged = false
  /** What the next write fails with: before it has done anything, or after. */
  fail: { readonly when: 'before' | 'after'; readonly error: BridgeError } | null = null
  /** How many writes have reached the device. */
  writes = 0
  #turn: Promise<unknown> = Promise.resolve()
  /** Seconds that its telemetry says more than its clock has. */
  ahead = 0
  readonly #device: Inside
  readonly #clock: SteppedClock

  constructor(device: Inside, clock: SteppedClock) {
    this.#device = device
    this.#clock = clock
  }

  setAddress(): void {}
  note(): void {}
  readTelemetry = async () => {
    const telemetry = parseTelemetry(this.#ask({ cmd: 4 }))
    return { ...telemetry, time: telemetry.time === undefined ? undefined : telemetry.time + this.ahead }
  }
  readParameters = async () => parseParameters(this.#ask({ cmd: 1 }))
  readTime = async () => ({ time: 820_000_000, zone: 0 })
  readWeek = async () => parseWeek(this.#ask({ cmd: 2 }), 'tt')

  /** One at a time, as over the network. */
  write = (prepare: Prepare): Promise<LinkOutcome> => {
    const written = this.#turn.then(() => this.#write(prepare))
    this.#turn = written.catch(() => undefined)
    return written
  }

  async #write(prepare: Prepare): Promise<LinkOutcome> {
    const used = new Map((await prepare()).map(({ id, raws }) => [id, raws[0] ?? '']))
    if (used.size === 0) return { parameters: new Map(), notApplied: [], used }
    const types = await this.readParameters()
    const { fail } = this
    this.fail = null
    if (fail?.when === 'before') throw fail.error
    const par = [...used].map(([id, raw]) => [id, types.get(id)?.type ?? 2, raw])
    this.#ask({ sn: this.#device.serial, par })
    this.writes++
    if (fail) throw fail.error
    return { parameters: await this.readParameters(), notApplied: [], used }
  }

  resetParameters = async () => untold()
  resetSchedule = async () => untold()
  writeDay = async () => untold()
  setTime = async () => untold()
  restart = async () => untold()
  blink = async () => untold()
  stop = async () => {}

  #ask(body: object): JsonObject {
    this.#clock.catchUp(this.#device)
    if (this.unplugged) throw new BridgeError('DEVICE_UNREACHABLE', 'unplugged')
    const { reply } = this.#device.handle(body)
    if (isObject(reply)) return reply
    throw new BridgeError('DEVICE_BAD_REPLY', 'no object')
  }
}
