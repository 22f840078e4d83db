import { isObject, parseJson } from '../../../core/json.ts'
import type { SqliteFile } from '../../database/sqlite.ts'

const MODES = ['normal', 'away', 'frost_protection', 'off'] as const
const OUTCOMES = ['done', 'waiting', 'failed', 'changed', 'skipped'] as const

type Mode = (typeof MODES)[number]

/** `until` is Unix ms; null until it is taken back. */
interface Asked {
  readonly mode: Mode
  readonly until: number | null
}

/** What is kept of a device while it is not back to normal. */
export interface HouseRecord<Held = unknown, Problem = unknown, By = unknown> extends Asked {
  readonly serial: string
  readonly by: By | null
  readonly before: Held | null
  readonly after: Held | null
  readonly tried: readonly Asked[]
  readonly outcome: (typeof OUTCOMES)[number]
  readonly error: Problem | null
}

interface Scoped extends Asked {
  readonly scope: string
}

interface Row {
  readonly serial: string
  readonly mode: string
  readonly until: number | null
  readonly outcome: string
  readonly kept: string
}

const modeOf = (word: unknown): Mode | undefined => MODES.find((known) => known === word)

/** The modes of the house and its rooms, and what each device was asked and had before. */
export class HouseRepository {
  readonly #file: SqliteFile

  constructor(file: SqliteFile) {
    this.#file = file
  }

  /** By serial. Unreadable ones are left out. */
  entries<Held, Problem, By>(): HouseRecord<Held, Problem, By>[] {
    return this.#file.all<Row>('SELECT * FROM house_devices ORDER BY serial').flatMap((row) => {
      const mode = modeOf(row.mode)
      const outcome = OUTCOMES.find((known) => known === row.outcome)
      const kept = parseJson(row.kept)
      if (!mode || !outcome || !isObject(kept)) return []
      const tried = Array.isArray(kept.tried) ? kept.tried.filter(isAsked) : []
      const held = { before: heldIn<Held>(kept.before), after: heldIn<Held>(kept.after) }
      const error = isObject(kept.error) ? (kept.error as Problem) : null
      const by = isObject(kept.by) && typeof kept.by.via === 'string' ? (kept.by as By) : null
      return [{ serial: row.serial, mode, until: row.until, by, outcome, tried, error, ...held }]
    })
  }

  /** Modes of the whole house, whose scope is empty, and of rooms. */
  modes(): Scoped[] {
    return this.#file
      .all<{ scope: string; mode: string; until: number | null }>('SELECT * FROM house_modes ORDER BY scope')
      .flatMap((row) => {
        const mode = modeOf(row.mode)
        return mode ? [{ ...row, mode }] : []
      })
  }

  /** In one commit; `modes` left out stay as they are. */
  save({
    kept,
    ended,
    modes,
  }: {
    readonly kept: readonly HouseRecord[]
    readonly ended: readonly string[]
    readonly modes?: readonly Scoped[]
  }): void {
    this.#file.transaction(() => {
      for (const serial of ended) this.#file.run('DELETE FROM house_devices WHERE serial = ?', serial)
      for (const { serial, mode, until, outcome, ...others } of kept) {
        this.#file.run(
          'INSERT OR REPLACE INTO house_devices (serial, mode, until, outcome, kept) VALUES (?, ?, ?, ?, ?)',
          serial,
          mode,
          until,
          outcome,
          JSON.stringify(others),
        )
      }
      if (!modes) return
      this.#file.run('DELETE FROM house_modes')
      for (const { scope, mode, until } of modes) {
        this.#file.run('INSERT INTO house_modes (scope, mode, until) VALUES (?, ?, ?)', scope, mode, until)
      }
    })
  }

  /** Resolves when what was saved is on the disk. @throws BridgeError `INTERNAL` */
  durable(): Promise<void> {
    return this.#file.durable()
  }
}

const isAsked = (value: unknown): value is Asked =>
  isObject(value) && modeOf(value.mode) !== undefined && (value.until === null || Number.isFinite(value.until))

/** Only this program writes them; whatever lacks the main parts is as good as unknown. */
const heldIn = <Held>(value: unknown): Held | null =>
  isObject(value) && isObject(value.settings) && 'away' in value && 'hold' in value ? (value as Held) : null
