/** Messages to people about what happens, without Home Assistant: which, when, and until a service has taken them. */
import { type Clock, type Timer, within } from '../core/clock.ts'
import { asBridgeError, BridgeError } from '../core/errors.ts'
import type { Unsubscribe } from '../core/events.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { BridgeEvent, Devices } from '../devices/ports.ts'
import { isChosen, isQuiet, type Matter, matterOf } from './choice.ts'
import { isSame, Outbox, type OutboxMemory, type Waiting } from './outbox.ts'
import { type Channel, type ChannelName, type Message, NotSent, nameOf } from './types.ts'

export { channelsOf } from './channels.ts'

export interface MessageSettings {
  /** Groups of events, findings and faults. */
  readonly about: readonly string[]
  /** HH:MM; null without quiet hours. */
  readonly quiet_from: string | null
  readonly quiet_to: string | null
  /** Milliseconds after which a matter that is not over is told again; null: never. */
  readonly repeat: number | null
  /** Whether the end of a matter is told. */
  readonly resolved: boolean
}

export interface MessagesOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly events: Pick<Devices['events'], 'on'>
  readonly channels: readonly Channel[]
  readonly settings: MessageSettings
  readonly memory: OutboxMemory
  /** The name of the site; empty without one. */
  readonly site: string
}

export interface TestResult {
  readonly channel: ChannelName
  /** The recipient; null if the channel has none of several. */
  readonly to: string | null
  /** null if the service has taken the test message. */
  readonly problem: string | null
}

/** Milliseconds between two looks while something waits. */
const LOOK_EVERY = 60_000
/** Milliseconds for which a device must stay away before that is a message. */
const PATIENCE = 2 * 60_000
/** Milliseconds until a channel that failed is tried again: the first time, and at most. */
const FIRST_PAUSE = 60_000
const LONGEST_PAUSE = 30 * 60_000
/** Milliseconds at the end in which what is being sent may still be taken. */
const LAST_ANSWERS = 2_000
/** Milliseconds from which a message says when it happened. */
const LATE = 10 * 60_000

interface Pause {
  ms: number
  /** Of the clock that never jumps. */
  until: number
}

export class Messages {
  readonly #options: MessagesOptions
  readonly #outbox: Outbox
  /** By names in words. */
  readonly #pauses = new Map<string, Pause>()
  #timer: Timer | undefined
  #listening: Unsubscribe = () => undefined
  /** What is being sent now, by names of channels in words. */
  readonly #sending = new Map<string, Promise<void>>()
  #stopped = false
  #ended = false

  constructor(options: MessagesOptions) {
    this.#options = options
    this.#outbox = new Outbox(options.memory)
  }

  /** How many messages wait, and the channels that did not take the last one. */
  get status(): { readonly waiting: number; readonly failing: readonly ChannelName[] } {
    const failing = this.#options.channels.filter((channel) => this.#pauses.has(nameOf(channel)))
    return { waiting: this.#outbox.waiting.length, failing: [...new Set(failing.map(({ name }) => name))] }
  }

  start(): void {
    const { events } = this.#options
    this.#try(() => this.#outbox.load())
    this.#listening = events.on('event', (event) => this.#take(event))
    this.#soon(0)
  }

  /** Waits a little for the answer to what is being sent: without it, the next run would send that again. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#listening()
    this.#timer?.cancel()
    const sending = Promise.all(this.#sending.values()).then(() => undefined)
    if (this.#sending.size > 0) await within(this.#options.clock, LAST_ANSWERS, [sending])
    this.#ended = true
  }

  /** Sends a test message on every channel now, even in quiet hours. @throws BridgeError `BAD_REQUEST` without a channel */
  async test(): Promise<readonly TestResult[]> {
    const { channels, clock } = this.#options
    if (channels.length === 0) throw new BridgeError('BAD_REQUEST', 'No way for messages is set up.')
    const text = 'This is a test message. Messages of the bridge arrive here.'
    const time = new Date(clock.now()).toISOString()
    const message = { title: this.#title, text, resolved: true, event: 'test', device: '', time }
    return Promise.all(
      channels.map(async ({ name, to = null, send }) => ({
        channel: name,
        to,
        problem: await send(message).then(() => null, reasonOf),
      })),
    )
  }

  get #title(): string {
    const { site } = this.#options
    return site === '' ? 'thermo2mqtt' : `thermo2mqtt ${site}`
  }

  #take(event: BridgeEvent): void {
    const { clock, settings } = this.#options
    const matter = matterOf(event)
    if (!matter || !isChosen(matter, settings.about)) return
    const now = clock.now()
    const { type, message: text, serial = '' } = event
    const time = new Date(now).toISOString()
    const message = { title: this.#title, text, resolved: matter.what === 'ends', event: type, device: serial, time }
    if (matter.what === 'ends' ? this.#ends(matter, now) : this.#begins(matter, message, now))
      this.#add(matter.key, message, 0)
    this.#try(() => this.#outbox.save())
    this.#soon(0)
  }

  /** Returns whether its message goes out at once. */
  #begins({ about, key, what }: Matter, message: Message, now: number): boolean {
    if (what === 'begins') this.#outbox.begin(key, { message, told: now })
    if (about !== 'offline') return true
    this.#add(key, message, PATIENCE)
    return false
  }

  /** Returns whether its end is told: of what nobody was told, neither is the end. */
  #ends({ key }: Matter, now: number): boolean {
    if (!this.#outbox.end(key) || this.#outbox.takeBack(key, now)) return false
    return this.#options.settings.resolved
  }

  #add(key: string, message: Message, delay: number): void {
    const { channels, clock } = this.#options
    const at = clock.now()
    this.#outbox.add({ message, key, at, notBefore: at + delay, left: channels.map(nameOf) })
  }

