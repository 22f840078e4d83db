import { loadSettings, type Settings } from '../../config/index.ts'
import { dialled } from '../../core/network/addresses.ts'
import type { CommandInput } from '../command.ts'
import { answerOf } from '../running/ask.ts'

/**
 * Asks the bridge that runs with these settings whether it works: for the health check of a container. A bridge without
 * internet, broker or devices still counts as working; `/readyz` reports those.
 */
export async function health({ flags, env, terminal }: CommandInput): Promise<number> {
  const { api } = (await loadSettings({ flags, env })).settings
  const url = urlOf(api)
  try {
    const { status } = await answerOf(new URL(url))
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
  return `${tls.cert === null ? 'http' : 'https'}://${dialled(host)}:${port}/healthz`
}
