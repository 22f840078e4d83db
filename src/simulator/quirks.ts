import type { SloppyServer } from './network/sloppy.ts'

/** A faulty reply. Those marked (true reply) first do what the request says. */
export type InjectedReply =
  | 'empty'
  | 'html'
  /** `{}` */
  | 'braces'
  | 'busy'
  /** `{"success":"block"}`, whatever the lock. */
  | 'block'
  /** The connection stays open without an answer. */
  | 'no-answer'
  /** The connection is cut before any answer. */
  | 'cut'
  | 'megabyte'
  | 'never-ending'
  /** (true reply) under another serial number. */
  | 'wrong-sn'
  /** (true reply) with numbers for strings and the other way round. */
  | 'wrong-types'
  /** (true reply) cut in the middle. */
  | 'half'
  /** (true reply) one byte at a time, `slowInterval` apart. */
  | 'slow'
  | { readonly redirect: string }
  | { readonly raw: string; readonly status?: number }

/** An injected reply that waits for a matching request: a write, or a `cmd`. */
export interface TargetedReply {
  readonly on: 'write' | number
  readonly reply: InjectedReply
}

/** How one unit misbehaves. All of it can be changed at any time. */
export interface Quirks {
  /** Whether `{"cmd":3}` is answered with the time, as from firmware 2.4 on. */
  answersTime: boolean
  /** How a write is refused by the lock: `silent` claims success. */
  refusal: 'block' | 'block-with-sn' | 'silent'
  /** How a write is acknowledged: `{"success":"true"}`, or the whole list that was written to. */
  acknowledgement: 'short' | 'full'
  /** Milliseconds between the end of one request and the start of the next under which it says that it is busy. */
  minSpacing: number
  /** So many requests are answered with busy. */
  busyNext: number
  /** Milliseconds that every answer takes. */
  latency: number
  /** Used up one by one, each by the first matching request. */
  injectReplies: (InjectedReply | TargetedReply)[]
  /** The `cmd`s that it answers with nothing, as some SX do to 1 while 4 works (firmware 2.5). */
  deafTo: readonly number[]
  /** Milliseconds between the bytes of a slow reply. */
  slowInterval: number
  /** Each cuts the connection of one write: after doing what it says, or without. */
  dropWrites: ('applied' | 'lost')[]
  /** The one value of parameter 2 that means manual. */
  manualCode: 1 | 3
  /** The brightest that it keeps, where that is less than its document says. */
  brightest: number | undefined
  /** What a sensor that is broken or shorted is shown as: left out, as the word `open`, or in °C. */
  brokenSensor: 'left-out' | 'open' | number
  /** What stands for always on in a schedule, negative for always off, on models that know it. */
  scheduleAlways: 127 | 1270
  /** D2W: the value of 119 that switches it on. */
  switchesOn: 0 | 1
  /** D2W: what 13 counts in. */
  lowVoltageUnit: 'second' | 'tenth'
  /** After so many requests less than `fast` ms apart the unit answers nothing more until its power is cut; 0 = never. */
  wedgeAfter: number
  fast: number
  refuseReplayedCodes: boolean
  /** Acknowledges that its clock was set, and goes on as before. */
  ignoreClock: boolean
  /** Close each connection after the answer, as some units do. */
  closeConnections: boolean
  /** Its web server's variant of HTTP; null: correct. */
  sloppy: SloppyServer | null
}

/** `{"status":"timeout"}`, the answer of a unit that is busy. */
export const BUSY = '{"status":"timeout"}'

export const HTML = '<html><body><h1>Not now</h1></body></html>'

/** Takes the first injected reply meant for this request out of the list. */
export function takeInjected(list: Quirks['injectReplies'], write: boolean, cmd: unknown): InjectedReply | undefined {
  const index = list.findIndex((entry) => {
    if (typeof entry === 'string' || !('on' in entry)) return true
    return entry.on === 'write' ? write : entry.on === cmd
  })
  if (index === -1) return undefined
  const [entry] = list.splice(index, 1)
  if (entry === undefined || typeof entry === 'string') return entry
  return 'on' in entry ? entry.reply : entry
}

/** The same JSON with every string that looks like a number turned into one, and every number into a string. */
export function wrongTypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wrongTypes)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, key === 'sn' ? item : wrongTypes(item)]))
  }
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? (Number.isNaN(Number(value)) ? [value] : Number(value)) : value
}
