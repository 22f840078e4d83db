/** What other parts, such as Home Assistant discovery, may do over the bridge's one MQTT connection. */
import type { Unsubscribe } from '../core/events.ts'

/** `retained`: kept by the broker from before this subscription, not sent just now. */
export type MessageHandler = (topic: string, payload: Buffer, retained: boolean) => void

export interface MqttPort {
  /** Whether a broker is connected at this moment. All methods may be called while it is not. */
  readonly connected: boolean
  /**
   * Keeps `payload` retained on `topic`: sent only when it differs from what was retained last, and sent again after every
   * reconnect. While the broker is away only the newest payload of a topic is kept. A function is called each time that
   * its payload is sent, for a long one that is rarely sent and better made again than kept; undefined sends nothing. One that
   * is `asked` when it is `queued` says what held between the messages before it and those after it.
   */
  retain(topic: string, payload: string | (() => string | undefined), asked?: 'sent' | 'queued'): void
  /** Sends the payload that is retained on `topic` again, although unchanged; for a topic that somebody else cleared or overwrote. */
  repeat(topic: string): void
  /** Clears the retained message of `topic`; remembered until the broker has it. */
  clear(topic: string): void
  /**
   * The most bytes that a payload retained on `topic` may have at the present broker; `Infinity` while nothing is known. What
   * is larger is left out, and said. It can change with each connection.
   */
  largest(topic: string): number
  /** Sends once, not retained. Dropped and counted while no broker is connected. */
  publish(topic: string, payload: string): void
  /**
   * Hears everything on `filter` (wildcards allowed), after reconnects too. The handler must not throw; if it does, the
   * error is logged. The same filter may be subscribed more than once. With `readOnce`, what is retained there is read once
   * in a run and not after every reconnect: for thousands of topics that only the bridge itself writes.
   */
  subscribe(filter: string, handler: MessageHandler, options?: { readonly readOnce?: boolean }): Unsubscribe
  /** Runs `handler` after every connect, when subscriptions stand; at once when connected already. */
  onConnect(handler: () => void): Unsubscribe
  /** Whether everything retained has been sent on the connection that there is: before that, readers may see a part. */
  readonly restored: boolean
  /** Runs `handler` each time that `restored` becomes true; at once when it is already. */
  onRestored(handler: () => void): Unsubscribe
  /**
   * Has the broker say `payload`, retained, on `topic` when the bridge is gone without a word. Takes a connection of its
   * own, since each has one will. When that connection alone was lost, what is retained on `topic` is sent again.
   */
  keepWill(topic: string, payload: string): void
}
