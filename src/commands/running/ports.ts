import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

/** `port` if it is free, otherwise 0 for any: a demo should not fail because a real bridge is running. */
export function freePort(host: string, port: number): Promise<number> {
  return listens(host, port).then((free) => (free ? port : 0))
}

/** Whether this process could listen there. */
export async function listens(host: string, port: number): Promise<boolean> {
  return (await whyNotListen(host, port)) === undefined
}

/** Why this process can't listen there: the system's error code, such as `EADDRINUSE`. */
export function whyNotListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    probe.listen(port, host, () => probe.close(() => resolve(undefined)))
  })
}

/** A UDP port that nobody else uses, not even shared: `port` if it is free. */
export function ownUdpPort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createSocket('udp4')
    probe.once('error', (error) => {
      probe.close()
      if (port === 0) reject(error)
      else resolve(ownUdpPort(host, 0))
    })
    probe.bind(port, host, () => {
      const found = probe.address().port
      probe.close(() => resolve(found))
    })
  })
}
