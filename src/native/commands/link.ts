import type { ScheduleKind } from '../../catalog/index.ts'
import type { Clock } from '../../core/clock.ts'
import { BridgeError, type ErrorCode } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type {
  DeviceAddress,
  DeviceLink,
  LinkOutcome,
  LinkOwner,
  PlannedChange,
  Prepare,
} from '../../devices/link/link.ts'
import type { Published } from '../../devices/reading/second-source.ts'
import type { MqttPort } from '../../mqtt/port.ts'
import type { ParameterList, Telemetry } from '../../protocol/replies.ts'
import type { EncodedDay, Week } from '../../protocol/schedule.ts'
import type { Answer } from '../messages.ts'
import type { Form } from '../topics.ts'
import { Answers } from './answers.ts'
import { AskedLink } from './asked-link.ts'
import { Confirmation } from './confirmation.ts'
import { DayConfirmation } from './day.ts'
import { type Awaited, deliver } from './delivery.ts'
import { dayNotApplied, lockedBoth } from './errors.ts'
import type { Command } from './index.ts'
import { commandForDay, commandsFor, hasApi, type Row, type Situation, setpointInForce } from './index.ts'

/** How a device publishes. */
export interface Heard {
  /** The topic up to the client id. */
  readonly base: string
  readonly form: Form
  /** The names under which it has published in this run. */
  readonly publishes: ReadonlySet<string>
}

export interface NativeLinkOptions {
  readonly lan: DeviceLink
  readonly owner: LinkOwner
  readonly mqtt: Pick<MqttPort, 'publish' | 'connected'>
  readonly clock: Clock
  readonly logger: Logger
  /** How it last published in this run; undefined if it has not. */
  readonly heard: () => Heard | undefined
  /** The topic for a command. */
  readonly topicOf: (heard: Heard, name: string) => string
}

/** A reachable device, and where to reach it. */
type Reached = Situation & Heard

const LAN_LOCK = 114
const CLOUD_LOCK = 115

const NOTHING: LinkOutcome = { parameters: new Map(), notApplied: [], used: new Map() }

/** The LAN did not reach the device, so it received only what went over MQTT. */
const NOT_REACHED: ReadonlySet<ErrorCode> = new Set([
  ...(['DEVICE_UNREACHABLE', 'DEVICE_TIMEOUT', 'DEVICE_BUSY', 'DEVICE_WEDGED'] as const),
])

/**
 * The link to a device that accepts commands over MQTT: writes go there if the device has a topic for them, everything else
 * goes over the LAN. The result of a write is taken from whatever comes first, a message of the device or its answer. A write
 * without effect is tried over the LAN before it is reported. If the LAN does not reach the device, its local API is used over
 * its topics, if it has them.
 */
export class NativeLink implements DeviceLink {
  readonly #options: NativeLinkOptions
  readonly #lan: DeviceLink
  readonly #abort = new AbortController()
  readonly #answers: Answers
  #parameters: ParameterList | null = null
  #telemetry: Telemetry | null = null
  #awaited: Awaited | undefined
  /** The end of the previous write. */
  #turn: Promise<unknown> = Promise.resolve()

  readonly readTime: DeviceLink['readTime']
  readonly readWeek: DeviceLink['readWeek']
  readonly resetParameters: DeviceLink['resetParameters']
  readonly resetSchedule: DeviceLink['resetSchedule']
  readonly setTime: DeviceLink['setTime']
  readonly restart: DeviceLink['restart']
  readonly blink: DeviceLink['blink']

