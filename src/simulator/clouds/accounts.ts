import { isObject, type JsonObject } from '../../core/json.ts'
import { randomToken } from '../random.ts'

/** A device as an account lists it. Fields may be missing, and there may be others. */
export interface CloudDevice {
  readonly id?: unknown
  readonly sn?: unknown
  readonly name?: unknown
  readonly totp_key?: unknown
  readonly [field: string]: unknown
}

export interface CloudAccount {
  readonly email: string
  readonly password: string
  readonly devices: readonly CloudDevice[]
  /** Default: the part of the address before the @. */
  readonly userName?: string
}

interface Held {
  readonly email: string
  readonly userName: string
  password: string
  devices: CloudDevice[]
  token: string | undefined
  failed: number
}

export type LoginOutcome = { readonly token: string; readonly userName: string } | 'wrong' | 'locked'

/** The people and devices that one cloud knows. */
export class Accounts {
  readonly #held = new Map<string, Held>()
  readonly #random: () => number
  /** Wrong logins since the start, for all accounts. */
  failedLogins = 0
  /** Good logins since the start. */
  logins = 0

  constructor(accounts: readonly CloudAccount[], random: () => number) {
    this.#random = random
    for (const { email, password, devices, userName } of accounts) {
      const name = userName ?? email.replace(/@.*/, '')
      this.#held.set(email, { email, password, userName: name, devices: [...devices], token: undefined, failed: 0 })
    }
  }

  /** @param lockAfter failures in a row after which nobody gets in; 0 = never */
  login(email: string, password: string, lockAfter: number): LoginOutcome {
    const account = this.#held.get(email)
    const locked = account !== undefined && lockAfter > 0 && account.failed >= lockAfter
    if (!account || locked || account.password !== password) {
      this.failedLogins++
      if (account) account.failed++
      return locked ? 'locked' : 'wrong'
    }
    account.failed = 0
    this.logins++
    // One token per account for as long as it lasts: a second login gives the same.
    account.token ??= randomToken(this.#random)
    return { token: account.token, userName: account.userName }
  }

  /** The devices of a token's owner; undefined if it belongs to nobody. */
  devicesOf(token: string): readonly CloudDevice[] | undefined {
    for (const account of this.#held.values()) if (account.token === token) return account.devices
    return undefined
  }

  revokeTokens(): void {
    for (const account of this.#held.values()) account.token = undefined
  }

  changePassword(email: string, password: string): void {
    const account = this.#held.get(email)
    if (!account) return
    account.password = password
    account.token = undefined
  }

  setDevices(email: string, devices: readonly CloudDevice[]): void {
    const account = this.#held.get(email)
    if (account) account.devices = [...devices]
  }

  /** Gives every record of a serial a new key. */
  setKey(sn: string, key: string): void {
    for (const account of this.#held.values()) {
      account.devices = account.devices.map((device) => (device.sn === sn ? { ...device, totp_key: key } : device))
    }
  }
}

/** Email and password of a login body, or what is wrong with it field by field. */
export function readLogin(body: JsonObject): { email: string; password: string } | Record<string, string[]> {
  const errors: Record<string, string[]> = {}
  for (const field of ['email', 'password']) {
    const value = body[field]
    if (value === undefined) errors[field] = ['This field is required.']
    else if (typeof value !== 'string') errors[field] = ['Not a valid string.']
    else if (value === '') errors[field] = ['This field may not be blank.']
  }
  const { email, password } = body
  if (Object.keys(errors).length > 0 || typeof email !== 'string' || typeof password !== 'string') return errors
  return { email, password }
}

export function isLogin(value: object): value is { email: string; password: string } {
  return isObject(value) && typeof value.email === 'string' && typeof value.password === 'string'
}
