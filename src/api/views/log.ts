/** The last lines of the log, for people who look for what happened. */
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'
import type { KeptLine } from '../../core/logging/log-buffer.ts'
import { RECORDED, type Recorded } from '../../core/logging/more-detail.ts'

export interface LogQuery {
  readonly level: Recorded
  /** In any letters, in what a line says or in its fields; empty for all. */
  readonly search: string
  /** From 1. */
  readonly limit: number
}

export interface LogLine {
  readonly seq: number
  /** ISO; null where a line is none of the logger's. */
  readonly at: string | null
  readonly level: string
  readonly message: string
  readonly fields: JsonObject
}

const LEVELS: readonly string[] = RECORDED

/** The newest lines that match, the newest last, and how many more there are before them. */
export function matchingLines(lines: readonly KeptLine[], { level, search, limit }: LogQuery) {
  const least = LEVELS.indexOf(level)
  const wanted = search.toLowerCase()
  const matching = lines.filter(({ text }) => weight(text) >= least).map(parsed)
  const found = wanted === '' ? matching : matching.filter((line) => textOf(line).toLowerCase().includes(wanted))
  return { lines: found.slice(-limit), left_out: Math.max(found.length - limit, 0) }
}

const HEAD = /^\{"level":"(\w+)"(?:,"time":"([^"]+)")?/

/** The place of its level among those that can be recorded; what is worse, or no line of the logger, comes after them. */
function weight(text: string): number {
  const [, level = ''] = HEAD.exec(text) ?? []
  const place = LEVELS.indexOf(level)
  return place < 0 ? LEVELS.length : place
}

/** A line that was cut off is shown as it is. */
function parsed({ seq, text }: KeptLine): LogLine {
  const [, level = 'error', at = null] = HEAD.exec(text) ?? []
  const line = parseJson(text)
  if (!isObject(line)) return { seq, at, level, message: text, fields: {} }
  const { level: _level, time: _time, msg, ...fields } = line
  return { seq, at, level, message: typeof msg === 'string' ? msg : '', fields }
}

/** Everything that is shown of a line. */
const textOf = ({ message, fields }: LogLine): string => `${message}\n${leaves(fields).join('\n')}`

function leaves(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(leaves)
  if (!isObject(value)) return [String(value)]
  return Object.entries(value).flatMap(([name, item]) => [name, ...leaves(item)])
}
