/** The options and the status of the connection to a broker. */
import type { IPublishPacket } from 'mqtt'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Closed } from './closed.ts'
import type { Credentials } from './connection.ts'
import type { Failure } from './sender.ts'
import type { Target } from './target.ts'

export interface LinkStatus {
  readonly connected: boolean
  /** The connected broker, or the one being tried now, without user name and password. */
  readonly url: string
  /** Unix ms of the last change of `connected`. */
  readonly since: number
  readonly protocol: '5' | '3.1.1' | null
}

export interface LinkOptions {
  /** At least one. */
  readonly targets: readonly Target[]
  readonly credentials: Credentials
  /** Retains `online` while connected, otherwise `offline`. */
  readonly stateTopic: string
  /** The payload of the will, for a connection that exists only for its last will. */
  readonly willOnly?: string
  readonly clock: Clock
  /** How long the broker keeps waiting commands while the bridge is away, in seconds. */
  readonly sessionExpiry: number
  /** 0 ≤ r < 1. */
  readonly random: () => number
  readonly logger: Logger
  /** After every connect, before subscriptions are confirmed. */
  readonly onOpen: (resumed: boolean) => void
  /** After the end of every connection that was open. */
  readonly onLost?: () => void
  /** After every connect, once subscriptions are confirmed. */
  readonly onReady: () => void
  readonly onMessage: (topic: string, payload: Buffer, packet: IPublishPacket) => void
  /** A message that the broker refused, or would have. */
  readonly onFailure: (topic: string, failure: Failure) => void
  /** After every connection, with its duration in ms; also after a failed one. */
  readonly onClosed?: (closed: Closed, held: number) => void
  /** Subscriptions that the broker refused. */
  readonly onRefused: (filters: readonly string[]) => void
  /** Milliseconds. */
  readonly connectTimeout?: number
}
