import { type Model, unlockBoth } from '../catalog/index.ts'
import type { Clock } from '../core/clock.ts'
import { sleep } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import type { PlannedChange } from '../devices/command.ts'
import type { DeviceAddress, DeviceLink, LinkOutcome, LinkOwner, Prepare } from '../devices/link.ts'
import type { Published } from '../devices/second-source.ts'
import type { MqttPort } from '../mqtt/port.ts'
import type { ParameterList, Telemetry } from '../protocol/replies.ts'
import { type Command, commandsFor, type Row, type Situation, setpointInForce } from './commands.ts'
import { Confirmation } from './confirmation.ts'
import type { Form } from './topics.ts'

/** How a device publishes. */
export interface Heard {
  /** The topic up to the client id. */
  readonly base: string
  readonly form: Form
}

export interface NativeLinkOptions {
  readonly lan: DeviceLink
  readonly owner: LinkOwner
  readonly mqtt: Pick<MqttPort, 'publish' | 'connected'>
  readonly clock: Clock
  readonly logger: Logger
  /** How it published last in this run; undefined when it has not. */
  readonly heard: () => Heard | undefined
  /** Where it takes a command. */
  readonly topicOf: (heard: Heard, name: string) => string
}

/**
 * Pauses in ms between publishing a command and each question what came of it. Devices publish 3 to 5 s after a command
 * (Welrok, "MQTT"): what they say before the last pause may be what they held before, what they say in it is the outcome.
 */
const LOOKS = [1_500, 1_500, 7_000]

const LAN_LOCK = 114
const CLOUD_LOCK = 115

const NOTHING: LinkOutcome = { parameters: new Map(), notApplied: [], used: new Map() }

/**
 * The way to a device that takes commands over MQTT: writes go there when it has a topic for them, everything else goes over
 * the LAN. What came of a write is told by whatever shows first: what the device publishes, or what it answers.
 */
export class NativeLink implements DeviceLink {
  readonly #options: NativeLinkOptions
  readonly #lan: DeviceLink
  readonly #abort = new AbortController()
  #parameters: ParameterList | null = null
  #telemetry: Telemetry | null = null
  #confirmation: Confirmation | undefined
  /** The end of the write before. */
  #turn: Promise<unknown> = Promise.resolve()

  readonly readTime: DeviceLink['readTime']
  readonly resetParameters: DeviceLink['resetParameters']
  readonly resetSchedule: DeviceLink['resetSchedule']
  readonly readWeek: DeviceLink['readWeek']
  readonly writeDay: DeviceLink['writeDay']
  readonly setTime: DeviceLink['setTime']
  readonly restart: DeviceLink['restart']
  readonly blink: DeviceLink['blink']

