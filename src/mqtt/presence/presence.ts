/**
 * Decides which of the bridges under one base topic is active. Two active bridges would carry out every command twice
 * and contradict each other about every thermostat. After every connect, each asks for others on a separate topic
 * without retained messages, so only running bridges answer, unlike retained messages of an earlier run. The first
 * bridge stays active; later ones wait until it is gone.
 */
import type { Clock, Timer } from '../../core/clock.ts'
import { isObject, parseJson } from '../../core/json.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { BridgeProblem } from '../../devices/ports.ts'
import { shown } from '../drops.ts'
import type { Topics } from '../topics.ts'
import { type Message, messageIn, type Role, type Self, wordsOf } from './message.ts'
import { Seldom } from './seldom.ts'

/** Milliseconds within which a running bridge answers, if the broker shows that there is one. */
const ANSWER = 2_000
/** The same if nothing is retained but another bridge was heard of, after the broker has delivered the question. */
const GRACE = 100
/** How often a waiting bridge announces itself and asks for the active one; and when a silent bridge counts as gone. */
const BEAT = 10_000
const SILENT = 35_000
/** A bridge without this feature is noticed only by its `bridge/info`, which rarely changes. */
const SILENT_OLDER = 600_000
/** Shortest time between two answers. */
const ANSWER_PAUSE = 500
/** Two bridges whose active times differ by less than this, in ms, count as started together. */
const CLOSE = 5_000
/** How many other bridges are remembered. */
const MOST = 16

interface Other extends Self {
  /** Monotonic ms at which it counts as gone. */
  readonly until: number
}

export interface PresenceOptions {
  readonly topics: Topics
  readonly self: Self
  /** Nobody can have been there before, so do not wait for anybody. */
  readonly first: boolean
  readonly clock: Clock
  readonly logger: Logger
  /** Sends once; nothing while there is no connection. */
  readonly publish: (topic: string, payload: string) => void
  /** From now on this bridge is active, or waits. */
  readonly onActive: () => void
  readonly onWaiting: () => void
  /** Publishes again that the bridge is online. */
  readonly sayOnline: () => void
  /** `problem` may have changed. */
  readonly onChange: () => void
}

export class Presence {
  readonly #options: PresenceOptions
  readonly #others = new Map<string, Other>()
  #role: Role = 'leaving'
  /** Messages retained when this connection began, not later ones. */
  #state: string | undefined
  #owner: string | undefined
  /** The broker has delivered the question. */
  #echoed = false
  #decision: Timer | undefined
  #beat: Timer | undefined
  #answer: Timer | undefined
  /** Two programs must not contradict each other endlessly, and one that comes and goes must not cause constant switching. */
  readonly #correction: Seldom
  readonly #takeover: Seldom
  readonly #relief: Seldom
  #activeSeen = 0
  /** When this bridge became active, monotonic ms. */
  #activeAt = 0
  #told = ''

