import { createHmac, randomBytes } from 'node:crypto'
import { Backoff, perAddress } from '../../core/backoff.ts'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import type { Logger } from '../../core/logging/logger.ts'

export interface GuessesOptions {
  readonly clock: Clock
  readonly logger: Logger
}

/** A try to sign in, or to give a code. */
export interface Guess {
  /** What is guessed at: a user's password or code. Any text. */
  readonly subject: string
  /** The address of the peer, as `networkOf` writes it. */
  readonly network: string
  /** Whether this user has signed in from there before. */
  readonly known: boolean
}

/** One spelling for all that a name can be written in: a name in capitals is no other name with tries of its own. */
const sameName = (name: string): string => name.normalize('NFKC').toLowerCase().normalize('NFKC')

const MINUTE = 60_000
/** A fixed number, so that a guesser who makes up names can't push out what is remembered of another. */
const SUBJECTS = 4096

/**
 * Makes guessing slow, without giving an outsider the means to keep the owner out.
 *
 * Three things are counted. The address: ten tries, then pauses that grow to a minute. The user, for all addresses
 * together from which that user has never signed in: five tries, then pauses that grow to a quarter of an hour, so that
 * a thousand addresses guess no faster than one. And the user at each address from which they have signed in before,
 * by itself: strangers can use up what strangers have, but not what the owner has at home. Who is signed in already, and
 * API tokens, are not touched by any of it; and on the machine itself there is `thermo2mqtt user`.
 *
 * During a pause the right password is refused as well: to let it through would tell the guesser which it is.
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

  /** Counts a try. Throws `RATE_LIMITED` (`details.retry_after`: seconds), not counting it, when there were too many. */
  begin(guess: Guess): void {
    const { users, key } = this.#place(guess)
    const wait = Math.max(this.#addresses.blockedFor(guess.network), users.blockedFor(key))
    if (wait > 0) throw tooMany(wait)
    this.#addresses.add(guess.network)
    const count = users.add(key)
    if (users.blockedFor(key) > 0) {
      this.#logger.warn({ address: guess.network, tries: count }, 'too many tries to sign in: the next has to wait')
    }
  }

  /** The try was right: it and what went wrong before, from there, is forgotten. */
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
    `There were too many tries. The next one is taken in ${seconds} s, and none before, not even a right one.`,
    { details: { retry_after: seconds } },
  )
}
