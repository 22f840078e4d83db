/** Requests to REST, signed in. */
import type { SharedTokens, Tabs } from './tabs.ts'
import type { LoginAnswer, RefreshAnswer, VerifyAnswer, WaysIn } from './types.ts'

export interface Tokens {
  readonly access: string
  readonly refresh: string
}

/** Where the refresh token is kept between two loads of the page: `sessionStorage`, or nothing. */
export interface Keep {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export interface ClientOptions {
  /** Asks the bridge for a path, `/api/v1/…`. */
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>
  readonly keep: Keep
  readonly tabs: Tabs
  /** Unix ms. */
  readonly now: () => number
  /** Called when nobody is signed in any more. */
  readonly onSignedOut: () => void
}

/** An unsuccessful answer, or none at all: then `status` is 0. */
export class RequestError extends Error {
  readonly status: number
  readonly code: string
  /** The exact reason, if the code is not specific enough. */
  readonly reason: string | null

  constructor(status: number, code: string, message: string, reason: string | null = null) {
    super(message)
    this.name = 'RequestError'
    this.status = status
    this.code = code
    this.reason = reason
  }
}

const KEY = 'thermo2mqtt.refresh'
/** When it was issued, Unix ms. */
const KEY_AT = 'thermo2mqtt.refresh.at'
const TOTP = 'second-factor'

/**
 * The session of this tab. The access token, valid for minutes, is kept only in memory. The refresh token is in
 * `sessionStorage`, so that a reload does not ask for the password: it belongs to this tab, disappears when the tab is closed,
 * and no other origin can read it. Scripts of this origin could, but the page's policy allows only its own. The browser would
 * add cookies to requests made by foreign pages, so this page uses none. `localStorage` would keep the session on the disk for
 * the next person who opens the browser. A duplicated tab shares its session; `Tabs` makes sure that the two renew it
 * together.
 */
export class Client {
  readonly #fetch: ClientOptions['fetch']
  readonly #keep: Keep
  readonly #tabs: Tabs
  readonly #now: () => number
  readonly #onSignedOut: () => void
  #access: string | null = null
  /** Whether Home Assistant, in which the page is shown, signs each request in. */
  #ingress = false
  #refreshing: Promise<boolean> | null = null

  constructor({ fetch, keep, tabs, now, onSignedOut }: ClientOptions) {
    this.#fetch = fetch
    this.#keep = keep
    this.#tabs = tabs
    this.#now = now
    this.#onSignedOut = onSignedOut
    const client = this
    tabs.attach({
      get session() {
        return client.#session
      },
      get tokens() {
        return client.#held
      },
      take: (tokens) => this.#hold(tokens, tokens.at),
      end: () => this.#forget(),
    })
  }

  /** Continues the session from before a reload, or as the user that Home Assistant has signed in; false without either. */
  async resume(): Promise<boolean> {
    if (this.#keep.getItem(KEY) !== null && (await this.#refresh())) return true
    return this.enterThroughIngress()
  }

  /** The user that Home Assistant has signed in; null if there is none, or the page is not shown in Home Assistant. */
  async ingressName(): Promise<string | null> {
    return (await this.#send<WaysIn>('GET', '/api/v1/login/ways', undefined, null)).ingress?.name ?? null
  }

  /** False if Home Assistant has signed in nobody. */
  async enterThroughIngress(): Promise<boolean> {
    this.#ingress = (await this.ingressName()) !== null
    return this.#ingress
  }

  /** Resolves with what the second step needs, or with null if there is none. */
  async login(username: string, password: string): Promise<{ [TOTP]: string } | null> {
    const answer = await this.#send<LoginAnswer>('POST', '/api/v1/login', { username, password }, null)
    if ('temp_token' in answer) return { [TOTP]: answer.temp_token }
    this.#hold(answer.token)
    return null
  }

  /** The second step. */
  async verify(pending: { [TOTP]: string }, code: string): Promise<void> {
    const body = { temp_token: pending[TOTP], token: code }
    this.#hold((await this.#send<VerifyAnswer>('POST', '/api/v1/auth/totp/verify', body, null)).token)
  }

  async logout(): Promise<void> {
    try {
      if (this.#access !== null) await this.#send('POST', '/api/v1/logout', undefined, this.#access)
    } finally {
      const session = this.#session
      this.#forget()
      if (session !== null) this.#tabs.ended(session)
    }
  }

  get<Answer>(path: string): Promise<Answer> {
    return this.send<Answer>('GET', path)
  }

  /** @throws RequestError */
  async send<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    return read<Answer>(await this.open(method, path, body))
  }

  /** A file with the name from the bridge. @throws RequestError */
  async file(path: string, body?: unknown): Promise<{ readonly name: string; readonly content: Blob }> {
    const response = await this.open(body === undefined ? 'GET' : 'POST', path, body)
    if (!response.ok) await read(response)
    const name = /filename="([\w.-]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? 'file'
    try {
      return { name, content: await response.blob() }
    } catch (cause) {
      // The transfer was cut off; half a file is useless.
      throw new RequestError(0, 'NO_CONNECTION', cause instanceof Error ? cause.message : String(cause))
    }
  }

  /** The raw answer, for streams. An expired session is renewed once. @throws RequestError */
  async open(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const used = this.#access
    const first = await this.#request(method, path, body, used, signal)
    if (first.status !== 401) return first
    // Another request or tab may have renewed it since this one was sent; once is enough.
    const renewed = this.#access === used ? await this.#refresh() : this.#access !== null
    return renewed ? this.#request(method, path, body, this.#access, signal) : first
  }

  async #send<Answer>(method: string, path: string, body: unknown, access: string | null): Promise<Answer> {
    return read<Answer>(await this.#request(method, path, body, access))
  }

  async #request(method: string, path: string, body: unknown, access: string | null, signal?: AbortSignal) {
    const headers: Record<string, string> = {}
    if (access !== null) headers.authorization = `Bearer ${access}`
    else if (this.#ingress) headers.authorization = 'Ingress'
    const file = body instanceof Blob
    if (body !== undefined) headers['content-type'] = file ? typeOf(body) : 'application/json'
    try {
      return await this.#fetch(path, {
        method,
        headers,
        credentials: 'omit',
        cache: 'no-store',
        ...(body === undefined ? {} : { body: file ? body : JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      })
    } catch (cause) {
      throw new RequestError(0, 'NO_CONNECTION', cause instanceof Error ? cause.message : String(cause))
    }
  }

  /** A refresh token works once, so two requests must never use it at the same time. */
  #refresh(): Promise<boolean> {
    this.#refreshing ??= this.#renew().finally(() => {
      this.#refreshing = null
    })
    return this.#refreshing
  }

