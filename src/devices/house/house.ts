/** The house as a whole: its rooms, and modes for all devices at once. */

import { type Actor, BRIDGE } from '../../core/actor.ts'
import type { Clock, Timer } from '../../core/clock.ts'
import type { EventBus, Unsubscribe } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { BridgeEvent, DeviceEvents, DeviceView } from '../ports.ts'
import { Changes, type HouseDevice } from './changes.ts'
import { readHouseCommand } from './command.ts'
import type { Asked, HouseEntry, HouseMemory, ScopeMode } from './entry.ts'
import { naturally } from './naturally.ts'
import { Present, shareOf } from './present.ts'
import type { Rooms } from './rooms.ts'
import type { House, HouseChange, HouseMode, HouseOutcome, HouseView, Moded } from './types.ts'

/** The scope of the whole house; a room is never called that. */
const WHOLE = ''

/** Milliseconds after which the clock is looked at again: it may have been set, and timers have an upper limit. */
const LOOK_AGAIN = 3_600_000

/** Milliseconds within which changes of several devices are told as one. */
const TOGETHER = 500

/** Milliseconds from one news of the power to the next: in a large house some load is always switched. */
const POWER_EVERY = 10_000

const NORMAL: Asked = { mode: 'normal', until: null }

const SAID: Readonly<Record<HouseMode, string>> = {
  normal: 'back to normal',
  away: 'away',
  frost_protection: 'protected from frost only',
  off: 'switched off',
}

export interface WholeHouseOptions {
  readonly clock: Clock
  readonly events: Pick<EventBus<DeviceEvents>, 'emit' | 'on'>
  readonly logger: Logger
  readonly rooms: Rooms
  /** Left out, modes do not outlive the bridge. */
  readonly memory?: HouseMemory | undefined
  readonly serials: () => readonly string[]
  /** @throws BridgeError `UNKNOWN_DEVICE` */
  readonly need: (serial: string) => HouseDevice
  readonly device: (serial: string) => HouseDevice | undefined
  /** Sends a command of the house. @throws BridgeError */
  readonly send: (serial: string, command: object, by: Actor) => Promise<unknown>
}

const isoOf = (until: number | null): string | null => (until === null ? null : new Date(until).toISOString())
const moded = ({ mode, until }: Asked): Moded => ({ mode, until: isoOf(until) })

export class WholeHouse implements House {
  readonly #options: WholeHouseOptions
  readonly #changes: Changes
  /** By room; of the whole house under the empty name. A room without a mode has that of the house. */
  #modes = new Map<string, ScopeMode>()
  #end: Timer | undefined
  #news: Timer | undefined
  /** Monotonic ms: when the next news is due, and when the last was told. */
  #due = Number.POSITIVE_INFINITY
  #told = Number.NEGATIVE_INFINITY
  readonly #present = new Present()
  #listening: readonly Unsubscribe[] = []
  #stopped = false

  constructor(options: WholeHouseOptions) {
    this.#options = options
    const onChange = (serial: string) => {
      this.look(serial)
      this.#changedIn(TOGETHER)
    }
    this.#changes = new Changes({ ...options, memory: options.memory, onChange })
  }

  start(): void {
    const { events, memory } = this.#options
    this.#changes.start()
    this.#keep(memory?.modes() ?? [])
    const look = ({ serial }: { readonly serial: string }) => this.look(serial)
    this.#listening = [
      events.on('availability', ({ serial, online }) => {
        if (online) this.#changes.online(serial)
      }),
      ...(['availability', 'state', 'device'] as const).map((of) => events.on(of, look)),
    ]
    for (const serial of this.#options.serials()) this.look(serial)
    this.#awaitEnd()
  }

