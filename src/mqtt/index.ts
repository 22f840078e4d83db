/** Builds MQTT: the connection, the embedded broker if there is no other, publishing, and the intake of commands. */
import type { IPublishPacket } from 'mqtt'
import { within } from '../core/clock.ts'
import type { Unsubscribe } from '../core/events.ts'
import type { BridgeProblem } from '../devices/ports.ts'
import { type LinkOptions, type LinkStatus, MqttLink } from './client/index.ts'
import { largestPayload } from './client/packet-limit.ts'
import { brokerTargets } from './client/target.ts'
import { Drops } from './drops.ts'
import { Answers } from './intake/answers.ts'
import { Early } from './intake/early.ts'
import { COMMAND_EXPIRY, Freshness } from './intake/freshness.ts'
import { Hearing } from './intake/hearing.ts'
import { Intake } from './intake/index.ts'
import { Requests } from './intake/requests.ts'
import { Obstacles } from './obstacles.ts'
import { credentialsOf, type MqttBridgeOptions, type MqttCounters } from './options.ts'
import { OwnBroker } from './own-broker.ts'
import type { MessageHandler, MqttPort } from './port.ts'
import { OneVoice } from './presence/index.ts'
import { Wills } from './presence/wills.ts'
import { Publisher } from './publish/index.ts'
import { Moment } from './publish/moment.ts'
import { Outbox } from './publish/outbox.ts'
import { RetainedCache } from './publish/retained.ts'
import { Rights } from './rights.ts'
import { Topics } from './topics.ts'

export type { MqttBridgeOptions, MqttOptions } from './options.ts'

export class MqttBridge implements MqttPort {
  readonly topics: Topics
  readonly #options: MqttBridgeOptions
  readonly #drops: Drops
  readonly #obstacles: Obstacles
  readonly #broker: OwnBroker | undefined
  readonly #link: MqttLink
  readonly #retained: RetainedCache
  readonly #outbox: Outbox
  readonly #freshness: Freshness
  readonly #publisher: Publisher
  readonly #intake: Intake
  readonly #hearing: Hearing
  readonly #connects: Moment
  readonly #restores: Moment
  readonly #wills: Wills
  readonly #voice: OneVoice
  readonly #rights: Rights
  #ready = false
  #received = 0
  readonly #early: Early
  readonly #onProblem = () => this.#options.devices.events.emit('info', undefined)

