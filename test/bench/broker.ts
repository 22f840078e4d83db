/** A broker in a process of its own: Mosquitto where there is one, else aedes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { Peer } from './rpc.ts'

export interface Broker {
  readonly kind: string
  readonly url: string
  stop(): Promise<void>
}

export async function startBroker(folder: string): Promise<Broker> {
  const port = await freePort()
  const url = `mqtt://127.0.0.1:${port}`
  const found = spawnSync('mosquitto', ['-h'], { encoding: 'utf8' })
  if (found.error) {
    const peer = Peer.fork('aedes.ts')
    await peer.call('listen', { port })
    return { kind: 'aedes', url, stop: () => peer.stop() }
  }
  const config = join(folder, 'mosquitto.conf')
  writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n`)
  const child = spawn('mosquitto', ['-c', config], { stdio: 'ignore' })
  await answers(port)
  return { kind: found.stdout.split('\n')[0] ?? 'mosquitto', url, stop: () => end(child) }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill()
  await ended
}

/** A port that nobody has at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))))
    })
  })
}

async function answers(port: number): Promise<void> {
  for (let left = 100; left > 0; left--) {
    const socket = connect(port, '127.0.0.1')
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no broker answers on port ${port}`)
}
