/** One discovery document on its topic: when it is sent, sent again, and taken back. */
import { createHash } from 'node:crypto'
import type { Clock, Timer } from '../core/clock.ts'
import { isObject, parseJson } from '../core/json.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { Slices } from '../core/slices.ts'
import type { MqttPort } from '../mqtt/port.ts'
import { type DiscoveryDocument, PLATFORMS, type Removal } from './document/types.ts'

/** A second document within seconds of the first makes Home Assistant lose components. */
const SPACING = 5_000
/** A document that somebody cleared is sent again at most this often. */
const REPAIR_SPACING = 10_000
/** Events come in groups: the first of them waits this long for the others. */
const SETTLE = 1_000
/**
 * After a start a device shows what it has bit by bit. Until this long after its first document could be made, one that
 * holds less than the document that the broker kept is not sent.
 */
const LEARNING = 60_000
/** How long after a changed document the states follow once more: what one said that the document before forbade is lost. */
const STATES_AFTER = 2_000

export interface AnnouncementOptions {
  readonly topic: string
  readonly mqtt: MqttPort
  readonly clock: Clock
  readonly logger: Logger
  readonly slices: Slices
  /** The document as it is now; undefined while there is nothing to say. */
  readonly build: () => DiscoveryDocument | undefined
  /** Runs before each document is made; false when it has to wait, and is asked for again by itself. */
  readonly settle?: () => boolean
  /** Runs before each send; the document of the bridge goes out before those that name it. */
  readonly before?: () => void
  /** Runs after a document was sent because Home Assistant started anew, and some time after each that changed. */
  readonly repeatStates: () => void
  /** A person has deleted the device in Home Assistant. True when that is all, false when the document is to be sent again. */
  readonly deleted?: () => boolean
}

const digestOf = (payload: string): string => createHash('sha256').update(payload).digest('base64')

const withGone = (document: DiscoveryDocument, gone: Readonly<Record<string, Removal>>): string =>
  JSON.stringify({ ...document, components: { ...document.components, ...gone } })

type Components = ReadonlyMap<string, string>

function componentsOf(components: DiscoveryDocument['components']): Map<string, string> {
  return new Map(Object.entries(components).map(([key, { platform }]) => [key, platform]))
}

/** Key and platform of each component of a document that the broker kept; none of one that is not understood. */
function parseComponents(payload: string): Map<string, string> {
  const document = parseJson(payload)
  const found = new Map<string, string>()
  if (!isObject(document) || !isObject(document.components)) return found
  for (const [key, component] of Object.entries(document.components)) {
    if (!isObject(component) || typeof component.platform !== 'string' || !PLATFORMS.has(component.platform)) continue
    if (Object.keys(component).length > 1) found.set(key, component.platform)
  }
  return found
}

export class Announcement {
  readonly #options: AnnouncementOptions
  /** What Home Assistant has been told of, by us or by the run of the bridge before. */
  #told: Components = new Map()
  /** Of the payload sent last, which may have 60 KB and is not kept. */
  #digest: string | undefined
  #timer: Timer | undefined
  #states: Timer | undefined
  #due = Number.POSITIVE_INFINITY
  #again = false
  #vacant = false
  #sentAt = Number.NEGATIVE_INFINITY
  #repairedAt = Number.NEGATIVE_INFINITY
  #learningSince: number | undefined

  constructor(options: AnnouncementOptions) {
    this.#options = options
  }

  /** Whether a document of this run is on the topic. */
  get sent(): boolean {
    return this.#digest !== undefined
  }

  /** What Home Assistant knows of: platform by key. */
  get told(): ReadonlyMap<string, string> {
    return this.#told
  }

  /**
   * Has Home Assistant let go of all components without forgetting what people set for them, since some go to another
   * document. The document is sent anew after that.
   */
  letGo(): void {
    this.#options.mqtt.publish(this.#options.topic, JSON.stringify({ migrate_discovery: true }))
    this.#told = new Map()
    this.#digest = undefined
    this.hold()
  }

  /** Sends nothing while a document lets go, and everything after that: what moved was refused where it was known twice. */
  hold(): void {
    this.#cancel()
    this.#again = true
    this.#sentAt = this.#options.clock.monotonic()
    this.#schedule(SPACING)
  }

