import { createServer } from 'node:net'

/** Below the ports that systems give to whoever asks for any: no other test gets one of these meanwhile. */
const FIRST = 20_000
const COUNT = 12_000

/** A port of `host` that nobody listens on, for a program that has to be told one. */
export async function unusedPort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if (await isFree(port, host)) return port
  }
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false)
      else reject(error)
    })
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}
