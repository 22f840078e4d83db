import type { Asked } from '../network/asked.ts'
import { randomToken } from '../random.ts'
import {
  jsonOf,
  NOT_FOUND,
  pageOf,
  randomDigits,
  type ServiceAccount,
  type ServiceAnswer,
  type ServiceDevice,
  type ServiceOptions,
  VirtualService,
} from './service.ts'

export interface BearerAccount {
  readonly user: string
  readonly password: string
  /** Whether a login sends a code. */
  readonly has2fa?: boolean
  readonly devices?: readonly ServiceDevice[]
}

/** Points on which the service's document and its published code disagree or are silent. All can be changed at any time. */
export interface BearerQuirks {
  /** What the login calls the user name. */
  usernameField: 'username' | 'email'
  /** `_links` of the first step: one object, a list, or one with a whole address, on this server or on another. */
  links: 'object' | 'list' | 'absolute' | 'foreign'
  /** Which form of its paths the service knows; the other one is missing or redirects there. */
  slash: 'both' | 'with' | 'without' | 'redirect'
  /** Seconds that an access token is valid, readable in it as a JSON Web Token; 0: forever, and not readable. */
  lifetime: number
  /** Whether refresh tokens can be used, and whether each use gives a new one. */
  refresh: 'none' | 'keep' | 'rotate'
  logout: boolean
  /** Seconds that a code is valid. */
  codeLifetime: number
  /** Refused despite the right user name and password. */
  blocked: boolean
}

interface Held extends ServiceAccount {
  readonly has2fa: boolean
}

interface Pending {
  readonly user: string
  readonly code: string
  readonly since: number
  errors: number
}

const CODE_ERRORS = 3
const PAGE = 10

const message = (status: number, text: string): ServiceAnswer => ({ status, body: { message: text } })

/** A service with bearer tokens and codes by e-mail. */
export class VirtualBearer extends VirtualService<Held> {
  readonly quirks: BearerQuirks
  /** Every code that was mailed, the oldest first. */
  readonly mails: string[] = []
  logins = 0
  failedLogins = 0
  readonly #pending = new Map<string, Pending>()
  readonly #access = new Map<string, { user: string; until: number }>()
  readonly #refresh = new Map<string, string>()

  constructor(options: ServiceOptions & { accounts: readonly BearerAccount[]; quirks?: Partial<BearerQuirks> }) {
    super(options)
    this.quirks = {
      usernameField: 'username',
      links: 'object',
      slash: 'both',
      lifetime: 0,
      refresh: 'none',
      logout: false,
      codeLifetime: 600,
      blocked: false,
      ...options.quirks,
    }
    for (const { user, password, has2fa = false, devices = [] } of options.accounts) {
      this.accounts.set(user, { password, has2fa, devices })
    }
  }

  /** Only access tokens if `refresh` is false. */
  revokeTokens({ refresh = true } = {}): void {
    this.#access.clear()
    if (refresh) this.#refresh.clear()
  }

  /** Forgets the logins that wait for a code. */
  forgetLogins(): void {
    this.#pending.clear()
  }

  /** How many access tokens are valid. */
  get sessions(): number {
    return this.#access.size
  }

  protected stepOf(pathname: string): string | undefined {
    const path = pathname.replace(/\/$/, '')
    if (path === '/api/v1/login') return 'login'
    if (/^\/api\/v1\/login\/[^/]+\/otp$/.test(path)) return 'code'
    if (path === '/api/v1/token/refresh') return 'refresh'
    if (path === '/api/v1/logout') return 'logout'
    return path === '/api/v1/devices' ? 'devices' : undefined
  }

  protected answer(asked: Asked): ServiceAnswer {
    const { pathname, search } = asked.url
    const step = this.stepOf(pathname)
    if (!step || (step === 'refresh' && this.quirks.refresh === 'none') || (step === 'logout' && !this.quirks.logout)) {
      return NOT_FOUND
    }
    const slash = pathname.endsWith('/')
    if (this.quirks.slash === 'redirect' && !slash) {
      return { status: 301, body: undefined, headers: { location: `${pathname}/${search}` } }
    }
    if ((this.quirks.slash === 'with' && !slash) || (this.quirks.slash === 'without' && slash)) return NOT_FOUND
    if (asked.method !== (step === 'devices' ? 'GET' : 'POST')) return message(405, 'Method not allowed')
    if (step === 'login') return this.#login(asked)
    if (step === 'code') return this.#code(asked)
    if (step === 'refresh') return this.#renew(asked)
    return this.#authenticated(asked, step)
  }