  async #renew(): Promise<boolean> {
    const session = this.#session
    if (session === null) {
      this.#forget()
      return false
    }
    // Without an access token, as after a reload, another tab's will do, even if it is not newer.
    const at = this.#access === null ? this.#at - 1 : this.#at
    try {
      const tokens = await this.#tabs.renew(session, at, () => this.#ask())
      // Signed out meanwhile, in this tab or another.
      if (this.#session !== session) return false
      this.#hold(tokens, tokens.at)
      return true
    } catch (error) {
      // The bridge can't be reached or is busy: the session is still valid.
      if (error instanceof RequestError && (error.status === 0 || error.status === 429 || error.status >= 500))
        throw error
      this.#forget()
      return false
    }
  }

  /** Only one tab at a time does this. */
  async #ask(): Promise<SharedTokens> {
    const refresh = this.#keep.getItem(KEY)
    const { token } = await this.#send<RefreshAnswer>('POST', '/api/v1/token/refresh', { refresh }, null)
    // Never earlier than the last one, whatever the clock does.
    return { ...token, at: Math.max(this.#now(), this.#at + 1) }
  }

  /** The id of the session, which the refresh token begins with; null when there is none. */
  get #session(): string | null {
    return this.#keep.getItem(KEY)?.split('.')[0] ?? null
  }

  get #at(): number {
    return Number(this.#keep.getItem(KEY_AT) ?? 0)
  }

  get #held(): SharedTokens | null {
    const refresh = this.#keep.getItem(KEY)
    return refresh === null || this.#access === null ? null : { access: this.#access, refresh, at: this.#at }
  }

  #hold({ access, refresh }: Tokens, at = this.#now()): void {
    this.#access = access
    this.#ingress = false
    this.#keep.setItem(KEY, refresh)
    this.#keep.setItem(KEY_AT, String(at))
  }

  #forget(): void {
    this.#access = null
    this.#ingress = false
    this.#keep.removeItem(KEY)
    this.#keep.removeItem(KEY_AT)
    this.#onSignedOut()
  }
}

/** A browser's type for a chosen file can be anything; only the page's own is passed on. */
const typeOf = ({ type }: Blob): string => (type === 'application/yaml' ? type : 'application/octet-stream')

/**
 * The body of a successful answer. It comes from the page's own server; the types are from its schemas. @throws RequestError
 */
async function read<Answer>(response: Response): Promise<Answer> {
  const text = await response.text()
  const body = parse(text)
  if (response.ok) return body as Answer
  const error = field(body, 'error')
  const code = field(error, 'code')
  const message = field(error, 'message')
  const reason = field(field(error, 'details'), 'reason')
  throw new RequestError(
    response.status,
    typeof code === 'string' ? code : 'INTERNAL',
    typeof message === 'string' ? message : `HTTP ${response.status}`,
    typeof reason === 'string' ? reason : null,
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not from the bridge but from something in between: only the status is known.
    return undefined
  }
}

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
