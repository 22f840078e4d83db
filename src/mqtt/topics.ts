/** Every topic of the bridge in one place: names for publishing, and the meaning of incoming topics. */
import { BridgeError } from '../core/errors.ts'
import { readSerial } from '../core/serial.ts'

/** What the topic of an incoming message asks for; the payload has the rest. */
export type Incoming =
  | { readonly kind: 'set' | 'get' | 'action' | 'schedule_set'; readonly id: string }
  /** `key` is null if the word in the topic can't be a key. */
  | { readonly kind: 'set_key'; readonly id: string; readonly key: string | null }
  | { readonly kind: 'request'; readonly action: string }

/** Replaces a serial in the bridge's own topics; a serial is never a plain word. */
const BRIDGE = 'bridge'

const BASE = /^(?=.{1,128}$)[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/
const WORD = /^[a-z][a-z0-9_]{0,63}$/

export class Topics {
  readonly base: string
  readonly bridgeState: string
  readonly bridgeInfo: string
  readonly bridgeEvent: string
  readonly bridgeHouse: string
  /** The topic on which bridges under one base topic find each other. */
  readonly bridgeInstance: string
  /** The subscriptions needed for commands to arrive. */
  readonly commandFilters: readonly string[]
  readonly #prefix: string

  /** Throws `BridgeError` BAD_REQUEST if `base` can't be the first part of a topic. */
  constructor(base: string) {
    if (!BASE.test(base)) {
      throw new BridgeError(
        'BAD_REQUEST',
        'mqtt.base_topic may contain letters, digits, _ - . separated by /, up to 128 characters.',
      )
    }
    this.base = base
    this.#prefix = `${base}/`
    this.bridgeState = `${base}/${BRIDGE}/state`
    this.bridgeInfo = `${base}/${BRIDGE}/info`
    this.bridgeEvent = `${base}/${BRIDGE}/event`
    this.bridgeHouse = `${base}/${BRIDGE}/house`
    this.bridgeInstance = `${base}/${BRIDGE}/instance`
    this.commandFilters = ['+/set', '+/set/+', '+/schedule/set', '+/get', '+/action', `${BRIDGE}/request/+`].map(
      (end) => `${base}/${end}`,
    )
  }

  state(id: string): string {
    return `${this.#prefix}${id}/state`
  }

  availability(id: string): string {
    return `${this.#prefix}${id}/availability`
  }

  schedule(id: string): string {
    return `${this.#prefix}${id}/schedule`
  }

  scheduleSet(id: string): string {
    return `${this.schedule(id)}/set`
  }

  event(id: string): string {
    return `${this.#prefix}${id}/event`
  }

  result(id: string): string {
    return `${this.#prefix}${id}/result`
  }

  set(id: string, key?: string): string {
    return key === undefined ? `${this.#prefix}${id}/set` : `${this.#prefix}${id}/set/${key}`
  }

  get(id: string): string {
    return `${this.#prefix}${id}/get`
  }

  action(id: string): string {
    return `${this.#prefix}${id}/action`
  }

  request(action: string): string {
    return `${this.#prefix}${BRIDGE}/request/${action}`
  }

  response(action: string): string {
    return `${this.#prefix}${BRIDGE}/response/${action}`
  }

  /** Whether `topic` is under the base topic. */
  owns(topic: string): boolean {
    return topic === this.base || topic.startsWith(this.#prefix)
  }

  /** Whether `topic` is for messages between bridges. */
  isOfBridges(topic: string): boolean {
    return topic === this.bridgeState || topic === this.bridgeInfo || topic === this.bridgeInstance
  }

  /** What `topic` asks for; undefined if it is not ours, or contains an impossible id or action. */
  parse(topic: string): Incoming | undefined {
    if (!topic.startsWith(this.#prefix)) return undefined
    const [first, verb, word, ...rest] = topic.slice(this.#prefix.length).split('/', 4)
    if (rest.length > 0 || verb === undefined) return undefined
    if (first === BRIDGE) {
      return verb === 'request' && word !== undefined && WORD.test(word) ? { kind: 'request', action: word } : undefined
    }
    const id = readSerial(first)
    if (id === undefined) return undefined
    if (verb === 'schedule') return word === 'set' ? { kind: 'schedule_set', id } : undefined
    if (word !== undefined)
      return verb === 'set' ? { kind: 'set_key', id, key: WORD.test(word) ? word : null } : undefined
    return verb === 'set' || verb === 'get' || verb === 'action' ? { kind: verb, id } : undefined
  }
}

/** Whether somebody may ask for an answer on `topic`: no wildcards, no control characters, not a broker's own topic. */
export function isAnswerTopic(topic: string): boolean {
  return /^[^$+#\p{Cc}][^+#\p{Cc}]{0,511}$/u.test(topic)
}

export const hasWildcard = (filter: string): boolean => /[+#]/.test(filter)

/** Whether `filter`, with or without wildcards, matches `topic`. */
export function matches(filter: string, topic: string): boolean {
  const wildcard = filter.search(/[+#]/)
  if (wildcard < 0) return filter === topic
  // `a/#` matches `a` too.
  if (!topic.startsWith(filter.slice(0, Math.max(wildcard - 1, 0)))) return false
  const wanted = filter.split('/')
  const given = topic.split('/')
  // A leading wildcard does not match the broker's own topics.
  if (topic.startsWith('$') && !filter.startsWith('$')) return false
  for (const [index, word] of wanted.entries()) {
    if (word === '#') return true
    if (index >= given.length || (word !== '+' && word !== given[index])) return false
  }
  return wanted.length === given.length
}
