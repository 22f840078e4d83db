/** What a convention defines, so that one mechanism can keep its topics up to date. */

import type { Actor } from '../core/actor.ts'
import type { ErrorBody } from '../core/errors.ts'
import type { JsonValue } from '../core/json.ts'
import type { BridgeInfo, DeviceAction, DeviceView } from '../devices/ports.ts'

/** A retained message; an empty payload clears it. */
export interface Entry {
  readonly topic: string
  readonly payload: string
}

/** A key of the state on its own topic. One key may be on several topics. */
export interface Property {
  readonly key: string
  readonly topic: string
  /** The payload; undefined for a value that the convention can't express, such as null: the topic is cleared. */
  readonly show: (value: JsonValue) => string | undefined
}

/** A request to a device. */
export type Wish =
  | { readonly do: 'set'; readonly value: string | number | boolean }
  | { readonly do: 'act'; readonly action: DeviceAction }

/** A topic for requests to a device. */
export interface Order {
  readonly topic: string
  /** The key to set; null if the request is not about a key. */
  readonly key: string | null
  /** @throws BridgeError `BAD_REQUEST` for a payload that the convention does not allow */
  readonly read: (text: string) => Wish
}

/** A device as a convention shows it. */
export interface Described {
  /** Its description, in the order of sending. */
  readonly about: readonly Entry[]
  readonly properties: readonly Property[]
  readonly orders: readonly Order[]
}

/**
 * The condition of a device: its description is being sent, it answers, it does not answer, or the bridge is stopping.
 * A description may change only during `changing`.
 */
export type Condition = 'changing' | 'online' | 'offline' | 'stopped'

/** What prevents single values from being read or written. */
export interface Trouble {
  readonly condition: Condition
  /** Keys that could not be set at the last attempt. */
  readonly refused: ReadonlySet<string>
}

export interface Convention {
  /** For the log. */
  readonly name: string
  /** Who asks, by this convention. */
  readonly actor: Actor
  /** The id of the bridge's own device. */
  readonly bridgeId: string
  /** The filter for orders. */
  readonly orders: string
  /** Filters that match everything retained of every device, but no orders. */
  readonly everything: readonly string[]
  /** The id of the device that `topic` belongs to; undefined if it can't be the bridge's. */
  deviceIn(topic: string): string | undefined
  /** Whether a retained message says that this bridge published the device. */
  marks(topic: string, payload: string): boolean
  idOf(serial: string): string
  describe(view: DeviceView): Described
  /** @param shown the devices published so far, in order */
  describeBridge(shown: readonly DeviceView[], bridge: BridgeInfo): Described
  /** The topic of a device's condition; undefined if the convention has none. */
  readonly condition?: { topic(id: string): string; word(condition: Condition): string }
  /** The retained messages about troubles, sent when they begin and end. Topics that are left out stay unchanged. */
  troubles?(id: string, described: Described, trouble: Trouble): readonly Entry[]
  /** Whether new values of a device that did not answer are delayed until its troubles are over. */
  readonly valuesAfterTroubles?: true
  /** The message, not retained, about an order that could not be carried out. */
  refusal?(id: string, error: ErrorBody): Entry
  /** The last will: what the broker publishes if the bridge disappears. */
  readonly will: Entry
}
