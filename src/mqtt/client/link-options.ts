/** What the connection to a broker is made of, and says of itself. */
import type { IPublishPacket } from 'mqtt'
import type { Clock } from '../../core/clock.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { Closed } from './closed.ts'
import type { Credentials } from './connection.ts'
import type { Failure } from './sender.ts'
import type { Target } from './target.ts'

export interface LinkStatus {
  readonly connected: boolean
  /** The broker connected, or tried at this moment; without user name and password. */
  readonly url: string
  /** Unix ms of the last change of `connected`. */
  readonly since: number
  readonly protocol: '5' | '3.1.1' | null
}

export interface LinkOptions {
  /** At least one. */
  readonly targets: readonly Target[]
  readonly credentials: Credentials
  /** Holds `online` while connected, `offline` otherwise, retained. */
  readonly stateTopic: string
  /** What the broker is to say there, and nobody else: for a connection that is there only for its last will. */
  readonly willOnly?: string
  readonly clock: Clock
  /** How long the broker keeps waiting commands of a bridge that is away, in seconds. */
  readonly sessionExpiry: number
  /** 0 ≤ r < 1. */
  readonly random: () => number
  readonly logger: Logger
  /** After every connect, before subscriptions are confirmed. */
  readonly onOpen: (resumed: boolean) => void
  /** After the end of every connection that was open. */
  readonly onLost?: () => void
  /** After every connect, when subscriptions stand. */
  readonly onReady: () => void
  readonly onMessage: (topic: string, payload: Buffer, packet: IPublishPacket) => void
  /** A message that the broker refused, or would have. */
  readonly onFailure: (topic: string, failure: Failure) => void
  /** After every connection, with the ms that it lasted; also after one that did not come about. */
  readonly onClosed?: (closed: Closed, held: number) => void
  /** Subscriptions that the broker refused. */
  readonly onRefused: (filters: readonly string[]) => void
  /** Milliseconds. */
  readonly connectTimeout?: number
}
