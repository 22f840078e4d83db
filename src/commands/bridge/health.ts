import http from 'node:http'
import https from 'node:https'
import { loadSettings, type Settings } from '../../config/index.ts'
import type { CommandInput } from '../command.ts'

/** A working bridge answers in a few milliseconds; whoever asks wants to know within 5 s. */
const TIMEOUT = 4_000

/**
 * Asks the bridge that runs with these settings whether it works: for the health check of a container. A bridge without
 * internet, broker or devices still counts as working; `/readyz` reports those.
 */
export async function health({ flags, env, terminal }: CommandInput): Promise<number> {
  const { api } = (await loadSettings({ flags, env })).settings
  const url = urlOf(api)
  try {
    const status = await statusOf(url)
    if (status === 200) {
      terminal.out('The bridge works.')
      return 0
    }
    terminal.err(`The program at ${url} is not a working bridge: status ${status}.`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    terminal.err(`No bridge answers at ${url} (${why}). Is it running, with the same settings?`)
  }
  return 1
}

/** The address on this machine, from the same settings as the bridge. */
export function urlOf({ host, port, tls }: Settings['api']): string {
  const there = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `${tls.cert === null ? 'http' : 'https'}://${there.includes(':') ? `[${there}]` : there}:${port}/healthz`
}

export const statusOf = async (url: string): Promise<number> => (await answerOf(url)).status

/** More than any answer of a bridge to these requests, in characters. */
const MOST = 64 * 1024

/** The certificate is not checked: nothing secret is sent, and its name is not that of the loopback. */
export function answerOf(url: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT, rejectUnauthorized: false, agent: false } as const
    const answered = (response: http.IncomingMessage) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        text += piece
        if (text.length > MOST) request.destroy(new Error('the answer is too long'))
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    }
    const request = url.startsWith('https:') ? https.get(url, options, answered) : http.get(url, options, answered)
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT / 1000} s`)))
    request.on('error', reject)
  })
}
