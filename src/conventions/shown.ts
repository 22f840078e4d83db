/** One device on the topics of a convention: its retained messages, their changes, and their removal. */
import type { DeviceState } from '../devices/ports.ts'
import type { MqttPort } from '../mqtt/port.ts'
import type { Condition, Convention, Described, Entry } from './types.ts'

export interface ShownOptions {
  readonly convention: Convention
  readonly mqtt: MqttPort
  readonly id: string
}

const NOTHING: Described = { about: [], properties: [], orders: [] }

export class Shown {
  readonly #options: ShownOptions
  #described = NOTHING
  /** The topics with retained messages, except that of the condition. */
  readonly #topics = new Set<string>()
  /** The values as last sent; undefined if all must be compared. */
  #sent: DeviceState | undefined
  #condition: Condition = 'offline'
  #changing = false
  #said: string | undefined
  readonly #refused = new Set<string>()
  /** The state to send when the device answers again. */
  #waiting: DeviceState | undefined

  constructor(options: ShownOptions) {
    this.#options = options
  }

  get id(): string {
    return this.#options.id
  }

  get orders(): Described['orders'] {
    return this.#described.orders
  }

  /** Whether something of it is retained on `topic`. */
  holds(topic: string): boolean {
    return this.#topics.has(topic) || topic === this.#conditionTopic
  }

  /** Sends a new description, with the values and the condition after it. */
  describe(described: Described, state: DeviceState, online: boolean): void {
    this.#changing = true
    this.#say()
    this.#described = described
    this.#condition = online ? 'online' : 'offline'
    const troubles = this.#troubles()
    const stay = new Set([...described.about, ...described.properties, ...troubles].map(({ topic }) => topic))
    for (const entry of described.about) this.#keep(entry)
    for (const topic of [...this.#topics]) if (!stay.has(topic)) this.#keep({ topic, payload: '' })
    if (this.#sent === undefined) this.#clearTroubles(troubles)
    for (const entry of troubles) this.#keep(entry)
    this.#sent = undefined
    this.values(state)
    this.#changing = false
    this.#say()
  }

  /** Sends the values that have changed, or delays them if the convention requires that. */
  values(state: DeviceState): void {
    this.#waiting = undefined
    if (this.#condition === 'offline' && !this.#changing && this.#options.convention.valuesAfterTroubles) {
      this.#waiting = state
      return
    }
    const sent = this.#sent
    this.#sent = state
    if (sent === state) return
    for (const { key, topic, show } of this.#described.properties) {
      const value = state[key] ?? null
      if (sent && (sent[key] ?? null) === value) continue
      this.#keep({ topic, payload: show(value) ?? '' })
    }
  }

  condition(condition: Condition): void {
    if (this.#condition === condition) return
    this.#condition = condition
    this.#tellTroubles()
    if (condition === 'online' && this.#waiting) this.values(this.#waiting)
    this.#say()
  }

  /** Everything retained has been sent to the present broker. */
  restored(): void {
    this.#say({ again: true })
  }

  /** The result of an order. If the actual value is not the requested one, it is sent again. */
  followed(key: string, outcome: 'done' | 'otherwise' | 'refused'): void {
    const before = this.#refused.has(key)
    if (outcome === 'refused') this.#refused.add(key)
    else this.#refused.delete(key)
    if (before !== this.#refused.has(key)) this.#tellTroubles()
    if (outcome === 'done') return
    for (const property of this.#described.properties) {
      if (property.key === key && this.#topics.has(property.topic)) this.#options.mqtt.repeat(property.topic)
    }
  }

  /**
   * Clears everything: first the condition, without which the device no longer exists, and last the mark that it is
   * ours, by which leftovers are found after a crash.
   */
  remove(): void {
    const { mqtt } = this.#options
    if (this.#conditionTopic !== undefined) mqtt.clear(this.#conditionTopic)
    for (const topic of [...this.#topics].reverse()) mqtt.clear(topic)
    this.#topics.clear()
  }

  get #conditionTopic(): string | undefined {
    return this.#options.convention.condition?.topic(this.id)
  }

  #keep({ topic, payload }: Entry): void {
    const { mqtt } = this.#options
    if (payload !== '') {
      this.#topics.add(topic)
      mqtt.retain(topic, payload)
    } else if (this.#topics.delete(topic)) mqtt.clear(topic)
  }

  #tellTroubles(): void {
    for (const entry of this.#troubles()) this.#keep(entry)
  }

  /** Before the first description: the end of an earlier run, or its last will, may have left troubles. */
  #clearTroubles(troubles: readonly Entry[]): void {
    for (const { topic, payload } of troubles) if (payload === '') this.#options.mqtt.clear(topic)
  }

  #troubles(): readonly Entry[] {
    const trouble = { condition: this.#condition, refused: this.#refused }
    return this.#options.convention.troubles?.(this.id, this.#described, trouble) ?? []
  }

  /** The condition as the broker knows it: until everything has been sent, the device is changing. */
  get #word(): string {
    const { convention, mqtt } = this.#options
    const changing = this.#changing || (!mqtt.restored && this.#condition !== 'stopped')
    return convention.condition?.word(changing ? 'changing' : this.#condition) ?? ''
  }

  /** A function is retained, so that a broker that returns receives `changing` before everything else is sent again. */
  #say({ again } = { again: false }): void {
    const { mqtt } = this.#options
    const topic = this.#conditionTopic
    if (topic === undefined) return
    const before = this.#said
    this.#said = this.#word
    if (before === undefined) mqtt.retain(topic, this.#payload, 'queued')
    else if (again || before !== this.#said) mqtt.repeat(topic)
  }

  readonly #payload = (): string => this.#word
}
