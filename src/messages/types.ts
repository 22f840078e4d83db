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

export type ChannelName = 'ntfy' | 'telegram' | 'email' | 'webhook'

export interface Channel {
  readonly name: ChannelName
  /** The recipient, where each of several takes messages, or does not, by itself. */
  readonly to?: string
  /** Resolves when the service has taken the message. @throws NotSent */
  send(message: Message): Promise<void>
}

/** A channel in words, and the same as long as its settings are: what waits is kept by it. */
export const nameOf = ({ name, to }: Channel): string => (to === undefined ? name : `${name} to ${to}`)

export interface EmailSettings {
  readonly host: string
  /** null: the usual one. */
  readonly port: number | null
  readonly tls: 'starttls' | 'tls' | 'off'
  /** A file with the certificates to trust; null: those of the system. */
  readonly ca: string | null
  readonly user: string | null
  readonly password: string | null
  readonly from: string
}

export interface Refusal {
  /** Milliseconds after which the service wants to be asked again. */
  readonly retryAfter?: number | undefined
  /** Whether the service has read the message and will not take it later either. It may take others. */
  readonly final?: boolean
}

/** A message that a service has not taken. Its text has no address of a service in it, since that may hold a secret. */
export class NotSent extends Error {
  readonly refusal: Refusal

  constructor(message: string, refusal: Refusal = {}) {
    super(message)
    this.refusal = refusal
  }
}
