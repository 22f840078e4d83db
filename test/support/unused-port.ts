import { createServer } from 'node:net'

/** Below the ports that systems give to whoever asks for any: no other test gets one of these meanwhile. */
const FIRST = 20_000
/** Ports that a process has for itself, so that no two find the same one unused before either listens on it. */
const EACH = 100
const PROCESSES = 120

/** Hands out the ports of this process one after another: each is given again only when all have been. */
class Ports {
  #first: Promise<number> | undefined
  #given = 0

  async next(host: string): Promise<number> {
    this.#first ??= claim()
    const first = await this.#first
    for (let tried = 1; tried < EACH; tried++) {
      const port = first + 1 + (this.#given++ % (EACH - 1))
      if (await listens(port, host, true)) return port
    }
    throw new Error(`Others listen on all ports from ${first + 1} to ${first + EACH - 1}`)
  }
}

const ports = new Ports()

/** A port of `host` that nobody listens on, for a program that has to be told one. */
export const unusedPort = (host = '127.0.0.1'): Promise<number> => ports.next(host)

/** Listens on the first of some ports until this process ends: that makes them its own. @returns that first one */
async function claim(): Promise<number> {
  for (let tried = 0; tried < PROCESSES; tried++) {
    const first = FIRST + ((process.pid + tried) % PROCESSES) * EACH
    if (await listens(first, '127.0.0.1', false)) return first
  }
  throw new Error('More processes than there are ports for use ports')
}

/** Whether this process could listen there. It goes on with that, unless only `briefly`, but does not live for it. */
function listens(port: number, host: string, briefly: boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer().unref()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    server.listen(port, host, () => {
      if (briefly) server.close(() => resolve(true))
      else resolve(true)
    })
  })
}
