import { datapointsOf, MODELS } from '../../src/catalog/index.ts'
import type { Actor } from '../../src/core/actor.ts'
import { BridgeError } from '../../src/core/errors.ts'
import { EventBus } from '../../src/core/events.ts'
import { createLogger } from '../../src/core/logging/logger.ts'
import { SecretValues } from '../../src/core/logging/secrets.ts'
import { readName } from '../../src/devices/facts/given-name.ts'
import type { HouseDevice } from '../../src/devices/house/changes.ts'
import type { Held } from '../../src/devices/house/held.ts'
import { WholeHouse } from '../../src/devices/house/house.ts'
import { Rooms } from '../../src/devices/house/rooms.ts'
import type {
  Accounts,
  Bridge,
  BridgeInfo,
  CommandResult,
  DeviceAction,
  DeviceEvents,
  DeviceState,
  Devices,
  DeviceView,
  ScheduleResult,
  ScheduleView,
} from '../../src/devices/ports.ts'
import { exampleOf } from './example-values.ts'
import { FakeAccounts } from './fake-accounts.ts'
import { FakeClock } from './fake-clock.ts'

export const EXAMPLE_SERIAL = '10001E1200000000000000000ABCDE'

/** An online device of `model`, every key of its state there and every key a feature. `changes` replaces fields. */
export function exampleView(model = 'ax', changes: Partial<DeviceView> = {}): DeviceView {
  const row = MODELS.find((candidate) => candidate.id === model)
  if (!row) throw new Error(`no model ${model} in the catalog`)
  const state = Object.fromEntries(datapointsOf(row).map((datapoint) => [datapoint.key, exampleOf(datapoint)]))
  return {
    serial: EXAMPLE_SERIAL,
    name: 'Bathroom',
    nameSource: 'account',
    room: null,
    model,
    hw: row.hw[0] ?? null,
    firmware: null,
    address: { host: '127.0.0.1', port: 80 },
    online: true,
    state,
    features: new Set(Object.keys(state)),
    setpointStep: 1,
    timezone: null,
    schedule: { floor: null, air: null },
    health: {
      lastSeen: 0,
      lastPublished: null,
      failures: 0,
      error: null,
      keySource: 'home',
      clockOffset: 0,
      counterBase: '2000',
      rival: null,
    },
    sources: ['account:home'],
    ...changes,
  }
}

/** Fields of a view to replace; `state` is merged into the state that is there. */
export type ViewChange = Partial<Omit<DeviceView, 'state'>> & { readonly state?: DeviceState }

export interface RecordedCall {
  readonly method: 'set' | 'refresh' | 'action' | 'setSchedule' | 'planSchedule'
  readonly serial: string
  readonly argument: unknown
}

