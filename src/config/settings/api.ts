/** The settings of the REST API and the page. */
import { isIP } from 'node:net'
import { isCommonPassword } from '../../core/passwords/common.ts'
import { Refusal } from '../errors.ts'
import {
  choice,
  HOST,
  HOST_NAMES,
  HTTP_URL,
  kind,
  matching,
  ORIGINS,
  PATH,
  PORT,
  PROXIES,
  several,
  text,
} from './kinds.ts'
import { type Kind, optional, setting } from './setting.ts'

/** The API's own paths: a base path must not begin like one of them. */
const OWN = 'api|assets|docs|healthz|metrics|openapi\\.json|readyz'
/** One part of a path; not the dots that stand for folders. */
const STEP = '\\/(?!\\.{1,2}(?:\\/|$))[A-Za-z0-9._~-]+'

/** Empty, or the path of the page below its origin: `/heat`, `/house/heat`. */
const BASE_PATH = matching(
  new RegExp(`^$|^(?=.{1,128}$)(?!\\/(?:${OWN})(?:\\/|$))(?:${STEP})+$`),
  'is not a base path',
  'empty, or a path such as /heat: letters, digits, . _ ~ - with / before each part and none at the end, and not beginning with a path of the API (/api, /docs)',
)

/** Of one machine: where a connection comes from is never a name. */
const ADDRESS: Kind<string> = {
  allowed: 'an IP address',
  json: { type: 'string', minLength: 2, maxLength: 45 },
  format: (value: unknown) => void readAddress(value),
  read: readAddress,
}

function readAddress(raw: unknown): string {
  const address = typeof raw === 'string' ? raw.trim() : ''
  if (isIP(address) === 0) throw new Refusal('is not an IP address')
  return address
}

/** As in `api/auth/ports.ts`. */
const ROLES = ['look', 'control', 'administer'] as const

const ANY_PASSWORD = text(8, 256, 'text of 8 to 256 characters, and not a common password')
const ADMIN_PASSWORD = kind({
  ...ANY_PASSWORD,
  read: (raw) => {
    const password = ANY_PASSWORD.read(raw)
    if (isCommonPassword(password))
      throw new Refusal('is a common password, which attackers try first', { quiet: true })
    return password
  },
})

const USER_NAME = text(1, 64)
const HOME_ASSISTANT_USERS = several('user names', 'user names such as olena', (name) =>
  USER_NAME.read(typeof name === 'string' ? name.trim() : name),
)

export const API = {
  host: setting(HOST, '127.0.0.1', {
    doc: 'Address that the REST API and the page listen on. The container image sets 0.0.0.0.',
    env: 'T2M_API_HOST',
  }),
  port: setting(PORT, 8580, {
    doc: 'Port of the REST API and the page.',
    env: 'T2M_API_PORT',
  }),
  admin_password: optional(ADMIN_PASSWORD, {
    doc: 'Password of the user admin. If you set it here, nobody can change it elsewhere.',
    env: 'T2M_API_ADMIN_PASSWORD',
    sensitive: true,
    unset: 'generated once and printed',
    example: 'four words, chosen by you',
  }),
  trust_proxy: setting(PROXIES, false, {
    doc: 'Reverse proxies whose X-Forwarded-For the bridge believes. true means every client, so use it only if nobody but the proxy can connect.',
    env: 'T2M_API_TRUST_PROXY',
  }),
  hosts: setting(HOST_NAMES, [], {
    doc: 'More names under which the bridge answers, such as that of a reverse proxy. It always answers under addresses, names without a dot, names in .local, .lan, .internal and .home.arpa, the name of the machine and those of api.tls.cert. * means any name; use it only behind a proxy that checks names itself.',
    env: 'T2M_API_HOSTS',
    unset: 'none',
    example: 'heat.example',
  }),
  base_path: setting(BASE_PATH, '', {
    doc: 'Path under which a reverse proxy serves the page and the API. The proxy may pass it on or remove it.',
    env: 'T2M_API_BASE_PATH',
    unset: 'none',
    example: '/heat',
  }),
  ingress: {
    proxy: optional(ADDRESS, {
      doc: 'Address of the Home Assistant Supervisor. The bridge lets in whom its ingress names. The Home Assistant app sets 172.30.32.2.',
      env: 'T2M_API_INGRESS_PROXY',
      unset: 'no ingress',
      example: '172.30.32.2',
    }),
    users: setting(HOME_ASSISTANT_USERS, [], {
      doc: 'User names in Home Assistant of those whom the bridge lets in through the ingress.',
      env: 'T2M_API_INGRESS_USERS',
      unset: 'everybody whom Home Assistant lets in',
      example: 'olena',
    }),
    role: setting(choice(ROLES), 'administer', {
      doc: 'What those may do who come through the ingress: look, control devices as well, or administer the bridge as well.',
      env: 'T2M_API_INGRESS_ROLE',
      example: 'control',
    }),
    administrators: setting(HOME_ASSISTANT_USERS, [], {
      doc: 'User names in Home Assistant of those who administer the bridge through the ingress, whatever api.ingress.role says.',
      env: 'T2M_API_INGRESS_ADMINISTRATORS',
      unset: 'nobody in particular',
      example: 'olena',
    }),
  },
  public_url: optional(HTTP_URL, {
    doc: 'Address of the page for browsers. Home Assistant then links each device to its part of the page.',
    env: 'T2M_API_PUBLIC_URL',
    unset: 'no links',
    example: 'http://homeserver.local:8580',
  }),
  allowed_origins: setting(ORIGINS, [], {
    doc: 'Origins of other pages that may call the API from a browser.',
    env: 'T2M_API_ALLOWED_ORIGINS',
    unset: 'none',
  }),
  tls: {
    cert: optional(PATH, {
      doc: 'File with the certificate (PEM), followed by the intermediate ones, for HTTPS without a proxy. Needs key.',
      env: 'T2M_API_TLS_CERT',
      unset: 'plain HTTP',
      example: '/etc/thermo2mqtt/api.pem',
    }),
    key: optional(PATH, {
      doc: 'File with the private key (PEM) of that certificate.',
      env: 'T2M_API_TLS_KEY',
      example: '/etc/thermo2mqtt/api.key',
    }),
  },
}
