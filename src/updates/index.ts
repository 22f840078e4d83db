/** Finds out once a day whether there is a newer version. It tells; it never installs anything. */
import type { Clock, Timer } from '../core/clock.ts'
import { asBridgeError } from '../core/errors.ts'
import { isObject, parseJson } from '../core/json.ts'
import type { Logger } from '../core/logging/logger.ts'
import type { UpdateView } from './types.ts'
import { isNewer, isRelease } from './versions.ts'

const REPOSITORY = 'thermo2mqtt/thermo2mqtt'

/** The releases of the project. Sixty questions an hour are free for each address. */
export const RELEASES = new URL(`https://api.github.com/repos/${REPOSITORY}/releases/latest`)

/** Where the notes of a release are: never an address from an answer. */
const notesOf = (version: string): string => `https://github.com/${REPOSITORY}/releases/tag/v${version}`

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** After a start, so that a bridge that is restarted again and again asks nobody. */
const FIRST = 15 * MINUTE
/** Spreads the questions of all bridges, which may have started together after a power cut. */
const SPREAD = 60 * MINUTE

const KEPT = 'updates'

export interface UpdatesOptions {
  readonly feed: URL
  /** What runs. */
  readonly version: string
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** Keeps what was found, so that a restart asks nobody anew. */
  readonly values: { get(name: string): string | undefined; set(name: string, value: string): void }
  /** Something else is known than before. */
  readonly changed: () => void
}

interface Known {
  /** Unix ms of the last question. */
  readonly asked: number
  readonly version: string | null
  readonly summary: string
}

const NOTHING: Known = { asked: 0, version: null, summary: '' }

export class Updates {
  readonly #options: UpdatesOptions
  #known: Known = NOTHING
  #timer: Timer | undefined
  #abort = new AbortController()

  constructor(options: UpdatesOptions) {
    this.#options = options
  }

  /** null while nothing is known of releases. */
  view(): UpdateView | null {
    const { version, summary } = this.#known
    if (version === null) return null
    return {
      available: isNewer(version, this.#options.version),
      latest_version: version,
      release_url: notesOf(version),
      release_summary: summary,
    }
  }

  start(): void {
    const { clock, random, values } = this.#options
    this.#abort = new AbortController()
    this.#known = keptIn(values.get(KEPT))
    const spread = random() * SPREAD
    const due = this.#known.asked + DAY - clock.now()
    // A clock that was wrong when it asked last must not keep it from asking.
    this.#askIn(due > FIRST && due <= DAY ? due + spread : FIRST + spread)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#abort.abort()
  }

  #askIn(ms: number): void {
    this.#timer = this.#options.clock.timer(ms, () => void this.#ask())
  }

  async #ask(): Promise<void> {
    const { feed, clock, random, logger } = this.#options
    const { signal } = this.#abort
    let known: Known = { ...this.#known, asked: clock.now() }
    try {
      const { newestRelease } = await import('./feed.ts')
      known = { ...known, ...(await newestRelease(feed, signal)) }
    } catch (error) {
      // Many houses have no internet, on purpose or for a while; nothing depends on this.
      logger.debug({ reason: asBridgeError(error).message }, 'The newest version could not be found out')
    }
    if (signal.aborted) return
    this.#keep(known)
    this.#askIn(DAY - SPREAD / 2 + random() * SPREAD)
  }

  #keep(known: Known): void {
    const { values, logger, changed } = this.#options
    const before = this.#known
    this.#known = known
    try {
      values.set(KEPT, JSON.stringify(known))
    } catch (err) {
      // The store itself says that it can't be written.
      logger.debug({ err }, 'The newest version can’t be saved; it is asked for again after the next start')
    }
    if (known.version === before.version && known.summary === before.summary) return
    changed()
    const { available, latest_version: version, release_url: notes } = this.view() ?? {}
    if (available && version !== before.version)
      logger.info({ version }, `thermo2mqtt ${version} is available: ${notes}`)
  }
}

function keptIn(text: string | undefined): Known {
  const kept = parseJson(text ?? '')
  if (!isObject(kept)) return NOTHING
  const { asked, version, summary } = kept
  if (typeof asked !== 'number' || typeof summary !== 'string') return NOTHING
  return { asked, version: typeof version === 'string' && isRelease(version) ? version : null, summary }
}
