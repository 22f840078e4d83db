/** Two streams that are the ends of one connection inside this process. */
import { Duplex } from 'node:stream'

type Done = (error?: Error | null) => void

/**
 * One end. Unlike `stream.duplexPair`, it passes data on in a separate turn and never while the other end reads: aedes
 * reads again while it still parses earlier data, and then misreads packets. Destroying one end also destroys the
 * other, as on a socket.
 */
class End extends Duplex {
  #other: End | undefined
  /** Called once there is room for more. */
  #room: Done | undefined

  join(other: End): void {
    this.#other = other
  }

  override _read(): void {
    const room = this.#room
    this.#room = undefined
    room?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#handOver(chunk, done)
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Done): void {
    this.#handOver(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: Done): void {
    this.#handOver(null, done)
  }

  override _destroy(error: Error | null, done: Done): void {
    const other = this.#other
    process.nextTick(() => other?.destroy())
    done(error)
  }

  #handOver(data: Buffer | null, done: Done): void {
    process.nextTick(() => {
      const other = this.#other
      if (!other || other.destroyed || other.push(data) || data === null) done()
      else other.#room = done
    })
  }
}

export function streamPair(): readonly [Duplex, Duplex] {
  const [one, other] = [new End(), new End()]
  one.join(other)
  other.join(one)
  return [one, other]
}
