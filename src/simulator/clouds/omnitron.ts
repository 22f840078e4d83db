import type { JsonObject } from '../../core/json.ts'
import type { Asked } from '../network/asked.ts'
import { randomToken } from '../random.ts'
import { hotp } from '../totp.ts'
import {
  jsonOf,
  NOT_FOUND,
  pageOf,
  type ServiceAccount,
  type ServiceAnswer,
  type ServiceDevice,
  type ServiceOptions,
  VirtualService,
} from './service.ts'

export interface OmnitronAccount {
  readonly user: string
  readonly password: string
  /** Base32; an account with one needs its codes. */
  readonly totpSecret?: string
  readonly devices?: readonly ServiceDevice[]
}

export interface OmnitronQuirks {
  /** In which of the documented shapes a 400 comes. */
  errorShape: 'field' | 'non_field_errors' | 'detail'
  /** Status of the answer to wrong credentials. */
  wrongCredentials: 400 | 401 | 403
  /** Status of the answer to a wrong code. */
  wrongCode: 400 | 401 | 403
  /** Seconds that a temporary token is valid. */
  tempLifetime: number
  /** setup, activate and deactivate are forbidden. */
  forbidden: boolean
  logout: boolean
}

interface Held extends ServiceAccount {
  /** In force. */
  secret: string | undefined
  /** Set up and not yet activated. */
  pending: string | undefined
  recovery: string[]
  /** The last step for which a code was accepted: none is accepted twice. */
  lastStep: number
}

const STEP_MS = 30_000
const PAGE = 10
const TEMP_ERRORS = 5

/**
 * A service whose login may ask for a code from an authenticator app, as its document shows: it behaves like a Django REST
 * service.
 */
export class VirtualOmnitron extends VirtualService<Held> {
  readonly quirks: OmnitronQuirks
  logins = 0
  failedLogins = 0
  failedCodes = 0
  readonly #temp = new Map<string, { user: string; since: number; errors: number }>()
  readonly #keys = new Map<string, string>()

  constructor(options: ServiceOptions & { accounts: readonly OmnitronAccount[]; quirks?: Partial<OmnitronQuirks> }) {
    super(options)
    this.quirks = {
      errorShape: 'non_field_errors',
      wrongCredentials: 400,
      wrongCode: 400,
      tempLifetime: 300,
      forbidden: false,
      logout: true,
      ...options.quirks,
    }
    for (const { user, password, totpSecret: secret, devices = [] } of options.accounts) {
      this.accounts.set(user, { password, secret, devices, pending: undefined, recovery: [], lastStep: 0 })
    }
  }

  get sessions(): number {
    return this.#keys.size
  }

  revokeTokens(): void {
    this.#keys.clear()
  }

  /** The secret whose codes an account needs; undefined when it needs none. */
  secretOf(user: string): string | undefined {
    return this.accounts.get(user)?.secret
  }

  setSecret(user: string, secret: string | undefined): void {
    const account = this.accounts.get(user)
    if (account) account.secret = secret
  }

  /** The present code, as an authenticator app would show it. */
  codeFor(secret: string): string {
    return codeAt(secret, Math.floor(this.clock.now() / STEP_MS))
  }

  protected stepOf(pathname: string): string | undefined {
    const auth = /^\/api\/v1\/auth\/(login|logout|totp\/(setup|activate|verify|deactivate))\/$/.exec(pathname)
    if (auth) return auth[2] ?? auth[1]
    return pathname === '/api/devices/' ? 'devices' : undefined
  }

  protected answer(asked: Asked): ServiceAnswer {
    const { pathname } = asked.url
    const step = this.stepOf(pathname)
    if (!step) {
      return this.stepOf(`${pathname}/`)
        ? { status: 301, body: undefined, headers: { location: `${pathname}/` } }
        : NOT_FOUND
    }
    if (step === 'logout' && !this.quirks.logout) return NOT_FOUND
    if (asked.method !== (step === 'devices' ? 'GET' : 'POST')) {
      return { status: 405, body: { detail: `Method "${asked.method}" not allowed.`, code: 'method_not_allowed' } }
    }
    const body = jsonOf(asked) ?? {}
    if (step === 'login') return this.#login(body)
    if (step === 'verify') return this.#verify(body)
    const token = /^Token (\S+)$/.exec(asked.authorization ?? '')?.[1] ?? ''
    const account = this.accounts.get(this.#keys.get(token) ?? '')
    if (!account) return { status: 401, body: { detail: 'Invalid token.', code: 'authentication_failed' } }
    if (step === 'devices') return this.#page(asked.url, account)
    if (step === 'logout') {
      this.#keys.delete(token)
      return { status: 200, body: { detail: 'Successfully logged out.' } }
    }
    return this.#manage(step, body, account)
  }

  #login(body: JsonObject): ServiceAnswer {
    const missing = missingOf(body, ['username', 'password'])
    if (missing) return missing
    const account = this.accounts.get(String(body.username))
    if (!account || account.password !== body.password) {
      this.failedLogins++
      return this.#refusal(this.quirks.wrongCredentials, 'password', 'Unable to log in with provided credentials.')
    }
    const user = String(body.username)
    if (account.secret === undefined) return this.#loggedIn(user)
    const temp = this.issue(randomToken(this.random))
    this.#temp.set(temp, { user, since: this.clock.now(), errors: 0 })
    return { status: 200, body: { temp_token: temp } }
  }

