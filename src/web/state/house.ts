/** What the page knows of the devices, and its requests to them. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { RequestError } from '../api/answers.ts'
import type { Client } from '../api/client.ts'
import type { LiveState, ServerEvent } from '../api/live.ts'
import type { CommandResult, Device, Model, Problem, State, Value, House as Whole } from '../api/types.ts'
import type { Troubles } from './list.ts'

/** A failure, for people to read. */
export interface Failure {
  readonly code: string
  readonly message: string
  /** The exact reason, if the code is not specific enough. */
  readonly reason?: string
}

export function failureOf(error: unknown): Failure {
  if (error instanceof RequestError) {
    const { code, message, reason } = error
    return { code, message, ...(reason === null ? {} : { reason }) }
  }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) }
}

/** Requested values that are not confirmed yet, by key. */
export type Wanted = Readonly<Record<string, Value>>

export interface Failed extends Failure {
  /** The keys of the command. */
  readonly keys: readonly string[]
}

export interface HouseOptions {
  readonly client: Pick<Client, 'send' | 'get'>
  /** Calls back after so many ms; the returned function cancels that. */
  readonly timer: (ms: number, run: () => void) => () => void
}

/** How long to wait for further changes before sending: a setpoint is changed with several presses. */
const SETTLE_MS = 500

/** What goes on at one device. */
interface Own {
  readonly wanted: ReadonlySignal<Wanted | undefined>
  readonly failed: ReadonlySignal<Failed | undefined>
  readonly trouble: ReadonlySignal<Problem | undefined>
  readonly waits: ReadonlySignal<number | undefined>
}

/** An event of a device, as far as the page looks at it. */
interface Happened {
  readonly type: string
  readonly details: { readonly seconds?: unknown } | null
}

type ByDevice<Item> = Signal<ReadonlyMap<string, Item>>

export class House {
  readonly devices: ByDevice<Device> = signal(new Map())
  /** The mode of the house and its rooms; null until the bridge has told it. */
  readonly whole: Signal<Whole | null> = signal(null)
  readonly troubles: Signal<Troubles> = signal(new Map())
  /** Counts reports that the bridge can't save data, or can again. */
  readonly storeNews = signal(0)
  readonly models: ByDevice<Model> = signal(new Map())
  readonly wanted: ByDevice<Wanted> = signal(new Map())
  readonly failed: ByDevice<Failed> = signal(new Map())
  /** For how many seconds the first command to a device waits. */
  readonly waits: ByDevice<number> = signal(new Map())
  /** Number of events of each device since the page was opened; '' counts all events. */
  readonly news: ByDevice<number> = signal(new Map())
  readonly live: Signal<LiveState> = signal<LiveState>('connecting')
  readonly #options: HouseOptions
  /** Serials received since the stream began; null once it is complete. */
  #seen: Set<string> | null = new Set()
  readonly #settling = new Map<string, () => void>()
  /** By serial, for what is in `waits`: takes back what ends it. */
  readonly #waiting = new Map<string, () => void>()
  /** By serial, so that a card is drawn anew for its own device only. */
  readonly #own = new Map<string, Own>()

  constructor(options: HouseOptions) {
    this.#options = options
  }

  async loadModels(): Promise<void> {
    const { models } = await this.#options.client.get<{ models: Model[] }>('/api/v1/catalog')
    this.models.value = new Map(models.map((model) => [model.id, model]))
  }

  setLive(state: LiveState): void {
    this.live.value = state
    if (state !== 'live') this.#seen = new Set()
  }

