/** The embedded broker, loaded when it starts: with another broker, the bridge is online sooner without it. */
import type { Timer } from '../core/clock.ts'
import { asBridgeError } from '../core/errors.ts'
import type { BridgeProblem } from '../devices/ports.ts'
import type { BrokerCounts, BrokerOptions, EmbeddedBroker } from './broker/index.ts'
import { isPortTaken, requireSafe, urlAt } from './broker/settings.ts'
import { embeddedTarget, type Target } from './client/target.ts'

/** Milliseconds between two attempts to get a port that another program has. */
const AGAIN_MS = 15_000

export interface OwnBrokerOptions extends BrokerOptions {
  /** If another program has the port, the bridge runs without others being let in, until the port is free. */
  readonly awaitsPort: boolean
  /** The problem has begun or ended. */
  readonly onProblem: () => void
}

export class OwnBroker {
  readonly #options: OwnBrokerOptions
  /** The bridge's own connection to it, available once it has started. */
  readonly target: Target
  #broker: EmbeddedBroker | undefined
  #problem: BridgeProblem | undefined
  #again: Timer | undefined
  #trying: Promise<void> | undefined
  #stopped = false

  /** Throws `BridgeError` BAD_REQUEST for settings that would let anybody on the network in. */
  constructor(options: OwnBrokerOptions) {
    requireSafe(options.settings)
    this.#options = options
    this.target = embeddedTarget(
      () => urlAt(options.settings.host, this.port),
      () => this.#started.dial(),
    )
  }

  /** Listens. Rejects with `BridgeError` BAD_REQUEST if the address can't be used, and if its port is not awaited. */
  async start(): Promise<void> {
    const { EmbeddedBroker } = await import('./broker/index.ts')
    const broker = new EmbeddedBroker(this.#options)
    if (this.#options.awaitsPort) await this.#startAnyway(broker)
    else await broker.start()
    this.#broker = broker
  }

  /** The port listened on; before that, the one in the settings. */
  get port(): number {
    return this.#broker?.port ?? this.#options.settings.port
  }

  /** Why nobody but the bridge reaches it. */
  get problems(): readonly BridgeProblem[] {
    return this.#problem ? [this.#problem] : []
  }

  counts(): BrokerCounts | undefined {
    return this.#broker?.counts()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#again?.cancel()
    await this.#trying
    await this.#broker?.stop()
  }

  get #started(): EmbeddedBroker {
    if (!this.#broker) throw new Error('the embedded broker was not started')
    return this.#broker
  }

  async #startAnyway(broker: EmbeddedBroker): Promise<void> {
    await broker.open()
    try {
      await broker.listen()
    } catch (error) {
      if (!isPortTaken(error)) {
        await broker.stop()
        throw error
      }
      const { message } = asBridgeError(error)
      const told = `${message} Until then, the bridge and its page work, but nothing else reaches the thermostats over MQTT.`
      this.#problem = { code: 'mqtt_port_taken', message: told }
      this.#options.logger.warn(told)
      this.#wait(broker)
    }
  }

  #wait(broker: EmbeddedBroker): void {
    if (this.#stopped) return
    this.#again = this.#options.clock.timer(AGAIN_MS, () => {
      this.#trying = this.#tryAgain(broker)
    })
  }

  async #tryAgain(broker: EmbeddedBroker): Promise<void> {
    try {
      await broker.listen()
    } catch {
      // It was reported when it began. A port that has become unusable for another reason is awaited too.
      this.#wait(broker)
      return
    }
    this.#problem = undefined
    this.#options.onProblem()
  }
}
