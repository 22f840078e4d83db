/**
 * Which of the bridges under one base topic speaks. Two that both did would carry every command out twice, and contradict
 * each other about every thermostat. Each asks after every connect whether another is there, on a topic of its own whose
 * messages are not retained, so that whoever answers is alive: what an earlier run has left retained can't. Who is there first
 * goes on; who comes later waits until that one is gone.
 */
import type { Clock, Timer } from '../../core/clock.ts'
import { isObject, parseJson } from '../../core/json.ts'
import type { Logger } from '../../core/logging/logger.ts'
import type { BridgeProblem } from '../../devices/ports.ts'
import { shown } from '../intake/drops.ts'
import type { Topics } from '../topics.ts'
import { type Message, messageIn, type Role, type Self, wordsOf } from './message.ts'
import { Seldom } from './seldom.ts'

/** Milliseconds within which another that is alive has answered, where the broker says that there is one. */
const ANSWER = 2_000
/** The same where nothing is retained, but another was heard of, after the broker has passed on the question. */
const GRACE = 100
/** How often one that waits says that it is still there, and asks for the one that speaks; and when who is silent is gone. */
const BEAT = 10_000
const SILENT = 35_000
/** A bridge that knows nothing of this is noticed by its `bridge/info` alone, which seldom changes. */
const SILENT_OLDER = 600_000
/** Least time between two answers. */
const ANSWER_PAUSE = 500
/** Two that have spoken for times that differ by less, in ms, have come at the same time. */
const CLOSE = 5_000
/** Others remembered. */
const MOST = 16

interface Other extends Self {
  /** Monotonic ms at which it counts as gone. */
  readonly until: number
}

export interface PresenceOptions {
  readonly topics: Topics
  readonly self: Self
  /** Nobody can have been there before: nobody is waited for. */
  readonly first: boolean
  readonly clock: Clock
  readonly logger: Logger
  /** Sends once; nothing while there is no connection. */
  readonly publish: (topic: string, payload: string) => void
  /** From now on this bridge speaks, or waits. */
  readonly onActive: () => void
  readonly onWaiting: () => void
  /** Says again that the bridge is online. */
  readonly sayOnline: () => void
  /** `problem` may be another. */
  readonly onChange: () => void
}

export class Presence {
  readonly #options: PresenceOptions
  readonly #others = new Map<string, Other>()
  #role: Role = 'leaving'
  /** What was retained when this connection began; who is asked about later is not in it. */
  #state: string | undefined
  #owner: string | undefined
  /** The broker has passed on the question. */
  #echoed = false
  #decision: Timer | undefined
  #beat: Timer | undefined
  #answer: Timer | undefined
  /** Two programs that contradict each other must not do so without end, nor must one that comes and goes be followed. */
  readonly #correction: Seldom
  readonly #takeover: Seldom
  readonly #relief: Seldom
  #activeSeen = 0
  /** Monotonic ms since when this one speaks. */
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

  /** After every connect. Until `onActive` or `onWaiting` nothing may be said. */
  opened(): void {
    this.#role = 'asking'
    this.#state = undefined
    this.#owner = undefined
    this.#echoed = false
    this.#decide(this.#options.first ? 0 : ANSWER)
  }

  /** After that, when the subscriptions stand: asks who is there. Sooner, some brokers would not pass the question on. */
  subscribed(): void {
    if (this.#role === 'asking') this.#say()
  }

  #askAgain(): void {
    this.opened()
    this.subscribed()
  }

  /** What came in, on whatever topic. */
  heard(topic: string, payload: Buffer, retained: boolean): void {
    const { topics } = this.#options
    if (this.#role === 'leaving') return
    if (topic === topics.bridgeState) this.#heardState(payload.toString('utf8', 0, 16), retained)
    else if (topic === topics.bridgeInfo) this.#heardInfo(payload, retained)
    else if (topic === topics.bridgeInstance && !retained) this.#heardInstance(payload)
  }

  /** On the way out: whoever waits need not wait longer. */
  stop(): void {
    for (const timer of [this.#decision, this.#beat, this.#answer]) timer?.cancel()
    for (const seldom of [this.#correction, this.#takeover, this.#relief]) seldom.cancel()
    this.#role = 'leaving'
    this.#say()
  }

  /** That another bridge is there, and what to do; undefined while this one is alone. */
  get problem(): BridgeProblem | undefined {
    const [other] = this.#others.values()
    if (!other) return undefined
    const { topics } = this.#options
    const there = `Another bridge runs under ${topics.base}/ at this broker${wordsOf(other)}`
    const remedy =
      'Stop one of the two; or, if both are meant to run, give each a name of its own (site, T2M_SITE) or another mqtt.base_topic.'
    return this.#role === 'waiting'
      ? {
          code: 'standing_by',
          message: `${there}. It was here first, so this one stands by: it says nothing over MQTT and takes no commands there until the other has ended. ${remedy}`,
        }
      : {
          code: 'another_bridge',
          message: `${there}. This one was here first and goes on; the other stands by, unless it is of an older version, which carries out every command a second time. ${remedy}`,
        }
  }

  #heardState(state: string, retained: boolean): void {
    if (retained) {
      this.#state ??= state
      this.#consider()
    } else if (state === 'offline') {
      // Somebody's last will says that nobody is here.
      if (this.#role === 'active') this.#correction.ask()
      // The last will of the one that speaks, maybe.
      else if (this.#role === 'waiting') this.#takeover.ask()
    }
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

  /** Whether what is known by now is enough. */
  #consider(): void {
    if (this.#role !== 'asking') return
    const { self } = this.#options
    // An orderly end or a last will; or this very run, before the broker was restarted.
    if (this.#state === 'offline' || (this.#state !== undefined && this.#owner === self.instance)) this.#decide(0)
    // Whoever has never heard of another is alone; should two come to an empty broker at once, their answers settle it.
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

  /** Goes on while there are others. Who waits says that it is there, which asks the one that speaks to do the same. */
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

  /** For how many ms this one has spoken. */
  get #active(): number {
    return this.#role === 'active' ? Math.round(this.#options.clock.monotonic() - this.#activeAt) : 0
  }

  /**
   * Who of two goes on that came at the same time, or met again: the one that has spoken for longer, which no clock gets wrong.
   * Where that is about the same, both have to see something else alike.
   */
  #isBefore({ active, started, instance }: Message): boolean {
    const { self } = this.#options
    if (Math.abs(active - this.#active) > CLOSE) return active > this.#active
    return started === self.started ? instance < self.instance : started < self.started
  }

  /** Once for each thing that there is to say; not while it is being asked. */
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
