/** One discovery document on its topic: when it is sent, resent and removed. */
import { createHash } from 'node:crypto'
import type { Clock, Timer } from '../core/clock.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { Slices } from '../core/slices.ts'
import type { MqttPort } from '../mqtt/port.ts'
import { type ComponentSets, type Components, componentsOf, parseComponents } from './components.ts'
import type { DiscoveryDocument, Removal } from './document/types.ts'

/** A second document within seconds of the first makes Home Assistant lose components. */
const SPACING = 5_000
/** How often a document that somebody cleared is sent again at most. */
const REPAIR_SPACING = 10_000
/** Events come in groups: the first waits this long for the others. */
const SETTLE = 1_000
/**
 * After a start, a device shows its values bit by bit. Until this long after its first possible document, a document with less
 * than the retained one is not sent.
 */
const LEARNING = 60_000
/** How long after a changed document the states are sent again: values that the previous document did not allow were lost. */
const STATES_AFTER = 2_000

export interface AnnouncementOptions {
  readonly topic: string
  readonly mqtt: MqttPort
  readonly clock: Clock
  readonly logger: Logger
  readonly slices: Slices
  readonly components: ComponentSets
  /** Those of the whole house whose documents wait for the broker, ready to be sent. */
  readonly ready: Set<Announcement>
  /** The present document; undefined while there is none. */
  readonly build: () => DiscoveryDocument | undefined
  /** Runs before each document is made; false if it has to wait and will be requested again. */
  readonly settle?: () => boolean
  /** Runs before each send; the bridge's document is sent before those that refer to it. */
  readonly before?: () => void
  /** Runs after a document was sent because Home Assistant restarted, and some time after each changed one. */
  readonly repeatStates: () => void
  /** A person has deleted the device in Home Assistant. True if it stays deleted, false to send the document again. */
  readonly deleted?: () => boolean
}

/** How many documents of the whole house, of 60 KB and more, wait for the broker at once; others are made again at their turn. */
const MOST_READY = 100

const digestOf = (payload: string): string => createHash('sha256').update(payload).digest('base64')

const withGone = (document: DiscoveryDocument, gone: Readonly<Record<string, Removal>>): string =>
  JSON.stringify({ ...document, components: { ...document.components, ...gone } })

export class Announcement {
  readonly #options: AnnouncementOptions
  /** What Home Assistant knows, from this or the previous run of the bridge. */
  #told: Components
  /** Digest of the last payload, which may have 60 KB and is not kept. */
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
    this.#told = options.components.none
  }

  /** Whether a document of this run has been sent. */
  get sent(): boolean {
    return this.#digest !== undefined
  }

  /** The components that Home Assistant knows. */
  get told(): Components {
    return this.#told
  }

  /**
   * Makes Home Assistant release all components without forgetting people's settings for them, because some move to another
   * document. The document is sent again afterwards.
   */
  letGo(): void {
    this.#options.mqtt.publish(this.#options.topic, JSON.stringify({ migrate_discovery: true }))
    this.#told = this.#options.components.none
    this.#digest = undefined
    this.hold()
  }

  /**
   * Sends nothing while a document releases components, and everything afterwards: Home Assistant refuses a component that it
   * knows twice.
   */
  hold(): void {
    this.#cancel()
    this.#again = true
    this.#sentAt = this.#options.clock.monotonic()
    this.#schedule(SPACING)
  }

  /** Clears a topic that is no longer used; its remaining components are removed with it. */
  vacate(): void {
    if (this.#vacant || (this.#told.size > 0 && this.#stillLearning())) return
    this.#vacant = true
    this.#digest = undefined
    this.#told = this.#options.components.none
    this.#clear()
  }

  /** Sends the document soon, if it has changed. */
  request(delay = SETTLE): void {
    this.#schedule(delay)
  }

  /** Home Assistant started: it needs the document and the states again, changed or not. */
  repeat(delay: number): void {
    this.#again = true
    this.#schedule(delay)
  }

  /** The broker is back; the connection itself has just resent the retained messages. */
  connected(): void {
    if (this.sent) this.#sentAt = this.#options.clock.monotonic()
    this.#schedule(SETTLE)
  }

  /**
   * A message on the topic, including our own. A retained one from before shows which components Home Assistant knows; on a
   * slow broker it can arrive after our own document.
   */
  received(payload: string, retained: boolean): void {
    if (digestOf(payload) === this.#digest) return
    if (payload === '') this.#repair()
    else if (retained) {
      this.#told = this.#options.components.of([...parseComponents(payload), ...this.#told])
      if (this.sent) this.request()
    }
  }

  /** Sends now; for the bridge's document, which must come before the others. */
  now(): void {
    this.#cancel()
    this.#run()
  }

  /** Sends the document at once before a state that needs it, but never within the spacing. */
  promptly(): void {
    if (this.#sentAt + SPACING > this.#options.clock.monotonic()) this.request()
    else this.now()
  }

  /** Stops for good without telling Home Assistant, when the process ends. */
  stop(): void {
    this.#cancel()
    this.#states?.cancel()
  }

  /** Removes the document: the device is gone. */
  remove(): void {
    this.stop()
    this.#clear()
  }

  /** Deleting a device on Home Assistant's own page clears its document; before 2026.11 so does deleting one entity. */
  #repair(): void {
    const { clock, logger, topic } = this.#options
    if (!this.sent) {
      this.#told = this.#options.components.none
      return
    }
    const now = clock.monotonic()
    if (this.#repairedAt > now || this.#options.deleted?.()) return
    const wait = Math.max(SETTLE, this.#repairedAt + REPAIR_SPACING - now)
    this.#repairedAt = now + wait
    logger.info({ topic }, 'somebody cleared a discovery document, so it is sent again')
    this.#again = true
    this.#schedule(wait)
  }

  /** At the earliest requested time, but never within the spacing. */
  #schedule(delay: number): void {
    const { clock } = this.#options
    const now = clock.monotonic()
    const due = Math.max(now + delay, this.#sentAt + SPACING)
    if (this.#timer && this.#due <= due) return
    this.#timer?.cancel()
    this.#due = due
    const timer = clock.timer(due - now, () =>
      this.#options.slices.run(() => {
        // It was stopped or postponed while waiting behind many others.
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
    // Without a broker, later messages could overtake a removal; the connect requests it again.
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

  /** Components that Home Assistant knows but this document lacks, or has on another platform. */
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

  /** First with each removed component as its bare platform; the document without it follows. */
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
    // A component that moves to another platform appears only in the document that follows.
    this.#told = this.#options.components.of(
      [...componentsOf(document.components)].filter(([key]) => !removals.has(key)),
    )
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
   * Returns `payload` once, unless too many wait for the broker, and afterwards the document as it then is: keeping those of a
   * thousand devices would take most of the memory. Changes in it are sent and recorded by the next run.
   */
  #maker(payload: string, gone: Readonly<Record<string, Removal>>): () => string | undefined {
    const { build, mqtt, ready, topic } = this.#options
    let kept = ready.size < MOST_READY ? payload : undefined
    if (kept !== undefined) ready.add(this)
    return () => {
      const first = kept
      kept = undefined
      ready.delete(this)
      if (first !== undefined && Buffer.byteLength(first) <= mqtt.largest(topic)) return first
      const document = build()
      return document && withGone(document, gone)
    }
  }

  /** Nothing is on its topic any more. */
  #clear(): void {
    const { mqtt, ready, topic } = this.#options
    ready.delete(this)
    mqtt.clear(topic)
  }
}
