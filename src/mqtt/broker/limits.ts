/** The limits of the embedded broker. */

const KIB = 1024
const MIB = 1024 * KIB

export interface Limits {
  /** Connections, in total and from one address (for IPv6: from one /64). */
  readonly clients: number
  readonly clientsPerAddress: number
  /** Bodies of packets in bytes: a CONNECT with texts of the longest sensible length, a SUBSCRIBE, and all others. */
  readonly connectBytes: number
  readonly subscribeBytes: number
  readonly packetBytes: number
  /** Bytes of partly received packets, of all clients together. */
  readonly arrivingBytes: number
  /** Bytes waiting for one slow reader, and for all of them together. */
  readonly backlogBytes: number
  readonly backlogsBytes: number
  /** Milliseconds for a slow reader to catch up once too much is waiting. */
  readonly patience: number
  /** Bytes of messages from one client, and from all of them, that have not reached all subscribers. */
  readonly underWayBytes: number
  readonly underWayBytesInAll: number
  /**
   * Subscriptions in total, including those of absent clients, as a number and in bytes of memory; and of one client.
   */
  readonly subscriptions: number
  readonly subscriptionBytes: number
  readonly subscriptionsPerClient: number
  /** Retained messages of others; there is always room for the bridge's own. */
  readonly retained: number
  readonly retainedBytes: number
  /** Sessions without connection, their lifetime in seconds, and the messages waiting in them. */
  readonly sessions: number
  readonly sessionExpiry: number
  readonly queuedPerSession: number
  readonly queuedBytes: number
  /** QoS 2 messages that a client has sent but not released. */
  readonly unreleased: number
  /** Characters of a topic, filter or client id; levels of a topic. */
  readonly topicLength: number
  readonly topicLevels: number
  readonly clientIdLength: number
}

/**
 * A house with a thousand devices that connect themselves, and Home Assistant, which subscribes to each topic
 * separately, needs half of this. All limits together fit into the memory of a small computer.
 */
export const LIMITS: Limits = {
  clients: 2048,
  clientsPerAddress: 256,
  connectBytes: 64 * KIB,
  subscribeBytes: 256 * KIB,
  packetBytes: MIB,
  arrivingBytes: 32 * MIB,
  backlogBytes: 8 * MIB,
  backlogsBytes: 64 * MIB,
  patience: 10_000,
  underWayBytes: MIB,
  underWayBytesInAll: 32 * MIB,
  subscriptions: 50_000,
  subscriptionBytes: 64 * MIB,
  subscriptionsPerClient: 25_000,
  retained: 20_000,
  retainedBytes: 32 * MIB,
  sessions: 1_000,
  sessionExpiry: 7 * 24 * 60 * 60,
  queuedPerSession: 1_000,
  queuedBytes: 32 * MIB,
  unreleased: 1_000,
  topicLength: 1024,
  topicLevels: 32,
  clientIdLength: 256,
}
