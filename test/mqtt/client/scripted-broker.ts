/** A broker whose every answer is a test's choice. */
import type { Socket } from 'node:net'
import { generate, type Packet, parser } from 'mqtt-packet'
import type { Test } from 'tap'
import { until } from '../support.ts'
import { rawServer } from './rig.ts'

type Cmd = Packet['cmd']
type Got<C extends Cmd> = Extract<Packet, { cmd: C }>

export interface Script {
  readonly version?: 4 | 5
  sessionPresent?: boolean
  /** Maximum QoS of the CONNACK. */
  readonly maximumQoS?: number
  /** What it grants at most to who subscribes. */
  readonly grants?: 0 | 1 | 2
  /** Packets that it does not answer. */
  silent: Set<Cmd>
}

export class ScriptedBroker {
  readonly script: Script
  readonly got: Packet[] = []
  url = ''
  connections = 0
  #socket: Socket | undefined

  constructor(script: Partial<Script> = {}) {
    this.script = { silent: new Set(), ...script }
  }

  get version(): 4 | 5 {
    return this.script.version ?? 5
  }

  async start(t: Test): Promise<this> {
    const { url } = await rawServer(t, (socket) => this.#serve(socket))
    this.url = url
    return this
  }

  /** Several arrive together. */
  send(...packets: readonly Packet[]): void {
    this.#socket?.write(Buffer.concat(packets.map((packet) => generate(packet, { protocolVersion: this.version }))))
  }

  cut(): void {
    this.#socket?.destroy()
  }

  of<C extends Cmd>(cmd: C): Got<C>[] {
    return this.got.filter((packet): packet is Got<C> => packet.cmd === cmd)
  }

  results() {
    return this.of('publish').filter(({ topic }) => topic.endsWith('/result'))
  }

  async next<C extends Cmd>(cmd: C, count = 1): Promise<Got<C>> {
    await until(`${cmd} ${count}`, () => this.of(cmd).length >= count)
    const found = this.of(cmd)[count - 1]
    if (!found) throw new Error('it was there')
    return found
  }

  #serve(socket: Socket): void {
    this.connections++
    this.#socket = socket
    let read = parser({ protocolVersion: this.version })
    const take = (packet: Packet) => {
      this.got.push(packet)
      if (!this.script.silent.has(packet.cmd)) this.#answer(packet)
    }
    read.on('packet', take)
    read.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      // One who does not know MQTT 5 hangs up.
      if (bytes[0] === 0x10 && bytes[8] === 5 && this.version === 4) {
        socket.destroy()
        return
      }
      read.parse(bytes)
    })
    socket.on('close', () => {
      read = parser()
    })
  }

  #answer(packet: Packet): void {
    const answer = this.#answerTo(packet)
    if (answer) this.send(answer)
  }

  #answerTo(packet: Packet): Packet | undefined {
    const { sessionPresent = false, maximumQoS, grants = 2 } = this.script
    const messageId = packet.messageId ?? 0
    switch (packet.cmd) {
      case 'connect':
        return {
          ...{ cmd: 'connack', sessionPresent, returnCode: 0, reasonCode: 0 },
          ...(maximumQoS === undefined ? {} : { properties: { maximumQoS } }),
        }
      case 'subscribe':
        return {
          ...{ cmd: 'suback', messageId },
          granted: packet.subscriptions.map(({ qos }) => (qos < grants ? qos : grants)),
        }
      case 'publish':
        if (packet.qos === 0) return undefined
        return { cmd: packet.qos === 1 ? 'puback' : 'pubrec', messageId }
      case 'pubrec':
        return { cmd: 'pubrel', messageId }
      case 'pubrel':
        return { cmd: 'pubcomp', messageId }
      case 'pingreq':
        return { cmd: 'pingresp' }
      default:
        return undefined
    }
  }
}