  #login(asked: Asked): ServiceAnswer {
    const body = jsonOf(asked)
    const user = body?.[this.quirks.usernameField]
    if (typeof user !== 'string' || typeof body?.password !== 'string') {
      return message(400, `${this.quirks.usernameField} and password are required`)
    }
    const account = this.accounts.get(user)
    if (!account || account.password !== body.password) {
      this.failedLogins++
      return message(401, 'Invalid credentials')
    }
    if (this.quirks.blocked) return message(403, 'Account is blocked')
    if (!account.has2fa) return this.#loggedIn(user)
    const id = this.issue(randomToken(this.random).slice(0, 24))
    const code = this.issue(randomDigits(this.random, 6))
    this.#pending.set(id, { user, code, since: this.clock.now(), errors: 0 })
    this.mails.push(code)
    return { status: 200, body: { message: 'Login via email OTP', _links: this.#links(id) } }
  }

  #links(id: string): unknown {
    const path = `/api/v1/login/${id}/otp${this.quirks.slash === 'without' ? '' : '/'}`
    const origins = { object: '', list: '', absolute: this.url, foreign: 'https://elsewhere.example' }
    const href = origins[this.quirks.links] + path
    const link = { href, method: 'POST', body: { code: { type: 'str' } } }
    return this.quirks.links === 'list' ? [link] : link
  }

  #code(asked: Asked): ServiceAnswer {
    const id = asked.url.pathname.split('/')[4] ?? ''
    const body = jsonOf(asked)
    const pending = this.#pending.get(id)
    if (typeof body?.code !== 'string' || body.code === '') return message(400, 'Code is missing')
    if (!pending) return message(410, 'Code is gone, log in again')
    const expired = this.clock.now() - pending.since > this.quirks.codeLifetime * 1000
    if (expired || pending.errors >= CODE_ERRORS) return message(403, 'Code expired or too many errors')
    if (pending.code !== body.code) {
      pending.errors++
      return message(401, 'Wrong code')
    }
    this.#pending.delete(id)
    return this.#loggedIn(pending.user)
  }

  #loggedIn(user: string): ServiceAnswer {
    this.logins++
    const access = this.spoilt(this.#newAccess(user))
    const refresh = this.#newRefresh(user)
    const token = { ...(access === undefined ? {} : { access }), refresh }
    return { status: 200, body: { message: 'Login successful', token } }
  }

  #renew(asked: Asked): ServiceAnswer {
    const refresh = jsonOf(asked)?.refresh
    const user = typeof refresh === 'string' ? this.#refresh.get(refresh) : undefined
    if (user === undefined || typeof refresh !== 'string') return message(401, 'Token is invalid or expired')
    const access = this.#newAccess(user)
    if (this.quirks.refresh === 'keep') return { status: 200, body: { access } }
    this.#refresh.delete(refresh)
    return { status: 200, body: { access, refresh: this.#newRefresh(user) } }
  }

  #authenticated(asked: Asked, step: string): ServiceAnswer {
    const token = /^Bearer (\S+)$/.exec(asked.authorization ?? '')?.[1] ?? ''
    const session = this.#access.get(token)
    if (!session || session.until <= this.clock.now()) return message(401, 'Token is invalid or expired')
    if (step === 'logout') {
      this.#access.delete(token)
      const refresh = jsonOf(asked)?.refresh
      if (typeof refresh === 'string') this.#refresh.delete(refresh)
      return { status: 204, body: undefined }
    }
    const { items, next } = pageOf(this.accounts.get(session.user)?.devices ?? [], asked.url, PAGE)
    const results = items.map(({ serial, name, key }) => ({ sn: serial, name, totp_key: key }))
    return {
      status: 200,
      body: { results, next: next === undefined ? null : `${this.url}/api/v1/devices/?page=${next}` },
    }
  }

  #newAccess(user: string): string {
    const seconds = Math.floor(this.clock.now() / 1000)
    const { lifetime } = this.quirks
    const token =
      lifetime === 0 ? randomToken(this.random) : jwt({ iat: seconds, exp: seconds + lifetime }, this.random)
    this.issue(token)
    this.#access.set(token, { user, until: lifetime === 0 ? Number.POSITIVE_INFINITY : (seconds + lifetime) * 1000 })
    return token
  }

  #newRefresh(user: string): string {
    const token = this.issue(randomToken(this.random))
    this.#refresh.set(token, user)
    return token
  }
}

/** In the form of a JSON Web Token; its signature can't be checked, and clients should not try. */
function jwt(claims: object, random: () => number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}.${randomToken(random)}`
}
