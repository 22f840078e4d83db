/**
 * Variants of HTTP sent by small web servers. Each is accepted by Python's `http.client` or by Chromium's response parser, or
 * by both.
 */
import type { ServerResponse } from 'node:http'

const OK = 'HTTP/1.1 200 OK\r\n'
const TYPE = 'Content-Type: application/json\r\n'

/** In two chunks, each with a head as `size` writes it. */
function chunked(json: Buffer, size: (bytes: number) => string, end: string, newline = '\r\n'): Buffer {
  const middle = Math.floor(json.length / 2)
  const parts = [json.subarray(0, middle), json.subarray(middle)]
  const chunks = parts.flatMap((part) => [Buffer.from(size(part.length) + newline), part, Buffer.from(newline)])
  return Buffer.concat([...chunks, Buffer.from(end)])
}

const hex = (bytes: number): string => bytes.toString(16)

const join = (head: string, body: Buffer, tail = ''): Buffer =>
  Buffer.concat([Buffer.from(head, 'latin1'), body, Buffer.from(tail)])

/** What goes over the wire in place of a proper response. */
const STYLES = {
  'no content-length': (json: Buffer) => join(`${OK}${TYPE}\r\n`, json),
  'lines end with LF': (json: Buffer) => join(`HTTP/1.1 200 OK\nContent-Length: ${json.length}\n\n`, json),
  'no headers at all': (json: Buffer) => join(`${OK}\r\n`, json),
  'no reason phrase': (json: Buffer) => join(`HTTP/1.1 200\r\nContent-Length: ${json.length}\r\n\r\n`, json),
  'spaces in the status line': (json: Buffer) => join(`HTTP/1.1   200   OK  \r\n${TYPE}\r\n`, json),
  'HTTP/1.0': (json: Buffer) => join(`HTTP/1.0 200 OK\r\n${TYPE}\r\n`, json),
  'HTTP/0.9 in the status line': (json: Buffer) => join(`HTTP/0.9 200 OK\r\n${TYPE}\r\n`, json),
  'no version': (json: Buffer) => join(`HTTP 200 OK\r\n${TYPE}\r\n`, json),
  'lower case': (json: Buffer) => join(`http/1.1 200 ok\r\ncontent-length:${json.length}\r\n\r\n`, json),
  'an empty line before': (json: Buffer) => join(`\r\n${OK}Content-Length: ${json.length}\r\n\r\n`, json),
  'nothing but the body': (json: Buffer) => json,
  'content-length of no number': (json: Buffer) => join(`${OK}Content-Length: many\r\n\r\n`, json),
  'content-length below 0': (json: Buffer) => join(`${OK}Content-Length: -1\r\n\r\n`, json),
  'content-length twice': (json: Buffer) =>
    join(`${OK}Content-Length: ${json.length}\r\nContent-Length: ${json.length}\r\n\r\n`, json),
  'two lengths': (json: Buffer) =>
    join(`${OK}Content-Length: ${json.length}\r\nContent-Length: ${json.length + 4}\r\n\r\n`, json),
  'content-length too long': (json: Buffer) => join(`${OK}Content-Length: ${json.length + 64}\r\n\r\n`, json),
  'bytes after the body': (json: Buffer) => join(`${OK}Content-Length: ${json.length}\r\n\r\n`, json, '\r\n\0\0more'),
  'headers without a colon': (json: Buffer) =>
    join(`${OK}Server\r\n: nameless\r\nX Y: z\r\nContent-Length: ${json.length}\r\n\r\n`, json),
  'a space before the colon': (json: Buffer) => join(`${OK}Content-Length : ${json.length}\r\n\r\n`, json),
  'bytes that no header may hold': (json: Buffer) =>
    join(`${OK}X-Name: \x01\x80\xff\0\r\nContent-Length: ${json.length}\r\n\r\n`, json),
  'a header in two lines': (json: Buffer) =>
    join(`${OK}X-Note: a\r\n  b\r\nContent-Length: ${json.length}\r\n\r\n`, json),
  'chunks and a length': (json: Buffer) =>
    join(`${OK}Transfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n`, chunked(json, hex, '0\r\n\r\n')),
  'chunks twice': (json: Buffer) =>
    join(`${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, chunked(json, hex, '0\r\n\r\n')),
  'chunks without an end': (json: Buffer) => join(`${OK}Transfer-Encoding: Chunked\r\n\r\n`, chunked(json, hex, '')),
  'chunks by LF': (json: Buffer) =>
    join('HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n', chunked(json, hex, '0\n\n', '\n')),
  'chunks with blanks and extensions': (json: Buffer) =>
    join(
      `${OK}Transfer-Encoding: chunked\r\n\r\n`,
      chunked(json, (bytes) => ` 00${hex(bytes)} ;x=1`, '0\r\nX: y\r\n\r\n'),
    ),
  'transfer-encoding that is none': (json: Buffer) => join(`${OK}Transfer-Encoding: identity\r\n\r\n`, json),
  'chunks that are only promised': (json: Buffer) => join(`${OK}Transfer-Encoding: chunked\r\n\r\n`, json),
  'goes on after 100': (json: Buffer) => join(`HTTP/1.1 100 Continue\r\n\r\n${OK}${TYPE}\r\n`, json),
  'speaks of closing and does not': (json: Buffer) => join(`${OK}Connection: close\r\n\r\n`, json),
  'breaks the connection off': (json: Buffer) => join(`${OK}Content-Length: ${json.length}\r\n\r\n`, json),
} as const satisfies Readonly<Record<string, (json: Buffer) => Buffer>>

export type SloppyServer = keyof typeof STYLES

export const SLOPPY_SERVERS = Object.keys(STYLES).filter((name): name is SloppyServer => Object.hasOwn(STYLES, name))

/** Bytes of one write: replies of real servers come in pieces as well. */
const PIECE = 700

/** What such a server writes on the connection. */
export const sloppyBytes = (style: SloppyServer, text: string): Buffer => STYLES[style](Buffer.from(text))

/** Writes a reply bypassing Node's HTTP, and ends the connection as such a server does. */
export function sendSloppily(response: ServerResponse, style: SloppyServer, text: string): void {
  const { socket } = response
  if (!socket) return
  const bytes = sloppyBytes(style, text)
  for (let sent = 0; sent < bytes.length; sent += PIECE) socket.write(bytes.subarray(sent, sent + PIECE))
  if (style === 'breaks the connection off') socket.write('', () => socket.resetAndDestroy())
  else if (style !== 'speaks of closing and does not') socket.end()
}
