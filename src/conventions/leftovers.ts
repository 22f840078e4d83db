/** Clears retained messages of earlier runs: devices forgotten meanwhile, and values that a device no longer has. */
import type { Clock, Timer } from '../core/clock.ts'
import type { Unsubscribe } from '../core/events.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { MqttPort } from '../mqtt/port.ts'
import type { Convention } from './types.ts'

/** Milliseconds after the first connection; by then every device has shown its values. */
const LEARNING = 60_000

/** The most topics remembered until then; any more are left for the next start. */
const MOST = 200_000

export interface LeftoversOptions {
  readonly convention: Convention
  readonly mqtt: MqttPort
  /** Asked once, at the end: whether a topic of a device should stay. */
  readonly keeper: () => (id: string, topic: string) => boolean
  readonly clock: Clock
  readonly logger: Logger
}

export class Leftovers {
  readonly #options: LeftoversOptions
  /** Topics by device. */
  readonly #found = new Map<string, Set<string>>()
  /** Devices published by this bridge. */
  readonly #ours = new Set<string>()
  #count = 0
  #subscriptions: Unsubscribe[] = []
  #timer: Timer | undefined

  constructor(options: LeftoversOptions) {
    this.#options = options
  }

  /** Listens for a while after the first connection, then clears and stops listening. */
  start(): void {
    const { convention, mqtt, clock } = this.#options
    this.#subscriptions = [
      ...convention.everything.map((filter) =>
        mqtt.subscribe(filter, (topic, payload, retained) => {
          if (retained) this.#heard(topic, payload)
        }),
      ),
      mqtt.onConnect(() => {
        this.#timer ??= clock.timer(LEARNING, () => this.#clear())
      }),
    ]
  }

  stop(): void {
    this.#timer?.cancel()
    for (const unsubscribe of this.#subscriptions) unsubscribe()
    this.#subscriptions = []
  }

  #heard(topic: string, payload: Buffer): void {
    const { convention } = this.#options
    const id = convention.deviceIn(topic)
    if (id === undefined || this.#count >= MOST) return
    this.#count++
    const topics = this.#found.get(id) ?? new Set()
    this.#found.set(id, topics.add(topic))
    if (convention.marks(topic, payload.toString())) this.#ours.add(id)
  }

  #clear(): void {
    const { mqtt, keeper, logger, convention } = this.#options
    this.stop()
    const keeps = keeper()
    const left = [...this.#ours].flatMap((id) => [...(this.#found.get(id) ?? [])].filter((topic) => !keeps(id, topic)))
    for (const topic of left) mqtt.clear(topic)
    this.#found.clear()
    if (left.length > 0) {
      logger.info({ convention: convention.name, topics: left.length }, 'cleared retained messages of an earlier run')
    }
  }
}
