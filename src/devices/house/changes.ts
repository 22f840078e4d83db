/** Carries modes of the house out on each device, and goes on with those that do not answer when they are back. */

import type { Actor } from '../../core/actor.ts'
import type { Clock, Timer } from '../../core/clock.ts'
import { asBridgeError, BridgeError } from '../../core/errors.ts'
import { isObject } from '../../core/json.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { DeviceView } from '../ports.ts'
import { type Asked, actorOf, asked, type HouseEntry, type HouseMemory, isOver, type ScopeMode } from './entry.ts'
import { commandTo, type Held, unchanged } from './held.ts'
import { since2000, wantedUnder } from './modes.ts'

/** How many devices are written to at the same time. Each has its own pace. */
const AT_ONCE = 16

/** Milliseconds until devices that answer, but failed for a passing reason, are tried again; twice as long each time. */
const TRY_AGAIN = 60_000
const LONGEST = 30 * 60_000

/** The keys of commands that decide about what a mode of the house has set. */
const DECIDES =
  /^(mode|preset|program|power_off|target_temperature|load_control|temporary_setpoint|manual_(floor|air)_setpoint|away_(start|end)(_utc)?)$/

/** A device, as far as the house needs it. */
export interface HouseDevice {
  readonly online: boolean
  view(): DeviceView
  held(): Held | null
  /** Reads everything from the device. @throws BridgeError */
  reread(): Promise<void>
}

export interface ChangesOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** Left out, modes do not outlive the bridge. */
  readonly memory: HouseMemory | undefined
  readonly device: (serial: string) => HouseDevice | undefined
  /** Sends a command that is nobody's own. @throws BridgeError */
  readonly send: (serial: string, command: object, by: Actor) => Promise<unknown>
  /** What the house shows of a device has changed. */
  readonly onChange: (serial: string) => void
}

export class Changes {
  readonly #options: ChangesOptions
  readonly #entries = new Map<string, HouseEntry>()
  readonly #busy = new Map<string, Promise<void>>()
  #retry: Timer | undefined
  #wait = TRY_AGAIN
  #stopped = false

  constructor(options: ChangesOptions) {
    this.#options = options
  }

