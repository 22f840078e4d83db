/**
 * Coordinates the tabs of a browser, which share one session. A refresh token works once, so two tabs must not
 * both use it: the second would look like a thief and end the session. Browser locks would do, but pages over plain HTTP, as
 * on most home networks, do not have them; they do have a channel between tabs.
 */

export interface SharedTokens {
  readonly access: string
  readonly refresh: string
  /** When they were issued, Unix ms by this browser's clock: the latest are in force. */
  readonly at: number
}

export interface EnteredTokens extends SharedTokens {
  /** Whether they are kept for all tabs of the browser. */
  readonly stays: boolean
}

type Message =
  /** I am about to renew, and know no tokens later than `at`. */
  | { readonly kind: 'want'; readonly session: string; readonly id: number; readonly at: number }
  /** I am doing that already. */
  | { readonly kind: 'busy'; readonly session: string; readonly id: number }
  | ({ readonly kind: 'tokens'; readonly session: string } & SharedTokens)
  | { readonly kind: 'ended'; readonly session: string }
  /** I have been opened, and nobody is signed in here. */
  | { readonly kind: 'seek' }
  /** Somebody is signed in here: for tabs where nobody is. */
  | ({ readonly kind: 'entered'; readonly session: string } & EnteredTokens)

/** What `BroadcastChannel` does. */
export interface Channel {
  post(message: unknown): void
  listen(listener: (message: unknown) => void): void
}

export interface TabsOptions {
  readonly channel: Channel
  readonly random: () => number
  readonly timer: (ms: number, run: () => void) => () => void
}

/** What this tab has, and how it gets new tokens. */
export interface Holder {
  readonly session: string | null
  readonly tokens: SharedTokens | null
  readonly stays: boolean
  /** Whether nobody is signed in, so that the session of another tab is welcome. */
  readonly awaited: boolean
  readonly take: (tokens: SharedTokens) => void
  /** Becomes part of the session of another tab, which it has sought or not. */
  readonly join: (tokens: EnteredTokens, sought: boolean) => void
  readonly end: () => void
}

/** Milliseconds in which another tab answers; it only needs a look, but may be busy drawing on a slow machine. */
const ANSWER_MS = 300
/** Milliseconds after which a renewing tab counts as closed or failed. */
const GIVE_UP_MS = 5_000

interface Wish {
  readonly id: number
  readonly session: string
  /** Ends the wait for an answer, with tokens, or without: then it is this tab's turn. */
  readonly answer: (tokens: SharedTokens | null) => void
  readonly wait: (ms: number) => void
  decided: boolean
}

export class Tabs {
  readonly #options: TabsOptions
  #holder: Holder | null = null
  #wish: Wish | null = null
  /** Ends the search for a session. */
  #found: (() => void) | null = null

  constructor(options: TabsOptions) {
    this.#options = options
    options.channel.listen((message) => this.#hear(message))
  }

  /** Call this once, before anything else. */
  attach(holder: Holder): void {
    this.#holder = holder
  }

  /** Tokens later than `at`: from another tab, or from `renew` if no other tab gets any. Rejects like `renew`. */
  async renew(session: string, at: number, renew: () => Promise<SharedTokens>): Promise<SharedTokens> {
    const given = await this.#ask(session, at)
    try {
      if (given) return given
      const tokens = await renew()
      this.#options.channel.post({ kind: 'tokens', session, ...tokens } satisfies Message)
      return tokens
    } finally {
      this.#wish = null
    }
  }

  /** Whether another tab has a session, which this one has joined then. */
  async seek(): Promise<boolean> {
    this.#options.channel.post({ kind: 'seek' } satisfies Message)
    await new Promise<void>((resolve) => {
      this.#found = resolve
      this.#options.timer(ANSWER_MS, resolve)
    })
    this.#found = null
    return this.#holder?.tokens !== null
  }

  entered(session: string, tokens: EnteredTokens): void {
    this.#options.channel.post({ kind: 'entered', session, ...tokens } satisfies Message)
  }

  ended(session: string): void {
    this.#options.channel.post({ kind: 'ended', session } satisfies Message)
  }

  #ask(session: string, at: number): Promise<SharedTokens | null> {
    const { channel, random, timer } = this.#options
    return new Promise((resolve) => {
      let cancel = () => {}
      const wish: Wish = {
        id: random(),
        session,
        decided: false,
        answer: (tokens) => {
          cancel()
          wish.decided = true
          resolve(tokens)
        },
        wait: (ms) => {
          cancel()
          cancel = timer(ms, () => wish.answer(null))
        },
      }
      this.#wish = wish
      wish.wait(ANSWER_MS)
      channel.post({ kind: 'want', session, id: wish.id, at } satisfies Message)
    })
  }

  /** Only this page's own tabs post here. */
  #hear(heard: unknown): void {
    const message = heard as Message
    const holder = this.#holder
    if (!holder) return
    if (message.kind === 'seek') {
      const { session, tokens, stays } = holder
      if (session !== null && tokens) this.entered(session, { ...tokens, stays })
      return
    }
    if (message.kind === 'entered') {
      this.#join(message, holder)
      return
    }
    if (message.session !== holder.session) return
    if (message.kind === 'want') this.#answer(message, holder)
    else if (message.kind === 'busy') {
      const wish = this.#wish
      if (wish && !wish.decided && message.id === wish.id) wish.wait(GIVE_UP_MS)
    } else if (message.kind === 'ended') holder.end()
    else if (message.at > (holder.tokens?.at ?? 0)) {
      const { access, refresh, at } = message
      if (this.#wish && !this.#wish.decided) this.#wish.answer({ access, refresh, at })
      else holder.take({ access, refresh, at })
    }
  }

  #join({ access, refresh, at, stays }: EnteredTokens, holder: Holder): void {
    if (!holder.awaited) return
    holder.join({ access, refresh, at, stays }, this.#found !== null)
    this.#found?.()
  }

  #answer({ session, id, at }: Extract<Message, { kind: 'want' }>, { tokens }: Holder): void {
    const { channel } = this.#options
    const wish = this.#wish
    if (wish && (wish.decided || wish.id < id)) channel.post({ kind: 'busy', session, id } satisfies Message)
    else if (!wish && tokens && tokens.at > at) {
      channel.post({ kind: 'tokens', session, ...tokens } satisfies Message)
    }
  }
}
