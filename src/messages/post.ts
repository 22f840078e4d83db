/** One POST to a service on the internet. */
import http from 'node:http'
import https from 'node:https'
import { NotSent } from './types.ts'

/** Milliseconds for everything, and the most bytes of an answer that are read. */
const TIMEOUT = 20_000
const LARGEST = 64 * 1024
/** Milliseconds that a service can ask to be left alone for, at most. */
const LONGEST_PAUSE = 3_600_000

export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Resolves when the answer is a good one. Redirects are not followed: the message may hold a secret. @throws NotSent */
export async function post({ url, headers, body }: Post): Promise<void> {
  const { status, retryAfter, text } = await answerTo(url, headers, body)
  if (status >= 200 && status < 300) return
  if (status >= 300 && status < 400)
    throw new NotSent(`It answers with a redirect (${status}). Set the address that it leads to.`)
  const said = /"(?:description|error)"\s*:\s*"([^"\\]{1,200})"/.exec(text)?.[1]
  throw new NotSent(`It answers with status ${status}${said ? `: ${said}` : ''}.`, retryAfter)
}

interface Answer {
  readonly status: number
  readonly retryAfter: number | undefined
  readonly text: string
}

function answerTo(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Answer> {
  const bytes = Buffer.from(body)
  const signal = AbortSignal.timeout(TIMEOUT)
  const { request } = url.startsWith('https:') ? https : http
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(new NotSent(`It can't be reached (${causeOf(error)}).`))
    const sent = request(
      url,
      { method: 'POST', headers: { ...headers, 'content-length': bytes.length }, signal },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (piece: string) => {
          text += piece
          if (text.length > LARGEST) answer.destroy(new Error('too long'))
        })
        answer.on('error', fail)
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, retryAfter: pauseOf(answer.headers['retry-after']), text }),
        )
      },
    )
    sent.on('error', fail)
    sent.end(bytes)
  })
}

function pauseOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Math.min(Number(header) * 1000, LONGEST_PAUSE) : undefined
}

const causeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : error.name)