  constructor(options: NativeLinkOptions) {
    const { lan } = options
    this.#options = options
    this.#lan = lan
    this.readTime = () => lan.readTime()
    this.resetParameters = () => lan.resetParameters()
    this.resetSchedule = () => lan.resetSchedule()
    this.readWeek = (kind) => lan.readWeek(kind)
    this.writeDay = (...day) => lan.writeDay(...day)
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

  /** What the device has just published. */
  take(message: Published): void {
    if (message.kind === 'parameters') this.#parameters = message.list
    if (message.kind === 'telemetry') this.#telemetry = message.telemetry
    this.#confirmation?.hear(message)
  }

  /**
   * @throws BridgeError `LOCKED_BOTH` when the device is locked for all networks, `OUTCOME_UNKNOWN` when nothing of it is heard
   * afterwards, and what writing over the LAN throws when it goes there
   */
  write(prepare: Prepare): Promise<LinkOutcome> {
    const written = this.#turn.then(() => this.#write(prepare))
    this.#turn = written.catch(() => undefined)
    return written
  }

  async stop(): Promise<void> {
    this.#abort.abort()
    await this.#turn
    await this.#lan.stop()
  }

  async #write(prepare: Prepare): Promise<LinkOutcome> {
    const heard = this.#options.heard()
    const { model } = this.#options.owner
    if (!heard || !model || !this.#options.mqtt.connected || this.#abort.signal.aborted) return this.#lan.write(prepare)
    const changes = await prepare()
    if (changes.length === 0) return NOTHING
    const situation = this.#situation(heard, model)
    if (commandsFor(rowsOf(changes, 0), situation) === null) return this.#lan.write(() => changes)
    if (this.#locked()) throw lockedBoth(model)
    return this.#publishAll(changes, heard, situation)
  }

  async #publishAll(changes: readonly PlannedChange[], heard: Heard, situation: Situation): Promise<LinkOutcome> {
    const confirmation = new Confirmation(changes, setpointInForce(rowsOf(changes, 0), situation))
    this.#confirmation = confirmation
    try {
      for (let way = 0; ; way++) {
        const left = confirmation.missing.filter(({ raws }) => raws[way] !== undefined)
        const commands = left.length > 0 ? commandsFor(rowsOf(left, way), situation) : null
        if (commands === null) break
        await this.#deliver(commands, heard, confirmation)
      }
    } finally {
      this.#confirmation = undefined
    }
    const { parameters, missing, used } = confirmation
    return { parameters, notApplied: missing.map(({ id }) => id), used }
  }

  /** Publishes, and looks until all of it shows or it is known that it does not. */
  async #deliver(commands: readonly Command[], heard: Heard, confirmation: Confirmation): Promise<void> {
    const { mqtt, topicOf, logger, owner } = this.#options
    for (const { name, payload } of commands) mqtt.publish(topicOf(heard, name), payload)
    logger.debug({ serial: owner.serial, commands: commands.map(({ name }) => name) }, 'commands were published')
    let last: BridgeError | undefined
    for (const pause of LOOKS) {
      confirmation.doubt()
      last = await this.#look(pause, confirmation)
      if (confirmation.missing.length === 0) return
      if (this.#abort.signal.aborted) throw outcomeUnknown(undefined)
    }
    if (last && !confirmation.told) throw outcomeUnknown(last)
  }

  /** Waits, then asks; both end when all shows. Returns why the device could not be asked. */
  async #look(pause: number, confirmation: Confirmation): Promise<BridgeError | undefined> {
    const over = new AbortController()
    const signal = AbortSignal.any([over.signal, this.#abort.signal])
    await Promise.race([confirmation.done, sleep(this.#options.clock, pause, signal)])
    over.abort()
    if (confirmation.missing.length === 0 || this.#abort.signal.aborted) return undefined
    const asked = this.readParameters().then(
      (list) => {
        confirmation.read(list)
        return undefined
      },
      (error: unknown) => {
        if (error instanceof BridgeError) return error
        throw error
      },
    )
    return Promise.race([asked, confirmation.done.then(() => undefined)])
  }

  #situation(heard: Heard, model: Situation['model']): Situation {
    const { owner } = this.#options
    const operatingMode = this.#telemetry?.fields.get('m.1')
    return { serial: owner.serial, model, form: heard.form, parameters: this.#parameters, operatingMode }
  }

  /** Over MQTT nothing answers that a command is refused. */
  #locked(): boolean {
    const locks = [LAN_LOCK, CLOUD_LOCK].map((id) => this.#parameters?.get(id)?.value)
    return locks.every((value) => value === '1')
  }
}

function rowsOf(changes: readonly PlannedChange[], way: number): readonly Row[] {
  return changes.map(({ id, type, raws }) => ({ id, type, raw: raws[way] ?? raws[0] ?? '' }))
}

function lockedBoth(model: Model): BridgeError {
  return new BridgeError(
    'LOCKED_BOTH',
    `The device is locked for LAN and cloud at once: no network commands it, MQTT neither. Unlock it ${unlockBoth(model)}.`,
  )
}

function outcomeUnknown(cause: BridgeError | undefined): BridgeError {
  return new BridgeError(
    'OUTCOME_UNKNOWN',
    `The command was published, but nobody knows whether the device did it: it has neither published nor answered since. ${cause?.message ?? 'The bridge is stopping.'}`,
    { ...(cause ? { cause } : {}), details: { cause: cause?.code ?? 'DEVICE_UNREACHABLE' } },
  )
}
