/** Several entries of the log that say one thing to people: a dial that was turned ten times is one line. */
import { isObject } from '../../core/json.ts'
import type { LoggedEvent } from '../ports.ts'
import { sentenceOf } from './command-events.ts'

export type Entry = Omit<LoggedEvent, 'id'>

/** Milliseconds from the first command of an entry in which more of the same actor belong to it. */
const TOGETHER = 60_000

/** The most keys of one entry: keys that no device has fail for the same reason, and anybody can invent some. */
const MOST_KEYS = 64

/** Entries of commands, of which people may cause any number. */
const FOLDING: ReadonlySet<string> = new Set(['command', 'command_failed', 'changed_at_device'])

/**
 * One entry for both; undefined when they are two matters. What repeats itself without changing anything, such as an
 * automation that sends one setpoint every minute, is one entry for as long as nothing else happens.
 * @param last the newest entry of the same device
 */
export function folded(last: Entry, now: Entry): Entry | undefined {
  const [a, b] = [last.details, now.details]
  if (!FOLDING.has(now.type) || last.type !== now.type || last.serial !== now.serial || !a || !b) return undefined
  if (!isSame(a.by, b.by) || a.what !== b.what || a.reason !== b.reason) return undefined
  const since = typeof a.since === 'number' ? a.since : last.at
  const together = now.at >= since && now.at - since <= TOGETHER
  if (!together && !repeats(a, b)) return undefined
  // Two actions are two matters, however quickly they follow.
  if (a.what === 'action' && !isSame(a.about, b.about)) return undefined
  const about = union(a.about, b.about)
  if (about.length > MOST_KEYS) return undefined
  const times = (typeof a.times === 'number' ? a.times : 1) + 1
  const details: Record<string, unknown> = { ...b, about, since, times }
  if (isObject(b.values)) details.values = joined(isObject(a.values) ? a.values : {}, b.values)
  if (b.days !== undefined) details.days = union(a.days, b.days)
  return { ...now, details, message: now.type === 'command_failed' ? now.message : sentenceOf(details) }
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Whether the later command asks for nothing new. */
function repeats(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  if (!isSame(a.about, b.about)) return false
  if (b.reason !== undefined) return true
  if (b.what !== 'set' || !isObject(a.values) || !isObject(b.values)) return false
  const before = a.values
  return Object.entries(b.values).every(([key, now]) => {
    const held = before[key]
    return (
      isObject(held) && isObject(now) && now.to !== undefined && isSame(held.to, now.to) && isSame(now.from, now.to)
    )
  })
}

/** Each value from what it was first to what it is last; one that was replaced at once says nothing. */
function joined(a: Record<string, unknown>, b: Record<string, unknown>): Record<string, unknown> {
  const values = { ...a }
  for (const [key, now] of Object.entries(b)) {
    const held = a[key]
    if (!isObject(now) || !isObject(held)) values[key] = now
    else if (now.to !== undefined) values[key] = held.from === undefined ? now : { ...now, from: held.from }
    else if (held.to === undefined) values[key] = now
  }
  return values
}

function union(a: unknown, b: unknown): readonly unknown[] {
  return [...new Set([...(Array.isArray(a) ? a : []), ...(Array.isArray(b) ? b : [])])]
}