  start(): void {
    for (const entry of this.#options.memory?.entries() ?? []) this.#entries.set(entry.serial, entry)
  }

  stop(): void {
    this.#stopped = true
    this.#retry?.cancel()
  }

  /** The last mode of each device that had one. */
  get all(): Iterable<HouseEntry> {
    return this.#entries.values()
  }

  of(serial: string): HouseEntry | undefined {
    return this.#entries.get(serial)
  }

  /**
   * Asks devices for a mode. It is stored before this resolves; `done` resolves with the entry of each device when all that
   * answer have been told, and holds undefined for one that was asked for another mode meanwhile.
   * @throws BridgeError `INTERNAL` when it can't be stored; then nothing is sent
   */
  async begin(
    serials: readonly string[],
    wanted: Asked,
    by: Actor,
    modes?: readonly ScopeMode[],
  ): Promise<{ readonly done: Promise<ReadonlyMap<string, HouseEntry | undefined>> }> {
    const { memory, device } = this.#options
    const made = serials.flatMap((serial) => {
      const found = device(serial)
      return found ? [asked(serial, wanted, by, this.#entries.get(serial), found.held())] : []
    })
    const ended = made.filter(isOver).map(({ serial }) => serial)
    memory?.save({ kept: made.filter((entry) => !isOver(entry)), ended, ...(modes ? { modes } : {}) })
    const known = new Set(made.map(({ serial }) => serial).filter((serial) => this.#entries.has(serial)))
    for (const entry of made) this.#entries.set(entry.serial, entry)
    this.#wait = TRY_AGAIN
    await memory?.durable?.()
    const told = this.#each(
      made.map(({ serial }) => serial),
      (serial) => known.has(serial),
    )
    const mine = (entry: HouseEntry) => {
      const now = this.#entries.get(entry.serial)
      return now?.mode === entry.mode && now.until === entry.until ? now : undefined
    }
    return { done: told.then(() => new Map(made.map((entry) => [entry.serial, mine(entry)]))) }
  }

  /** A device answers again. */
  online(serial: string): void {
    if (this.#entries.get(serial)?.outcome === 'waiting') void this.#work(serial, true)
  }

  /** Somebody's own command was carried out. A boost is no such decision: what it interrupts comes back after it. */
  touched(serial: string, command: unknown): void {
    const entry = this.#entries.get(serial)
    if (!entry || isOver(entry) || !isObject(command) || command.preset === 'boost') return
    if (!Object.keys(command).some((key) => DECIDES.test(key))) return
    this.#settle({ ...entry, outcome: 'changed', error: null })
  }

  /** The device was forgotten; the store has already dropped its entry. */
  forget(serial: string): void {
    this.#entries.delete(serial)
  }

  async #each(serials: readonly string[], fresh: (serial: string) => boolean): Promise<void> {
    const left = serials.values()
    const runner = async () => {
      for (const serial of left) await this.#work(serial, fresh(serial))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, runner))
  }

  /** @param fresh whether the device may have been set by hand since it was last read. Never rejects. */
  #work(serial: string, fresh: boolean): Promise<void> {
    const running = this.#busy.get(serial)
    if (running) return running
    if (!this.#next(serial)) return Promise.resolve()
    const work = this.#goOn(serial, fresh)
    this.#busy.set(serial, work)
    return work
  }

  /** What a device has to be told now; undefined for nothing. */
  #next(serial: string): { readonly entry: HouseEntry; readonly device: HouseDevice } | undefined {
    const entry = this.#entries.get(serial)
    const device = this.#options.device(serial)
    return entry?.outcome === 'waiting' && device?.online && !this.#stopped ? { entry, device } : undefined
  }

  /** Goes on until the device has what was asked last: another mode may be asked for while one is on its way. */
  async #goOn(serial: string, fresh: boolean): Promise<void> {
    try {
      for (let next = this.#next(serial); next; next = this.#next(serial)) {
        const { entry } = next
        const told = await this.#attempt(entry, next.device, fresh)
        if (this.#stopped) return
        if (this.#entries.get(serial) !== entry) continue
        this.#settle(told)
        // What the device held before is known only now, and is stored before anything is sent.
        if (told.outcome === 'waiting' && told.before === entry.before) return
      }
    } finally {
      this.#busy.delete(serial)
    }
  }

  /** The entry after one try; with `before` alone filled in when that was not known yet. */
  async #attempt(entry: HouseEntry, device: HouseDevice, fresh: boolean): Promise<HouseEntry> {
    const { clock, send } = this.#options
    try {
      if (fresh) await device.reread()
      const held = device.held()
      if (!held) throw new BridgeError('DEVICE_UNREACHABLE', 'The device has not told its settings yet.')
      if (entry.before === null) return { ...entry, before: held }
      const view = device.view()
      if (!this.#isOurs(entry, held, view)) return { ...entry, outcome: 'changed', error: null }
      const wanted = wantedUnder(entry, entry.before, view, clock.now())
      if (!wanted) return { ...entry, outcome: 'skipped', error: null }
      const command = commandTo(wanted, held, since2000(clock.now()))
      if (Object.keys(command).length > 0) {
        // A timer of the device goes on under another mode, and would be in force.
        if (view.state.preset === 'boost') await send(entry.serial, { preset: 'none' }, actorOf(entry))
        await send(entry.serial, command, actorOf(entry))
      }
      return { ...entry, outcome: 'done', after: device.held(), error: null }
    } catch (thrown) {
      const error = asBridgeError(thrown)
      if (error.retryable) return { ...entry, error: error.body() }
      return { ...entry, outcome: 'failed', after: device.held(), error: error.body() }
    }
  }

  /** Whether the device holds what it held before, or what the house has set or may have set. */
  #isOurs(entry: HouseEntry, held: Held, view: DeviceView): boolean {
    const now = this.#options.clock.now()
    const { before, after, tried } = entry
    const ours = [after, before, ...[entry, ...tried].map((one) => before && wantedUnder(one, before, view, now))]
    return ours.some((one) => one && unchanged(one, held, since2000(now)))
  }

  #settle(entry: HouseEntry): void {
    const { clock, logger, memory, onChange } = this.#options
    this.#entries.set(entry.serial, entry)
    try {
      memory?.save(isOver(entry) ? { kept: [], ended: [entry.serial] } : { kept: [entry], ended: [] })
    } catch (err) {
      const { serial } = entry
      logger.warn(
        { err, serial },
        'What came of the mode of the house could not be stored; after a restart it is found out.',
      )
    }
    onChange(entry.serial)
    if (entry.outcome !== 'waiting' || this.#retry || this.#stopped) return
    this.#retry = clock.timer(this.#wait, () => {
      this.#retry = undefined
      this.#wait = Math.min(2 * this.#wait, LONGEST)
      void this.#each(
        [...this.#entries.values()].filter(({ outcome }) => outcome === 'waiting').map(({ serial }) => serial),
        () => true,
      )
    })
  }
}
