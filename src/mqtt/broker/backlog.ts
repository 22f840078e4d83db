/**
 * What waits for slow readers. aedes holds up all who publish when the buffer of a single socket is full (16 to 64 KiB),
 * until it is empty again. Here nobody waits for a reader before it is far behind; then it gets some seconds to catch up,
 * and is cut off.
 */
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Limits } from './limits.ts'

type Done = (error: Error | null, client: Client) => void

/** Not among the types of aedes: it calls this when a socket's buffer is full, and writes on once `done` is called. */
interface Draining extends Client {
  waitForDrain(done: Done): void
}

/** What aedes says when a reader has not caught up in time. */
const TOO_SLOW = 'drain timeout'

export class Backlog {
  readonly #limits: Pick<Limits, 'backlogBytes' | 'backlogsBytes'>
  readonly #held = new Map<Duplex, number>()
  #total = 0

  constructor(limits: Pick<Limits, 'backlogBytes' | 'backlogsBytes'>) {
    this.#limits = limits
  }

  /** Bytes that wait for readers that are behind. */
  get bytes(): number {
    return this.#total
  }

  /** @param onTooSlow runs before the connection of `client` is ended for it */
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
