/** What the embedded broker allows clients to do. The bridge itself may do everything. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Aedes, Client, PublishPacket, Subscription } from 'aedes'
import { type Drops, shown } from '../drops.ts'
import type { Doors } from './doors.ts'
import type { Limits } from './limits.ts'
import type { Refusals } from './refusals.ts'
import type { EmbeddedOptions } from './settings.ts'
import type { BrokerStore } from './store/index.ts'
import { packetSize } from './store/packet-size.ts'
import type { SubscriptionCount } from './store/subscription-count.ts'

/** CONNACK, as MQTT 3.1.1 numbers it. */
const BAD_CLIENT_ID = 2
const UNAVAILABLE = 3
const BAD_CREDENTIALS = 4

/** A topic that no subscription matches: wildcards don't match a leading `$`. */
const NOWHERE = '$SYS/refused'

export interface RulesOptions {
  readonly settings: EmbeddedOptions
  readonly limits: Limits
  readonly store: BrokerStore
  readonly doors: Doors
  readonly subscriptions: SubscriptionCount
  readonly drops: Drops
  readonly refusals: Refusals
  readonly isOwn: (client: Client) => boolean
  readonly addressOf: (client: Client) => string
  readonly takesRetained: (topic: string, payload: Buffer) => boolean
}

export class Rules {
  readonly #options: RulesOptions
  /**
   * Client ids of the bridge: another client with one of them would disconnect the bridge and receive its waiting
   * messages.
   */
  readonly #ownIds = new Set<string>()

  constructor(options: RulesOptions) {
    this.#options = options
  }

  /** Adds the rules to those of `aedes`. */
  apply(aedes: Aedes): void {
    const { authorizePublish, authorizeForward } = aedes
    aedes.authenticate = (client, username, password, done) => {
      const returnCode = this.#judge(client, username, password)
      if (returnCode === 0) done(null, true)
      else done(Object.assign(new Error('not let in'), { returnCode }), null)
    }
    aedes.authorizeSubscribe = (client, subscription, done) => {
      done(null, this.#maySubscribe(client, subscription) ? subscription : null)
    }
    aedes.authorizePublish = (client, packet, done) => {
      authorizePublish(client, packet, (error) => done(error ?? this.#checkPublish(client, packet)))
    }
    // aedes knows a client's maximum packet size but sends larger packets anyway.
    aedes.authorizeForward = (client, packet) => {
      const forwarded = authorizeForward(client, packet)
      const most = client.maximumPacketSize
      if (!forwarded || most === undefined || packetSize(forwarded) <= most) return forwarded
      const { store, refusals } = this.#options
      store.discard(client, packet)
      refusals.refuse('larger_than_client_takes', { ...named(client), topic: shown(packet.topic), bytes: most })
      return null
    }
  }

  /** 0, or the return code of a refusal. */
  #judge(client: Client, username: string | undefined, password: Buffer | undefined): number {
    const { settings, limits, doors, drops, isOwn, addressOf } = this.#options
    if (isOwn(client)) {
      this.#ownIds.add(client.id)
      return 0
    }
    if (client.id.length > limits.clientIdLength) return BAD_CLIENT_ID
    if (!settings.username) return this.#judgeId(client)
    const address = addressOf(client)
    if (!doors.mayTry(address)) {
      drops.note('too_many_guesses')
      return UNAVAILABLE
    }
    const name = same(settings.username, username ?? '')
    const secret = same(settings.password ?? '', password ?? '')
    if (!name || !secret) {
      drops.note('wrong_password')
      return BAD_CREDENTIALS
    }
    doors.succeeded(address)
    return this.#judgeId(client)
  }

  /** Only an authenticated client learns that an id is taken. */
  #judgeId(client: Client): number {
    if (!this.#ownIds.has(client.id)) return 0
    this.#options.refusals.refuse('own_client_id', named(client))
    return BAD_CLIENT_ID
  }

  #maySubscribe(client: Client, subscription: Subscription): boolean {
    const { limits, store, subscriptions, refusals, isOwn } = this.#options
    if (!isOwn(client)) {
      if (client.closed) return false
      if (subscription.topic.length > limits.topicLength) return refusals.refuse('topic_too_long', named(client))
      if (!subscriptions.add(client, subscription.topic)) {
        return refusals.refuse('too_many_subscriptions', named(client))
      }
    }
    store.allow(subscription)
    return true
  }

  #checkPublish(client: Client | null, packet: PublishPacket): Error | null {
    const { limits, store, refusals, isOwn, takesRetained } = this.#options
    const { topic, payload, retain } = packet
    const own = client !== null && isOwn(client)
    if (!own && topic.length > limits.topicLength) {
      refusals.refuse('topic_too_long', named(client))
      return new Error('topic too long')
    }
    if (!retain) return null
    if (takesRetained(topic, Buffer.from(payload))) {
      // Acknowledged as usual: in 3.1.1 the only refusal is to close the connection.
      Object.assign(packet, { topic: NOWHERE, payload: Buffer.alloc(0), retain: false })
    } else if (own) store.retained.markOwn(packet)
    return null
  }
}

const named = (client: Client | null) => ({ client: shown(client?.id ?? '') })

/** Compares in constant time. */
function same(expected: string, given: string | Buffer): boolean {
  return timingSafeEqual(digest(expected), digest(given))
}

function digest(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest()
}
