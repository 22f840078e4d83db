/**
 * The storage of the embedded broker: retained messages, wills, and persistent sessions. It replaces aedes' own memory,
 * which has no limits.
 */
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { AedesPublishPacket, Client, PublishPacket, Subscription } from 'aedes'
import type { Clock } from '../../../core/clock.ts'
import { shown } from '../../drops.ts'
import type { Limits } from '../limits.ts'
import { FilterTree } from './filter-tree.ts'
import { copyOf, heldBytes, OVERHEAD } from './message.ts'
import { RetainedMessages } from './retained-messages.ts'
import { type Absent, type Held, subscriptionBytes } from './subscription-count.ts'

/** A client as aedes passes it here; for a remaining will, only its id. */
type Named = Pick<Client, 'id'>

/** A waiting message, or the release that replaced it (QoS 2). */
type Outgoing = Omit<AedesPublishPacket, 'cmd'> & { cmd: 'publish' | 'pubrel'; messageId?: number }

interface Waiting {
  packet: Outgoing
  bytes: number
}

interface Session {
  readonly id: string
  readonly subscriptions: Map<string, Subscription>
  /** By the number that aedes gives each message. */
  readonly queue: Map<number, Waiting>
  /** The same number, by the identifier that the message was sent under. */
  readonly sent: Map<number, number>
}

export type Full = 'retained_full' | 'queue_full' | 'sessions_full'

export class BrokerStore implements Absent {
  readonly #limits: Limits
  readonly #onFull: (what: Full, fields: object) => void
  readonly retained: RetainedMessages
  readonly #sessions = new Map<string, Session>()
  readonly #tree = new FilterTree<Session>()
  /** Sessions without connection, the oldest first, with the size of their subscriptions. */
  readonly #offline = new Map<string, Held>()
  #held: Held = { subscriptions: 0, bytes: 0 }
  readonly #incoming = new Map<string, Set<number>>()
  readonly #wills = new Map<string, PublishPacket>()
  readonly #allowed = new WeakSet<object>()
  #queuedBytes = 0

  constructor(limits: Limits, clock: Clock, onFull: (what: Full, fields: object) => void) {
    this.#limits = limits
    this.retained = new RetainedMessages(limits, clock)
    this.#onFull = onFull
  }

  counts() {
    return {
      retained: this.retained.size,
      retainedBytes: this.retained.bytes,
      sessions: this.#sessions.size,
      queuedBytes: this.#queuedBytes,
    }
  }

  /** Only allowed subscriptions are kept; aedes passes on all of a SUBSCRIBE. */
  allow(subscription: object): void {
    this.#allowed.add(subscription)
  }

  cameOnline({ id }: Named): void {
    const held = this.#offline.get(id)
    if (!held) return
    this.#offline.delete(id)
    this.#hold(held, -1)
  }

  wentOffline({ id, clean }: Pick<Client, 'id' | 'clean'>): void {
    const session = this.#sessions.get(id)
    if (clean || !session) this.#incoming.delete(id)
    if (clean || !session || this.#offline.has(id)) return
    const bytes = [...session.subscriptions.keys()].reduce((sum, filter) => sum + subscriptionBytes(filter), 0)
    const held = { subscriptions: session.subscriptions.size, bytes }
    this.#offline.set(id, held)
    this.#hold(held, 1)
  }

  get held(): Held {
    return this.#held
  }

  dropLongest(): boolean {
    const [longest] = this.#offline.keys()
    if (longest === undefined) return false
    this.#onFull('sessions_full', { client: shown(longest) })
    void this.cleanSubscriptions({ id: longest })
    return true
  }

  /** Removes a message that will not be sent. */
  discard({ id }: Named, { brokerCounter }: { readonly brokerCounter: number }): void {
    const session = this.#sessions.get(id)
    const waiting = session?.queue.get(brokerCounter)
    if (session && waiting) this.#take(session, brokerCounter, waiting)
  }

  // aedes calls the following methods under these names.

  async setup(): Promise<void> {}

  async storeRetained(message: AedesPublishPacket): Promise<void> {
    if (!this.retained.put(message)) this.#onFull('retained_full', { topic: shown(message.topic) })
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.retained.matching(filters))
  }

