import { BridgeError } from '../../core/errors.ts'
import { cloudAddress } from './address.ts'
import type { ListShape } from './provider.ts'

/** What the configuration says of an account's device list; what is left out is the service's. */
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

/** One cloud service: which login flow it speaks, where it is, where its device list is. */
export interface Service {
  readonly flow: 'terneo' | 'bearer' | 'omnitron' | 'txty'
  /** Undefined when each account has to name it. */
  readonly url: string | undefined
  /** Other addresses of the same service. */
  readonly aliases?: readonly string[]
  /** Undefined when its documents name no device list. */
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

/** For services whose documents name no list: all but the path has a value when the configuration gives none. */
const PLAIN_LIST: ListShape = { ...TERNEO_LIST, path: '', items: '' }

export const SERVICES: Readonly<Record<string, Service>> = {
  // Which of its names an account lives under, owners' code and the vendor's pages do not agree on.
  terneo: { flow: 'terneo', url: 'https://my.hmarex.com', aliases: ['https://my.terneo.ua'], list: TERNEO_LIST },
  welrok: { flow: 'terneo', url: 'https://app.welrok.com', list: TERNEO_LIST },
  bearer: { flow: 'bearer', url: undefined, list: undefined },
  omnitron: { flow: 'omnitron', url: undefined, list: undefined },
  txty: { flow: 'txty', url: 'https://login.txty.dk/api/4', list: undefined },
}

/** All addresses that a service is known by, its usual one first. */
export const addressesOf = ({ url, aliases = [] }: Service): readonly string[] =>
  url === undefined ? aliases : [url, ...aliases]

/** Whether a sign-in can ask for a code: Terneo's documents know none. */
export const takesCode = ({ flow }: Service): boolean => flow !== 'terneo'

/** Where an account signs in and what it reads there. */
export interface Target {
  readonly service: Service
  readonly base: URL
  readonly list: ListShape | undefined
}

/** @throws BridgeError `BAD_REQUEST` when the provider is unknown, or the address is missing or not allowed. */
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
