/** The cloud services: a login flow and a device list for each. */
import type { Clock } from '../../core/clock.ts'
import type { SecretValues } from '../../core/logging/secrets.ts'
import { CloudHttp } from '../http.ts'
import { BearerProvider } from './bearer.ts'
import { type AccountSettings, addressesOf, type Service, type Target } from './known.ts'
import { OmnitronProvider } from './omnitron.ts'
import type { CodeSource, Provider, ProviderOptions } from './provider.ts'
import { TerneoProvider } from './terneo.ts'
import { TxtyProvider } from './txty.ts'

export interface ConnectOptions {
  readonly account: AccountSettings
  readonly target: Target
  readonly codes: CodeSource
  readonly clock: Clock
  readonly secrets: SecretValues
  /** Milliseconds for one exchange. */
  readonly timeout?: number | undefined
}

/** The login flows by name. */
const FLOWS: Readonly<Record<Service['flow'], (options: ProviderOptions) => Provider>> = {
  terneo: (options) => new TerneoProvider(options),
  bearer: (options) => new BearerProvider(options),
  omnitron: (options) => new OmnitronProvider(options),
  txty: (options) => new TxtyProvider(options),
}

/** Makes the login flow of an account. Nothing is sent yet. */
export function connect({ account, target, codes, clock, secrets, timeout }: ConnectOptions): Provider {
  return FLOWS[target.service.flow]({
    http: new CloudHttp({
      base: target.base,
      clock,
      aliases: addressesOf(target.service),
      ...(timeout === undefined ? {} : { timeout }),
    }),
    username: account.username,
    usernameField: account.username_field ?? 'username',
    password: account.password,
    codes,
    list: target.list,
    clock,
    secrets,
  })
}
