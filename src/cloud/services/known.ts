import { BridgeError } from '../../core/errors.ts'
import type { AccountView } from '../events.ts'
import { cloudAddress } from './address.ts'
import type { ListShape } from './provider.ts'

/** The configuration of an account's device list; missing values are the service's defaults. */
export type ListSettings = { readonly [Name in keyof ListShape]?: string | null | undefined }

export interface AccountSettings {
  readonly id: string
  readonly provider: string
  readonly username: string
  readonly username_field?: 'username' | 'email' | undefined
  readonly password: string
  readonly url?: string | null | undefined
  readonly totp_secret?: string | null | undefined
  readonly allow_insecure?: boolean | undefined
  readonly devices?: ListSettings | undefined
}

/** One cloud service: its login flow, its address and its device list. */
export interface Service {
  readonly flow: 'terneo' | 'bearer' | 'omnitron' | 'txty'
  /** Undefined if each account must set it. */
  readonly url: string | undefined
  /** Other addresses of the same service. */
  readonly aliases?: readonly string[]
  /** Undefined if its documents describe no device list. */
  readonly list: ListShape | undefined
}

const TERNEO_LIST: ListShape = {
  path: '/api/device/',
  items: 'results',
  serial: 'sn',
  key: 'totp_key',
  name: 'name',
  type: 'type',
  version: 'version_name',
  next: 'next',
}

/** For services whose documents describe no list: defaults for everything but the path. */
const PLAIN_LIST: ListShape = { ...TERNEO_LIST, path: '', items: '' }

export const SERVICES: Readonly<Record<string, Service>> = {
  // Owners' code and the vendor's pages disagree about the address of accounts.
  terneo: { flow: 'terneo', url: 'https://my.hmarex.com', aliases: ['https://my.terneo.ua'], list: TERNEO_LIST },
  welrok: { flow: 'terneo', url: 'https://app.welrok.com', list: TERNEO_LIST },
  bearer: { flow: 'bearer', url: undefined, list: undefined },
  omnitron: { flow: 'omnitron', url: undefined, list: undefined },
  txty: { flow: 'txty', url: 'https://login.txty.dk/api/4', list: undefined },
}

/** All addresses of a service, the usual one first. */
export const addressesOf = ({ url, aliases = [] }: Service): readonly string[] =>
  url === undefined ? aliases : [url, ...aliases]

/** Where the code of a sign-in comes from, as the documents of the flows say; Terneo's mention none. */
export const CODE_FROM = { terneo: null, bearer: 'email', omnitron: 'app', txty: 'phone' } as const satisfies Readonly<
  Record<Service['flow'], AccountView['code_from']>
>

/** Where an account signs in, and what it reads there. */
export interface Target {
  readonly service: Service
  readonly base: URL
  readonly list: ListShape | undefined
}

/** @throws BridgeError `BAD_REQUEST` if the provider is unknown, or the address is missing or not allowed. */
export function targetOf(account: AccountSettings): Target {
  const service = Object.hasOwn(SERVICES, account.provider) ? SERVICES[account.provider] : undefined
  if (!service) {
    throw new BridgeError(
      'BAD_REQUEST',
      `The cloud account ${account.id} names the provider ${account.provider}; known are ${Object.keys(SERVICES).join(', ')}.`,
    )
  }
  const url = account.url ?? service.url
  if (url === undefined) throw new BridgeError('BAD_REQUEST', `The cloud account ${account.id} needs a url.`)
  const base = cloudAddress(account.id, url, account.allow_insecure ?? false)
  return { service, base, list: listOf(service, account.devices ?? {}) }
}

function listOf(service: Service, settings: ListSettings): ListShape | undefined {
  const shape = { ...(service.list ?? PLAIN_LIST), ...defined(settings) }
  return shape.path === '' ? undefined : shape
}

function defined(settings: ListSettings): Partial<ListShape> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined && value !== null))
}