  /** Forgets everything, when somebody signs out. */
  clear(): void {
    for (const cancel of this.#settling.values()) cancel()
    this.#settling.clear()
    this.devices.value = new Map()
    this.whole.value = null
    this.troubles.value = new Map()
    this.wanted.value = new Map()
    this.failed.value = new Map()
    for (const serial of this.waits.value.keys()) this.#waitsNoMore(serial)
    this.#own.clear()
    this.#seen = new Set()
  }

  /** Events come from the page's own server; the types are those of its schemas. */
  take({ name, data }: ServerEvent): void {
    if (name === 'ready') this.#complete()
    if (typeof data !== 'object' || data === null) return
    if (name === 'event' && 'type' in data && data.type === 'store_state') this.storeNews.value++
    if (name === 'house') this.#takeWhole(data as Whole)
    const part = data as Partial<Device>
    const { serial } = part
    if (name === 'event') this.#heard(serial ?? '')
    if (serial === undefined) return
    if (name === 'event') this.#takeWait(serial, data as Partial<Happened>)
    if (name === 'removed') {
      this.devices.value = without(this.devices.value, serial)
      this.#own.delete(serial)
    }
    if (name === 'device') {
      this.#seen?.add(serial)
      this.devices.value = withItem(this.devices.value, serial, data as Device)
    }
    if (name === 'state' || name === 'availability' || name === 'schedule') this.#change(serial, part)
  }

  /** The value to show for a key: the requested one, or else the actual one. */
  shown(device: Device, key: string): Value {
    return this.#ownOf(device.serial).wanted.value?.[key] ?? device.state[key] ?? null
  }

  isPending(serial: string, key: string): boolean {
    return this.#ownOf(serial).wanted.value?.[key] !== undefined
  }

  /** Why the last command from this page to the device failed; undefined if it did not. */
  failedOf(serial: string): Failed | undefined {
    return this.#ownOf(serial).failed.value
  }

  /** What is wrong with the device, as the bridge says; undefined if all is well. */
  troubleOf(serial: string): Problem | undefined {
    return this.#ownOf(serial).trouble.value
  }

  /** For how many seconds, from when that was told, the first command to the device waits; undefined if none does. */
  waitsOf(serial: string): number | undefined {
    return this.#ownOf(serial).waits.value
  }

  /** Requests a value. `settle`: more changes may follow, and only the last is sent. */
  set(serial: string, key: string, value: Value, { settle = false } = {}): void {
    if (!settle) {
      void this.command(serial, { [key]: value })
      return
    }
    this.#prepare(serial, { [key]: value })
    const place = `${serial} ${key}`
    const cancel = this.#options.timer(SETTLE_MS, () => {
      this.#settling.delete(place)
      void this.#send(serial, { [key]: value })
    })
    this.#settling.set(place, cancel)
  }

  /** Requests several values in one command. Resolves with whether the device has taken it; never rejects. */
  command(serial: string, values: Wanted): Promise<boolean> {
    this.#prepare(serial, values)
    return this.#send(serial, values)
  }

  /** Dismisses the message about a failure. */
  dismiss(serial: string): void {
    if (this.failed.value.has(serial)) this.failed.value = without(this.failed.value, serial)
  }

  #ownOf(serial: string): Own {
    const known = this.#own.get(serial)
    if (known) return known
    const own = {
      wanted: computed(() => this.wanted.value.get(serial)),
      failed: computed(() => this.failed.value.get(serial)),
      trouble: computed(() => this.troubles.value.get(serial)),
      waits: computed(() => this.waits.value.get(serial)),
    }
    this.#own.set(serial, own)
    return own
  }

  /** Shows the values as requested, in place of what has been requested for these keys before. */
  #prepare(serial: string, values: Wanted): void {
    for (const key of Object.keys(values)) {
      const place = `${serial} ${key}`
      this.#settling.get(place)?.()
      this.#settling.delete(place)
    }
    this.dismiss(serial)
    this.wanted.value = withItem(this.wanted.value, serial, { ...this.wanted.value.get(serial), ...values })
  }

  async #send(serial: string, values: Wanted): Promise<boolean> {
    const before = this.devices.value.get(serial)?.state
    try {
      const path = `/api/v1/devices/${serial}/state`
      const { state } = await this.#options.client.send<CommandResult>('PATCH', path, values)
      this.#change(serial, { state: merged(before, this.devices.value.get(serial)?.state, state, Object.keys(values)) })
      return true
    } catch (error) {
      this.failed.value = withItem(this.failed.value, serial, { ...failureOf(error), keys: Object.keys(values) })
      return false
    } finally {
      this.#settled(serial, values)
    }
  }

  /** The values are no longer awaited, unless newer ones have been requested meanwhile. */
  #settled(serial: string, values: Wanted): void {
    const before = Object.entries(this.wanted.value.get(serial) ?? {})
    const left = before.filter(([key, value]) => !(key in values) || values[key] !== value)
    this.wanted.value = withItem(this.wanted.value, serial, Object.fromEntries(left))
    this.#waitsNoMore(serial)
  }

  /** Whoever has sent the command: a card that shows a former value says why. */
  #takeWait(serial: string, { type, details }: Partial<Happened>): void {
    const seconds = type === 'command_waits' ? Number(details?.seconds) : Number.NaN
    if (seconds > 0) {
      this.#waitsNoMore(serial)
      this.waits.value = withItem(this.waits.value, serial, seconds)
      this.#waiting.set(
        serial,
        this.#options.timer(seconds * 1000, () => this.#waitsNoMore(serial)),
      )
    } else if (type === 'command_failed') this.#waitsNoMore(serial)
  }

  #waitsNoMore(serial: string): void {
    this.#waiting.get(serial)?.()
    this.#waiting.delete(serial)
    if (this.waits.value.has(serial)) this.waits.value = without(this.waits.value, serial)
  }

  #takeWhole(whole: Whole): void {
    const before = this.troubles.value
    const same = (now: Problem) => {
      const was = before.get(now.serial)
      return was && JSON.stringify(was) === JSON.stringify(now) ? was : now
    }
    this.whole.value = whole
    // What is as before stays the same object, so that its device is not drawn anew.
    this.troubles.value = new Map(whole.problems.map((now) => [now.serial, same(now)]))
  }

  #heard(serial: string): void {
    const counts = new Map(this.news.value)
    for (const of of new Set([serial, ''])) counts.set(of, (counts.get(of) ?? 0) + 1)
    this.news.value = counts
  }

  #change(serial: string, part: Partial<Device>): void {
    const device = this.devices.value.get(serial)
    if (device) this.devices.value = withItem(this.devices.value, serial, { ...device, ...part })
  }

  #complete(): void {
    const seen = this.#seen
    if (!seen) return
    this.#seen = null
    this.devices.value = new Map([...this.devices.value].filter(([serial]) => seen.has(serial)))
  }
}

/**
 * The state to show after a command. The answer may come after news that is newer, so where there was news it only
 * tells the keys of the command, and of these only those that the news has left as they were.
 */
function merged(before: State | undefined, now: State | undefined, answer: State, keys: readonly string[]): State {
  if (now === undefined || now === before) return answer
  const told = keys.filter((key) => now[key] === before?.[key]).map((key) => [key, answer[key] ?? null])
  return { ...now, ...Object.fromEntries(told) }
}

function withItem<Item>(map: ReadonlyMap<string, Item>, key: string, item: Item): ReadonlyMap<string, Item> {
  return new Map([...map, [key, item]])
}

function without<Item>(map: ReadonlyMap<string, Item>, key: string): ReadonlyMap<string, Item> {
  return new Map([...map].filter(([other]) => other !== key))
}
