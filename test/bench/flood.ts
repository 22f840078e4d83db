/** A process that sends beacons. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { instant, numberIn, serve } from './rpc.ts'

serve({
  /** Sends the beacons in turn, `rate` of them a second for `ms` milliseconds; from 127.0.0.1, where the devices are. */
  async send(argument) {
    const beacons = (Array.isArray(argument.beacons) ? argument.beacons : []).map((text) => Buffer.from(String(text)))
    const perMs = numberIn(argument, 'rate') / 1000
    const ms = numberIn(argument, 'ms')
    const socket = createSocket('udp4')
    socket.connect(numberIn(argument, 'port'), '127.0.0.1')
    await once(socket, 'connect')
    const start = instant()
    let sent = 0
    await new Promise<void>((resolve) => {
      const go = () => {
        const elapsed = instant() - start
        if (elapsed >= ms) return resolve()
        for (const due = Math.floor(elapsed * perMs); sent < due; sent++)
          socket.send(beacons[sent % beacons.length] ?? '')
        setTimeout(go, 1)
      }
      go()
    })
    const elapsed = instant() - start
    // What the system has not taken yet would be lost with the socket.
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.close()
    return { sent, elapsed }
  },
})
