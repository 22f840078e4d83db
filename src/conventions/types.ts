/** What a convention of other systems has to say, so that one mechanism can keep it up at the broker. */
import type { ErrorBody } from '../core/errors.ts'
import type { JsonValue } from '../core/json.ts'
import type { BridgeInfo, DeviceAction, DeviceView } from '../devices/ports.ts'

/** What is retained on a topic; an empty payload clears it. */
export interface Entry {
  readonly topic: string
  readonly payload: string
}

/** A key of the state on a topic of its own. One key may be on several. */
export interface Property {
  readonly key: string
  readonly topic: string
  /** The payload; undefined for a value that the convention has no word for, as null mostly is: the topic is cleared. */
  readonly show: (value: JsonValue) => string | undefined
}

/** What somebody asked of a device. */
export type Wish =
  | { readonly do: 'set'; readonly value: string | number | boolean }
  | { readonly do: 'act'; readonly action: DeviceAction }

/** A topic on which something can be asked of a device. */
export interface Order {
  readonly topic: string
  /** The key that is set; null for what is no key. */
  readonly key: string | null
  /** @throws BridgeError `BAD_REQUEST` for a payload that the convention does not allow */
  readonly read: (text: string) => Wish
}

/** A device as a convention shows it. */
export interface Described {
  /** What says what it is, in the order of sending. */
  readonly about: readonly Entry[]
  readonly properties: readonly Property[]
  readonly orders: readonly Order[]
}

/**
 * How it is with a device: its description is being sent; it answers; it does not; the bridge is stopping. A description
 * may only change within `changing`.
 */
export type Condition = 'changing' | 'online' | 'offline' | 'stopped'

/** What keeps single values from being read or written. */
export interface Trouble {
  readonly condition: Condition
  /** Keys that could not be set when that was tried last. */
  readonly refused: ReadonlySet<string>
}

export interface Convention {
  /** For the log. */
  readonly name: string
  /** The id of the bridge's own device. */
  readonly bridgeId: string
  /** What orders come in on. */
  readonly orders: string
  /** Filters that take in everything retained of every device, and no order. */
  readonly everything: readonly string[]
  /** The id of the device that `topic` is about; undefined for one that can't be the bridge's. */
  deviceIn(topic: string): string | undefined
  /** Whether a retained message says that this bridge put its device there. */
  marks(topic: string, payload: string): boolean
  idOf(serial: string): string
  describe(view: DeviceView): Described
  /** @param shown the devices that are there by now, in their order */
  describeBridge(shown: readonly DeviceView[], bridge: BridgeInfo): Described
  /** Where a device says how it is; undefined for a convention that has no such topic. */
  readonly condition?: { topic(id: string): string; word(condition: Condition): string }
  /** What is retained of troubles, sent when they begin and end. Topics that are left out stay as they are. */
  troubles?(id: string, described: Described, trouble: Trouble): readonly Entry[]
  /** Whether new values of a device that did not answer wait until its troubles are over. */
  readonly valuesAfterTroubles?: true
  /** What is said once, not retained, when an order could not be followed. */
  refusal?(id: string, error: ErrorBody): Entry
  /** What the broker says when the bridge is gone without a word. */
  readonly will: Entry
}
