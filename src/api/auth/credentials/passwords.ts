import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { BridgeError } from '../../../core/errors.ts'

export interface PasswordCost {
  /** The logarithm to base 2 of scrypt's N. */
  readonly logN: number
  readonly r: number
  readonly p: number
}

/** OWASP's recommendation for scrypt: 128 MiB and some tenths of a second per guess. */
export const PASSWORD_COST: PasswordCost = { logN: 17, r: 8, p: 1 }

const SALT_BYTES = 16
const HASH_BYTES = 32
/** How many may wait; each takes some tenths of a second. */
const MAX_WAITING = 16

interface Parsed extends PasswordCost {
  readonly salt: Buffer
  readonly hash: Buffer
}

/**
 * Hashes and checks passwords with scrypt, one at a time: each takes 128 MiB, and a home server has little memory. A
 * hash is text, `scrypt$logN$r$p$salt$hash`, so that the cost can grow while stored hashes stay valid.
 */
export class Passwords {
  readonly #cost: PasswordCost
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(cost: PasswordCost = PASSWORD_COST) {
    this.#cost = cost
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES)
    const { logN, r, p } = this.#cost
    const hash = await this.#derive(password, salt, this.#cost)
    return ['scrypt', logN, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$')
  }

  /**
   * Whether `stored` is a hash of `password`. Without `stored` (no such user) this takes as long and returns false.
   * Rejects with `RATE_LIMITED` if too many wait already.
   */
  async verify(password: string, stored: string | null): Promise<boolean> {
    const known = stored === null ? undefined : parse(stored)
    const { salt, hash, ...cost } = known ?? {
      ...this.#cost,
      salt: randomBytes(SALT_BYTES),
      hash: randomBytes(HASH_BYTES),
    }
    const equal = timingSafeEqual(await this.#derive(password, salt, cost), hash)
    return equal && known !== undefined
  }

  /** Whether `stored` was made at a different cost than the present one. */
  isOld(stored: string): boolean {
    const known = parse(stored)
    const { logN, r, p } = this.#cost
    return known?.logN !== logN || known.r !== r || known.p !== p
  }

  #derive(password: string, salt: Buffer, cost: PasswordCost): Promise<Buffer> {
    if (this.#waiting >= MAX_WAITING) {
      throw new BridgeError('RATE_LIMITED', 'Too many sign-ins at once. Try again in a few seconds.', {
        details: { retry_after: 5 },
      })
    }
    this.#waiting++
    const turn = this.#last.then(() => derive(password, salt, cost))
    const done = turn.finally(() => {
      this.#waiting--
    })
    // The next one waits for the end of this one, not for its success.
    this.#last = done.catch(() => undefined)
    return done
  }
}

function derive(password: string, salt: Buffer, { logN, r, p }: PasswordCost): Promise<Buffer> {
  const N = 2 ** logN
  // The same letters can be typed in two ways; NFC makes them one.
  const text = password.normalize('NFC')
  return new Promise((resolve, reject) => {
    scrypt(text, salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r }, (error, hash) =>
      error ? reject(error) : resolve(hash),
    )
  })
}

/** A restored backup may contain hashes of any cost; none was ever made with a higher cost than the present one. */
const work = ({ logN, r, p }: PasswordCost): number => 2 ** logN * r * p

function parse(stored: string): Parsed | undefined {
  const match = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]+)\$([\w-]+)$/.exec(stored)
  if (!match) return undefined
  const [, logN, r, p, salt = '', hash = ''] = match
  const parsed = {
    logN: Number(logN),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, 'base64url'),
    hash: Buffer.from(hash, 'base64url'),
  }
  const sane = parsed.logN >= 1 && parsed.r >= 1 && parsed.p >= 1 && work(parsed) <= work(PASSWORD_COST)
  return sane && parsed.hash.length === HASH_BYTES ? parsed : undefined
}