  #verify(body: JsonObject): ServiceAnswer {
    const missing = missingOf(body, ['temp_token', 'token'])
    if (missing) return missing
    const temp = this.#temp.get(String(body.temp_token))
    const account = temp && this.accounts.get(temp.user)
    if (!temp || !account || this.clock.now() - temp.since > this.quirks.tempLifetime * 1000) {
      return { status: 400, body: { temp_token: ['Invalid or expired temporary token.'], code: 'invalid' } }
    }
    if (temp.errors >= TEMP_ERRORS) return { status: 403, body: undefined }
    if (!this.#takes(account, account.secret, String(body.token)) && !takesRecovery(account, String(body.token))) {
      temp.errors++
      this.failedCodes++
      return this.#refusal(this.quirks.wrongCode, 'token', 'Invalid TOTP code.')
    }
    this.#temp.delete(String(body.temp_token))
    return this.#loggedIn(temp.user)
  }

  #loggedIn(user: string): ServiceAnswer {
    this.logins++
    const key = this.issue(randomToken(this.random))
    this.#keys.set(key, user)
    const shown = this.spoilt(key)
    return { status: 200, body: shown === undefined ? {} : { key: shown } }
  }

  #manage(step: string, body: JsonObject, account: Held): ServiceAnswer {
    if (this.quirks.forbidden) return { status: 403, body: undefined }
    if (step === 'setup') {
      if (account.secret !== undefined) return this.#refusal(400, 'user', 'TOTP is already active.')
      account.pending = this.issue(base32(this.random, 32))
      const uri = `otpauth://totp/Omnitron:user?secret=${account.pending}&issuer=Omnitron`
      return { status: 201, body: { secret_key: account.pending, provisioning_uri: uri } }
    }
    if (step === 'activate') {
      const missing = missingOf(body, ['token'])
      if (missing) return missing
      if (!this.#takes(account, account.pending, String(body.token))) {
        return this.#refusal(400, 'token', 'Invalid TOTP code.')
      }
      account.secret = account.pending
      account.pending = undefined
      account.recovery = Array.from({ length: 8 }, () => this.issue(base32(this.random, 10)))
      return { status: 200, body: { recovery_codes: account.recovery } }
    }
    if (account.secret === undefined) return this.#refusal(400, 'user', 'TOTP is not active.')
    account.secret = undefined
    return { status: 200, body: undefined }
  }

  #takes(account: Held, secret: string | undefined, code: string): boolean {
    if (secret === undefined) return false
    const now = Math.floor(this.clock.now() / STEP_MS)
    const step = [now - 1, now, now + 1].find((each) => each > account.lastStep && codeAt(secret, each) === code)
    if (step === undefined) return false
    account.lastStep = step
    return true
  }

  #refusal(status: 400 | 401 | 403, field: string, text: string): ServiceAnswer {
    if (status === 403) return { status, body: undefined }
    const code = 'invalid'
    if (status === 401 || this.quirks.errorShape === 'detail') return { status, body: { detail: text, code } }
    return { status, body: { [this.quirks.errorShape === 'field' ? field : 'non_field_errors']: [text], code } }
  }

  #page(url: URL, account: Held): ServiceAnswer {
    const { items, next } = pageOf(account.devices, url, PAGE)
    const results = items.map(({ serial, name, key }) => ({ sn: serial, name, totp_key: key }))
    return { status: 200, body: { results, next: next === undefined ? null : `${this.url}/api/devices/?page=${next}` } }
  }
}

function missingOf(body: JsonObject, fields: readonly string[]): ServiceAnswer | undefined {
  const missing = fields.filter((field) => typeof body[field] !== 'string' || body[field] === '')
  if (missing.length === 0) return undefined
  const errors = Object.fromEntries(missing.map((field) => [field, ['This field is required.']]))
  return { status: 400, body: { ...errors, code: 'required' } }
}

function takesRecovery(account: Held, code: string): boolean {
  const index = account.recovery.indexOf(code)
  if (index < 0) return false
  account.recovery.splice(index, 1)
  return true
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function base32(random: () => number, length: number): string {
  return Array.from({ length }, () => ALPHABET.charAt(Math.floor(random() * 32))).join('')
}

function codeAt(secret: string, step: number): string {
  let bits = ''
  for (const letter of secret) bits += ALPHABET.indexOf(letter).toString(2).padStart(5, '0')
  const bytes = bits.match(/.{8}/g) ?? []
  return hotp(String.fromCharCode(...bytes.map((byte) => Number.parseInt(byte, 2))), step, 6)
}
