/** Messages that wait, and matters that are not over: both kept across restarts. */
import { isObject, parseJson } from '../core/json.ts'
import type { Message } from './types.ts'

/** The most messages that wait; the oldest make room. */
const MOST = 200
/** Milliseconds after which a message is no news any more. */
const STALE = 7 * 24 * 3_600_000

export interface Waiting {
  readonly message: Message
  /** The key of its matter. */
  readonly key: string
  /** Unix ms: when it was made, and before which it is not sent. */
  readonly at: number
  readonly notBefore: number
  /** The channels that have not taken it, by their names in words. */
  readonly left: readonly string[]
}

/** A matter that has begun and is not over. */
export interface Open {
  readonly message: Message
  /** Unix ms of its last message. */
  readonly told: number
}

/** Small texts by name; the store satisfies it. */
export interface OutboxMemory {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

const NAME = 'messages'

export class Outbox {
  readonly #memory: OutboxMemory
  #waiting: readonly Waiting[] = []
  #open = new Map<string, Open>()

  constructor(memory: OutboxMemory) {
    this.#memory = memory
  }

  /** What an earlier run left. What can't be read counts as nothing. @throws BridgeError `INTERNAL` */
  load(): void {
    const stored = parseJson(this.#memory.get(NAME) ?? '{}')
    if (!isObject(stored)) return
    this.#waiting = listOf(stored.waiting).flatMap(waitingOf)
    this.#open = new Map(listOf(stored.open).flatMap(openOf))
  }

  get waiting(): readonly Waiting[] {
    return this.#waiting
  }

  get open(): ReadonlyMap<string, Open> {
    return this.#open
  }

  add(waiting: Waiting): void {
    this.#waiting = [...this.#waiting, waiting].slice(-MOST)
  }

  begin(key: string, open: Open): void {
    this.#open.set(key, open)
  }

  /** Returns whether it had begun. */
  end(key: string): boolean {
    return this.#open.delete(key)
  }

  /** Takes back what nobody has been sent yet; returns whether there was something. */
  takeBack(key: string, now: number): boolean {
    const before = this.#waiting
    this.#waiting = before.filter((waiting) => waiting.key !== key || waiting.notBefore <= now)
    return this.#waiting.length < before.length
  }

  /** A channel has taken it, or never will. */
  taken(waiting: Waiting, by: string): void {
    this.#waiting = this.#waiting.flatMap((other) => {
      if (!isSame(other, waiting)) return [other]
      const left = other.left.filter((name) => name !== by)
      return left.length === 0 ? [] : [{ ...other, left }]
    })
  }

  /** Drops what is too old, and channels that are gone. Returns how many messages were dropped because of their age. */
  prune(now: number, channels: readonly string[]): number {
    const there = this.#waiting.flatMap((waiting) => {
      const left = waiting.left.filter((name) => channels.includes(name))
      return left.length === 0 ? [] : [{ ...waiting, left }]
    })
    this.#waiting = there.filter(({ at }) => now - at <= STALE)
    return there.length - this.#waiting.length
  }

  /** @throws BridgeError `INTERNAL` */
  save(): void {
    const open = [...this.#open].map(([key, value]) => ({ key, ...value }))
    this.#memory.set(NAME, JSON.stringify({ waiting: this.#waiting, open }))
  }
}

/** Whether they are one message, whoever has taken it meanwhile. A matter may begin and end in one moment. */
export const isSame = (a: Waiting, b: Waiting): boolean =>
  a.key === b.key && a.at === b.at && a.message.event === b.message.event

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

function messageOf(value: unknown): Message | undefined {
  if (!isObject(value)) return undefined
  const { title, text, resolved, event, device, time } = value
  if (typeof title !== 'string' || typeof text !== 'string' || typeof event !== 'string') return undefined
  return { title, text, resolved: resolved === true, event, device: String(device), time: String(time) }
}

function waitingOf(value: unknown): Waiting[] {
  if (!isObject(value)) return []
  const { key, at, notBefore } = value
  const message = messageOf(value.message)
  const left = listOf(value.left).flatMap((name) => (typeof name === 'string' ? [name] : []))
  if (!message || typeof key !== 'string' || typeof at !== 'number' || typeof notBefore !== 'number') return []
  return [{ message, key, at, notBefore, left }]
}

function openOf(value: unknown): [string, Open][] {
  if (!isObject(value)) return []
  const message = messageOf(value.message)
  const { key, told } = value
  return message && typeof key === 'string' && typeof told === 'number' ? [[key, { message, told }]] : []
}
