import { type Datapoint, datapointsOf, type FaultKind, faultsOf, modelWithId } from '../../catalog/index.ts'
import type { BridgeError } from '../../core/errors.ts'
import type { EventBus } from '../../core/events.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { DeviceAddress } from '../link/link.ts'
import type { AccountState, AccountView, BridgeEvent, DeviceEvents, DeviceView, Finding, Refusal } from '../ports.ts'
import { type Asked, type CameOfIt, type ChangeAtDevice, carriedOut, changedAtDevice } from './command-events.ts'

/** What was told before; the store satisfies it. */
export interface NewsMemory {
  /** For each fault of a device, whether the last news was that it has begun; a fault that was never told of is absent. */
  faultsTold(serial: string): ReadonlyMap<string, boolean>
  /** Whether the last news was that the device does not answer. */
  offlineTold(serial: string): boolean
  /** The kinds of findings of which the last news was that they have begun. */
  findingsTold(serial: string): readonly string[]
}

export interface NewsOptions {
  readonly events: Pick<EventBus<DeviceEvents>, 'emit'>
  readonly logger: Logger
  readonly memory: NewsMemory | undefined
}

const LOCKS: Readonly<Record<string, string>> = {
  none: 'is open: it accepts commands from the LAN and the cloud',
  cloud: 'refuses commands from the cloud',
  lan: 'accepts only signed commands from the LAN',
  both: 'accepts no commands from any network, only from its own keys',
}

/** What findings are called, in the middle of a sentence. */
const FINDING_NAMES: Readonly<Record<string, string>> = {
  not_warming: 'does not warm',
  warms_unheated: 'warms although the load is off',
  sensor_frozen: 'sensor frozen',
  sensor_jumps: 'sensor jumps',
  too_warm: 'too warm',
  heating_long: 'heats far longer than usual',
  comes_and_goes: 'comes and goes',
  clock_wrong: 'clock wrong',
  energy_high: 'uses much more energy than usual',
}

const BAD: ReadonlySet<BridgeEvent['type']> = new Set(['device_offline', 'fault_began', 'finding_began'])

/** News for people and automations: each change is told once, as an event and in the log. */
export class News {
  readonly #options: NewsOptions
  readonly #locks = new Map<string, string>()
  readonly #accounts = new Map<string, AccountState>()
  /** By serial, the last known state of each fault. */
  readonly #faults = new Map<string, Map<string, boolean>>()
  /** By serial, whether the last news was that the device does not answer. */
  readonly #offline = new Map<string, boolean>()
  /** By serial, the kinds of findings told of and not over. */
  readonly #found = new Map<string, readonly string[]>()
  /** By model: rows would be made anew at each request. */
  readonly #faultRows = new Map<string, readonly (readonly [Datapoint, FaultKind])[]>()

  constructor(options: NewsOptions) {
    this.#options = options
  }

  /** A device was found, or answers at another address than `before`. */
  place({ serial, name, address }: DeviceView, before: DeviceAddress | null): void {
    const where = address ? `${address.host}:${address.port}` : 'an unknown address'
    if (before)
      this.#tell({ type: 'address_changed', serial, message: `${name} moved from ${before.host} to ${where}.` })
    else this.#tell({ type: 'device_found', serial, message: `Found ${name} at ${where}.` })
  }

  forgotten({ serial, name, sources }: DeviceView): void {
    this.#locks.delete(serial)
    this.#faults.delete(serial)
    this.#offline.delete(serial)
    this.#found.delete(serial)
    const accounts = sources.flatMap((source) => (source.startsWith('account:') ? [source.slice(8)] : []))
    const back = accounts.length > 0 ? ` It comes back at the next sync while ${accounts.join(' and ')} lists it.` : ''
    const message = `${name} and its keys were forgotten.${back}`
    this.#tell({ type: 'device_forgotten', serial, message, details: { name } })
  }

