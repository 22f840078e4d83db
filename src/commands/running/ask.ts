/** Asks the bridge on this machine over REST. */
import { type Answer, type Exchange, exchange } from '../../core/network/exchange.ts'

/**
 * Without options this is for `/healthz` and `/readyz`, which a working bridge answers briefly, within a few milliseconds. The
 * certificate is not checked: its name is not that of the loopback address.
 * @throws Error if no whole answer comes in time, or one that is too long
 */
export async function answerOf(url: URL, options: Partial<Exchange> = {}): Promise<Answer> {
  const { timeout = 4_000 } = options
  const defaults = { method: 'GET', headers: {}, largest: 64 * 1024, rejectUnauthorized: false } as const
  try {
    return await exchange(url, { ...defaults, ...options, timeout })
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw new Error(`no answer within ${timeout / 1000} s`)
    throw error
  }
}
