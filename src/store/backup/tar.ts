/**
 * Reads tar archives (POSIX ustar): as much of the format as a backup needs, and one that a person has packed anew. Whatever the
 * archive holds, what is in memory at once is a header and a piece. What extended headers say is passed over for that reason:
 * they can be as long as the archive, and our names and sizes fit without them.
 */
import { buffer } from 'node:stream/consumers'

export interface TarEntry {
  readonly name: string
  readonly kind: 'file' | 'directory' | 'other'
  readonly size: number
  /** To be read before the next entry, in part or not at all. */
  readonly content: AsyncIterable<Uint8Array>
}

const BLOCK = 512
/** Far more than a data folder has. An empty one takes half a KiB in the archive, and much longer to read than its bytes. */
const MOST_ENTRIES = 1000
const CHECKSUM = { at: 148, bytes: 8 } as const
const KINDS: Readonly<Record<string, TarEntry['kind']>> = { '0': 'file', '\0': 'file', '5': 'directory' }
/** Extended headers (pax): of the next entry, and of all. */
const EXTENDED: ReadonlySet<string> = new Set(['x', 'g'])

/**
 * The files of an archive, one after the other, until the end of what it comes in has been read as well.
 * @throws Error for what is no whole archive; whatever `archive` throws
 */
export async function* readTar(archive: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const source = new Source(archive)
  try {
    for (let entries = 0; ; entries++) {
      const header = await source.block()
      if (isBlank(header)) break
      if (entries === MOST_ENTRIES) throw new Error('The archive has too many entries.')
      const { type, ...entry } = parseHeader(header)
      const end = source.at + Math.ceil(entry.size / BLOCK) * BLOCK
      if (!EXTENDED.has(type)) yield { ...entry, kind: KINDS[type] ?? 'other', content: source.take(entry.size) }
      for await (const _passed of source.take(end - source.at));
    }
    for await (const piece of source.rest()) if (!isBlank(piece)) throw new Error('The archive goes on after its end.')
  } finally {
    await source.close()
  }
}

/** What has not been read yet. */
class Source {
  readonly #pieces: AsyncIterator<Uint8Array>
  #piece: Uint8Array = new Uint8Array()
  /** Bytes read. */
  at = 0

  constructor(archive: AsyncIterable<Uint8Array>) {
    this.#pieces = archive[Symbol.asyncIterator]()
  }

  async block(): Promise<Buffer> {
    return await buffer(this.take(BLOCK))
  }

  /** The next so many bytes. */
  async *take(bytes: number): AsyncGenerator<Uint8Array> {
    for (let left = bytes; left > 0; ) {
      if (this.#piece.length === 0 && !(await this.#next())) throw new Error('The archive is cut off.')
      const piece = this.#piece.subarray(0, left)
      this.#piece = this.#piece.subarray(piece.length)
      this.at += piece.length
      left -= piece.length
      if (piece.length > 0) yield piece
    }
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    do yield this.#piece
    while (await this.#next())
  }

  async close(): Promise<void> {
    await this.#pieces.return?.()
  }

  async #next(): Promise<boolean> {
    const { value, done } = await this.#pieces.next()
    if (!done) this.#piece = value
    return !done
  }
}

function parseHeader(header: Buffer): { readonly name: string; readonly size: number; readonly type: string } {
  const text = (at: number, bytes: number) => header.toString('utf8', at, at + bytes).split('\0', 1)[0] ?? ''
  const number = (at: number, bytes: number) => {
    const digits = text(at, bytes).trim()
    // Sizes that need another form are beyond any backup.
    if (!/^[0-7]+$/.test(digits)) throw new Error('The archive has a number that is none.')
    return Number.parseInt(digits, 8)
  }
  const sum = header.reduce((all, byte) => all + byte, 0)
  const own = header.subarray(CHECKSUM.at, CHECKSUM.at + CHECKSUM.bytes).reduce((all, byte) => all + byte - 32, 0)
  if (number(CHECKSUM.at, CHECKSUM.bytes) !== sum - own) throw new Error('The archive has a header that is none.')
  const type = header.toString('latin1', 156, 157)
  // Some say a size of what has no content.
  const size = type === '5' ? 0 : number(124, 12)
  const prefix = text(257, 6) === 'ustar' ? text(345, 155) : ''
  return { name: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`, size, type }
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)
