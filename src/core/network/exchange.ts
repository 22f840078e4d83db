/** One exchange over HTTP. */
import type { IncomingHttpHeaders } from 'node:http'

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** The most bytes of an answer that are read. */
  readonly largest: number
  /** Milliseconds for everything; 20 s by default, for services on the internet. */
  readonly timeout?: number
  /** Ends it early. */
  readonly signal?: AbortSignal
  /** Whether the certificate has to be a good one; yes by default. */
  readonly rejectUnauthorized?: boolean
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/**
 * Redirects are not followed: what is sent may hold a secret.
 * @throws Error without a whole answer in time, and for one that is too long; none is made for people to read
 */
export async function exchange(address: string | URL, options: Exchange): Promise<Answer> {
  const { body, largest, timeout = 20_000, signal, ...rest } = options
  const url = new URL(address)
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  const late = AbortSignal.timeout(timeout)
  const sending = { ...rest, agent: false, signal: signal ? AbortSignal.any([signal, late]) : late }
  return new Promise((resolve, reject) => {
    const sent = request(url, sending, (answer) => {
      const pieces: Buffer[] = []
      let size = 0
      answer.on('data', (piece: Buffer) => {
        size += piece.length
        if (size > largest) answer.destroy(new Error(`the answer is longer than ${largest} bytes`))
        else pieces.push(piece)
      })
      answer.on('error', reject)
      answer.on('end', () => {
        const { statusCode: status = 0, headers } = answer
        resolve({ status, headers, text: Buffer.concat(pieces).toString('utf8') })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
