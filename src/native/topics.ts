/** Where devices publish and accept commands, as set on the devices' own pages. */
import { TopicPattern } from '../core/topic-pattern.ts'
import { matches } from '../mqtt/topics.ts'
import { isName } from './messages.ts'

export interface TopicOptions {
  /** With `{serial}`. */
  readonly patterns: readonly string[]
  /** With `{serial}`; null: the topic on which each publishes. */
  readonly commandPattern: string | null
  readonly devices: readonly {
    readonly serial: string
    readonly native_topic: string | null
    readonly native_command_topic: string | null
  }[]
}

/**
 * Firmware since 2.5 has the levels `get` and `set` between client id and name. Before, both kinds of topics had neither
 * (owners of Terneo AX with 2.4).
 */
export type Form = 'levels' | 'bare'

/** The sender of a message, from its topic. */
export interface Origin {
  readonly serial: string
  readonly name: string
  readonly form: Form
  /** The topic up to the client id. */
  readonly base: string
}

export class NativeTopics {
  /** The filters to subscribe to. */
  readonly filters: readonly string[]
  readonly #claims: readonly { readonly pattern: TopicPattern; readonly serial: string | null }[]
  readonly #own: ReadonlyMap<string, string>
  readonly #commandPattern: TopicPattern | null

  constructor({ patterns, commandPattern, devices }: TopicOptions) {
    this.#claims = [
      // A device with its own topic is received there, whatever serial a pattern would find in it.
      ...devices.flatMap(({ serial, native_topic: topic }) => {
        return topic === null ? [] : [{ pattern: new TopicPattern(topic), serial }]
      }),
      ...patterns.map((text) => ({ pattern: new TopicPattern(text), serial: null })),
    ]
    const bases = [...new Set(this.#claims.map(({ pattern }) => pattern.filter))]
    // Some brokers send a message once for each matching subscription.
    const wide = bases.filter((base) => !bases.some((other) => other !== base && matches(other, base)))
    this.filters = wide.flatMap((base) => [`${base}/get/+`, `${base}/+`])
    this.#own = new Map(
      devices.flatMap(({ serial, native_command_topic: topic }) => (topic === null ? [] : [[serial, topic]])),
    )
    this.#commandPattern = commandPattern === null ? null : new TopicPattern(commandPattern)
  }

  /** The devices whose topic this can be: none, one, or several if patterns contradict each other. */
  originsOf(topic: string): readonly Origin[] {
    const levels = topic.split('/')
    const name = levels.at(-1) ?? ''
    if (!isName(name)) return []
    const form: Form = levels.at(-2) === 'get' ? 'levels' : 'bare'
    const depth = levels.length - (form === 'levels' ? 2 : 1)
    const base = levels.slice(0, depth).join('/')
    const found = this.#claims.filter(({ pattern }) => pattern.length === depth)
    const origins = new Map<string, Origin>()
    for (const { pattern, serial: own } of found) {
      const seen = pattern.serialIn(levels)
      if (seen === undefined) continue
      const serial = own ?? seen
      if (own !== null) return [{ serial, name, form, base }]
      origins.set(serial, { serial, name, form, base })
    }
    return [...origins.values()]
  }

  /** The command topic of a device that publishes under `base`. */
  commandTopic(serial: string, base: string, form: Form, name: string): string {
    const to = this.#own.get(serial) ?? this.#commandPattern?.topicOf(serial) ?? base
    return form === 'levels' ? `${to}/set/${name}` : `${to}/${name}`
  }
}
