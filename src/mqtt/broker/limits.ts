/** What the embedded broker takes and keeps at most. */

const KIB = 1024
const MIB = 1024 * KIB

export interface Limits {
  /** Connections, in all and from one address (for IPv6: from one /64). */
  readonly clients: number
  readonly clientsPerAddress: number
  /** Bodies of packets in bytes: a CONNECT with the longest texts it can sensibly have, a SUBSCRIBE, everything else. */
  readonly connectBytes: number
  readonly subscribeBytes: number
  readonly packetBytes: number
  /** Bytes of packets that have begun to arrive, of all clients together. */
  readonly arrivingBytes: number
  /** Bytes that wait for a slow reader, and for all of them together. */
  readonly backlogBytes: number
  readonly backlogsBytes: number
  /** Milliseconds in which a slow reader has to take what waits, once that is too much. */
  readonly patience: number
  /** Bytes of messages that one client, and all of them, have published and that have not reached everybody. */
  readonly underWayBytes: number
  readonly underWayBytesInAll: number
  /** In all, those of absent clients included, as a number and in bytes of memory; and of one client. */
  readonly subscriptions: number
  readonly subscriptionBytes: number
  readonly subscriptionsPerClient: number
  /** Retained messages of others than the bridge, whose own always find room. */
  readonly retained: number
  readonly retainedBytes: number
  /** Sessions that outlive their connections, seconds that they do, and what waits in them. */
  readonly sessions: number
  readonly sessionExpiry: number
  readonly queuedPerSession: number
  readonly queuedBytes: number
  /** Messages of QoS 2 that a client has sent and not released. */
  readonly unreleased: number
  /** Characters of a topic, a filter or a client id; levels of a topic. */
  readonly topicLength: number
  readonly topicLevels: number
  readonly clientIdLength: number
}

/**
 * A house of a thousand devices that connect by themselves, with Home Assistant, which subscribes to each topic by
 * itself, fits into a half of it; what all bounds of memory allow together fits into that of a small computer.
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
