import { createServer, type Socket } from 'node:net'
import t from 'tap'
import { brokerTargets } from '../../src/mqtt/client/target.ts'
import { visitBroker } from '../../src/mqtt/visit.ts'
import { listen } from './support.ts'

/** CONNACK of MQTT 5. */
const WELCOME = Buffer.from([0x20, 3, 0, 0, 0])

t.test(
  'a broker that lets the bridge in and then hangs up, or says nothing, ends the visit all the same',
  async (t) => {
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.once('data', () => {
        socket.write(WELCOME)
        socket.once('data', () => socket.destroy())
      })
    })
    t.teardown(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const url = [`mqtt://127.0.0.1:${await listen(server)}`]
    const embedded = { host: '127.0.0.1', port: 0 }
    const [target] = brokerTargets({ url, client_id: 'x', base_topic: 'base', embedded })
    if (!target) return t.fail('a target')
    const visit = await visitBroker(target, { username: null, password: null }, 'base')
    t.match(visit, {
      connected: true,
      echoed: false,
      refused: ['base/bridge/state', 'base/bridge/info', String, 'base/+/set'],
    })
  },
)
