/** What devices publish over MQTT themselves, as a second source of their state, and commands to them over MQTT. */
import type { Clock } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import type { EventBus, Unsubscribe } from '../core/events.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { DeviceLink, LinkOwner } from '../devices/link/link.ts'
import type { DeviceEvents } from '../devices/ports.ts'
import type { Published } from '../devices/reading/second-source.ts'
import type { MqttPort } from '../mqtt/port.ts'
import { matches } from '../mqtt/topics.ts'
import { isCommand } from './commands/index.ts'
import { type Heard, NativeLink } from './commands/link.ts'
import { type Answer, readMessage } from './messages.ts'
import { Pace } from './pace.ts'
import { type Refusal, Refusals } from './refusals.ts'
import { NativeTopics, type Origin, type TopicOptions } from './topics.ts'

/** What this needs of the devices. */
export interface NativeDevices {
  readonly events: Pick<EventBus<DeviceEvents>, 'on'>
  knows(serial: string): boolean
  /** @throws BridgeError `DEVICE_BAD_REPLY` if it came from a device of another kind */
  published(serial: string, message: Published): void
}

export interface NativeMqttOptions {
  readonly topics: TopicOptions
  readonly commands: 'lan' | 'mqtt'
  readonly devices: NativeDevices
  readonly mqtt: Pick<MqttPort, 'subscribe' | 'publish' | 'connected'>
  readonly clock: Clock
  readonly logger: Logger
}

/** What is stored for one known device. */
interface Sender {
  readonly pace: Pace
  readonly publishes: Set<string>
  heard?: Heard
}

export class NativeMqtt {
  readonly #options: NativeMqttOptions
  readonly #topics: NativeTopics
  readonly #refusals: Refusals
  readonly #senders = new Map<string, Sender>()
  readonly #links = new Map<string, NativeLink>()
  readonly #unsubscribe: Unsubscribe[] = []
  #taken = 0

  constructor(options: NativeMqttOptions) {
    this.#options = options
    this.#topics = new NativeTopics(options.topics)
    this.#refusals = new Refusals(options.logger)
  }

  start(): void {
    const { devices, mqtt } = this.#options
    for (const filter of this.#topics.filters)
      this.#unsubscribe.push(mqtt.subscribe(filter, (...message) => this.#hear(filter, ...message)))
    this.#unsubscribe.push(
      devices.events.on('removed', ({ serial }) => {
        this.#senders.delete(serial)
        this.#links.delete(serial)
      }),
    )
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
  }

  /** The link to a device whose commands may go over MQTT; otherwise `lan` itself. */
  wrap(lan: DeviceLink, owner: LinkOwner): DeviceLink {
    const { commands, mqtt, clock, logger } = this.#options
    if (commands === 'lan') return lan
    const { serial } = owner
    const link = new NativeLink({
      lan,
      owner,
      clock,
      logger,
      mqtt,
      heard: () => this.#senders.get(serial)?.heard,
      topicOf: (heard, name) => this.#topics.commandTopic(serial, heard.base, heard.form, name),
    })
    this.#links.set(serial, link)
    return link
  }

  /** Accepted messages, and refused ones by reason. */
  counters(): { readonly taken: number; readonly refused: ReadonlyMap<Refusal, number> } {
    return { taken: this.#taken, refused: this.#refusals.counts() }
  }

  #hear(filter: string, topic: string, payload: Buffer, retained: boolean): void {
    // Patterns may overlap; the first matching filter gets the message, since others would only repeat it.
    if (this.#topics.filters.find((candidate) => matches(candidate, topic)) !== filter) return
    const { devices } = this.#options
    const origins = this.#topics.originsOf(topic)
    const known = origins.filter(({ serial }) => devices.knows(serial))
    const [first = origins[0], second] = known
    if (!first) return
    const refusal = second
      ? 'ambiguous'
      : known.length === 0
        ? 'unknown_device'
        : this.#take(first, topic, payload, retained)
    if (refusal) this.#refusals.count(refusal, topic, first.serial)
    else this.#taken++
  }

  #take(origin: Origin, topic: string, payload: Buffer, retained: boolean): Refusal | undefined {
    const { serial, name, form, base } = origin
    const sender = this.#senders.get(serial) ?? { pace: new Pace(this.#options.clock), publishes: new Set() }
    this.#senders.set(serial, sender)
    if (!sender.pace.take()) return 'flood'
    if (retained) return 'retained'
    // Without the levels `get` and `set`, a reading and a command may share a topic.
    if (isCommand(name) && this.#topics.commandTopic(serial, base, form, name) === topic) return 'echo'
    const message = readMessage(name, payload, serial)
    if (typeof message === 'string') return message
    sender.publishes.add(name)
    sender.heard = { base, form, publishes: sender.publishes }
    return this.#tell(serial, message)
  }

  #tell(serial: string, message: Published | Answer): Refusal | undefined {
    try {
      // An answer is only for the client that asked: it may belong to another client's request.
      if (message.kind !== 'answer') this.#options.devices.published(serial, message)
    } catch (error) {
      if (error instanceof BridgeError) return 'other_kind'
      throw error
    }
    this.#links.get(serial)?.take(message)
    return undefined
  }
}