  /** Clears the topic, on which there is nothing to say any more; what it still told of is gone with it. */
  vacate(): void {
    if (this.#vacant || (this.#told.size > 0 && this.#stillLearning())) return
    this.#vacant = true
    this.#digest = undefined
    this.#told = new Map()
    this.#options.mqtt.clear(this.#options.topic)
  }

  /** Sends the document soon, if it has changed by then. */
  request(delay = SETTLE): void {
    this.#schedule(delay)
  }

  /** Home Assistant started: it needs the document and the states again, changed or not. */
  repeat(delay: number): void {
    this.#again = true
    this.#schedule(delay)
  }

  /** The broker is back; what was retained has just been sent again by the connection itself. */
  connected(): void {
    if (this.sent) this.#sentAt = this.#options.clock.monotonic()
    this.#schedule(SETTLE)
  }

  /**
   * What came in on the topic, our own echo among it. What the broker kept from before says which components Home
   * Assistant knows; on a slow broker that can come after our own document.
   */
  received(payload: string, retained: boolean): void {
    if (digestOf(payload) === this.#digest) return
    if (payload === '') this.#repair()
    else if (retained) {
      this.#told = new Map([...parseComponents(payload), ...this.#told])
      if (this.sent) this.request()
    }
  }

  /** Sends now, whatever waits; for the bridge's document, which has to come before the others. */
  now(): void {
    this.#cancel()
    this.#run()
  }

  /** Sends at once what a state needs that is about to follow, but never within the spacing. */
  promptly(): void {
    if (this.#sentAt + SPACING > this.#options.clock.monotonic()) this.request()
    else this.now()
  }

  /** Stops for good, without a word to Home Assistant: on the way out of the process. */
  stop(): void {
    this.#cancel()
    this.#states?.cancel()
  }

  /** Takes the document back: the device is gone. */
  remove(): void {
    this.stop()
    this.#options.mqtt.clear(this.#options.topic)
  }

  /** Deleting a device on Home Assistant's own page clears its document; before 2026.11 so does deleting one entity. */
  #repair(): void {
    const { clock, logger, topic } = this.#options
    if (!this.sent) {
      this.#told = new Map()
      return
    }
    const now = clock.monotonic()
    if (this.#repairedAt > now || this.#options.deleted?.()) return
    const wait = Math.max(SETTLE, this.#repairedAt + REPAIR_SPACING - now)
    this.#repairedAt = now + wait
    logger.info({ topic }, 'somebody cleared a discovery document; it is sent again')
    this.#again = true
    this.#schedule(wait)
  }

  /** At the earliest of what was asked for, yet never within the spacing. */
  #schedule(delay: number): void {
    const { clock } = this.#options
    const now = clock.monotonic()
    const due = Math.max(now + delay, this.#sentAt + SPACING)
    if (this.#timer && this.#due <= due) return
    this.#timer?.cancel()
    this.#due = due
    const timer = clock.timer(due - now, () =>
      this.#options.slices.run(() => {
        // Stopped, or put off, while many others were before it.
        if (this.#timer !== timer) return
        this.#timer = undefined
        this.#due = Number.POSITIVE_INFINITY
        this.#run()
      }),
    )
    this.#timer = timer
  }

  #cancel(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#due = Number.POSITIVE_INFINITY
  }

  #run(): void {
    // Without a broker a removal could be overtaken by what follows it; the connect asks again.
    if (!this.#options.mqtt.connected) return
    if (this.#options.settle?.() === false) return
    const document = this.#options.build()
    if (!document) return
    const removals = this.#removals(document)
    if (removals.size > 0 && this.#stillLearning()) return
    this.#options.before?.()
    this.#send(document, removals)
    if (removals.size > 0) this.#schedule(SPACING)
  }

  /** What Home Assistant was told of and what this document does not hold, or holds on another platform. */
  #removals(document: DiscoveryDocument): Components {
    const now = componentsOf(document.components)
    return new Map([...this.#told].filter(([key, platform]) => now.get(key) !== platform))
  }

  #stillLearning(): boolean {
    if (this.sent) return false
    const now = this.#options.clock.monotonic()
    this.#learningSince ??= now
    const left = this.#learningSince + LEARNING - now
    if (left > 0) this.#schedule(left)
    return left > 0
  }

  /** First with each component that goes as its bare platform; the document without it follows. */
  #send(document: DiscoveryDocument, removals: Components): void {
    const { mqtt, topic, clock, logger } = this.#options
    const gone: Record<string, Removal> = {}
    for (const [key, platform] of removals) gone[key] = { platform }
    const payload = withGone(document, gone)
    const digest = digestOf(payload)
    const changed = digest !== this.#digest
    if (!changed && !this.#again) return
    this.#sentAt = clock.monotonic()
    this.#digest = digest
    this.#vacant = false
    // A component that moves to another platform is told of only by the document that follows.
    this.#told = new Map([...componentsOf(document.components)].filter(([key]) => !removals.has(key)))
    if (changed) mqtt.retain(topic, this.#maker(payload, gone))
    else mqtt.repeat(topic)
    if (changed) this.#statesSoon()
    logger.debug({ topic, components: this.#told.size, removed: [...removals.keys()] }, 'discovery document sent')
    if (this.#again) this.#options.repeatStates()
    this.#again = false
  }

  #statesSoon(): void {
    this.#states?.cancel()
    this.#states = this.#options.clock.timer(STATES_AFTER, () => this.#options.repeatStates())
  }

  /**
   * Gives `payload` once, and from then on the document as it is by then: kept, those of a thousand devices would be most of
   * the memory. What has changed in it by then is sent again by the next run, which also takes note of it.
   */
  #maker(payload: string, gone: Readonly<Record<string, Removal>>): () => string | undefined {
    let ready: string | undefined = payload
    return () => {
      const first = ready
      ready = undefined
      const { mqtt, topic } = this.#options
      if (first !== undefined && Buffer.byteLength(first) <= mqtt.largest(topic)) return first
      const document = this.#options.build()
      return document && withGone(document, gone)
    }
  }
}
