/** Server-sent events, read through `fetch`: the browser's own `EventSource` can't send who is signed in. */
import { RequestError } from './answers.ts'

export interface ServerEvent {
  readonly name: string
  readonly data: unknown
}

/** Parses events from text that arrives in pieces of any size. */
export class EventParser {
  #rest = ''

  push(text: string): ServerEvent[] {
    const blocks = (this.#rest + text).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    return blocks.flatMap((block) => {
      const event = parseBlock(block)
      return event ? [event] : []
    })
  }
}

function parseBlock(block: string): ServerEvent | undefined {
  let name = 'message'
  const data: string[] = []
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice(7)
    else if (line.startsWith('data: ')) data.push(line.slice(6))
  }
  return data.length > 0 ? { name, data: JSON.parse(data.join('\n')) } : undefined
}

export type LiveState = 'connecting' | 'live' | 'lost'

export interface LiveOptions {
  /** Opens the stream. */
  readonly open: (signal: AbortSignal) => Promise<Response>
  readonly onEvent: (event: ServerEvent) => void
  readonly onState: (state: LiveState) => void
  /** Calls back after so many ms; the returned function cancels that. */
  readonly timer: (ms: number, run: () => void) => () => void
}

/** The server sends something every 25 s. A connection that is silent for longer is dead. */
const SILENCE_MS = 60_000
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000] as const

/** Follows the events, and reconnects by itself until it is stopped. Each time the server sends everything again. */
export class Live {
  readonly #options: LiveOptions
  #running: AbortController | null = null
  #cancelRetry: () => void = () => undefined
  #failures = 0

  constructor(options: LiveOptions) {
    this.#options = options
  }

  start(): void {
    this.stop()
    this.#failures = 0
    this.#options.onState('connecting')
    this.#connect()
  }

  stop(): void {
    this.#cancelRetry()
    this.#running?.abort()
    this.#running = null
  }

  #connect(): void {
    const running = new AbortController()
    this.#running = running
    this.#follow(running).then(
      () => this.#again(running),
      (error: unknown) => this.#again(running, error),
    )
  }

  #again(running: AbortController, error?: unknown): void {
    if (this.#running !== running) return
    if (error instanceof RequestError && error.status === 401) return
    // The server ends a stream when its token expires; that alone need not be shown.
    this.#options.onState(error === undefined && this.#failures === 0 ? 'connecting' : 'lost')
    const wait = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)] ?? 10_000
    this.#failures++
    this.#cancelRetry = this.#options.timer(wait, () => this.#connect())
  }

  async #follow(running: AbortController): Promise<void> {
    const response = await this.#options.open(running.signal)
    if (!response.ok || !response.body) throw new RequestError(response.status, 'INTERNAL', `HTTP ${response.status}`)
    const parser = new EventParser()
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let silence = () => {}
    try {
      for (;;) {
        silence = this.#options.timer(SILENCE_MS, () => running.abort())
        const { done, value } = await reader.read()
        silence()
        if (done || this.#running !== running) return
        for (const event of parser.push(value)) this.#take(event)
      }
    } finally {
      silence()
    }
  }

  #take(event: ServerEvent): void {
    if (event.name === 'ready') {
      this.#failures = 0
      this.#options.onState('live')
    }
    this.#options.onEvent(event)
  }
}