  renamed({ serial, name }: DeviceView, before: string): void {
    if (name === before) return
    this.#tell({
      type: 'device_renamed',
      serial,
      message: `${before} is called ${name} now.`,
      details: { before, name },
    })
  }

  /**
   * Tells when a device goes offline or comes back. A start of the bridge is no news of a device, so only a difference from
   * the last news is told.
   */
  availability({ serial, name, online }: DeviceView, error: BridgeError | null): void {
    const offline = this.#offline.get(serial) ?? this.#offlineTold(serial)
    this.#offline.set(serial, !online)
    const message = online ? `${name} answers.` : `${name} does not answer. ${error?.message ?? ''}`.trim()
    if (offline !== !online) this.#tell({ type: online ? 'device_online' : 'device_offline', serial, message })
    else if (!online) this.#options.logger.warn({ serial }, message)
  }

  /** A command was carried out, at least in part. */
  carriedOut(device: { readonly serial: string }, asked: Asked, outcome: CameOfIt): void {
    const event = carriedOut(device, asked, outcome)
    if (event) this.#options.events.emit('logged', event)
  }

  /** A device holds what no command of the bridge has set. */
  changedAtDevice({ serial }: { readonly serial: string }, change: ChangeAtDevice): void {
    this.#options.events.emit('logged', changedAtDevice(serial, change))
  }

  /** A command failed. The part that took it logs it, with more detail. @param told whether everybody is told of it */
  refused({ serial, name }: DeviceView, refusal: Refusal, { by, what, values }: Asked, told = true): void {
    const { code, message: reason, about } = refusal
    const keys = about.length > 0 ? ` (${about.join(', ')})` : ''
    const message = `A command to ${name}${keys} was not carried out: ${reason}`
    const details = { code, about: [...about], reason, by, what, values }
    this.#options.events.emit(told ? 'event' : 'logged', { type: 'command_failed', serial, message, details })
  }

  /** A command waits, because the address of the device has not proven itself yet. */
  waits({ serial, name, address }: DeviceView, ms: number): void {
    const seconds = Math.ceil(ms / 1000)
    const where = address ? ` at ${address.host}` : ''
    const message = `The first command to ${name}${where} waits ${seconds} s. It is sent if nothing else speaks for this thermostat until then.`
    this.#tell({ type: 'command_waits', serial, message, details: { seconds } })
  }

  newKey(serial: string, name: string, account: string): void {
    const message = `${name} has a new key: it was bound to its account again.`
    this.#tell({ type: 'key_changed', serial, account, message })
  }

  /**
   * Tells when the lock differs from when the device was last seen, and which faults have begun or ended since they were last
   * told of, even if that was in the bridge's previous run.
   */
  state(view: DeviceView): void {
    this.#lock(view)
    const known = this.#faults.get(view.serial) ?? this.#told(view.serial)
    this.#faults.set(view.serial, known)
    for (const [row, kind] of this.#faultsOf(view.model)) this.#fault(view, row, kind, known)
  }

  /** Tells which findings are new and which are over since they were last told of; null says nothing of either. */
  findings({ serial, name }: DeviceView, findings: readonly Finding[] | null): void {
    if (!findings) return
    const before = this.#found.get(serial) ?? this.#remembered(serial, (memory) => memory.findingsTold(serial)) ?? []
    this.#found.set(
      serial,
      findings.map(({ kind }) => kind),
    )
    for (const { kind, message, evidence } of findings) {
      if (before.includes(kind)) continue
      const details = { finding: kind, evidence: { ...evidence } }
      this.#tell({ type: 'finding_began', serial, message: `${name}: ${message}`, details })
    }
    for (const kind of before) {
      if (findings.some((finding) => finding.kind === kind)) continue
      const message = `${name}: “${FINDING_NAMES[kind] ?? kind}” is over.`
      this.#tell({ type: 'finding_ended', serial, message, details: { finding: kind } })
    }
  }

  #faultsOf(model: string): readonly (readonly [Datapoint, FaultKind])[] {
    const known = this.#faultRows.get(model)
    if (known) return known
    const rows = faultsOf(datapointsOf(modelWithId(model)))
    this.#faultRows.set(model, rows)
    return rows
  }

  #told(serial: string): Map<string, boolean> {
    return new Map(this.#remembered(serial, (memory) => memory.faultsTold(serial)))
  }

  #offlineTold(serial: string): boolean {
    return this.#remembered(serial, (memory) => memory.offlineTold(serial)) ?? false
  }

  /** Asks the memory. A store that can't be read reports that itself; everything is news then. */
  #remembered<Told>(serial: string, ask: (memory: NewsMemory) => Told): Told | undefined {
    const { memory, logger } = this.#options
    try {
      return memory && ask(memory)
    } catch (err) {
      logger.debug({ err, serial }, 'Earlier reports can’t be read, so events may be reported again')
      return undefined
    }
  }

  /**
   * Tells when a fault has begun or ended. A fault that the device does not mention for a while, because it is off or away,
   * has neither begun nor ended. A fault that the device does not have, and that was never told of, has not ended.
   */
  #fault(
    { serial, name, state, health }: DeviceView,
    row: Datapoint,
    kind: FaultKind,
    known: Map<string, boolean>,
  ): void {
    const { key } = row
    const there = state[key]
    if (typeof there !== 'boolean') return
    const before = known.get(key) ?? false
    known.set(key, there)
    if (before === there) return
    const host = key === 'address_conflict' && there ? health.rival : null
    const message = there
      ? `${name}: ${row.text}${host ? ` It is at ${host}.` : ''}`
      : `${name}: “${row.name}” is over.`
    const details = { fault: key, kind, ...(host ? { host } : {}) }
    this.#tell({ type: there ? 'fault_began' : 'fault_ended', serial, message, details })
  }

  #lock({ serial, name, state }: DeviceView): void {
    const { lock } = state
    if (typeof lock !== 'string') return
    const before = this.#locks.get(serial)
    this.#locks.set(serial, lock)
    if (before === undefined || before === lock) return
    this.#tell({ type: 'lock_changed', serial, message: `${name} ${LOCKS[lock] ?? lock}.`, details: { before, lock } })
  }

  accountState({ id, state, error }: AccountView): void {
    if (this.#accounts.get(id) === state) return
    this.#accounts.set(id, state)
    const why = error ? ` ${error.message}` : ''
    const message = `Account ${id} is ${state}.${why}`
    // The account logs its own changes, with more detail than fits an event.
    this.#options.events.emit('event', { type: 'account_state', account: id, message, details: { state } })
  }

  #tell(event: BridgeEvent): void {
    const fields = { serial: event.serial, ...(event.account ? { account: event.account } : {}) }
    if (BAD.has(event.type)) this.#options.logger.warn(fields, event.message)
    else this.#options.logger.info(fields, event.message)
    this.#options.events.emit('event', event)
  }
}