  async addSubscriptions(client: Client, subscriptions: readonly Subscription[]): Promise<void> {
    const session = this.#sessions.get(client.id) ?? this.#open(client.id)
    for (const subscription of subscriptions) {
      if (!this.#allowed.has(subscription)) continue
      session.subscriptions.set(subscription.topic, { ...subscription })
      if (subscription.qos > 0) this.#tree.add(subscription.topic, session)
      else this.#tree.remove(subscription.topic, session)
    }
  }

  async removeSubscriptions({ id }: Named, filters: readonly string[]): Promise<void> {
    const session = this.#sessions.get(id)
    if (!session) return
    for (const filter of filters) {
      session.subscriptions.delete(filter)
      this.#tree.remove(filter, session)
    }
  }

  async subscriptionsByClient({ id }: Named): Promise<readonly Subscription[]> {
    return [...(this.#sessions.get(id)?.subscriptions.values() ?? [])].map((subscription) => ({ ...subscription }))
  }

  /** Each client once: a message that matches two of its subscriptions is sent once. */
  async subscriptionsByTopic(topic: string): Promise<readonly { readonly clientId: string; readonly topic: string }[]> {
    return [...this.#tree.match(topic)].map(({ id }) => ({ clientId: id, topic }))
  }

  /** The whole session ends: it expired, or its client starts a new one. */
  async cleanSubscriptions({ id }: Named): Promise<void> {
    this.#incoming.delete(id)
    this.cameOnline({ id })
    const session = this.#sessions.get(id)
    if (!session) return
    this.#sessions.delete(id)
    for (const filter of session.subscriptions.keys()) this.#tree.remove(filter, session)
    for (const { bytes } of session.queue.values()) this.#queuedBytes -= bytes
  }

  async outgoingEnqueueCombi(
    clients: readonly { readonly clientId: string }[],
    packet: AedesPublishPacket,
  ): Promise<void> {
    const bytes = heldBytes(packet)
    const copy = clients.length > 0 ? copyOf(packet) : packet
    for (const { clientId } of clients) {
      const session = this.#sessions.get(clientId)
      if (!session) continue
      const { queuedPerSession, queuedBytes } = this.#limits
      if (session.queue.size >= queuedPerSession || this.#queuedBytes + bytes > queuedBytes) {
        this.#onFull('queue_full', { client: shown(clientId) })
        continue
      }
      session.queue.set(packet.brokerCounter, { packet: { ...copy }, bytes })
      this.#queuedBytes += bytes
    }
  }

  /**
   * A message is sent under an identifier, or its release replaces it. Messages that were not stored for lack of room
   * are sent anyway.
   */
  async outgoingUpdate({ id }: Named, packet: Outgoing): Promise<void> {
    const session = this.#sessions.get(id)
    const number = packet.cmd === 'pubrel' ? session?.sent.get(packet.messageId ?? 0) : packet.brokerCounter
    const waiting = number === undefined ? undefined : session?.queue.get(number)
    if (!session || !waiting || number === undefined) return
    if (packet.cmd === 'pubrel') {
      this.#queuedBytes += OVERHEAD - waiting.bytes
      waiting.bytes = OVERHEAD
      waiting.packet = packet
      return
    }
    // Sent once: from now on it is a repetition (MQTT 5, section 3.3.1.1).
    Object.assign(waiting.packet, { messageId: packet.messageId, dup: true })
    if (packet.messageId !== undefined) session.sent.set(packet.messageId, number)
  }

  /** Without an identifier it was not sent, because another subscription of the client has already sent it. */
  async outgoingClearMessageId({ id }: Named, { messageId }: { readonly messageId?: number }): Promise<unknown> {
    const session = this.#sessions.get(id)
    const number = messageId === undefined ? undefined : session?.sent.get(messageId)
    const waiting = number === undefined ? undefined : session?.queue.get(number)
    if (session && waiting && number !== undefined) this.#take(session, number, waiting)
    return waiting?.packet
  }

  outgoingStream({ id }: Named): Readable {
    return Readable.from([...(this.#sessions.get(id)?.queue.values() ?? [])].map(({ packet }) => packet))
  }

  /** The identifier is enough: the message has been forwarded and only must not be forwarded again. */
  async incomingStorePacket(
    { id, clean }: Named & Pick<Client, 'clean'>,
    { messageId = 0 }: { readonly messageId?: number },
  ): Promise<void> {
    // What outlives its connection is counted as a session.
    if (!clean && !this.#sessions.has(id)) this.#open(id)
    const unreleased = this.#incoming.get(id) ?? new Set()
    if (unreleased.size >= this.#limits.unreleased) throw new Error('too many messages of QoS 2 not released')
    this.#incoming.set(id, unreleased.add(messageId))
    // aedes hands on a message of QoS 1 a turn later, once it has acknowledged it. Without a turn here one of QoS 2 would overtake
    // what its client said before: the result of a command would come before the state that it made.
    await setImmediate()
  }

  async incomingGetPacket({ id }: Named, packet: { readonly messageId?: number }): Promise<unknown> {
    if (!this.#incoming.get(id)?.has(packet.messageId ?? 0)) throw new Error('no such packet')
    return packet
  }

  async incomingDelPacket({ id }: Named, { messageId = 0 }: { readonly messageId?: number }): Promise<void> {
    this.#incoming.get(id)?.delete(messageId)
  }

  async putWill({ id }: Named, will: PublishPacket): Promise<void> {
    this.#wills.set(id, will)
  }

  async delWill({ id }: Named): Promise<PublishPacket | undefined> {
    const will = this.#wills.get(id)
    this.#wills.delete(id)
    return will
  }

  /** Wills that other brokers of a cluster have left: there are none. */
  streamWill(): Readable {
    return Readable.from([])
  }

  #open(id: string): Session {
    if (this.#sessions.size >= this.#limits.sessions) this.dropLongest()
    const session: Session = { id, subscriptions: new Map(), queue: new Map(), sent: new Map() }
    this.#sessions.set(id, session)
    return session
  }

  #hold({ subscriptions, bytes }: Held, sign: 1 | -1): void {
    this.#held = {
      subscriptions: this.#held.subscriptions + sign * subscriptions,
      bytes: this.#held.bytes + sign * bytes,
    }
  }

  #take(session: Session, number: number, { packet, bytes }: Waiting): void {
    session.queue.delete(number)
    if (packet.messageId !== undefined) session.sent.delete(packet.messageId)
    this.#queuedBytes -= bytes
  }
}
