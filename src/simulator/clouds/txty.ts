import type { Asked } from '../network/asked.ts'
import {
  NOT_FOUND,
  randomDigits,
  type ServiceAccount,
  type ServiceAnswer,
  type ServiceDevice,
  type ServiceOptions,
  VirtualService,
} from './service.ts'

export interface TxtyAccount {
  readonly user: string
  readonly password: string
  /** Whether a login sends a code to the phone. */
  readonly twoFactor?: boolean
  readonly devices?: readonly ServiceDevice[]
}

export interface TxtyQuirks {
  /** How requests may come. */
  methods: 'both' | 'get' | 'post'
  /** Status that an answer of status `error` comes with. */
  errorStatus: 200 | 401 | 403
}

interface Held extends ServiceAccount {
  readonly twoFactor: boolean
  sent: string | undefined
  readonly keys: Set<string>
}

const BASE = '/api/4'
const KEY_LENGTH = 10
const KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A service of API keys with codes to the phone, whose refusals repeat the password, as its document shows. */
export class VirtualTxty extends VirtualService<Held> {
  readonly quirks: TxtyQuirks
  /** Every code that was sent to a phone, the oldest first. */
  readonly messages: string[] = []
  failedLogins = 0
  /** How many keys were given out. */
  keys = 0

  constructor(options: ServiceOptions & { accounts: readonly TxtyAccount[]; quirks?: Partial<TxtyQuirks> }) {
    super(options)
    this.quirks = { methods: 'both', errorStatus: 200, ...options.quirks }
    for (const { user, password, twoFactor = false, devices = [] } of options.accounts) {
      this.accounts.set(user, { password, twoFactor, devices, sent: undefined, keys: new Set() })
    }
  }

  override get url(): string {
    return super.url + BASE
  }

  revokeTokens(): void {
    for (const { keys } of this.accounts.values()) keys.clear()
  }

  protected stepOf(pathname: string): string | undefined {
    if (pathname === `${BASE}/user/newapikey/login.json`) return 'login'
    if (pathname === `${BASE}/view/user/api.json`) return 'view'
    return pathname === `${BASE}/device/list.json` ? 'devices' : undefined
  }

  protected answer(asked: Asked): ServiceAnswer {
    const step = this.stepOf(asked.url.pathname)
    if (!step) return NOT_FOUND
    const method = asked.method.toLowerCase()
    if ((method !== 'get' && method !== 'post') || (this.quirks.methods !== 'both' && this.quirks.methods !== method)) {
      return { status: 405, body: '<html><body><h1>Method Not Allowed</h1></body></html>' }
    }
    const form = method === 'post' && /^application\/x-www-form-urlencoded\b/i.test(asked.contentType)
    const fields = form ? new URLSearchParams(asked.text) : asked.url.searchParams
    const user = fields.get('user') ?? ''
    const account = this.accounts.get(user)
    if (step === 'login') return this.#login(account, fields)
    if (!account?.keys.has(fields.get('key') ?? '')) {
      return { status: this.quirks.errorStatus, body: { status: 'error', error: 'USER_NOT_FOUND' } }
    }
    if (step === 'view') return { status: 200, body: { status: 'success', user: { username: user } } }
    const list = account.devices.map(({ serial, name, key }) => ({ serial, name, secret: { totp: key } }))
    return { status: 200, body: { status: 'success', data: { list } } }
  }

  #login(account: Held | undefined, fields: URLSearchParams): ServiceAnswer {
    const tfkey = fields.get('tfkey')
    const wrongCode = account?.twoFactor && tfkey !== null && tfkey !== account.sent
    if (!account || account.password !== fields.get('pass') || !fields.get('description') || wrongCode) {
      this.failedLogins++
      const login = { user: fields.get('user'), pass: fields.get('pass') }
      return { status: this.quirks.errorStatus, body: { status: 'error', error: 'USER_NOT_FOUND', login } }
    }
    if (account.twoFactor && tfkey === null) {
      account.sent = this.issue(randomDigits(this.random, 4))
      this.messages.push(account.sent)
      return { status: 200, body: { status: 'success', success: 'ADDED_TF' } }
    }
    account.sent = undefined
    const key = Array.from({ length: KEY_LENGTH }, () => KEY_ALPHABET.charAt(Math.floor(this.random() * 62))).join('')
    account.keys.add(this.issue(key))
    this.keys++
    const shown = this.spoilt(key)
    const newapikey = { controlapikey: 0, ...(shown === undefined ? {} : { key: shown }) }
    return { status: 200, body: { status: 'success', success: 'ADDED_KEY', newapikey } }
  }
}
