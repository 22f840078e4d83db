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
function urlOf({ host, port, tls }: Settings['api']): string {
  const there = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `${tls.cert === null ? 'http' : 'https'}://${there.includes(':') ? `[${there}]` : there}:${port}/healthz`
}

/** The certificate is not checked: nothing secret is sent, and its name is not that of the loopback. */
function statusOf(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT, rejectUnauthorized: false, agent: false } as const
    const answered = (response: http.IncomingMessage) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    }
    const request = url.startsWith('https:') ? https.get(url, options, answered) : http.get(url, options, answered)
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT / 1000} s`)))
    request.on('error', reject)
  })
}
