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
let requests = 0

const MINUTE = 60_000

async function ask(port: number, body: string): Promise<void> {
  requests++
  JSON.parse(await exchange(port, body))
}

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
  /** CPU ms since the process began. */
  life() {
    const { user, system } = process.cpuUsage()
    return { cpu: (user + system) / 1000 }
  },

  /** Connects to a broker, and tells when each message on `topic` came. */
  async connect(argument) {
    const topic = textIn(argument, 'topic')
    client = await connectAsync(textIn(argument, 'url'), { protocolVersion: 5 })
    client.on('message', (heard) => heard === topic && tell({ at: instant() }))
    await client.subscribeAsync(topic, { qos: 1 })
    return {}
  },

  /** From now on has each message on `topic` written to a device that is not locked, and publishes its answer on `result`. */
  async carryOut(argument) {
    const [serial, topic, result] = [textIn(argument, 'serial'), textIn(argument, 'topic'), textIn(argument, 'result')]
    const port = numberIn(argument, 'port')
    client?.on('message', async (heard, payload) => {
      if (heard !== topic) return
      const { target_temperature: value } = JSON.parse(payload.toString())
      const answer = await exchange(port, JSON.stringify({ sn: serial, par: [[5, 1, String(value)]] }))
      client?.publish(result, JSON.stringify({ ok: Array.isArray(JSON.parse(answer).par) }), { qos: 2 })
    })
    await client?.subscribeAsync(topic, { qos: 1 })
    return {}
  },

  /**
   * From now on asks each device for its telemetry, every `interval` ms by a timer of its own, and publishes `payload` after each;
   * every minute for its parameters as well, `spacing` ms before.
   */
  poll(argument) {
    const [interval, spacing] = [numberIn(argument, 'interval'), numberIn(argument, 'spacing')]
    const payload = textIn(argument, 'payload')
    const ports: readonly unknown[] = Array.isArray(argument.ports) ? argument.ports : []
    for (const [index, port] of ports.map(Number).entries()) {
      let due = 0
      const round = async () => {
        if (performance.now() >= due) {
          due = performance.now() + MINUTE
          await ask(port, '{"cmd":1}')
          await new Promise((resolve) => setTimeout(resolve, spacing))
        }
        await ask(port, '{"cmd":4}')
        client?.publish(`bare/${index}/state`, payload, { qos: 1, retain: true })
        setTimeout(round, interval * (0.95 + 0.1 * Math.random()))
      }
      setTimeout(round, (interval * index) / ports.length)
    }
    return {}
  },

  /** How many requests `poll` has sent. */
  count() {
    return { requests }
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
