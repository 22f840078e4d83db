/** A process that does the bridge's work with nothing but Node and mqtt.js: the floors. */
import { createSocket, type Socket } from 'node:dgram'
import { Agent, request } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { connectAsync, type MqttClient } from 'mqtt'
import { instant, numberIn, serve, tell, textIn } from './rpc.ts'

const agent = new Agent({ keepAlive: false })
const delay = monitorEventLoopDelay({ resolution: 10 })
let client: MqttClient | undefined
let socket: Socket | undefined
let datagrams = 0
let cpu = process.cpuUsage()

function exchange(port: number, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      Connection: 'close',
    }
    const options = { host: '127.0.0.1', port, path: '/api.cgi', method: 'POST', agent, headers }
    const sent = request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString()))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

serve({
  /** Connects to a broker, and tells when each message on `topic` came. */
  async connect(argument) {
    client = await connectAsync(textIn(argument, 'url'), { protocolVersion: 5 })
    client.on('message', () => tell({ at: instant() }))
    await client.subscribeAsync(textIn(argument, 'topic'), { qos: 1 })
    return {}
  },

  async exchange(argument) {
    const start = instant()
    await exchange(numberIn(argument, 'port'), textIn(argument, 'body'))
    return { ms: instant() - start }
  },

  /**
   * Asks, understands the answer and publishes, so many times; returns the CPU time of one. `paced`: each begun by a timer,
   * as a poll is, so that the process sleeps in between.
   */
  async loop(argument) {
    const port = numberIn(argument, 'port')
    const topic = textIn(argument, 'topic')
    const payload = textIn(argument, 'payload')
    const rounds = numberIn(argument, 'rounds')
    const before = process.cpuUsage()
    for (let round = 0; round < rounds; round++) {
      if (argument.paced === true) await new Promise((resolve) => setTimeout(resolve, 1))
      JSON.parse(await exchange(port, '{"cmd":4}'))
      client?.publish(topic, payload, { qos: 0, retain: true })
    }
    const { user, system } = process.cpuUsage(before)
    return { cpu: (user + system) / 1000 / rounds, rss: process.memoryUsage.rss() / 2 ** 20 }
  },

  /** Takes datagrams and understands them. */
  async bind() {
    const bound = createSocket({ type: 'udp4', recvBufferSize: 256 * 1024 })
    bound.on('message', (datagram) => {
      if (JSON.parse(datagram.toString())) datagrams++
    })
    await new Promise<void>((resolve) => bound.bind(0, '127.0.0.1', resolve))
    socket = bound
    return { port: bound.address().port }
  },

  unbind() {
    socket?.close()
    return {}
  },

  begin() {
    datagrams = 0
    delay.enable()
    delay.reset()
    cpu = process.cpuUsage()
    return {}
  },

  end() {
    delay.disable()
    const { user, system } = process.cpuUsage(cpu)
    return { datagrams, p99: delay.percentile(99) / 1e6, cpu: (user + system) / 1000 }
  },
})
