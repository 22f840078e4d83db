import type { Server } from 'node:net'
import type { Teardown } from './simulator.ts'

/** Has a server listen on 127.0.0.1 until the test ends. @returns the port, which the system chooses unless one is given */
export async function listening(t: Teardown, server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server listens on no port')
  return address.port
}
