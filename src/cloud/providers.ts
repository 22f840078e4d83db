import type { Clock } from '../core/clock.ts'
import type { SecretValues } from '../core/secrets.ts'
import { CloudHttp } from './http.ts'
import type { Provider, ProviderOptions } from './provider.ts'
import type { AccountSettings, Service, Target } from './services.ts'
import { TerneoProvider } from './terneo.ts'

export interface ConnectOptions {
  readonly account: AccountSettings
  readonly target: Target
  readonly clock: Clock
  readonly secrets: SecretValues
  /** Milliseconds for one exchange. */
  readonly timeout?: number | undefined
}

/** The login flows by name. */
const FLOWS: Readonly<Record<Service['flow'], (options: ProviderOptions) => Provider>> = {
  terneo: (options) => new TerneoProvider(options),
}

/** Makes the login flow of an account. Nothing is sent yet. */
export function connect({ account, target, clock, secrets, timeout }: ConnectOptions): Provider {
  return FLOWS[target.service.flow]({
    http: new CloudHttp({ base: target.base, clock, ...(timeout === undefined ? {} : { timeout }) }),
    username: account.username,
    password: account.password,
    totpSecret: account.totp_secret,
    list: target.list,
    clock,
    secrets,
  })
}
