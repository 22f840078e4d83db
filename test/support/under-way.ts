/**
 * What the sockets of this process have sent to each other and what has not arrived yet. The system takes its time with that
 * on a busy machine, and time that is not real must not pass meanwhile: a request would run out of it.
 *
 * To be imported before sockets are made. Connections to other programs, and TLS, are not followed.
 */
import type { Socket as Datagrams } from 'node:dgram'
import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { runTime } from './run-time.ts'

/** Ms until something counts as not to be fetched at all: nobody reads there, or it was lost. */
const GIVEN_UP_AFTER = 500

interface Connection {
  client?: Socket
  server?: Socket
  /** How far both ends were when they were given up. */
  stuck?: string
}

const connections = new Map<string, Connection>()
const connecting = new Set<Socket>()

const plain = (address: string | undefined) => address?.replace(/^::ffff:/, '')

/** The same for both ends of a connection. */
const keyOf = ({ localAddress, localPort, remoteAddress, remotePort }: Socket, side: 'client' | 'server') => {
  const ends = [`${plain(localAddress)}:${localPort}`, `${plain(remoteAddress)}:${remotePort}`]
  return (side === 'client' ? ends : ends.reverse()).join(' ')
}

function follow(socket: Socket, side: 'client' | 'server'): void {
  const key = keyOf(socket, side)
  const known = connections.get(key)
  // A port is used again.
  const connection = known && !known[side] ? known : {}
  connection[side] = socket
  connections.set(key, connection)
  socket.once('close', () => {
    const open = [connection.client, connection.server].some((end) => end && !end.closed)
    if (!open && connections.get(key) === connection) connections.delete(key)
  })
}

subscribe('net.client.socket', (message) => {
  const { socket } = message as { readonly socket: Socket }
  connecting.add(socket)
  socket.once('connect', () => {
    connecting.delete(socket)
    if (socket.remoteAddress !== undefined) follow(socket, 'client')
  })
  socket.once('close', () => connecting.delete(socket))
})
subscribe('net.server.socket', (message) => follow((message as { readonly socket: Socket }).socket, 'server'))

/** Whether bytes, or the end of them, have not come from one end to the other. */
function behind(from: Socket, to: Socket): boolean {
  if (to.destroyed || to.isPaused()) return false
  if (from.bytesWritten > to.bytesRead) return true
  return (from.destroyed || from.writableFinished) && !to.readableEnded && to.readableLength === 0
}

const progress = ({ client, server }: Connection) =>
  [client, server].map((end) => `${end?.bytesRead} ${end?.bytesWritten} ${end?.destroyed}`).join()

function unfinished(connection: Connection): boolean {
  const { client, server, stuck } = connection
  if (!client) return false
  const open = server ? behind(client, server) || behind(server, client) : !client.destroyed
  return open && stuck !== progress(connection)
}

interface Mailbox {
  sent: number
  received: number
}

/** By port. */
const mailboxes = new Map<number, Mailbox>()

subscribe('udp.socket', (message) => {
  const { socket } = message as { readonly socket: Datagrams }
  const mailbox = { sent: 0, received: 0 }
  socket.once('listening', () => {
    const { port } = socket.address()
    mailboxes.set(port, mailbox)
    socket.once('close', () => {
      if (mailboxes.get(port) === mailbox) mailboxes.delete(port)
    })
  })
  socket.on('message', () => {
    mailbox.received++
  })
  const send = socket.send
  socket.send = (...args: readonly unknown[]) => {
    const port = args.find((argument) => typeof argument === 'number')
    const to = typeof port === 'number' ? mailboxes.get(port) : undefined
    if (to) to.sent++
    Reflect.apply(send, socket, args)
  }
})

const anything = () =>
  connecting.size > 0 ||
  [...mailboxes.values()].some(({ sent, received }) => sent > received) ||
  [...connections.values()].some(unfinished)

function giveUp(): void {
  connecting.clear()
  for (const mailbox of mailboxes.values()) mailbox.received = Math.max(mailbox.sent, mailbox.received)
  for (const connection of connections.values()) if (unfinished(connection)) connection.stuck = progress(connection)
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Resolves when everything sent has arrived, and whoever got it has done what can be done at once. */
export async function arrived(): Promise<void> {
  await turn()
  if (connections.size + connecting.size + mailboxes.size === 0) return
  let since = runTime.passed
  for (let quiet = 0; quiet < 4; await turn()) {
    if (!anything()) {
      quiet++
      continue
    }
    quiet = 0
    if (runTime.passed - since < GIVEN_UP_AFTER) continue
    giveUp()
    since = runTime.passed
  }
}
