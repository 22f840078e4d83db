/** What other parts, such as Home Assistant discovery, can do over the bridge's one MQTT connection. */
import type { Unsubscribe } from '../core/events.ts'

/** `retained`: stored by the broker before this subscription, not sent just now. */
export type MessageHandler = (topic: string, payload: Buffer, retained: boolean) => void

export interface MqttPort {
  /** Whether a broker is connected now. All methods may be called even if not. */
  readonly connected: boolean
  /**
   * Keeps `payload` retained on `topic`: sent only if it differs from the last one, and sent again after every
   * reconnect. While the broker is away, only the newest payload of a topic is kept. A function is called each time its
   * payload is sent; this suits long payloads that are rarely sent and better recreated than kept. Undefined sends
   * nothing. If it is `asked` when `queued`, its payload reflects the state between the messages before and after it.
   */
  retain(topic: string, payload: string | (() => string | undefined), asked?: 'sent' | 'queued'): void
  /**
   * Sends the retained payload of `topic` again although unchanged, for a topic that somebody else cleared or
   * overwrote.
   */
  repeat(topic: string): void
  /** Clears the retained message of `topic`; remembered until the broker has it. */
  clear(topic: string): void
  /**
   * The largest payload in bytes that can be retained on `topic` at the present broker; `Infinity` while unknown.
   * Larger ones are left out and reported. It can change with each connection.
   */
  largest(topic: string): number
  /** Sends once, not retained. Dropped and counted while no broker is connected. */
  publish(topic: string, payload: string): void
  /**
   * Receives everything on `filter` (wildcards allowed), also after reconnects. The handler must not throw; if it does,
   * the error is logged. The same filter may be subscribed more than once. With `readOnce`, retained messages there are
   * read once per run and not after every reconnect: for thousands of topics that only the bridge itself writes.
   */
  subscribe(filter: string, handler: MessageHandler, options?: { readonly readOnce?: boolean }): Unsubscribe
  /** Runs `handler` after every connect, once subscriptions are confirmed; at once if already connected. */
  onConnect(handler: () => void): Unsubscribe
  /** Whether everything retained has been sent on the present connection; before that, readers may see only a part. */
  readonly restored: boolean
  /** Runs `handler` each time `restored` becomes true; at once if it already is. */
  onRestored(handler: () => void): Unsubscribe
  /**
   * Makes the broker publish `payload`, retained, on `topic` if the bridge disappears. Needs a separate connection,
   * since each has only one will. If only that connection was lost, the retained message on `topic` is sent again.
   */
  keepWill(topic: string, payload: string): void
}
