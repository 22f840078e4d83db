/**
 * Data waiting for slow readers. aedes blocks all publishers while the buffer of a single socket is full (16 to 64
 * KiB). Here publishers do not wait for a reader until it is far behind; the reader then gets some seconds to catch up
 * before it is disconnected.
 */
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Limits } from './limits.ts'

type Done = (error: Error | null, client: Client) => void

/**
 * Missing from the types of aedes: it calls this when a socket's buffer is full, and continues writing once `done` is
 * called.
 */
interface Draining extends Client {
  waitForDrain(done: Done): void
}

/** aedes' error for a reader that has not caught up in time. */
const TOO_SLOW = 'drain timeout'

export class Backlog {
  readonly #limits: Pick<Limits, 'backlogBytes' | 'backlogsBytes'>
  readonly #held = new Map<Duplex, number>()
  #total = 0

  constructor(limits: Pick<Limits, 'backlogBytes' | 'backlogsBytes'>) {
    this.#limits = limits
  }

  /** Bytes waiting for slow readers. */
  get bytes(): number {
    return this.#total
  }

  /** @param onTooSlow runs before the connection of a slow `client` is ended */
  watch(client: Client, conn: Duplex, onTooSlow: () => void): void {
    const draining = client as Draining
    const wait = draining.waitForDrain.bind(draining)
    draining.waitForDrain = (done) => {
      this.#note(conn, conn.writableLength)
      if (this.#total > this.#limits.backlogsBytes) conn.destroy(new Error(TOO_SLOW))
      if (conn.writableLength > this.#limits.backlogBytes) wait(done)
      else setImmediate(done, null, client)
    }
    conn.on('drain', () => this.#note(conn, 0))
    conn.once('error', ({ message }) => {
      if (message === TOO_SLOW) onTooSlow()
    })
    conn.on('close', () => this.#note(conn, 0))
  }

  #note(conn: Duplex, bytes: number): void {
    this.#total += bytes - (this.#held.get(conn) ?? 0)
    if (bytes === 0) this.#held.delete(conn)
    else this.#held.set(conn, bytes)
  }
}
