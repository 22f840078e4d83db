/** Lines of the log, as they are shown, copied and searched. */
import type { LogJson, LogLineJson, RecordingJson } from '../../api/types.ts'

export type Level = RecordingJson['level']

/** What can be chosen, from everything to errors only. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type Chosen = (typeof LEVELS)[number]

/** How many lines the page holds: as many as the bridge. */
const MOST = 1000

export interface Line extends LogLineJson {
  /** How many lines that match are left out before this one. */
  readonly gap: number
}

/** The lines that are shown, the oldest first, and where to read on. */
export interface Shown {
  readonly log: string
  readonly last: number
  readonly lines: readonly Line[]
  readonly recording: RecordingJson | null
}

export const NOTHING: Shown = { log: '', last: 0, lines: [], recording: null }

/** With what has come since; only that, if the bridge was started anew. */
export function withAnswer(shown: Shown, { log, last, lines, left_out: leftOut, recording }: LogJson): Shown {
  const fresh = lines.map((line, at) => ({ ...line, gap: at === 0 ? leftOut : 0 }))
  if (log !== shown.log) {
    // What was asked for began after a line of another log.
    const whole = shown.last === 0
    return { log, last: whole ? last : 0, lines: whole ? fresh : [], recording }
  }
  const same = fresh.length === 0 && JSON.stringify(recording) === JSON.stringify(shown.recording)
  if (same && last === shown.last) return shown
  return { log, last, lines: fresh.length === 0 ? shown.lines : [...shown.lines, ...fresh].slice(-MOST), recording }
}

/** Whether not all lines of a chosen level are recorded. */
export const isUnrecorded = (chosen: Chosen, recorded: Level): boolean =>
  !LEVELS.slice(0, LEVELS.indexOf(chosen) + 1).some((level) => level === recorded)

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * What can't be seen or would act elsewhere, such as the escapes of a terminal or what turns the direction of writing, in signs
 * that can be seen. Ends of lines and tabs stay.
 */
export const visible = (text: string): string =>
  text.replace(UNSEEN, (sign) => {
    const code = sign.codePointAt(0) ?? 0
    if (sign === '\n' || sign === '\t') return sign
    // The control pictures of Unicode.
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : `\\u${code.toString(16).padStart(4, '0')}`
  })

export interface Piece {
  readonly text: string
  readonly hit: boolean
}

/** A text in pieces, those that were searched for by themselves, in small or capital letters. */
export function pieces(text: string, search: string): readonly Piece[] {
  if (search === '') return [{ text, hit: false }]
  const wanted = new RegExp(`(${search.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')})`, 'iu')
  // With a group, every second piece is what was found.
  return text.split(wanted).flatMap((piece, at) => (piece === '' ? [] : [{ text: piece, hit: at % 2 === 1 }]))
}

/** What a line is about, by name: `err.message`, `err.stack`. */
export function fieldsOf(fields: unknown, path = ''): readonly (readonly [name: string, value: string])[] {
  if (typeof fields !== 'object' || fields === null || (Array.isArray(fields) && fields.every(isPlain))) {
    return [[path, visible(Array.isArray(fields) ? fields.join(', ') : String(fields))]]
  }
  return Object.entries(fields).flatMap(([name, value]) =>
    fieldsOf(value, path === '' ? visible(name) : `${path}.${visible(name)}`),
  )
}

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null

/** A line as text, for a file. */
export function textOf({ at, level, message, fields }: LogLineJson): string {
  const about = fieldsOf(fields).map(([name, value]) => `${name}=${value.replaceAll('\n', '\n    ')}`)
  return [at ?? '', level.toUpperCase().padEnd(5), visible(message), ...about].join(' ').trim()
}
