/**
 * The discovery of one device: one document, or several if the broker accepts no large messages. A component that moves
 * between them is handed over (`migrate_discovery`), so that Home Assistant keeps people's settings for it.
 */
import { Announcement, type AnnouncementOptions } from './announcement.ts'
import { type Split, split } from './document/split.ts'
import type { DiscoveryDocument } from './document/types.ts'

export interface PartsOptions extends Omit<AnnouncementOptions, 'topic' | 'settle'> {
  /** The topic of the part with that number, from 0. */
  readonly topicOf: (part: number) => string
}

export class Parts {
  readonly #options: PartsOptions
  readonly #parts: Announcement[] = []
  readonly #listening: (() => void)[] = []
  #left = ''

  constructor(options: PartsOptions) {
    this.#options = options
    this.#part(0)
  }

  /** Whether a document of this run has been sent. */
  get sent(): boolean {
    return this.#part(0).sent
  }

  /** Reads what is retained on its topics and on the next one: an earlier run may have needed more. */
  listen(): void {
    while (this.#listening.length <= this.#parts.length) {
      const part = this.#listening.length
      this.#listening.push(
        this.#options.mqtt.subscribe(
          this.#options.topicOf(part),
          (_topic, payload, retained) => this.#received(part, payload.toString(), retained),
          { readOnce: true },
        ),
      )
    }
  }

  request(): void {
    for (const part of this.#parts) part.request()
  }

  repeat(delay: number): void {
    for (const part of this.#parts) part.repeat(delay)
  }

  connected(): void {
    for (const part of this.#parts) part.connected()
  }

  now(): void {
    for (const part of [...this.#parts]) part.now()
  }

  promptly(): void {
    for (const part of [...this.#parts]) part.promptly()
  }

  stop(): void {
    for (const unsubscribe of this.#listening.splice(0)) unsubscribe()
    for (const part of this.#parts) part.stop()
  }

  /** The last part first, so that none is left behind a missing one. */
  remove(): void {
    this.stop()
    for (const part of [...this.#parts].reverse()) part.remove()
  }

  #part(index: number): Announcement {
    while (this.#parts.length <= index) {
      const number = this.#parts.length
      this.#parts.push(
        new Announcement({
          ...this.#options,
          topic: this.#options.topicOf(number),
          build: () => this.#build(number),
          settle: () => this.#settle(),
          // Only the first represents the device.
          ...(number === 0 ? {} : { deleted: () => false }),
        }),
      )
    }
    if (this.#listening.length > 0) this.listen()
    return this.#parts[index] ?? this.#part(index)
  }

  #received(index: number, payload: string, retained: boolean): void {
    if (index >= this.#parts.length && (payload === '' || !retained)) return
    this.#part(index).received(payload, retained)
  }

  /** Decided by the longest topic among them, or nearly so. */
  get #largest(): number {
    return this.#options.mqtt.largest(this.#options.topicOf(9))
  }

  /** The usual case: nothing must be split, and nothing was. */
  get #whole(): boolean {
    return this.#parts.length === 1 && this.#largest === Number.POSITIVE_INFINITY
  }

  #split(): Split | undefined {
    const document = this.#options.build()
    if (!document) return undefined
    const largest = this.#largest
    return split(document, largest, (key) => {
      const part = this.#parts.findIndex((one) => one.told.has(key))
      return part < 0 ? undefined : part
    })
  }

  /** Empty while a component must be handed over from one part to another. */
  #build(part: number): DiscoveryDocument | undefined {
    if (this.#whole) return this.#options.build()
    const found = this.#split()
    return found && this.#moving(found).size === 0 ? found.parts[part] : undefined
  }

  /** The parts with a component that is in another one now. */
  #moving({ parts }: Split): Set<Announcement> {
    const moving = new Set<Announcement>()
    for (const [index, part] of this.#parts.entries()) {
      const elsewhere = parts.some((other, at) => at !== index && sharesKey(part.told, other.components))
      if (elsewhere) moving.add(part)
    }
    return moving
  }

  /** Makes sure that all needed parts exist, and that moved components are released first. */
  #settle(): boolean {
    if (this.#whole) return true
    const found = this.#split()
    if (!found) return true
    this.#sayLeft(found.left)
    for (let index = this.#parts.length; index < found.parts.length; index++) this.#part(index).request(0)
    const moving = this.#moving(found)
    // While some parts release components, the others wait too: they may receive them.
    for (const part of this.#parts) {
      if (moving.has(part)) part.letGo()
      else if (moving.size > 0) part.hold()
    }
    for (const [index, part] of this.#parts.entries()) {
      if (!found.parts[index] && moving.size === 0 && index > 0) part.vacate()
    }
    return moving.size === 0
  }

  #sayLeft(left: readonly string[]): void {
    const components = left.join(', ')
    if (components !== '' && components !== this.#left) {
      this.#options.logger.error(
        { topic: this.#options.topicOf(0), components: left },
        'These entities are missing in Home Assistant: each is larger than the largest message that the MQTT broker accepts. Raise its packet size limit.',
      )
    }
    this.#left = components
  }
}

const sharesKey = (told: ReadonlyMap<string, string>, components: object): boolean =>
  Object.keys(components).some((key) => told.has(key))
