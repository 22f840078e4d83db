/**
 * The ingress of Home Assistant: a proxy that has signed people in already, and says in headers whom it asks for.
 * Home Assistant's documents (developers, "Authenticating a user when using ingress") name the headers; whether the user is
 * an administrator is in none of them.
 */
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import type { Logger } from '../../core/logging/logger.ts'
import type { Role } from '../auth/ports.ts'

export interface IngressSettings {
  /** The address that the proxy connects from; null where there is none. */
  readonly proxy: string | null
  /** User names in Home Assistant of those who are let in; empty for everybody. */
  readonly users: readonly string[]
  /** What those who are let in may do. */
  readonly role: Role
  /** User names in Home Assistant of those who may do everything, whatever the role of the others. */
  readonly administrators: readonly string[]
}

const NOBODY: IngressSettings = { proxy: null, users: [], role: 'look', administrators: [] }

/** Somebody who is signed in at Home Assistant. */
export interface IngressUser {
  /** User name in Home Assistant, or the name that it shows, or its id of the user. */
  readonly name: string
  /** What nobody chooses for themselves: the user name, or the id if there is none or it can't be shown as it is. */
  readonly account: string
  readonly role: Role
}

const ID = 'X-Remote-User-Id'
const USER_NAME = 'X-Remote-User-Name'
const SHOWN_NAME = 'X-Remote-User-Display-Name'
const HEADERS: ReadonlySet<string> = new Set([ID, USER_NAME, SHOWN_NAME])
const MOST_LETTERS = 64
/** No step of it leads up. */
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+){1,16}$/

/** Believes the proxy, and nobody else: what counts is where the connection comes from, not what anybody writes. */
export class Ingress {
  readonly #proxy: string | null
  readonly #users: ReadonlySet<string>
  readonly #role: Role
  readonly #administrators: ReadonlySet<string>
  readonly #logger: Logger
  #told = false

  constructor({ proxy, users, role, administrators }: IngressSettings = NOBODY, logger: Logger) {
    this.#proxy = proxy
    this.#users = lowered(users)
    this.#role = role
    this.#administrators = lowered(administrators)
    this.#logger = logger
  }

  /** Whether the proxy itself has sent this. */
  isFrom({ socket }: Pick<IncomingMessage, 'socket'>): boolean {
    return this.#proxy !== null && socket.remoteAddress?.replace(/^::ffff:/, '') === this.#proxy
  }

  /** For whom the proxy asks; null when it is not the proxy, or when it does not say one user who is let in. */
  userOf({ raw }: Pick<FastifyRequest, 'raw'>): IngressUser | null {
    if (!this.isFrom(raw)) return null
    const said = saidIn(raw)
    if (said === undefined) return this.#refuse()
    const id = said.get(ID) ?? ''
    const userName = decoded(said.get(USER_NAME))
    if (!/^[\w-]{1,64}$/.test(id)) return null
    // All of it, as it came: what is shown of two names can be the same.
    const role = this.roleOf(userName)
    if (role === null) return null
    const shown = readable(userName)
    const account = shown === userName ? shown || id : id
    return { account, name: shown || readable(decoded(said.get(SHOWN_NAME))) || id, role }
  }

  /** What somebody with this user name in Home Assistant may do; null for one who is not let in. */
  roleOf(userName: string): Role | null {
    const name = userName.toLowerCase()
    if (this.#proxy === null || (this.#users.size > 0 && !this.#users.has(name))) return null
    return this.#administrators.has(name) ? 'administer' : this.#role
  }

  /** The path below which the proxy shows the bridge; undefined when it is not the proxy, or does not say. */
  pathOf({ raw }: Pick<FastifyRequest, 'raw'>): string | undefined {
    const paths = this.isFrom(raw) ? raw.headersDistinct['x-ingress-path'] : undefined
    const [path = ''] = paths ?? []
    return paths?.length === 1 && PATH.test(path) ? path : undefined
  }

  #refuse(): null {
    if (!this.#told) {
      this.#logger.warn(
        'A request through the ingress of Home Assistant came with a user that Home Assistant did not write. It was not signed in.',
      )
    }
    this.#told = true
    return null
  }
}

/**
 * The headers of the user; undefined when one is there twice, or in other letters than the proxy writes. The proxy takes out
 * what people write themselves, but looks for its own spelling only (supervisor/api/ingress.py, `_init_header`).
 */
function saidIn({ rawHeaders }: IncomingMessage): ReadonlyMap<string, string> | undefined {
  const said = new Map<string, string>()
  for (const [index, name] of rawHeaders.entries()) {
    if (index % 2 === 1 || !/^x-remote-user-/i.test(name)) continue
    if (!HEADERS.has(name) || said.has(name)) return undefined
    said.set(name, rawHeaders[index + 1] ?? '')
  }
  return said
}

const lowered = (names: readonly string[]): ReadonlySet<string> => new Set(names.map((name) => name.toLowerCase()))

/** Names come as the bytes of UTF-8, which Node reads as Latin-1. */
const decoded = (header = ''): string => Buffer.from(header, 'latin1').toString('utf8')

/** As much of a name as is shown, without what can't be seen. */
function readable(name: string): string {
  const letters = [...name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim()]
  return letters.slice(0, MOST_LETTERS).join('')
}
