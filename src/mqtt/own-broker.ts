/** The embedded broker, loaded when it starts: with another broker, the bridge is online sooner without it. */
import type { BrokerCounts, BrokerOptions, EmbeddedBroker } from './broker/index.ts'
import { requireSafe, urlAt } from './broker/settings.ts'
import { embeddedTarget, type Target } from './client/target.ts'

export class OwnBroker {
  readonly #options: BrokerOptions
  /** The bridge's own connection to it, available once it has started. */
  readonly target: Target
  #broker: EmbeddedBroker | undefined

  /** Throws `BridgeError` BAD_REQUEST for settings that would let anybody on the network in. */
  constructor(options: BrokerOptions) {
    requireSafe(options.settings)
    this.#options = options
    this.target = embeddedTarget(
      () => urlAt(options.settings.host, this.port),
      () => this.#started.dial(),
    )
  }

  /** Listens. Rejects with `BridgeError` BAD_REQUEST if the address can't be used. */
  async start(): Promise<void> {
    const { EmbeddedBroker } = await import('./broker/index.ts')
    const broker = new EmbeddedBroker(this.#options)
    await broker.start()
    this.#broker = broker
  }

  /** The port listened on; before that, the one in the settings. */
  get port(): number {
    return this.#broker?.port ?? this.#options.settings.port
  }

  counts(): BrokerCounts | undefined {
    return this.#broker?.counts()
  }

  async stop(): Promise<void> {
    await this.#broker?.stop()
  }

  get #started(): EmbeddedBroker {
    if (!this.#broker) throw new Error('the embedded broker was not started')
    return this.#broker
  }
}
