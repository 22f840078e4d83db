import type { ServerResponse } from 'node:http'
import type { Clock } from '../../core/clock.ts'
import { BUSY, HTML, type InjectedReply, type Quirks, wrongTypes } from '../quirks.ts'
import { sendSloppily } from './sloppy.ts'

/** Replies that are the same text for everybody. */
const CANNED = { empty: '', html: HTML, braces: '{}', busy: BUSY, block: '{"success":"block"}' } as const
type Canned = keyof typeof CANNED
type Broken = Exclude<Extract<InjectedReply, string>, Canned>

const isCanned = (reply: string): reply is Canned => Object.hasOwn(CANNED, reply)

/** Sends a reply the way a device does, or as badly as it was told to. */
export class Replies {
  readonly #clock: Clock
  readonly #quirks: Pick<Quirks, 'sloppy'>

  constructor(clock: Clock, quirks: Pick<Quirks, 'sloppy'>) {
    this.#clock = clock
    this.#quirks = quirks
  }

  plain(
    response: ServerResponse,
    text: string,
    options: { status?: number; type?: string; close?: boolean } = {},
  ): void {
    const { sloppy } = this.#quirks
    if (sloppy !== null && options.status === undefined) {
      sendSloppily(response, sloppy, text)
      return
    }
    response.writeHead(options.status ?? 200, {
      'content-type': options.type ?? 'application/json',
      'content-length': Buffer.byteLength(text),
      ...(options.close ? { connection: 'close' } : {}),
    })
    response.end(text)
  }

  /**
   * Sends an injected reply.
   * @param truth what the device would have answered
   */
  injected(response: ServerResponse, reply: InjectedReply, truth: () => unknown, slowInterval: number): void {
    if (typeof reply === 'object') this.#custom(response, reply)
    else if (isCanned(reply)) this.plain(response, CANNED[reply], reply === 'html' ? { type: 'text/html' } : {})
    else this.#broken(response, reply, truth, slowInterval)
  }

  #broken(response: ServerResponse, reply: Broken, truth: () => unknown, slowInterval: number): void {
    switch (reply) {
      case 'no-answer':
        break
      case 'cut':
        response.destroy()
        break
      case 'megabyte':
        this.plain(response, `{"sn":"${'0'.repeat(2 ** 20)}"}`)
        break
      case 'never-ending':
        this.#neverEnding(response)
        break
      case 'wrong-sn':
        this.plain(response, JSON.stringify({ ...asObject(truth()), sn: '0000000000000000000000000000FF' }))
        break
      case 'wrong-types':
        this.plain(response, JSON.stringify(wrongTypes(truth())))
        break
      case 'half':
        this.#half(response, JSON.stringify(truth()))
        break
      case 'slow':
        this.#slow(response, Buffer.from(JSON.stringify(truth())), slowInterval)
        break
    }
  }

  #custom(response: ServerResponse, reply: InjectedReply & object): void {
    if ('redirect' in reply) {
      response.writeHead(302, { location: reply.redirect, 'content-length': 0 })
      response.end()
    } else {
      this.plain(response, reply.raw, reply.status === undefined ? {} : { status: reply.status })
    }
  }

  #half(response: ServerResponse, text: string): void {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy())
  }

  #slow(response: ServerResponse, bytes: Buffer, interval: number): void {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length })
    let sent = 0
    const next = (): void => {
      if (response.destroyed) return
      response.write(bytes.subarray(sent, ++sent))
      if (sent === bytes.length) response.end()
      else timer = this.#clock.timer(interval, next)
    }
    let timer = this.#clock.timer(interval, next)
    response.once('close', () => timer.cancel())
  }

  #neverEnding(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' })
    const chunk = ' '.repeat(4096)
    const more = (): void => {
      if (response.destroyed) return
      if (response.write(chunk)) setImmediate(more)
      else response.once('drain', more)
    }
    more()
  }
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