  constructor(options: PresenceOptions) {
    this.#options = options
    const { clock, logger, sayOnline, onChange } = options
    this.#correction = new Seldom(clock, () => {
      if (this.#role === 'active') sayOnline()
    })
    this.#takeover = new Seldom(clock, () => {
      if (this.#role === 'waiting') this.#askAgain()
    })
    this.#relief = new Seldom(clock, () => {
      if (this.problem || this.#told === '') return
      this.#told = ''
      logger.info('This bridge is the only one under its base topic again')
      onChange()
    })
  }

  /** After every connect. Nothing may be published until `onActive` or `onWaiting`. */
  opened(): void {
    this.#role = 'asking'
    this.#state = undefined
    this.#owner = undefined
    this.#echoed = false
    this.#decide(this.#options.first ? 0 : ANSWER)
  }

  /**
   * After that, once the subscriptions are confirmed: asks for other bridges. Earlier, some brokers would not deliver
   * the question.
   */
  subscribed(): void {
    if (this.#role === 'asking') this.#say()
  }

  #askAgain(): void {
    this.opened()
    this.subscribed()
  }

  /** A received message, on any topic. */
  heard(topic: string, payload: Buffer, retained: boolean): void {
    const { topics } = this.#options
    if (this.#role === 'leaving') return
    if (topic === topics.bridgeState) this.#heardState(payload.toString('utf8', 0, 16), retained)
    else if (topic === topics.bridgeInfo) this.#heardInfo(payload, retained)
    else if (topic === topics.bridgeInstance && !retained) this.#heardInstance(payload)
  }

  /** When stopping: tells waiting bridges that they need not wait longer. */
  stop(): void {
    for (const timer of [this.#decision, this.#beat, this.#answer]) timer?.cancel()
    for (const seldom of [this.#correction, this.#takeover, this.#relief]) seldom.cancel()
    this.#role = 'leaving'
    this.#say()
  }

  /** The problem that another bridge is there, and what to do; undefined while this one is alone. */
  get problem(): BridgeProblem | undefined {
    const [other] = this.#others.values()
    if (!other) return undefined
    const { topics } = this.#options
    const there = `Another bridge uses the topics under ${topics.base}/ at this broker${wordsOf(other)}`
    const remedy =
      'Stop one of the two, or, if you need both, give each its own name (site, T2M_SITE) or another mqtt.base_topic.'
    return this.#role === 'waiting'
      ? {
          code: 'standing_by',
          message: `${there}. It was here first, so this one is on standby: until the other stops, it publishes nothing and accepts no commands over MQTT. ${remedy}`,
        }
      : {
          code: 'another_bridge',
          message: `${there}. This one was here first and stays active. The other is on standby, unless it is an older version, which carries out every command a second time. ${remedy}`,
        }
  }

  #heardState(state: string, retained: boolean): void {
    if (retained) {
      this.#state ??= state
      this.#consider()
    } else if (this.#role === 'active') {
      // A last will says that no bridge is here, or somebody has written anything.
      if (state !== 'online') this.#correction.ask()
      // Maybe the last will of the active bridge.
    } else if (state === 'offline' && this.#role === 'waiting') this.#takeover.ask()
  }

  #heardInfo(payload: Buffer, retained: boolean): void {
    const info = parseJson(payload.toString())
    if (!isObject(info)) return
    const { instance, started } = info
    const { self } = this.#options
    if (retained) {
      this.#owner ??= typeof instance === 'string' ? instance : ''
      this.#consider()
    } else if (instance !== self.instance) {
      const known = typeof instance === 'string' ? shown(instance) : 'older'
      if (!this.#others.has(known))
        this.#note({ instance: known, started: shown(String(started)), host: '' }, known === 'older')
    }
  }

  #heardInstance(payload: Buffer): void {
    const message = messageIn(payload)
    if (!message) return
    const { instance, role } = message
    if (instance === this.#options.self.instance) {
      this.#echoed = true
      this.#consider()
      return
    }
    if (role === 'leaving') {
      if (this.#others.delete(instance)) this.#tell()
      if (this.#role === 'waiting') this.#takeover.ask()
      return
    }
    this.#note(message, false)
    const first = this.#isBefore(message)
    if (role === 'active') this.#activeSeen = this.#options.clock.monotonic()
    if (this.#role === 'asking' && (role === 'active' || (role === 'asking' && first))) this.#wait()
    else if (this.#role === 'active' && role === 'active' && first) this.#wait()
    else if (this.#role === 'active') this.#answerSoon()
    this.#tell()
  }

  /** Whether enough is known to decide. */
  #consider(): void {
    if (this.#role !== 'asking') return
    const { self } = this.#options
    // A proper end or a last will, or this same run before the broker restarted.
    if (this.#state === 'offline' || (this.#state !== undefined && this.#owner === self.instance)) this.#decide(0)
    // A bridge that has not heard of another is alone. If two arrive at an empty broker together, their answers settle
    // it.
    else if (this.#echoed && this.#state === undefined) this.#decide(this.#others.size > 0 ? GRACE : 0)
  }

  #decide(ms: number): void {
    this.#decision?.cancel()
    this.#decision = undefined
    if (ms === 0) this.#speak()
    else this.#decision = this.#options.clock.timer(ms, () => this.#speak())
  }

  #speak(): void {
    if (this.#role !== 'asking') return
    this.#role = 'active'
    this.#activeAt = this.#options.clock.monotonic()
    this.#beat?.cancel()
    this.#beat = undefined
    this.#say()
    this.#options.onActive()
    this.#tell()
  }

  #wait(): void {
    this.#decision?.cancel()
    this.#role = 'waiting'
    this.#activeSeen = this.#options.clock.monotonic()
    this.#options.onWaiting()
    this.#beatLater()
  }

  /** Repeats while there are others. A waiting bridge announces itself, which asks the active one to do the same. */
  #beatLater(): void {
    this.#beat ??= this.#options.clock.timer(BEAT, () => {
      this.#beat = undefined
      const now = this.#options.clock.monotonic()
      for (const [instance, { until }] of this.#others) if (until <= now) this.#others.delete(instance)
      if (this.#role === 'waiting' && now - this.#activeSeen >= SILENT) this.#askAgain()
      else if (this.#role === 'waiting') this.#say()
      if (this.#others.size > 0 || this.#role === 'waiting') this.#beatLater()
      this.#tell()
    })
  }

  #note({ instance, started, host }: Self, older: boolean): void {
    if (this.#others.size >= MOST && !this.#others.has(instance)) return
    const until = this.#options.clock.monotonic() + (older ? SILENT_OLDER : SILENT)
    this.#others.set(instance, { instance, started, host, until })
    this.#beatLater()
    this.#tell()
  }

  #answerSoon(): void {
    if (this.#answer) return
    this.#say()
    this.#answer = this.#options.clock.timer(ANSWER_PAUSE, () => {
      this.#answer = undefined
    })
  }

  #say(): void {
    const { publish, topics, self } = this.#options
    publish(topics.bridgeInstance, JSON.stringify({ ...self, role: this.#role, active: this.#active }))
  }

  /** Milliseconds since this bridge became active. */
  get #active(): number {
    return this.#role === 'active' ? Math.round(this.#options.clock.monotonic() - this.#activeAt) : 0
  }

  /**
   * Decides between two bridges that started together or met again: the one active for longer wins, which does not
   * depend on clocks. If that is about equal, both must compare something that looks the same to both.
   */
  #isBefore({ active, started, instance }: Message): boolean {
    const { self } = this.#options
    if (Math.abs(active - this.#active) > CLOSE) return active > this.#active
    return started === self.started ? instance < self.instance : started < self.started
  }

  /** Logs each change once, but not while a query is in progress. */
  #tell(): void {
    if (this.#role === 'asking' || this.#role === 'leaving') return
    const { problem } = this
    if (!problem) {
      if (this.#told !== '') this.#relief.ask()
      return
    }
    if (problem.code === this.#told) return
    this.#told = problem.code
    this.#options.logger.warn(problem.message)
    this.#options.onChange()
  }
}
