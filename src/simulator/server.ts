import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Address {
  readonly host: string
  readonly port: number
}

/** A web server that can be taken away and brought back, on the same address or on another. */
export class MovableServer {
  readonly #listener: RequestListener
  #server: Server | undefined
  #address: Address

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
  async open(): Promise<Address> {
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
    this.#address = { host: this.#address.host, port: (server.address() as AddressInfo).port }
    return this.#address
  }

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    const server = this.#server
    if (!server) return
    this.#server = undefined
    await new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  }

  async move(to: Partial<Address>): Promise<Address> {
    const wasOpen = this.listening
    await this.close()
    this.#address = { ...this.#address, ...to }
    return wasOpen ? this.open() : this.#address
  }
}
