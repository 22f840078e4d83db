/** Clears what an earlier run has left retained: devices that were forgotten meanwhile, and values that a device lost. */
import type { Clock, Timer } from '../core/clock.ts'
import type { Unsubscribe } from '../core/events.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { MqttPort } from '../mqtt/port.ts'
import type { Convention } from './types.ts'

/** ms after the first connect: by then every device has shown what it has. */
const LEARNING = 60_000

/** Topics remembered until then; when there are more, what is beyond is left for the next start. */
const MOST = 200_000

export interface LeftoversOptions {
  readonly convention: Convention
  readonly mqtt: MqttPort
  /** Asked once, at the end: tells of a topic of a device whether it is to stay. */
  readonly keeper: () => (id: string, topic: string) => boolean
  readonly clock: Clock
  readonly logger: Logger
}

export class Leftovers {
  readonly #options: LeftoversOptions
  /** Topics by the device that they are about. */
  readonly #found = new Map<string, Set<string>>()
  /** Devices that this bridge has put there. */
  readonly #ours = new Set<string>()
  #count = 0
  #subscriptions: Unsubscribe[] = []
  #timer: Timer | undefined

  constructor(options: LeftoversOptions) {
    this.#options = options
  }

  /** Listens for a while after the first connect, then clears and listens no more. */
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
      logger.info({ convention: convention.name, topics: left.length }, 'cleared what an earlier run had left retained')
    }
  }
}
