/** Refusals of the embedded broker: all are counted, and each kind is logged the first time with its meaning. */
import type { DropReason, Drops } from '../drops.ts'

const TEXTS = {
  too_many_connections:
    'The embedded MQTT broker has reached its limit of connections, in total or from one address, and refuses more.',
  own_client_id:
    'A client of the embedded MQTT broker uses the client id of the bridge itself and was refused: give that client another id.',
  packet_too_large:
    'A client of the embedded MQTT broker sent a packet that is too large or malformed, and was disconnected.',
  too_much_arriving:
    'The embedded MQTT broker is waiting for the rest of too many packets, so it closed the connection with the largest.',
  slow_reader:
    'A client of the embedded MQTT broker does not read its messages and was disconnected: too many were waiting for it.',
  too_many_subscriptions: 'A client of the embedded MQTT broker has too many subscriptions: more are refused.',
  topic_too_long: 'A client of the embedded MQTT broker used a topic that is too long, and was refused.',
  retained_full:
    'The embedded MQTT broker has no room for more retained messages: a new one was delivered but not retained. Clear unneeded ones, or set mqtt.url to a larger broker.',
  queue_full:
    'Too many messages are waiting at the embedded MQTT broker for an absent client: further ones for that client are dropped.',
  sessions_full:
    'The embedded MQTT broker has no room for more sessions of absent clients: the oldest one was dropped.',
  larger_than_client_takes:
    'A message is larger than the maximum packet size of a client of the embedded MQTT broker, and is not sent to it.',
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

  /** `fields` must be safe to log. Returns false, for callers that return whether something is accepted. */
  refuse(reason: Refusal, fields: object): false {
    this.#drops.count(reason, fields, TEXTS[reason])
    return false
  }
}
