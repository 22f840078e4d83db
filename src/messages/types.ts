/** A message to people, and the ways on which it can go. */

export interface Message {
  /** One line: the bridge, and its site. */
  readonly title: string
  /** What happened, in a sentence. */
  readonly text: string
  /** Whether it says that something is over. */
  readonly resolved: boolean
  /** The type of the event, such as `finding_began`; `test` for a test. */
  readonly event: string
  /** The serial of the device; empty if it is about none. */
  readonly device: string
  /** ISO time of what happened. */
  readonly time: string
}

export const CHANNELS = ['ntfy', 'telegram', 'webhook'] as const
export type ChannelName = (typeof CHANNELS)[number]

export interface Channel {
  readonly name: ChannelName
  /** Resolves when the service has taken the message. @throws NotSent */
  send(message: Message): Promise<void>
}

/** A message that a service has not taken. Its text has no address in it, since that may hold a secret. */
export class NotSent extends Error {
  /** Milliseconds after which the service wants to be asked again; undefined if it does not say. */
  readonly retryAfter: number | undefined

  constructor(message: string, retryAfter?: number) {
    super(message)
    this.retryAfter = retryAfter
  }
}
