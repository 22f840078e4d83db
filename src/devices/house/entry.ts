/** What one device has been asked by the house, as it is kept until the device is back to normal. */

import { type Actor, BRIDGE } from '../../core/actor.ts'
import type { ErrorBody } from '../../core/errors.ts'
import type { Held } from './held.ts'
import type { HouseMode, HouseOutcomeKind } from './types.ts'

/** A mode of the house, of a room or of a device; `until` is Unix ms, null until it is taken back. */
export interface Asked {
  readonly mode: HouseMode
  readonly until: number | null
}

export interface HouseEntry extends Asked {
  readonly serial: string
  /** Who asked for it; null if that is not known any more. */
  readonly by: Actor | null
  /** What the device held before the house had a mode; null while nobody knows. */
  readonly before: Held | null
  /** What it held when it had taken, or refused, the last mode; null before that. */
  readonly after: Held | null
  /** Modes that were asked for and replaced before anybody knew whether the device took them. */
  readonly tried: readonly Asked[]
  readonly outcome: Exclude<HouseOutcomeKind, 'superseded'>
  readonly error: ErrorBody | null
}

/** A mode of the whole house (`scope` is empty) or of a room. */
export interface ScopeMode extends Asked {
  readonly scope: string
}

/** What keeps the house across restarts; the store satisfies it. */
export interface HouseMemory {
  entries(): readonly HouseEntry[]
  modes(): readonly ScopeMode[]
  /** In one commit; `modes` left out stay as they are. */
  save(change: {
    readonly kept: readonly HouseEntry[]
    readonly ended: readonly string[]
    readonly modes?: readonly ScopeMode[]
  }): void
  /** Resolves when what was saved is on disk. Left out: it is on disk when `save` returns. */
  durable?(): Promise<void>
}

/** Whether nothing of the device is to be restored any more. */
export const isOver = ({ mode, outcome }: HouseEntry): boolean =>
  outcome === 'changed' || outcome === 'skipped' || (mode === 'normal' && outcome === 'done')

/** How many replaced modes are remembered. */
const REMEMBERED = 4

/**
 * The entry of a device that is asked for a mode now.
 * @param by who asks
 * @param previous what it was asked before; undefined for nothing
 * @param held what it holds now; null while nobody knows
 */
export function asked(
  serial: string,
  { mode, until }: Asked,
  by: Actor,
  previous: HouseEntry | undefined,
  held: Held | null,
): HouseEntry {
  const next = { serial, mode, until, by, error: null }
  if (!previous || isOver(previous)) {
    // Nothing was changed, so there is nothing to take back.
    const outcome = mode !== 'normal' ? 'waiting' : (previous?.outcome ?? 'done')
    return { ...next, before: mode === 'normal' ? null : held, after: null, tried: [], outcome }
  }
  const { before, after, tried } = previous
  const unsure = previous.outcome === 'waiting' ? [...tried, { mode: previous.mode, until: previous.until }] : []
  return { ...next, before, after, tried: unsure.slice(-REMEMBERED), outcome: 'waiting' }
}

/** Who is named for the commands that carry an entry out. */
export const actorOf = ({ by, mode }: HouseEntry): Actor => ({ ...(by ?? BRIDGE), house: mode })
