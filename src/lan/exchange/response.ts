/**
 * The response of a device's web server, read as leniently as Python's `http.client` and Chromium read it. Small web
 * servers end lines with LF, leave out the reason, and send wrong lengths and junk among the headers; none of that
 * changes the body. The bytes of head, body and chunk framing are limited.
 */
import { isObject, parseJson } from '../../core/json.ts'

/** Far more than any device sends. */
const MAX_REPLY_BYTES = 64 * 1024
const MAX_HEAD_BYTES = 16 * 1024
/** Including what chunks add to a body. */
const MAX_RAW_BYTES = 256 * 1024
const MAX_CHUNK_LINE = 1024
/** How often to look for the end of a body without a length that does not end with its connection. */
const LOOKS = 16

const LF = 10
const CR = 13
const BRACE = 123

export interface Response {
  readonly status: number
  readonly text: string
  /** The connection can take another request. */
  readonly reusable: boolean
}

/** Why it is not a response; continues "The answer from … ". */
export interface NoResponse {
  readonly problem: string
}

export type Result = Response | NoResponse

type Framing = { readonly by: 'length'; readonly length: number } | { readonly by: 'chunks' } | { readonly by: 'close' }

interface Head {
  readonly status: number
  readonly framing: Framing
  readonly reusable: boolean
}

/** A body without a head is treated as HTTP/0.9, which browsers still accept too. */
const HEADLESS: Head = { status: 200, framing: { by: 'close' }, reusable: false }

const HALF_WAY: NoResponse = { problem: 'broke off half-way' }
const TOO_LONG: NoResponse = { problem: `is longer than ${MAX_REPLY_BYTES / 1024} KiB` }
const NO_HTTP: NoResponse = { problem: 'is not HTTP' }
const BAD_CHUNKS: NoResponse = { problem: 'has invalid chunks' }

/**
 * Reads one response, piece by piece. The work grows with its bytes, not with the number of pieces. Each piece is
 * copied.
 */
export class ResponseReader {
  #bytes: Buffer = Buffer.alloc(0)
  #length = 0
  /** The position to read next. */
  #at = 0
  /** The position up to which the end of the head was searched. */
  #searched = 0
  #head: Head | undefined
  readonly #chunks: Buffer[] = []
  #chunked = 0
  #looks = 0

  /** Whether only blank lines have arrived yet. */
  get empty(): boolean {
    return this.#skipBlank() === this.#length && this.#head === undefined
  }

  /** Adds data; undefined while more is needed. */
  push(piece: Buffer): Result | undefined {
    this.#append(piece)
    if (this.#length > MAX_RAW_BYTES) return TOO_LONG
    return this.#read(false)
  }

  /** No more data will come. */
  end(): Result {
    return this.#read(true) ?? HALF_WAY
  }

  #append(piece: Buffer): void {
    const length = this.#length + piece.length
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    piece.copy(this.#bytes, this.#length)
    this.#length = length
  }

  #read(over: boolean): Result | undefined {
    for (let head = this.#head; ; ) {
      if (head === undefined) {
        const next = this.#readHead()
        if (next === undefined || 'problem' in next) return next
        // Such as "100 Continue": the response proper follows.
        if (next.status < 200 && next.status !== 101) continue
        this.#head = head = next
      }
      if (head.status !== 200) return { status: head.status, text: '', reusable: false }
      return this.#readBody(head, over)
    }
  }

