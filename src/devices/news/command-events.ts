/** Commands as events: who asked for what, and what came of it. */

import { type Actor, AT_DEVICE, called } from '../../core/actor.ts'
import { isObject, type JsonObject, type JsonValue } from '../../core/json.ts'
import type { PlainValue } from '../boost/facts.ts'
import type { CommandResult, ScheduleKind } from '../ports.ts'
import type { BridgeEvent } from './event-types.ts'

/** The most keys that are named: anybody can send commands. */
const MOST_KEYS = 16
const WORD = /^[a-z][a-z0-9_]{0,63}$/
/** The longest value in characters that is repeated; no key takes a longer one. */
const LONGEST = 40

/** One value of a command. `to` is there when the device holds it now, `asked` when that is something else than was asked. */
export type ValueNews = { readonly from?: JsonValue; readonly to?: JsonValue; readonly asked?: PlainValue }
export type ValuesNews = Readonly<Record<string, ValueNews>>

/** What somebody asks of a device. */
export interface Asked {
  readonly by: Actor
  readonly what: 'set' | 'action' | 'schedule'
  /** The keys, the action, or `schedule`. */
  readonly about: readonly string[]
  /** By key, what was asked for, as far as it can be repeated. */
  readonly values: ValuesNews
}

/** What came of it. */
export interface CameOfIt {
  readonly rounded: CommandResult['rounded']
  readonly values?: ValuesNews
  /** The days of the schedule that were written: `floor.monday`. */
  readonly days?: readonly string[]
}

export const asksFor = (what: Asked['what'], by: Actor, about: readonly string[]): Asked => ({
  by,
  what,
  about,
  values: {},
})

/** The keys that a command names, if they can be keys at all. */
export function keysIn(command: unknown): readonly string[] {
  if (!isObject(command)) return []
  return Object.keys(command)
    .filter((key) => WORD.test(key))
    .slice(0, MOST_KEYS)
}

/** A command with values, as it was asked. */
export function asksToSet(by: Actor, command: unknown): Asked {
  const about = keysIn(command)
  const values = about.map((key) => {
    const asked = isObject(command) ? command[key] : undefined
    return [key, isPlain(asked) ? { asked } : {}] as const
  })
  return { by, what: 'set', about, values: Object.fromEntries(values) }
}

function isPlain(value: unknown): value is PlainValue {
  if (typeof value === 'string') return value.length <= LONGEST
  return value === null || typeof value === 'number' || typeof value === 'boolean'
}

/** What became of each value that was asked for. */
export function valuesOf({ about, values }: Asked, { before, state, rounded, superseded }: CommandResult): ValuesNews {
  const news = about.map((key): [string, ValueNews] => {
    if (superseded.includes(key)) return [key, values[key] ?? {}]
    const held = { from: before[key] ?? null, to: state[key] ?? null }
    const asked = rounded[key]?.asked
    return [key, asked === undefined ? held : { ...held, asked }]
  })
  return Object.fromEntries(news)
}

/** A command that was carried out, at least in part; undefined if there was nothing to do. */
export function carriedOut(
  { serial }: { readonly serial: string },
  { by, what, about }: Asked,
  { values, days }: CameOfIt,
): BridgeEvent | undefined {
  if (what === 'schedule' && days?.length === 0) return undefined
  const details = { by, what, about: [...about], ...(values ? { values } : {}), ...(days ? { days: [...days] } : {}) }
  return { type: 'command', serial, message: sentenceOf(details), details }
}

/** A change that no command of the bridge has made: values by key, or one of the schedules. */
export type ChangeAtDevice = { readonly values: ValuesNews } | { readonly schedule: ScheduleKind }

export function changedAtDevice(serial: string, change: ChangeAtDevice): BridgeEvent {
  const details =
    'values' in change
      ? { by: AT_DEVICE, what: 'set', about: Object.keys(change.values), values: change.values }
      : { by: AT_DEVICE, what: 'schedule', about: ['schedule'], days: [change.schedule] }
  return { type: 'changed_at_device', serial, message: sentenceOf(details), details }
}

/** What happened in a sentence with the words of the state: `Olena set target_temperature from 21 to 24.` */
export function sentenceOf({ by, what, about, values, days }: JsonObject): string {
  const who = isActor(by) ? called(by) : 'Somebody'
  if (what === 'schedule') return `${who} changed the schedule (${listed(days)}).`
  if (what === 'action') return `${who} asked for ${listed(about)}.`
  const news = Object.entries(isObject(values) ? values : {}).map(([key, value]) =>
    valueIn(key, isObject(value) ? value : {}),
  )
  return `${who} set ${news.join(', ')}.`
}

/** Only this program writes them. */
const isActor = (value: unknown): value is Actor => isObject(value) && typeof value.via === 'string'

const listed = (list: unknown): string => (Array.isArray(list) ? list.join(', ') : '')

function valueIn(key: string, { from, to, asked }: JsonObject): string {
  if (to === undefined) return `${key} to ${shown(asked)}, which a later command has replaced`
  const change =
    from === undefined || from === null || from === to ? `to ${shown(to)}` : `from ${shown(from)} to ${shown(to)}`
  return `${key} ${change}${asked === undefined ? '' : ` (asked for ${shown(asked)})`}`
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null))