  /**
   * Opens nothing yet. Throws `BridgeError` BAD_REQUEST, naming the setting, for unusable certificates, a bad base
   * topic, or an embedded broker that would be open to the network.
   */
  constructor(options: MqttBridgeOptions) {
    const { settings, devices, clock, random, logger, secrets } = options
    secrets.remember(settings.password)
    secrets.remember(settings.embedded.password)
    this.#options = options
    const topics = new Topics(settings.base_topic)
    this.topics = topics
    this.#obstacles = new Obstacles(topics.base, logger, this.#onProblem)
    const drops = new Drops(logger)
    this.#drops = drops
    this.#broker = settings.url.length > 0 ? undefined : this.#embedded()
    const targets = this.#broker ? [this.#broker.target] : brokerTargets(settings)
    const credentials = credentialsOf(settings)
    const expiry = settings.command_expiry ?? COMMAND_EXPIRY
    const seconds = Math.ceil(expiry / 1000)
    this.#link = this.#newLink({ targets, credentials, sessionExpiry: seconds })
    this.#voice = this.#newVoice()
    const witness = () => this.#retained.first((topic) => !topics.owns(topic) && this.#hearing.listensTo(topic))
    this.#rights = new Rights({ topics, link: this.#link, obstacles: this.#obstacles, clock, witness })
    const guarded = (run: () => void) => this.#guarded(run)
    this.#hearing = new Hearing(this.#voice, guarded)
    this.#connects = new Moment(() => this.#ready && this.#link.connected, guarded)
    this.#restores = new Moment(() => this.restored, guarded)
    const retained = new RetainedCache(this.#link, () => this.#restored())
    this.#retained = retained
    const restate = (topic: string) => retained.restate(topic)
    this.#wills = new Wills({ targets, credentials, restate, clock, random, logger })
    this.#outbox = new Outbox({ link: this.#link, drops, expiry: seconds })
    const ping = (onPong: () => void) => this.#link.ping(onPong)
    const freshness = new Freshness({ clock, expiry, ping, lastConnected: options.lastConnected })
    this.#freshness = freshness
    const answers = new Answers({ topics, outbox: this.#outbox, drops, secrets, logger })
    const requests = new Requests({ ...options, topics, answers, freshness })
    this.#intake = new Intake({ topics, devices, requests, retained, answers, drops, freshness })
    this.#early = new Early((topic, payload) => this.publish(topic, payload), drops)
    const publish = (topic: string, payload: string) => this.#early.tell(topic, payload)
    const about = () => this.about()
    this.#publisher = new Publisher({ ...options, topics, retained, publish, hearing: this.#hearing, about })
  }

  /** Listens, if the broker is embedded (rejects with `BridgeError` when it cannot), and connects in the background. */
  async start(): Promise<void> {
    await this.#broker?.start()
    this.#link.start()
    this.#publisher.start()
  }

  /** Says `offline`, disconnects, and stops the embedded broker; takes at most about two seconds. */
  async stop(): Promise<void> {
    this.#publisher.stop()
    this.#voice.stop()
    this.#rights.end()
    await Promise.all([this.#link.stop(), this.#wills.stop()])
    this.#freshness.closed()
    await this.#broker?.stop()
  }

  /** Which run of the bridge this is, and problems that only a person can solve. */
  about(): { readonly instance: string; readonly problems: readonly BridgeProblem[] } {
    const problems = [...this.#voice.problems, ...this.#obstacles.problems, ...(this.#broker?.problems ?? [])]
    return { instance: this.#voice.self.instance, problems }
  }

  /** The port of the embedded broker; undefined if another broker is used. */
  get brokerPort(): number | undefined {
    return this.#broker?.port
  }

  status(): LinkStatus {
    return this.#link.status()
  }

  counters(): MqttCounters {
    const { sent } = this.#link
    const broker = this.#broker?.counts()
    return { received: this.#received, sent, dropped: this.#drops.total, waiting: this.#outbox.size, broker }
  }

  get connected(): boolean {
    return this.#link.connected
  }

  retain(topic: string, payload: string | (() => string | undefined), asked?: 'sent' | 'queued'): void {
    this.#retained.retain(topic, payload, asked)
  }

  repeat(topic: string): void {
    this.#retained.repeat(topic)
  }

  clear(topic: string): void {
    this.#retained.clear(topic)
  }

  largest(topic: string): number {
    return largestPayload(topic, this.#link.largestPacket)
  }

  publish(topic: string, payload: string): void {
    if (this.#link.connected) this.#link.publish(topic, payload)
    else this.#drops.note('not_connected')
  }

  subscribe(filter: string, handler: MessageHandler, options?: { readonly readOnce?: boolean }): Unsubscribe {
    return this.#hearing.subscribe(filter, handler, options)
  }

  /** Resolves when the bridge has published that it is online, or after `ms` milliseconds. */
  async whenOnline(ms: number): Promise<void> {
    let unsubscribe = () => {}
    const online = new Promise<void>((resolve) => {
      unsubscribe = this.onRestored(resolve)
    })
    await within(this.#options.clock, ms, [online])
    unsubscribe()
  }

  onConnect(handler: () => void): Unsubscribe {
    return this.#connects.listen(handler)
  }

  get restored(): boolean {
    return this.#retained.restored
  }

  onRestored(handler: () => void): Unsubscribe {
    return this.#restores.listen(handler)
  }

  keepWill(topic: string, payload: string): void {
    this.#wills.keep(topic, payload)
  }

  #embedded(): OwnBroker {
    const { settings, clock, logger, awaitsPort = false } = this.#options
    return new OwnBroker({
      settings: settings.embedded,
      awaitsPort,
      onProblem: this.#onProblem,
      drops: this.#drops,
      clock,
      logger,
      takesRetained: (topic, payload) => {
        if (!this.topics.parse(topic)) return false
        this.#voice.received(topic, payload, { cmd: 'publish', topic, payload, qos: 0, dup: false, retain: true })
        return true
      },
    })
  }

  #newLink(access: Pick<LinkOptions, 'targets' | 'credentials' | 'sessionExpiry'>): MqttLink {
    const { clock, random, logger } = this.#options
    const { topics } = this
    return new MqttLink({
      ...access,
      stateTopic: topics.bridgeState,
      clock,
      random,
      logger,
      onOpen: (resumed) => this.#open(resumed),
      onLost: () => this.#lost(),
      onReady: () => this.#voice.ready(),
      onMessage: (topic, payload, packet) => {
        if (topics.parse(topic)) this.#freshness.arrived(packet)
        this.#voice.received(topic, payload, packet)
      },
      onClosed: (closed, held) => this.#voice.closed(closed, held),
      onFailure: (topic, failure) => {
        if (!this.#rights.failed(topic)) this.#obstacles.failed(topic, failure)
      },
      onRefused: (filters) => this.#obstacles.noSubscription(filters),
    })
  }

  #newVoice(): OneVoice {
    const { settings, clock, logger } = this.#options
    return new OneVoice({
      topics: this.topics,
      link: this.#link,
      own: this.#broker !== undefined,
      clientId: settings.client_id,
      drops: this.#drops,
      clock,
      logger,
      onOpen: () => this.#opened(),
      onReady: () => this.#subscribed(),
      onMessage: (...message) => this.#receive(...message),
      onProblem: this.#onProblem,
    })
  }

  #open(resumed: boolean): void {
    const { url, protocol } = this.#link.status()
    this.#freshness.opened({ url, resumed, expires: protocol === '5' })
    this.#voice.opened()
  }

  #lost(): void {
    this.#outbox.lost()
    this.#freshness.closed()
    this.#rights.end()
  }

  /** Last of all: an earlier run may have left devices marked online that this run does not know. */
  #restored(): void {
    this.#link.sayOnline()
    this.#restores.come()
  }

  #opened(): void {
    this.#ready = false
    this.#wills.start()
    this.#obstacles.opened()
    this.#rights.opened()
    this.#retained.restore()
  }

  #subscribed(): void {
    this.#ready = true
    this.#outbox.resend()
    this.#early.connected()
    this.#connects.come()
    if (!this.#broker) this.#rights.begin()
  }

  #receive(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const heard = this.#hearing.hear(topic, payload, packet.retain)
    // Messages between bridges are not commands.
    if (this.topics.isOfBridges(topic) || this.#rights.heard(topic, payload)) return
    this.#received++
    // A message for a subscription that has just ended is ignored.
    if (this.topics.parse(topic) || (!heard && this.topics.owns(topic))) this.#intake.handle(topic, payload, packet)
  }

  #guarded(run: () => void): void {
    try {
      run()
    } catch (err) {
      this.#options.logger.error({ err }, 'A listener to MQTT failed; the others continue.')
    }
  }
}
