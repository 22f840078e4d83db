/** What strangers do to REST and the page, and what supervisors do to the process. */
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { BridgeProcess } from './bridge-process.ts'
import { Count, type Effort, type Fault, unless } from './fault.ts'
import { pause, type Rig } from './rig.ts'

async function open(rig: Rig): Promise<BridgeProcess> {
  const house = await rig.house({ thermostats: [{ model: 'ax' }] })
  return (await rig.bridge(house)).start()
}

/** Milliseconds that `/healthz` takes, asked from an address of one's choice. */
function healthFrom(bridge: BridgeProcess, localAddress: string): Promise<number> {
  const began = performance.now()
  const { port } = new URL(bridge.url)
  return new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/healthz', localAddress, agent: false, timeout: 20_000 },
      (answer) => {
        answer.resume()
        answer.once('end', () =>
          resolve(answer.statusCode === 200 ? performance.now() - began : Number.POSITIVE_INFINITY),
        )
      },
    )
    asked.once('error', () => resolve(Number.POSITIVE_INFINITY))
    asked.once('timeout', () => asked.destroy())
    asked.end()
  })
}

async function slowBodies(rig: Rig, { times }: Effort) {
  const bridge = await open(rig)
  const port = Number(new URL(bridge.url).port)
  const sockets: Socket[] = []
  rig.after(async () => {
    for (const socket of sockets) socket.destroy()
  })
  for (let i = 0; i < 1100; i++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress: '127.66.0.1' })
    socket.on('error', () => undefined)
    socket.write(
      'POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{',
    )
    sockets.push(socket)
  }
  await pause(500)
  const count = new Count()
  for (let i = 0; i < 10 * times; i++) {
    const took = Math.round(await healthFrom(bridge, '127.0.0.1'))
    count.take(unless(took < 1_000, `/healthz took ${took} ms for another address`))
  }
  return count.outcome
}

async function foreignName(rig: Rig) {
  const bridge = await open(rig)
  const port = Number(new URL(bridge.url).port)
  const count = new Count()
  for (const name of ['rebound.attacker.example', 'thermo2mqtt.evil.example:8580', '8.8.8.8.nip.example']) {
    const status = await new Promise<number>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      let text = ''
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        const found = /^HTTP\/1\.1 (\d+)/.exec(text)
        if (found) resolve(Number(found[1]))
        socket.destroy()
      })
      socket.write(`GET /api/v1/catalog HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`)
    })
    count.take(
      unless(status === 421 || status === 403 || status === 400, `a request for ${name} is answered ${status}`),
    )
  }
  return count.outcome
}

async function signals(rig: Rig) {
  const count = new Count()
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) {
    const bridge = await open(rig)
    bridge.signal(signal)
    const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 6_000))
    const ended = await Promise.race([bridge.ended(), late])
    count.take(unless(ended?.code === 0, `${signal} ends it with ${JSON.stringify(ended)}`))
    await bridge.kill()
  }
  const bridge = await open(rig)
  bridge.signal('SIGUSR1')
  await pause(1_000)
  count.take(
    unless(bridge.running, 'SIGUSR1 ends it'),
    unless(bridge.logged('Debugger listening').length === 0, 'SIGUSR1 opens the inspector'),
  )
  return count.outcome
}

export const WEB: readonly Fault[] = [
  {
    id: 'slow-bodies',
    what: '1100 requests of one address never end: /healthz answers every other address within a second',
    run: slowBodies,
  },
  {
    id: 'foreign-name',
    what: 'requests under a name that is not that of the bridge (DNS rebinding): refused',
    run: foreignName,
  },
  {
    id: 'signals',
    what: 'SIGHUP, SIGTERM and SIGINT end the bridge in order; SIGUSR1 opens no inspector',
    run: signals,
  },
]