  constructor(options: NativeLinkOptions) {
    const { clock, owner } = options
    this.#options = options
    this.#answers = new Answers({
      clock,
      owner,
      signal: this.#abort.signal,
      publish: (payload) => {
        const heard = this.#heard
        if (heard) this.#publish([{ name: 'api', payload }], heard)
      },
    })
    const lan = new AskedLink({
      lan: options.lan,
      answers: this.#answers,
      canAsk: () => {
        const heard = this.#heard
        return heard !== undefined && hasApi(owner.model, heard)
      },
    })
    this.#lan = lan
    this.readTime = () => lan.readTime()
    this.readWeek = (kind) => lan.readWeek(kind)
    this.resetParameters = () => lan.resetParameters()
    this.resetSchedule = () => lan.resetSchedule()
    this.setTime = (time, zone) => lan.setTime(time, zone)
    this.restart = () => lan.restart()
    this.blink = () => lan.blink()
  }

  get address(): DeviceAddress {
    return this.#lan.address
  }

  get clockOffset(): number | null {
    return this.#lan.clockOffset
  }

  setAddress(address: DeviceAddress): void {
    this.#lan.setAddress(address)
  }

  note(parameters: ParameterList): void {
    this.#parameters = parameters
    this.#lan.note(parameters)
  }

  async readTelemetry(): Promise<Telemetry> {
    this.#telemetry = await this.#lan.readTelemetry()
    return this.#telemetry
  }

  async readParameters(): Promise<ParameterList> {
    this.#parameters = await this.#lan.readParameters()
    return this.#parameters
  }

  /** A message just published by the device. */
  take(message: Published | Answer): void {
    if (message.kind === 'answer') {
      this.#answers.hear(message.answer)
      return
    }
    if (message.kind === 'parameters') this.#parameters = message.list
    if (message.kind === 'telemetry') this.#telemetry = message.telemetry
    this.#awaited?.hear(message)
  }

  /**
   * @throws BridgeError `LOCKED_BOTH` if the device is locked for all networks, `OUTCOME_UNKNOWN` if nothing is heard from it
   * afterwards, and the errors of the LAN if the write goes there
   */
  write(prepare: Prepare): Promise<LinkOutcome> {
    return this.#inTurn(() => this.#write(prepare))
  }

  /** @throws BridgeError the same, and `NOT_APPLIED` if the device shows something else afterwards */
  writeDay(kind: ScheduleKind, day: EncodedDay, otherwise?: EncodedDay): Promise<Week> {
    return this.#inTurn(() => this.#writeDay(kind, day, otherwise))
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#turn
    await this.#lan.stop()
  }

  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(job)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #write(prepare: Prepare): Promise<LinkOutcome> {
    const situation = this.#situation()
    if (!situation) return this.#lan.write(prepare)
    const changes = await prepare()
    if (changes.length === 0) return NOTHING
    if (commandsFor(rowsOf(changes, 0), situation) === null) return this.#lan.write(() => changes)
    this.#checkLocks(situation)
    const outcome = await this.#publishAll(changes, situation)
    return outcome.notApplied.length === 0 ? outcome : this.#overLan(changes, outcome)
  }

  async #publishAll(changes: readonly PlannedChange[], situation: Reached): Promise<LinkOutcome> {
    const confirmation = new Confirmation(changes, setpointInForce(rowsOf(changes, 0), situation))
    for (let way = 0; ; way++) {
      const left = confirmation.missing.filter(({ raws }) => raws[way] !== undefined)
      const commands = left.length > 0 ? commandsFor(rowsOf(left, way), situation) : null
      if (commands === null) break
      await this.#deliver(commands, situation, confirmation, async () => confirmation.read(await this.readParameters()))
    }
    const { parameters, missing, used } = confirmation
    return { parameters, notApplied: missing.map(({ id }) => id), used }
  }

  /** A write without effect over MQTT may work if signed: over MQTT the device does not say why it did nothing. */
  async #overLan(changes: readonly PlannedChange[], outcome: LinkOutcome): Promise<LinkOutcome> {
    try {
      const lan = await this.#lan.write(() => changes.filter(({ id }) => outcome.notApplied.includes(id)))
      return {
        ...lan,
        parameters: new Map([...outcome.parameters, ...lan.parameters]),
        used: new Map([...outcome.used, ...lan.used]),
      }
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
      return NOT_REACHED.has(error.code) ? outcome : { ...outcome, why: error }
    }
  }

  async #writeDay(kind: ScheduleKind, ...[day, otherwise]: readonly [EncodedDay, EncodedDay?]): Promise<Week> {
    const situation = this.#situation()
    if (!situation || !commandForDay(kind, day, situation)) return this.#lan.writeDay(kind, day, otherwise)
    this.#checkLocks(situation)
    for (const way of [day, otherwise]) {
      const command = way && commandForDay(kind, way, situation)
      if (!way || !command) continue
      const confirmation = new DayConfirmation(kind, way)
      await this.#deliver([command], situation, confirmation, async () => confirmation.read(await this.readWeek(kind)))
      if (confirmation.shown) return confirmation.shown
    }
    try {
      return await this.#lan.writeDay(kind, day, otherwise)
    } catch (error) {
      if (error instanceof BridgeError && NOT_REACHED.has(error.code)) throw dayNotApplied(error)
      throw error
    }
  }

  /** Publishes, and waits for the result. */
  async #deliver(
    commands: readonly Command[],
    situation: Reached,
    awaited: Awaited,
    ask: () => Promise<void>,
  ): Promise<void> {
    const { clock, logger } = this.#options
    this.#awaited = awaited
    const publish = () => {
      this.#publish(commands, situation)
      const names = commands.map(({ name }) => name)
      logger.debug({ serial: situation.serial, commands: names }, 'commands were published')
    }
    try {
      await deliver(awaited, { clock, signal: this.#abort.signal, publish, ask })
    } finally {
      this.#awaited = undefined
    }
  }

  #publish(commands: readonly Command[], heard: Heard): void {
    const { mqtt, topicOf } = this.#options
    for (const { name, payload } of commands) mqtt.publish(topicOf(heard, name), payload)
  }

  /** Undefined if the device can't be reached over MQTT now. */
  get #heard(): Heard | undefined {
    const { mqtt, heard } = this.#options
    return mqtt.connected && !this.#abort.signal.aborted ? heard() : undefined
  }

  /** The same; also undefined while the model is unknown. */
  #situation(): Reached | undefined {
    const { serial, model } = this.#options.owner
    const heard = this.#heard
    if (!heard || !model) return undefined
    const operatingMode = this.#telemetry?.fields.get('m.1')
    return { ...heard, serial, model, parameters: this.#parameters, operatingMode }
  }

  /** Over MQTT, the device does not report a refused command. */
  #checkLocks({ model, parameters }: Reached): void {
    const locks = [LAN_LOCK, CLOUD_LOCK].map((id) => parameters?.get(id)?.value)
    if (locks.every((value) => value === '1')) throw lockedBoth(model)
  }
}

function rowsOf(changes: readonly PlannedChange[], way: number): readonly Row[] {
  return changes.map(({ id, type, raws }) => ({ id, type, raw: raws[way] ?? raws[0] ?? '' }))
}
