/** A link to brokers, real ones and such as misbehave. */
import { createServer, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'
import { type LinkOptions, MqttLink } from '../../../src/mqtt/client/index.ts'
import type { Failure } from '../../../src/mqtt/client/sender.ts'
import { brokerTargets } from '../../../src/mqtt/client/target.ts'
import { listen, MemoryLogger, QuickClock } from '../support.ts'

export const STATE = 'base/bridge/state'

export function makeLink(urls: readonly string[], options: Partial<LinkOptions> = {}) {
  const logger = new MemoryLogger()
  const messages: { topic: string; text: string; retain: boolean }[] = []
  const seen = { opened: 0, ready: 0 }
  const failures: { topic: string; failure: Failure }[] = []
  const refused: string[][] = []
  const settings = { url: urls, client_id: 'link', base_topic: 'base', embedded: { host: '127.0.0.1', port: 0 } }
  const link: MqttLink = new MqttLink({
    targets: brokerTargets(settings),
    credentials: { clientId: 'link' },
    stateTopic: STATE,
    clock: new QuickClock(),
    random: () => 0,
    sessionExpiry: 600,
    logger,
    onOpen: () => {
      seen.opened++
      link.sayOnline()
    },
    onReady: () => {
      seen.ready++
    },
    onFailure: (topic, failure) => failures.push({ topic, failure }),
    onRefused: (filters) => refused.push([...filters]),
    onMessage: (topic, payload, packet) => messages.push({ topic, text: payload.toString(), retain: packet.retain }),
    ...options,
  })
  return { link, logger, messages, seen, failures, refused }
}

/** A server of bytes: `serve` does with each connection what it likes. */
export async function rawServer(
  t: Test,
  serve: (socket: Socket, count: number) => void,
): Promise<{ server: Server; url: string }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    sockets.push(socket)
    serve(socket, sockets.length)
  })
  const port = await listen(server)
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { server, url: `mqtt://127.0.0.1:${port}` }
}

/** The protocol version in the CONNECT that begins `bytes`. */
export const versionIn = (bytes: Buffer): number | undefined => bytes[8]

export const CONNACK_4 = Buffer.from([0x20, 2, 0, 0])
export const CONNACK_5 = Buffer.from([0x20, 3, 0, 0, 0])
