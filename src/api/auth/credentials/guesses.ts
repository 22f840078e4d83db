import { createHmac, randomBytes } from 'node:crypto'
import { Backoff, perAddress } from '../../../core/backoff.ts'
import type { Clock } from '../../../core/clock.ts'
import { BridgeError } from '../../../core/errors.ts'
import type { Logger } from '../../../core/logging/logger.ts'

export interface GuessesOptions {
  readonly clock: Clock
  readonly logger: Logger
}

/** An attempt to sign in or to enter a code. */
export interface Guess {
  /** What is guessed at: a user's password or code. Any text. */
  readonly subject: string
  /** The address of the peer, as `networkOf` writes it. */
  readonly network: string
  /** Whether this user has signed in from there before. */
  readonly known: boolean
}

/** One spelling for all variants of a name: a name in capitals must not get its own attempts. */
const sameName = (name: string): string => name.normalize('NFKC').toLowerCase().normalize('NFKC')

const MINUTE = 60_000
/** A fixed number, so that a guesser who makes up names can't displace what is remembered of others. */
const SUBJECTS = 4096

/**
 * Makes guessing slow without letting an outsider lock the owner out.
 *
 * Three things are counted. Each address: ten attempts, then pauses that grow to a minute. Each user, for all addresses
 * together from which that user has never signed in: five attempts, then pauses that grow to a quarter of an hour, so
 * that a thousand addresses guess no faster than one. And each user at each address from which they have signed in
 * before, counted separately: strangers can use up the strangers' attempts, but not those of the owner at home.
 * Existing sessions and API tokens are not affected, and on the machine itself there is `thermo2mqtt user`.
 *
 * During a pause even the correct password is refused: accepting it would reveal it to the guesser.
 */
export class Guesses {
  readonly #addresses: Backoff
  readonly #strangers: Backoff
  readonly #known: Backoff
  readonly #salt = randomBytes(16)
  readonly #logger: Logger

  constructor({ clock, logger }: GuessesOptions) {
    const hour = 60 * MINUTE
    const first = { clock, firstMs: 1_000, maxKeys: 10_000 }
    this.#addresses = new Backoff(perAddress(clock))
    this.#strangers = new Backoff({ ...first, free: 5, maxMs: 15 * MINUTE, forgetMs: hour })
    this.#known = new Backoff({ ...first, free: 5, maxMs: 5 * MINUTE, forgetMs: hour })
    this.#logger = logger
  }

  /**
   * Counts an attempt. Throws `RATE_LIMITED` (`details.retry_after`: seconds) without counting it, if there were too
   * many.
   */
  begin(guess: Guess): void {
    const { users, key } = this.#place(guess)
    const wait = Math.max(this.#addresses.blockedFor(guess.network), users.blockedFor(key))
    if (wait > 0) throw tooMany(wait)
    this.#addresses.add(guess.network)
    const count = users.add(key)
    if (users.blockedFor(key) > 0) {
      this.#logger.warn({ address: guess.network, tries: count }, 'too many sign-in attempts: the next one has to wait')
    }
  }

  /** The attempt was correct: it and earlier failures from there are forgotten. */
  succeeded(guess: Guess): void {
    this.#addresses.forget(guess.network)
    if (guess.known) this.#known.forget(this.#place(guess).key)
  }

  #place({ subject: written, network, known }: Guess): { users: Backoff; key: string } {
    const subject = sameName(written)
    if (known) return { users: this.#known, key: JSON.stringify([subject, network]) }
    const digest = createHmac('sha256', this.#salt).update(subject).digest()
    return { users: this.#strangers, key: String(digest.readUInt32BE() % SUBJECTS) }
  }
}

function tooMany(waitMs: number): BridgeError {
  const seconds = Math.ceil(waitMs / 1000)
  return new BridgeError(
    'RATE_LIMITED',
    `There were too many attempts. The next one is possible in ${seconds} s; until then even a correct one is refused.`,
    { details: { retry_after: seconds } },
  )
}
