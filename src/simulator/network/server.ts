import { createServer, type RequestListener, type Server } from 'node:http'

export interface Address {
  readonly host: string
  readonly port: number
}

/** A web server that can be stopped and restarted, on the same address or another. */
export class MovableServer {
  readonly #listener: RequestListener
  #server: Server | undefined
  #address: Address
  #turn: Promise<unknown> = Promise.resolve()

  /** @param address where to listen; port 0 takes a free one, and keeps it from then on */
  constructor(address: Address, listener: RequestListener) {
    this.#address = address
    this.#listener = listener
  }

  get address(): Address {
    return this.#address
  }

  get listening(): boolean {
    return this.#server !== undefined
  }

  /** @throws what `listen` fails with, such as EADDRINUSE or EADDRNOTAVAIL */
  open(): Promise<Address> {
    return this.#inTurn(() => this.#open())
  }

  /** Stops listening and cuts every connection. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#close())
  }

  /** Moves to another address; listens there if it was listening. */
  move(to: Partial<Address>): Promise<Address> {
    return this.#inTurn(async () => {
      const wasOpen = this.listening
      await this.#close()
      this.#address = { ...this.#address, ...to }
      return wasOpen ? this.#open() : this.#address
    })
  }

  /** One after the other, so that no second server is made while the first is on its way. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(step)
    this.#turn = done.catch(() => undefined)
    return done
  }

  async #open(): Promise<Address> {
    if (this.#server) return this.#address
    const server = createServer({ keepAlive: true }, this.#listener)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#address.port, this.#address.host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    this.#server = server
    const bound = server.address()
    const port = typeof bound === 'object' && bound !== null ? bound.port : this.#address.port
    this.#address = { host: this.#address.host, port }
    return this.#address
  }

  async #close(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }
}
