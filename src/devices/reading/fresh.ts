import { BridgeError } from '../../core/errors.ts'
import type { Way } from '../link/way.ts'
import type { Poller } from './poller.ts'
import type { Reader } from './reader.ts'

export interface FreshOptions {
  readonly way: Pick<Way, 'link' | 'any'>
  readonly poller: Pick<Poller, 'now' | 'error'>
  readonly reader: Pick<Reader, 'read' | 'expire' | 'expireClock' | 'silence'>
}

/** Reads everything from one device now, over the LAN or whatever other way there is. */
export class Fresh {
  readonly #options: FreshOptions

  constructor(options: FreshOptions) {
    this.#options = options
  }

  /** @throws BridgeError why the device could not be read */
  async read(): Promise<void> {
    const { way, poller, reader } = this.#options
    reader.expire()
    // Nothing polls a device without an address: only what it publishes shows that it is there.
    await (way.link ? poller.now() : reader.read(way.any))
    const error = (way.link && poller.error) ?? reader.silence
    if (error) throw error
  }

  /** The same, but a device that can't be read is no failure here. */
  async tryToRead(): Promise<void> {
    try {
      await this.read()
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error
    }
  }

  /** The same, with the device's clock and the zone that it goes by. */
  tryToReadClock(): Promise<void> {
    this.#options.reader.expireClock()
    return this.tryToRead()
  }
}
