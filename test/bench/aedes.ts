/** A process that is a broker, for machines without Mosquitto. */
import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import { numberIn, serve } from './rpc.ts'

serve({
  async listen(argument) {
    const broker = await Aedes.createBroker()
    const server = createServer((socket) => broker.handle(socket.setNoDelay()))
    await new Promise<void>((resolve) => server.listen(numberIn(argument, 'port'), '127.0.0.1', resolve))
    return {}
  },
})
