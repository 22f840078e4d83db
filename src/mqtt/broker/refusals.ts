/** What the embedded broker refuses: all of it counted, and each kind logged the first time with what it means. */
import type { DropReason, Drops } from '../intake/drops.ts'

const TEXTS = {
  too_many_connections:
    'The embedded MQTT broker has as many connections, in all or from one address, as it takes, and refuses more.',
  own_client_id:
    'A client of the embedded MQTT broker wants the client id of the bridge itself, and is not let in: give that client another id.',
  packet_too_large:
    'A client of the embedded MQTT broker sent a packet that is too large or malformed, and was disconnected.',
  too_much_arriving:
    'The embedded MQTT broker waits for the rest of too many packets: the connection of the largest was ended.',
  slow_reader:
    'A client of the embedded MQTT broker does not read what it subscribed to, and was disconnected: too much was waiting for it.',
  too_many_subscriptions: 'A client of the embedded MQTT broker has too many subscriptions: a further one is refused.',
  topic_too_long: 'A client of the embedded MQTT broker named a topic that is too long, which is refused.',
  retained_full:
    'The embedded MQTT broker keeps as many retained messages as it has room for: a further one was handed on, but is not kept. Clear those that nobody needs, or set mqtt.url to a larger broker.',
  queue_full:
    'As many messages wait at the embedded MQTT broker for an absent client as it has room for: further ones for that client are dropped.',
  sessions_full:
    'The embedded MQTT broker keeps as many sessions of absent clients as it has room for: the one that was absent longest was dropped.',
  larger_than_client_takes:
    'A message is larger than a client of the embedded MQTT broker takes (its maximum packet size), and is not sent to it.',
} as const satisfies Partial<Record<DropReason, string>>

export type Refusal = keyof typeof TEXTS

/** Everything that `Drops` counts for the broker. */
export const BROKER_REFUSALS: readonly DropReason[] = [
  ...(Object.keys(TEXTS) as Refusal[]),
  'unspoken_tls',
  'unspoken_http',
  'unspoken_version',
  'wrong_password',
  'too_many_guesses',
]

export class Refusals {
  readonly #drops: Drops

  constructor(drops: Drops) {
    this.#drops = drops
  }

  /** `fields` must be safe to log. Returns false, for whoever returns whether something is taken. */
  refuse(reason: Refusal, fields: object): false {
    this.#drops.count(reason, fields, TEXTS[reason])
    return false
  }
}
