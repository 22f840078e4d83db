/** Requests to REST, signed in. */
import { RequestError, read } from './answers.ts'
import { type Keeps, Kept } from './kept.ts'
import type { SharedTokens, Tabs } from './tabs.ts'
import type { LoginAnswer, RefreshAnswer, VerifyAnswer, WaysIn } from './types.ts'

export interface Tokens {
  readonly access: string
  readonly refresh: string
}

export interface ClientOptions {
  /** Asks the bridge for a path, `/api/v1/…`. */
  readonly fetch: (path: string, init: RequestInit) => Promise<Response>
  readonly keeps: Keeps
  readonly tabs: Tabs
  /** Unix ms. */
  readonly now: () => number
  /** Called when nobody is signed in any more, with the reason that the bridge or another tab gives; null for none. */
  readonly onSignedOut: (reason: string | null) => void
  /** Called when this tab has joined the session of another that has just signed in. */
  readonly onJoined: () => void
}

/** What a tab says to others when its user signs out. */
const SIGNED_OUT = 'signed_out'
const TOTP = 'second-factor'

/** What the second step needs. */
export interface Pending {
  readonly [TOTP]: string
  readonly stay: boolean
}

/**
 * The session of this tab, which it shares with the other tabs of the browser. The access token, valid for minutes, is kept only
 * in memory. The refresh token is in `sessionStorage`, so that a reload does not ask for the password: it belongs to this tab,
 * disappears when the tab is closed, and no other origin can read it. Scripts of this origin could, but the page's policy allows
 * only its own. The browser would add cookies to requests made by foreign pages, so this page uses none. `localStorage` keeps the
 * session on the disk for the next person who opens the browser, so it is only for those who choose to stay signed in. `Tabs`
 * makes sure that tabs renew their session together.
 */
export class Client {
  readonly #fetch: ClientOptions['fetch']
  readonly #kept: Kept
  readonly #tabs: Tabs
  readonly #now: () => number
  readonly #onSignedOut: ClientOptions['onSignedOut']
  #access: string | null = null
  /** Id of the session; another tab may have removed what is kept of it. */
  #session: string | null
  /** Whether Home Assistant, in which the page is shown, signs each request in. */
  #ingress = false
  #refreshing: Promise<boolean> | null = null

  constructor({ fetch, keeps, tabs, now, onSignedOut, onJoined }: ClientOptions) {
    this.#fetch = fetch
    this.#kept = new Kept(keeps)
    this.#session = this.#kept.session
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
      get stays() {
        return client.#kept.stays
      },
      get awaited() {
        return client.#session === null && !client.#ingress
      },
      take: (tokens) => this.#hold(tokens, tokens.at),
      join: (tokens, sought) => {
        this.#hold(tokens, tokens.at, tokens.stays)
        if (!sought) onJoined()
      },
      end: () => this.#forget(SIGNED_OUT),
    })
  }

  /**
   * Continues the session from before a reload, or as the user that Home Assistant has signed in, or the session of another tab;
   * false without any.
   */
  async resume(): Promise<boolean> {
    if (this.#kept.session !== null && (await this.#refresh())) return true
    return (await this.enterThroughIngress()) || this.#tabs.seek()
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
  async login(username: string, password: string, stay: boolean): Promise<Pending | null> {
    const answer = await this.#send<LoginAnswer>('POST', '/api/v1/login', { username, password, stay }, null)
    if ('temp_token' in answer) return { [TOTP]: answer.temp_token, stay }
    this.#enter(answer.token, stay)
    return null
  }

  /** The second step. */
  async verify(pending: Pending, code: string): Promise<void> {
    const body = { temp_token: pending[TOTP], token: code }
    this.#enter((await this.#send<VerifyAnswer>('POST', '/api/v1/auth/totp/verify', body, null)).token, pending.stay)
  }

  async logout(): Promise<void> {
    const session = this.#session
    try {
      // Renewed first if it has run out: the bridge must forget the session, too.
      if (this.#session !== null) await this.open('POST', '/api/v1/logout')
    } finally {
      this.#forget(null)
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
    const session = this.#kept.session
    // Without any, another tab has signed out while this one slept.
    if (session === null) {
      this.#forget(this.#session === null ? null : SIGNED_OUT)
      return false
    }
    this.#session = session
    // Without an access token, as after a reload, another tab's will do, even if it is not newer.
    const at = this.#access === null ? this.#kept.at - 1 : this.#kept.at
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
      this.#forget(error instanceof RequestError ? error.reason : null)
      return false
    }
  }

  /** Only one tab at a time does this. */
  async #ask(): Promise<SharedTokens> {
    const { refresh } = this.#kept
    const { token } = await this.#send<RefreshAnswer>('POST', '/api/v1/token/refresh', { refresh }, null)
    // Never earlier than the last one, whatever the clock does.
    return { ...token, at: Math.max(this.#now(), this.#kept.at + 1) }
  }

  get #held(): SharedTokens | null {
    const { refresh, at } = this.#kept
    return refresh === null || this.#access === null ? null : { access: this.#access, refresh, at }
  }

  /** Tells the other tabs, which wait for it. */
  #enter(tokens: Tokens, stays: boolean): void {
    const at = this.#now()
    this.#hold(tokens, at, stays)
    if (this.#session !== null) this.#tabs.entered(this.#session, { ...tokens, at, stays })
  }

  #hold({ access, refresh }: Tokens, at: number, stays = this.#kept.stays): void {
    this.#access = access
    this.#ingress = false
    this.#kept.put(refresh, at, stays)
    this.#session = this.#kept.session
  }

  #forget(reason: string | null): void {
    this.#access = null
    this.#ingress = false
    // What is kept may be of another session already.
    if (this.#session === this.#kept.session) this.#kept.forget()
    this.#session = null
    this.#onSignedOut(reason)
  }
}

/** A browser's type for a chosen file can be anything; only the page's own is passed on. */
const typeOf = ({ type }: Blob): string => (type === 'application/yaml' ? type : 'application/octet-stream')
