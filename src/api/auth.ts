import { createHash, timingSafeEqual } from 'node:crypto'
import { normalizeIP } from '@fastify/rate-limit'
import type { Clock } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'
import { FailureLimit } from './failure-limit.ts'

/** `read` looks, `control` changes what thermostats do, `admin` changes the bridge and its accounts. */
export const SCOPES = ['read', 'control', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

export interface Credentials {
  /** The Authorization header as it came. */
  readonly authorization: string | undefined
  /** The address of the peer. */
  readonly address: string
}

export interface Identity {
  readonly name: string
  /** Each is granted by itself: `admin` does not stand for the others. */
  readonly scopes: ReadonlySet<Scope>
}

/** Decides who calls. The seam for users, sessions and API tokens. */
export interface Authenticator {
  /** Rejects with `UNAUTHORIZED`, or with `RATE_LIMITED` (`details.retry_after`: seconds). */
  authenticate(credentials: Credentials): Promise<Identity>
}

export interface AdminPasswordOptions {
  readonly password: string
  readonly clock: Clock
  readonly logger: Logger
}

const ALL: ReadonlySet<Scope> = new Set(SCOPES)
const READ: ReadonlySet<Scope> = new Set<Scope>(['read'])

const MISSING =
  'Sign-in is needed. Send the admin password as "Authorization: Bearer <password>", or, to look only, as the password of HTTP Basic.'
const WRONG = 'The admin password is wrong. It is the setting api.admin_password.'

/**
 * One password for everything. As a bearer token it may do all. As HTTP Basic, with any user name, it may only read: a
 * browser, which can open `/docs` in no other way, sends Basic credentials by itself with every later request, also with
 * those that a foreign page makes it send. Without a right to change anything such requests do no harm.
 *
 * An address that has failed ten times within a minute is refused until the minute is over, **with the right password as
 * well**. To let the right one through would tell a guesser which it is, and so make the limit void. The price is that
 * somebody at the owner's own address (or behind the same reverse proxy) can keep the owner out for as long as they go on;
 * nobody at any other address can. A request without credentials guesses nothing and does not count.
 */
export class AdminPassword implements Authenticator {
  readonly #digest: Buffer
  readonly #failures: FailureLimit
  readonly #logger: Logger

  constructor(options: AdminPasswordOptions) {
    if (options.password === '') throw new Error('The admin password is empty.')
    this.#digest = sha256(Buffer.from(options.password))
    this.#failures = new FailureLimit({ clock: options.clock, max: 10, windowMs: 60_000 })
    this.#logger = options.logger
  }

  async authenticate({ authorization, address }: Credentials): Promise<Identity> {
    const given = parse(authorization)
    if (!given) throw new BridgeError('UNAUTHORIZED', MISSING)
    const from = normalizeIP(address)
    const wait = this.#failures.blockedFor(from)
    if (wait > 0) throw tooMany(wait)
    // Hashed first: timingSafeEqual wants equal lengths, and the length of the password is nobody's business.
    if (timingSafeEqual(sha256(given.password), this.#digest)) {
      return { name: 'admin', scopes: given.basic ? READ : ALL }
    }
    this.#count(from)
    throw new BridgeError('UNAUTHORIZED', WRONG)
  }

  #count(from: string): void {
    const count = this.#failures.add(from)
    if (count === 1) this.#logger.warn({ address: from }, 'wrong admin password for the API')
    if (this.#failures.blockedFor(from) > 0) {
      this.#logger.warn(
        { address: from, failures: count },
        'too many wrong admin passwords: address refused for a while',
      )
    }
  }
}

function tooMany(waitMs: number): BridgeError {
  const seconds = Math.ceil(waitMs / 1000)
  return new BridgeError(
    'RATE_LIMITED',
    `Too many wrong passwords came from this address. Every sign-in from it is refused for ${seconds} s; then try again.`,
    { details: { retry_after: seconds } },
  )
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()

interface Given {
  readonly password: Buffer
  readonly basic: boolean
}

/** The password of an Authorization header, or undefined when there is none in a known form. */
function parse(header: string | undefined): Given | undefined {
  const [, scheme, value] = /^(bearer|basic) +(\S.*)$/i.exec(header ?? '') ?? []
  if (scheme === undefined || value === undefined) return undefined
  // Node hands out header bytes as Latin-1; the password was sent as UTF-8.
  if (scheme.toLowerCase() === 'bearer') return { password: Buffer.from(value, 'latin1'), basic: false }
  const pair = Buffer.from(value, 'base64')
  const colon = pair.indexOf(':')
  return colon < 0 ? undefined : { password: pair.subarray(colon + 1), basic: true }
}