/** Devices whose views a test sets, and which records what it is asked. */
export class FakeDevices implements Devices {
  readonly events = new EventBus<DeviceEvents>((error) => this.failures.push(error))
  /** What listeners threw; a test may want it empty. */
  readonly failures: unknown[] = []
  readonly calls: RecordedCall[] = []
  /** Who asked, for each command in order. */
  readonly actors: Actor[] = []
  /** Decides what `set` does; by default the command (if an object) is merged into the state and confirmed. */
  onSet: (serial: string, command: unknown) => CommandResult | Promise<CommandResult> = (serial, command) =>
    this.#apply(serial, command)
  onRefresh: (serial: string) => DeviceView | Promise<DeviceView> = (serial) => this.#known(serial)
  onAction: (serial: string, action: DeviceAction) => void | Promise<void> = () => undefined
  /** Where the device is in its schedule, which is that of its view. */
  now: ScheduleView['now'] = null
  onSetSchedule: (serial: string, command: unknown) => ScheduleResult | Promise<ScheduleResult> = (serial) => ({
    schedule: this.schedule(serial),
    written: [],
    unchanged: [],
    rounded: {},
  })
  readonly #views = new Map<string, DeviceView>()
  readonly #rooms = new Rooms(undefined)
  readonly house = new WholeHouse({
    clock: new FakeClock(),
    events: this.events,
    logger: createLogger({ level: 'silent', secrets: new SecretValues(), write: () => undefined }),
    rooms: this.#rooms,
    serials: () => this.serials(),
    need: (serial) => this.#inHouse(this.#known(serial).serial),
    device: (serial) => (this.#views.has(serial) ? this.#inHouse(serial) : undefined),
    send: (serial, command, by) => this.set(serial, command, by),
  })

  get count() {
    const views = this.list()
    return { total: views.length, online: views.filter(({ online }) => online).length }
  }

  serials(): string[] {
    return [...this.#views.keys()]
  }

  /** Adds a device, or replaces it, and tells everybody. */
  add(view: DeviceView = exampleView()): DeviceView {
    this.#views.set(view.serial, view)
    this.events.emit('device', view)
    this.events.emit('state', view)
    this.events.emit('availability', view)
    this.events.emit('info', undefined)
    return view
  }

  /** Changes fields of a view and emits the events that follow from the change. */
  update(serial: string, change: ViewChange): DeviceView {
    const before = this.#known(serial)
    const view = { ...before, ...change, state: { ...before.state, ...change.state } }
    this.#views.set(serial, view)
    if (['name', 'model', 'hw', 'address', 'features', 'sources'].some((field) => field in change)) {
      this.events.emit('device', view)
    }
    if (change.state) this.events.emit('state', view)
    if (change.schedule) this.events.emit('schedule', view)
    if (view.online !== before.online) {
      this.events.emit('availability', view)
      this.events.emit('info', undefined)
    }
    return view
  }

  /** Has the house look at every device, and tell everybody. */
  tellHouse(): void {
    for (const serial of this.serials()) this.house.look(serial)
    this.house.changed()
  }

  remove(serial: string): void {
    if (!this.#views.delete(serial)) return
    this.events.emit('removed', { serial })
    this.events.emit('info', undefined)
  }

  list(): readonly DeviceView[] {
    return [...this.#views.values()]
  }

  get(serial: string): DeviceView | undefined {
    const view = this.#views.get(serial)
    return view && this.#roomed(view)
  }

  async set(serial: string, command: unknown, by: Actor): Promise<CommandResult> {
    this.calls.push({ method: 'set', serial, argument: command })
    this.actors.push(by)
    this.#known(serial)
    return await this.onSet(serial, command)
  }

  /** What was refused before it came here, by serial. */
  readonly refusals: { readonly serial: string; readonly about: readonly string[]; readonly error: unknown }[] = []

  refused(serial: string, about: readonly string[], error: unknown, by: Actor): void {
    this.actors.push(by)
    this.refusals.push({ serial, about, error })
  }

  async refresh(serial: string): Promise<DeviceView> {
    this.calls.push({ method: 'refresh', serial, argument: undefined })
    this.#known(serial)
    return await this.onRefresh(serial)
  }

  async action(serial: string, action: DeviceAction, by: Actor): Promise<void> {
    this.actors.push(by)
    this.calls.push({ method: 'action', serial, argument: action })
    this.#known(serial)
    await this.onAction(serial, action)
  }

  schedule(serial: string): ScheduleView {
    return { ...this.#known(serial).schedule, now: this.now }
  }

  async setSchedule(serial: string, command: unknown, by: Actor, { dryRun = false } = {}): Promise<ScheduleResult> {
    this.actors.push(by)
    this.calls.push({ method: dryRun ? 'planSchedule' : 'setSchedule', serial, argument: command })
    this.#known(serial)
    return await this.onSetSchedule(serial, command)
  }

  async rename(serial: string, name: unknown): Promise<DeviceView> {
    const given = readName(name)
    return this.update(serial, { name: given ?? 'Bathroom', nameSource: given === null ? 'account' : 'given' })
  }

  async forget(serial: string): Promise<void> {
    this.#known(serial)
    this.remove(serial)
  }

  #known(serial: string): DeviceView {
    const view = this.#views.get(serial)
    if (!view) throw new BridgeError('UNKNOWN_DEVICE', `No device has the serial ${serial}.`)
    return view
  }

  #inHouse(serial: string): HouseDevice {
    const view = () => this.#roomed(this.#known(serial))
    return {
      get online() {
        return view().online
      },
      view,
      held: () => {
        const {
          power_off = null,
          program = null,
          manual_floor_setpoint = null,
          manual_air_setpoint = null,
        } = view().state
        const settings = { power_off, program, manual_floor_setpoint, manual_air_setpoint } as Held['settings']
        return { settings, away: null, hold: null }
      },
      reread: async () => undefined,
    }
  }

  #roomed(view: DeviceView): DeviceView {
    return { ...view, room: this.#rooms.of(view.serial) ?? view.room }
  }

  #apply(serial: string, command: unknown): CommandResult {
    if (typeof command !== 'object' || command === null) throw new BridgeError('BAD_REQUEST', 'Not an object.')
    const view = this.update(serial, { state: command as DeviceState })
    return { before: view.state, state: view.state, rounded: {}, superseded: [] }
  }
}

export class FakeBridge implements Bridge {
  readonly calls: ('discover' | 'restart')[] = []
  failWith: BridgeError | undefined
  update: BridgeInfo['update']
  readonly #devices: Devices
  readonly #accounts: Accounts

  constructor(devices: Devices = new FakeDevices(), accounts: Accounts = new FakeAccounts()) {
    this.#devices = devices
    this.#accounts = accounts
  }

  info(): BridgeInfo {
    return {
      version: '0.0.0-test',
      started: '2026-01-15T12:00:00.000Z',
      accounts: this.#accounts.list(),
      devices: this.#devices.count,
      ...(this.update === undefined ? {} : { update: this.update }),
    }
  }

  async discover(): Promise<{ readonly devices: number }> {
    this.calls.push('discover')
    if (this.failWith) throw this.failWith
    return { devices: this.#devices.list().length }
  }

  async restart(): Promise<void> {
    this.calls.push('restart')
    if (this.failWith) throw this.failWith
  }
}