  #soon(ms: number): void {
    if (this.#stopped) return
    this.#timer?.cancel()
    this.#timer = this.#options.clock.timer(ms, () => void this.#look())
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    const { channels, clock, logger, settings } = this.#options
    const now = clock.now()
    const dropped = this.#outbox.prune(now, channels.map(nameOf))
    if (dropped > 0) logger.warn({ messages: dropped }, 'Messages that could not be sent for a week were dropped.')
    this.#repeat(now)
    if (!isQuiet(settings.quiet_from, settings.quiet_to, new Date(now)))
      await Promise.all(channels.map((channel) => this.#sendAlone(channel)))
    const repeats = settings.repeat !== null && this.#outbox.open.size > 0
    if (this.#outbox.waiting.length > 0 || repeats) this.#soon(LOOK_EVERY)
  }

  #repeat(now: number): void {
    const { repeat } = this.#options.settings
    if (repeat === null) return
    const due = [...this.#outbox.open].filter(([, { told }]) => now - told >= repeat)
    if (due.length === 0) return
    for (const [key, { message }] of due) {
      this.#outbox.begin(key, { message, told: now })
      if (!this.#outbox.waiting.some((waiting) => waiting.key === key))
        this.#add(key, { ...message, text: `Still: ${message.text}` }, 0)
    }
    this.#try(() => this.#outbox.save())
  }

  /** Whoever is still sending takes what was added meanwhile too. */
  async #sendAlone(channel: Channel): Promise<void> {
    const name = nameOf(channel)
    if (this.#sending.has(name)) return
    const sending = this.#send(channel, name)
    this.#sending.set(name, sending)
    await sending
    this.#sending.delete(name)
  }

  /**
   * Sends what waits for a channel, in order, until it does not take one. If it refuses one for good, whose fault that is
   * shows the next: if that is taken, the one before never will be, and else the channel takes none.
   */
  async #send(channel: Channel, name: string): Promise<void> {
    const { clock, logger } = this.#options
    let refused: { readonly waiting: Waiting; readonly error: unknown } | undefined
    const isNext = (waiting: Waiting) =>
      waiting.left.includes(name) && waiting.notBefore <= clock.now() && !(refused && isSame(waiting, refused.waiting))
    for (;;) {
      const pause = this.#pauses.get(name)
      if (this.#stopped || (pause && pause.until > clock.monotonic())) return
      const next = this.#outbox.waiting.find(isNext)
      if (!next) break
      try {
        await channel.send(this.#late(next))
      } catch (error) {
        if (this.#ended) return
        if (!refused && error instanceof NotSent && error.refusal.final) refused = { waiting: next, error }
        else this.#failed(name, error)
        continue
      }
      if (this.#ended) return
      if (this.#pauses.delete(name)) logger.info({ channel: name }, `Messages go out over ${name} again.`)
      this.#outbox.taken(next, name)
      if (refused) this.#giveUp(name, refused)
      refused = undefined
      this.#try(() => this.#outbox.save())
    }
    if (refused) this.#failed(name, refused.error)
  }

  #giveUp(name: string, { waiting, error }: { readonly waiting: Waiting; readonly error: unknown }): void {
    this.#outbox.taken(waiting, name)
    this.#options.logger.warn(
      { channel: name, text: waiting.message.text },
      `One message was refused over ${name} and is not sent there; others were taken. ${reasonOf(error)}`,
    )
  }

  /** A message that waited says when it happened. */
  #late({ message, at }: Waiting): Message {
    if (this.#options.clock.now() - at < LATE) return message
    const when = new Date(at).toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' })
    return { ...message, text: `${message.text} (${when})` }
  }

  #failed(name: string, error: unknown): void {
    const { clock, logger } = this.#options
    const before = this.#pauses.get(name)
    const asked = error instanceof NotSent ? error.refusal.retryAfter : undefined
    const ms = Math.min(before ? 2 * before.ms : FIRST_PAUSE, LONGEST_PAUSE)
    this.#pauses.set(name, { ms, until: clock.monotonic() + Math.max(ms, asked ?? 0) })
    if (before) return
    logger.warn(
      { channel: name },
      `A message can't be sent over ${name}. ${reasonOf(error)} It is kept for a week, and sent when that is possible.`,
    )
  }

  /** Without the store, messages are sent all the same, but not kept over a restart; the store says so itself. */
  #try(work: () => void): void {
    try {
      work()
    } catch (err) {
      this.#options.logger.debug({ err: asBridgeError(err) }, 'Waiting messages can’t be stored now')
    }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
