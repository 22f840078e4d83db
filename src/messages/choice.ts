/** Which events become messages. */
import type { BridgeEvent } from '../devices/ports.ts'

/** What an event means for people. */
export interface Matter {
  /** The group of its kind. */
  readonly about: string
  /** The finding or the fault; empty without one. */
  readonly kind: string
  /** The same for the beginning and the end of one matter. */
  readonly key: string
  /** It begins, it ends, or it just happened. */
  readonly what: 'begins' | 'ends' | 'happened'
}

type Row = readonly [
  about: string,
  what: (details: Readonly<Record<string, unknown>>) => Matter['what'] | undefined,
  kind?: string,
]

const BAD_ACCOUNTS = ['auth_failed', 'code_needed']

const ROWS: Readonly<Partial<Record<BridgeEvent['type'], Row>>> = {
  finding_began: ['findings', () => 'begins', 'finding'],
  finding_ended: ['findings', () => 'ends', 'finding'],
  fault_began: ['faults', () => 'begins', 'fault'],
  fault_ended: ['faults', () => 'ends', 'fault'],
  device_offline: ['offline', () => 'begins'],
  device_online: ['offline', () => 'ends'],
  lock_changed: ['locks', () => 'happened'],
  account_state: [
    'accounts',
    ({ state }) => (BAD_ACCOUNTS.includes(String(state)) ? 'begins' : state === 'ready' ? 'ends' : undefined),
  ],
  store_state: ['storage', ({ problem }) => (problem === null ? 'ends' : 'begins')],
}

/** Undefined for an event that is no matter for a message. */
export function matterOf({ type, serial = '', account = '', details = {} }: BridgeEvent): Matter | undefined {
  const row = ROWS[type]
  if (!row) return undefined
  const [about, whatOf, field] = row
  const what = whatOf(details)
  if (what === undefined) return undefined
  const kind = field === undefined ? '' : String(details[field] ?? '')
  return { about, kind, key: [about, serial, account, kind].join(' '), what }
}

/** @param chosen groups, findings and faults */
export const isChosen = ({ about, kind }: Matter, chosen: readonly string[]): boolean =>
  chosen.includes(about) || (kind !== '' && chosen.includes(kind))

/** Whether a time is in the quiet hours, which may go over midnight. Times are HH:MM; none if either is null. */
export function isQuiet(from: string | null, to: string | null, now: Date): boolean {
  if (from === null || to === null) return false
  // HH:MM:SS and the time zone.
  const time = now.toTimeString().slice(0, 5)
  return from <= to ? time >= from && time < to : time >= from || time < to
}
