import type { IncomingMessage } from 'node:http'

/** What a client asked of a virtual cloud, with its whole body. */
export interface Asked {
  readonly method: string
  readonly url: URL
  readonly contentType: string
  readonly authorization: string | undefined
  readonly text: string
}

/** Longest body that a virtual cloud reads. */
const LONGEST_BODY = 65_536

/** Calls `done` with the body when it has come whole; cuts the connection when it is longer than `longest` bytes. */
export function readBody(request: IncomingMessage, longest: number, done: (text: string) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > longest) request.destroy()
    else chunks.push(chunk)
  })
  request.on('end', () => done(Buffer.concat(chunks).toString()))
}

/** Calls `done` when the request has come whole. `base` is what its path is relative to. */
export function readAsked(request: IncomingMessage, base: string, done: (asked: Asked) => void): void {
  readBody(request, LONGEST_BODY, (text) => {
    done({
      method: request.method ?? 'GET',
      url: new URL(request.url ?? '/', base),
      contentType: request.headers['content-type'] ?? '',
      authorization: request.headers.authorization,
      text,
    })
  })
}
