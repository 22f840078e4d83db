/** Messages between bridges under one base topic. */
import { isObject, parseJson } from '../../core/json.ts'
import { shown } from '../drops.ts'

/** The most bytes of a message. */
const LARGEST = 1_024

export type Role = 'asking' | 'active' | 'waiting' | 'leaving'

export interface Self {
  /** Different with every start. */
  readonly instance: string
  /** ISO time. */
  readonly started: string
  readonly host: string
}

export interface Message extends Self {
  readonly role: Role
  /** Milliseconds since it became active; 0 while it is not. */
  readonly active: number
}

/** Where and since when it runs, in brackets; empty if not known. */
export function wordsOf({ host, started }: Self): string {
  const where = host === '' ? '' : ` on ${host}`
  const since = Number.isNaN(Date.parse(started)) ? '' : `, started ${started.slice(0, 16).replace('T', ' ')} UTC`
  return where === '' && since === '' ? '' : ` (${where.trim()}${where === '' ? since.slice(2) : since})`
}

/** Parses a message that anybody may have written. */
export function messageIn(payload: Buffer): Message | undefined {
  if (payload.length > LARGEST) return undefined
  const message = parseJson(payload.toString())
  if (!isObject(message)) return undefined
  const { instance, started, host, role, active } = message
  if (typeof instance !== 'string' || typeof started !== 'string' || typeof host !== 'string') return undefined
  if (role !== 'asking' && role !== 'active' && role !== 'waiting' && role !== 'leaving') return undefined
  const spoken = typeof active === 'number' ? active : 0
  return { instance: shown(instance), started: shown(started), host: shown(host), role, active: spoken }
}
