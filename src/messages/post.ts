/** One POST to a service on the internet. */
import { exchange } from '../core/network/exchange.ts'
import { NotSent } from './types.ts'

/** The most bytes of an answer that are read. */
const LARGEST = 64 * 1024
/** Milliseconds that a service can ask to be left alone for, at most. */
const LONGEST_PAUSE = 3_600_000
/** Status codes for what was sent, and not for where or by whom. */
const FINAL = [400, 406, 413, 415, 422]

export interface Post {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Resolves when the answer is a good one. @throws NotSent */
export async function post({ url, headers, body }: Post): Promise<void> {
  const answer = await exchange(url, { method: 'POST', headers, body, largest: LARGEST }).catch((error: unknown) => {
    throw new NotSent(`It can't be reached (${causeOf(error)}).`)
  })
  const { status, text } = answer
  if (status >= 200 && status < 300) return
  if (status >= 300 && status < 400)
    throw new NotSent(`It answers with a redirect (${status}). Set the address that it leads to.`)
  const said = /"(?:description|error)"\s*:\s*"([^"\\]{1,200})"/.exec(text)?.[1]
  throw new NotSent(`It answers with status ${status}${said ? `: ${said}` : ''}.`, {
    retryAfter: pauseOf(answer.headers['retry-after']),
    final: FINAL.includes(status),
  })
}

function pauseOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Math.min(Number(header) * 1000, LONGEST_PAUSE) : undefined
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