  #readHead(): Head | NoResponse | undefined {
    const start = this.#skipBlank()
    this.#at = start
    const begin = this.#bytes.toString('latin1', start, Math.min(start + 4, this.#length)).toUpperCase()
    if (begin === '') return undefined
    if (begin.charCodeAt(0) === BRACE) return HEADLESS
    if (!'HTTP'.startsWith(begin)) return NO_HTTP
    const end = this.#findHeadEnd(start)
    if ((end ?? this.#length) > MAX_HEAD_BYTES) return { problem: 'has headers without an end' }
    if (end === undefined) return undefined
    this.#at = end
    this.#searched = end
    return parseHead(this.#bytes.toString('latin1', start, end))
  }

  #skipBlank(): number {
    let start = this.#at
    while (start < this.#length && (this.#bytes[start] === LF || this.#bytes[start] === CR)) start++
    return start
  }

  /** The position after the first empty line. */
  #findHeadEnd(start: number): number | undefined {
    for (let from = Math.max(start, this.#searched); ; ) {
      const line = this.#indexOfLine(from)
      if (line === undefined) return undefined
      const next = this.#bytes[line + 1] === CR ? line + 2 : line + 1
      // More data may be on its way, so this line is read again.
      this.#searched = line
      if (next >= this.#length) return undefined
      if (this.#bytes[next] === LF) return next + 1
      from = line + 1
    }
  }

  #indexOfLine(from: number): number | undefined {
    const found = this.#bytes.indexOf(LF, from)
    return found === -1 || found >= this.#length ? undefined : found
  }

  #readBody(head: Head, over: boolean): Result | undefined {
    const { framing } = head
    const there = this.#length - this.#at
    switch (framing.by) {
      case 'length':
        if (framing.length > MAX_REPLY_BYTES) return TOO_LONG
        if (there >= framing.length) return this.#done(head, this.#at + framing.length)
        return over ? this.#whole(head) : undefined
      case 'chunks':
        // Chunks were announced but are not there: no chunk begins like this.
        if (this.#chunked === 0 && this.#bytes[this.#at] === BRACE && there > 0) return this.#untilClose(head, over)
        return this.#readChunks(head, over)
      case 'close':
        return this.#untilClose(head, over)
    }
  }

  #untilClose(head: Head, over: boolean): Result | undefined {
    if (this.#length - this.#at > MAX_REPLY_BYTES) return TOO_LONG
    if (over) return this.#done(head, this.#length)
    // Some announce that they will close the connection, but leave it open.
    if (this.#bytes[this.#length - 1] !== BRACE + 2 || this.#looks >= LOOKS) return undefined
    this.#looks++
    const whole = this.#whole(head)
    return 'problem' in whole ? undefined : whole
  }

  #readChunks(head: Head, over: boolean): Result | undefined {
    for (;;) {
      const line = this.#indexOfLine(this.#at)
      if (line === undefined) {
        if (this.#length - this.#at > MAX_CHUNK_LINE) return BAD_CHUNKS
        return over ? this.#wholeChunks() : undefined
      }
      const text = this.#bytes.toString('latin1', this.#at, line).trim()
      const size = /^([\da-f]{1,8})\s*(?:;.*)?$/i.exec(text)?.[1]
      if (size === undefined && text !== '') return BAD_CHUNKS
      const bytes = size === undefined ? undefined : Number.parseInt(size, 16)
      // Trailers may follow, but they are irrelevant, so the connection is not reused.
      if (bytes === 0) return { ...head, text: this.#joined(), reusable: false }
      if (bytes !== undefined) {
        if (this.#chunked + bytes > MAX_REPLY_BYTES) return TOO_LONG
        if (line + 1 + bytes > this.#length) return over ? this.#wholeChunks() : undefined
        this.#chunks.push(this.#bytes.subarray(line + 1, line + 1 + bytes))
        this.#chunked += bytes
      }
      this.#at = line + 1 + (bytes ?? 0)
    }
  }

  #joined(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }

  #wholeChunks(): Result {
    const text = this.#joined()
    return isWhole(text) ? { status: 200, text, reusable: false } : HALF_WAY
  }

  /** A body that is shorter than announced counts as complete if it is one complete object. */
  #whole({ status }: Head): Result {
    const text = this.#bytes.toString('utf8', this.#at, this.#length)
    return isWhole(text) ? { status, text, reusable: false } : HALF_WAY
  }

  #done({ status, reusable }: Head, end: number): Response {
    return {
      status,
      text: this.#bytes.toString('utf8', this.#at, end),
      reusable: reusable && end === this.#length,
    }
  }
}

const isWhole = (text: string): boolean => isObject(parseJson(text))

/** @param text from the status line to the empty line */
function parseHead(text: string): Head | NoResponse {
  const lines = text.split('\n')
  const [, version, code] = /^HTTP(?:\/(\d[\d.]*))?\s+(\d{3})(?!\d)/i.exec(lines[0] ?? '') ?? []
  if (code === undefined) return NO_HTTP
  let length: number | undefined
  let chunks = false
  let stays = version !== undefined && Number(version) >= 1.1
  for (const line of lines) {
    const [, name, value = ''] = /^(content-length|transfer-encoding|connection)\s*:\s*(.*?)\s*$/i.exec(line) ?? []
    if (name === undefined) continue
    switch (name.toLowerCase()) {
      case 'content-length':
        if (/^\+?\d{1,15}$/.test(value)) length ??= Number(value)
        break
      case 'transfer-encoding':
        chunks ||= /\bchunked\b/i.test(value)
        break
      default:
        stays = /\bkeep-alive\b/i.test(value) || (stays && !/\bclose\b/i.test(value))
    }
  }
  const framing: Framing = chunks ? { by: 'chunks' } : length === undefined ? { by: 'close' } : { by: 'length', length }
  return { status: Number(code), framing, reusable: stays && framing.by === 'length' }
}
