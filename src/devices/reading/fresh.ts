import { BridgeError } from '../../core/errors.ts'
import type { Way } from '../link/way.ts'
import type { Poller } from './poller.ts'
import type { Reader } from './reader.ts'

export interface FreshOptions {
  readonly way: Pick<Way, 'link' | 'any'>
  readonly poller: Pick<Poller, 'now' | 'error'>
  readonly reader: Pick<Reader, 'read' | 'expire' | 'expireClock' | 'silence'>
}

/** Has everything of one device read now, over the LAN or by whatever other way there is to it. */
export class Fresh {
  readonly #options: FreshOptions

  constructor(options: FreshOptions) {
    this.#options = options
  }

  /** @throws BridgeError why it could not be read */
  async read(): Promise<void> {
    const { way, poller, reader } = this.#options
    reader.expire()
    // Nothing polls a device without an address: whether it is there is told by what it publishes alone.
    await (way.link ? poller.now() : reader.read(way.any))
    const error = (way.link && poller.error) ?? reader.silence
    if (error) throw error
  }

  /** The same; a device that can't be read is no failure of this. */
  async tryToRead(): Promise<void> {
    try {
      await this.read()
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
    }
  }

  /** The same, with its clock and the zone that it goes by. */
  tryToReadClock(): Promise<void> {
    this.#options.reader.expireClock()
    return this.tryToRead()
  }
}
