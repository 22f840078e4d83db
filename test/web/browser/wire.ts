/** A network between browser and bridge that can be cut. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { Teardown } from '../../support/simulator.ts'

export class Wire {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #whole = true

  static async open(t: Teardown, target: number): Promise<Wire> {
    const wire = new Wire(target)
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      wire.cut()
      wire.#server.close()
    })
    return wire
  }

  private constructor(target: number) {
    this.#server = createServer((near) => {
      if (!this.#whole) return near.destroy()
      const far = connect(target, '127.0.0.1')
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from)
        from.on('error', () => to.destroy())
        from.on('close', () => {
          this.#sockets.delete(from)
          to.destroy()
        })
        from.pipe(to)
      }
      return undefined
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  cut(): void {
    this.#whole = false
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#whole = true
  }
}