  stop(): void {
    this.#stopped = true
    for (const unsubscribe of this.#listening) unsubscribe()
    this.#changes.stop()
    this.#end?.cancel()
    this.#news?.cancel()
  }

  view(): HouseView {
    const list = [...this.#options.rooms.all()].map(([name, serials]) => {
      const devices = serials.flatMap((serial) => this.#view(serial) ?? []).sort((a, b) => naturally(a.name, b.name))
      return { name, ...moded(this.#modeOf(name)), devices: devices.map(({ serial }) => serial) }
    })
    const counts = { done: 0, waiting: 0, failed: 0, changed: 0, skipped: 0 }
    for (const { outcome } of this.#changes.all) counts[outcome]++
    // The store remembers rooms of devices that are not known yet.
    const rooms = list.filter((room) => room.devices.length > 0)
    return { ...moded(this.#modeOf(WHOLE)), ...this.#present.view(), rooms, counts }
  }

  outcomes(): readonly HouseOutcome[] {
    return [...this.#changes.all].map((entry) => this.#outcome(entry.serial, entry, entry))
  }

  async set(command: unknown, by: Actor = BRIDGE): Promise<HouseChange> {
    const { clock, need, rooms, serials } = this.#options
    const wanted = readHouseCommand(command, clock.now())
    const room = wanted.room === null ? null : rooms.find(wanted.room)
    for (const serial of wanted.devices ?? []) need(serial)
    const whom = wanted.devices ?? (room === null ? serials() : (rooms.all().get(room) ?? []))
    const modes = wanted.devices ? undefined : this.#modesWith(room ?? WHOLE, wanted)
    const { done } = await this.#changes.begin(whom, wanted, by, modes)
    if (modes) {
      this.#keep(modes)
      this.#said(wanted, room, whom.length, by)
    }
    this.#awaitEnd()
    this.changed()
    const entries = await done
    const devices = [...entries].map(([serial, entry]) => this.#outcome(serial, wanted, entry))
    return { ...moded(wanted), room, devices }
  }

  setRoom(serial: string, room: unknown): void {
    const { events, need, rooms } = this.#options
    const device = need(serial)
    const { name, room: before } = device.view()
    const now = rooms.put(serial, room)
    if (now === before) return
    this.#dropModes()
    events.emit('device', device.view())
    const message = now === null ? `${name} is in no room now.` : `${name} is in the room ${now} now.`
    this.#tell({ type: 'device_room', serial, message, details: { before, room: now } })
    this.changed()
  }

  renameRoom(room: unknown, name: unknown): HouseView {
    const { events, memory, rooms } = this.#options
    const { before, now, serials } = rooms.rename(room, name)
    const mode = this.#modes.get(before)
    if (mode) {
      const others = [...this.#modes.values()].filter(({ scope }) => scope !== before)
      const taken = now === null || others.some(({ scope }) => scope === now)
      const modes = taken ? others : [...others, { ...mode, scope: now }]
      memory?.save({ kept: [], ended: [], modes })
      this.#keep(modes)
    }
    for (const view of serials.flatMap((serial) => this.#view(serial) ?? [])) events.emit('device', view)
    const message =
      now === null ? `The room ${before} was removed; its devices stay.` : `The room ${before} is called ${now} now.`
    this.#tell({ type: 'room_renamed', message, details: { before, name: now } })
    return this.changed()
  }

  orderRooms(rooms: unknown): HouseView {
    this.#options.rooms.order(rooms)
    return this.changed()
  }

  /** Somebody's own command to a device was carried out. */
  touched(serial: string, command: unknown): void {
    this.#changes.touched(serial, command)
  }

  /** A device was forgotten. */
  forgot(serial: string): void {
    this.#changes.forget(serial)
    this.#present.put(serial, undefined)
    this.#dropModes()
    this.changed()
  }

  /** Tells everybody, since something that the house shows has changed; returns it. */
  changed(): HouseView {
    this.#news?.cancel()
    this.#due = Number.POSITIVE_INFINITY
    this.#told = this.#options.clock.monotonic()
    const view = this.view()
    this.#options.events.emit('house', view)
    return view
  }

  /** What is known of a device may differ from before. */
  look(serial: string): void {
    const { clock, device } = this.#options
    const view = device(serial)?.view()
    const difference = this.#present.put(serial, view && shareOf(view, this.#changes.of(serial)))
    if (difference === 'problems') this.#changedIn(TOGETHER)
    if (difference === 'power') this.#changedIn(Math.max(TOGETHER, this.#told + POWER_EVERY - clock.monotonic()))
  }

  /** Tells everybody in so many ms, together with what changes until then. */
  #changedIn(wait: number): void {
    const { clock } = this.#options
    const due = clock.monotonic() + wait
    if (due >= this.#due) return
    this.#news?.cancel()
    this.#due = due
    this.#news = this.#later(wait, () => this.changed())
  }

  /** Commands that are on their way when the house is stopped end later; nothing is begun for them any more. */
  #later(ms: number, run: () => void): Timer | undefined {
    return this.#stopped ? undefined : this.#options.clock.timer(ms, run)
  }

  #view(serial: string): DeviceView | undefined {
    return this.#options.device(serial)?.view()
  }

  #modeOf(scope: string): Asked {
    return this.#modes.get(scope) ?? this.#modes.get(WHOLE) ?? NORMAL
  }

  /** All modes once `scope` has this one: a mode of the whole house replaces those of the rooms. */
  #modesWith(scope: string, { mode, until }: Asked): readonly ScopeMode[] {
    const others = scope === WHOLE ? [] : [...this.#modes.values()].filter((other) => other.scope !== scope)
    const told = mode !== 'normal' || (scope !== WHOLE && this.#modes.has(WHOLE))
    return told ? [...others, { scope, mode, until }] : others
  }

  /** A room goes with its last device, and its mode with it. */
  #dropModes(): void {
    const { memory, rooms } = this.#options
    const there = rooms.all()
    const modes = [...this.#modes.values()].filter(({ scope }) => scope === WHOLE || there.has(scope))
    if (modes.length === this.#modes.size) return
    memory?.save({ kept: [], ended: [], modes })
    this.#keep(modes)
  }

  #keep(modes: readonly ScopeMode[]): void {
    this.#modes = new Map(modes.map((mode) => [mode.scope, mode]))
  }

  #outcome(serial: string, asked: Asked, entry: HouseEntry | undefined): HouseOutcome {
    const name = this.#view(serial)?.name ?? serial
    return { serial, name, ...moded(asked), outcome: entry?.outcome ?? 'superseded', error: entry?.error ?? null }
  }

  /** One timer for whatever ends next. */
  #awaitEnd(): void {
    const { clock } = this.#options
    this.#end?.cancel()
    const ends = [...this.#changes.all, ...this.#modes.values()].flatMap(({ until }) => until ?? [])
    if (ends.length === 0) return
    const left = ends.reduce((first, end) => Math.min(first, end)) - clock.now()
    this.#end = this.#later(Math.min(Math.max(left, 0), LOOK_AGAIN), () => void this.#endDue())
  }

  async #endDue(): Promise<void> {
    const { clock, logger } = this.#options
    const now = clock.now()
    const isDue = ({ until }: Asked) => until !== null && until <= now
    const due = [...this.#changes.all].filter(isDue).map(({ serial }) => serial)
    const over = [...this.#modes.values()].filter(isDue)
    if (due.length === 0 && over.length === 0) return this.#awaitEnd()
    const modes = [...this.#modes.values()].filter((mode) => !isDue(mode))
    try {
      await this.#changes.begin(due, NORMAL, BRIDGE, modes)
      this.#keep(modes)
      for (const { scope } of over) this.#said(NORMAL, scope === WHOLE ? null : scope, due.length, BRIDGE)
      this.changed()
      this.#awaitEnd()
    } catch (err) {
      logger.error({ err }, 'The end of the mode of the house can’t be stored; the bridge tries again in a minute.')
      this.#end = this.#later(60_000, () => void this.#endDue())
    }
  }

  #said({ mode, until }: Asked, room: string | null, devices: number, by: Actor): void {
    const what = room === null ? 'The house' : `The room ${room}`
    const end = until === null ? '' : ` until ${isoOf(until)}`
    const details = { mode, until: isoOf(until), room, devices, by }
    this.#tell({ type: 'house_mode', message: `${what} is ${SAID[mode]}${end}.`, details })
  }

  #tell(event: BridgeEvent): void {
    const { events, logger } = this.#options
    logger.info(event.serial === undefined ? {} : { serial: event.serial }, event.message)
    events.emit('event', event)
  }
}
