/** Brokers made by others, with their limits and their ways to fail. */
import { writeFileSync } from 'node:fs'
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { VirtualHouse } from '../../src/simulator/index.ts'
import { listen, NO_MOSQUITTO } from '../mqtt/support.ts'
import { eventually } from '../support/e2e.ts'
import type { Listener } from '../support/listener.ts'
import type { BridgeProcess } from './bridge-process.ts'
import { Count, type Effort, type Fault, unless } from './fault.ts'
import { first, pause, type Rig } from './rig.ts'

/** A house of one thermostat that waits for nobody, and a bridge at this broker that has it online. */
async function open(rig: Rig, url: string, mqtt = {}): Promise<{ house: VirtualHouse; bridge: BridgeProcess }> {
  const house = await rig.house({ thermostats: [{ model: 'oz', quirks: { minSpacing: 0 } }] })
  const bridge = await rig.bridge(house, { mqtt: { url: [url], ...mqtt }, device: { min_spacing: '0' } })
  await bridge.start()
  await bridge.online(first(house).serial)
  return { house, bridge }
}

/** Sends commands and counts those that are not answered once. */
async function commands(heard: Listener, house: VirtualHouse, count: Count, times: number): Promise<void> {
  const { serial } = first(house)
  for (let i = 0; i < times; i++) {
    const result = await heard.command(serial, { brightness: i % 9 }).catch(() => undefined)
    count.take(unless(result?.ok === true, `a command is answered ${JSON.stringify(result)}`))
  }
}

async function smallPackets(rig: Rig, { times }: Effort) {
  const broker = await rig.mosquitto('allow_anonymous true\nmax_packet_size 20000')
  const { house, bridge } = await open(rig, broker.url)
  const heard = await rig.listener(broker.url)
  const count = new Count()
  await commands(heard, house, count, 10 * times)
  const offline = heard.all('bridge/state').filter((text) => text === 'offline').length
  count.take(unless(offline === 0, `the bridge went offline ${offline} times`))
  const documents = () => heard.messages.filter(({ topic }) => topic.startsWith('homeassistant/device/')).length
  await eventually('documents', () => documents() >= 2).catch(() => undefined)
  count.take(
    unless(documents() >= 2 || bridge.logged('packet').length > 0, 'no documents, and the log does not say why'),
  )
  return count.outcome
}

/** A broker that closes the connection of whoever sends more than `bytes` within one packet, and says nothing. */
async function closing(rig: Rig, port: number, bytes: number): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const up = connectTcp(port, '127.0.0.1')
    for (const socket of [client, up]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        up.destroy()
        sockets.delete(socket)
      })
    }
    up.pipe(client)
    let held = Buffer.alloc(0)
    client.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      for (let size = packetSize(held); size !== undefined && size <= held.length; size = packetSize(held)) {
        if (size > bytes) return void client.destroy()
        up.write(held.subarray(0, size))
        held = held.subarray(size)
      }
      if ((packetSize(held) ?? 0) > bytes) client.destroy()
    })
  })
  const at = await listen(server)
  rig.after(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `mqtt://127.0.0.1:${at}`
}

/** Bytes of the MQTT packet that `bytes` begin with; undefined while that can't be told. */
function packetSize(bytes: Buffer): number | undefined {
  let length = 0
  for (let at = 1; at < 5; at++) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    length += (byte & 127) << (7 * (at - 1))
    if (byte < 128) return length + at + 1
  }
  return undefined
}

async function closes(rig: Rig, { times }: Effort) {
  const broker = await rig.mosquitto()
  const { house, bridge } = await open(rig, await closing(rig, broker.port, 20_000))
  const heard = await rig.listener(broker.url)
  const count = new Count()
  await eventually('it has settled', () => bridge.logged('packet').length > 0, 45_000).catch(() => undefined)
  // When the log says it, the last will of the connection that showed it is still under way: an answer comes after that.
  await heard.command(first(house).serial, { brightness: 0 }).catch(() => undefined)
  const from = heard.mark
  await commands(heard, house, count, 10 * times)
  const offline = heard.all('bridge/state', from).filter((text) => text === 'offline').length
  count.take(
    unless(offline === 0, `the bridge went offline ${offline} times`),
    unless(bridge.logged('packet').length > 0, 'the log does not say that packets are too large'),
  )
  return count.outcome
}

async function rights(rig: Rig) {
  const count = new Count()
  for (const [missing, allowed] of [
    ['homeassistant/', ['topic readwrite thermo2mqtt/#', 'topic read homeassistant/#']],
    ['set', ['topic write thermo2mqtt/#', 'topic readwrite homeassistant/#']],
  ] as const) {
    const acl = join(rig.folder, 'acl')
    writeFileSync(acl, `${allowed.join('\n')}\n`)
    const broker = await rig.mosquitto(`allow_anonymous true\nacl_file ${acl}`)
    const { bridge } = await open(rig, broker.url)
    const named = () =>
      bridge.lines.some(
        (line) => /"level":"(warn|error)"/.test(line) && line.includes(missing) && /may not|right|access/.test(line),
      )
    await eventually('named', named, 20_000).catch(() => undefined)
    count.take(unless(named(), `nobody may use ${missing}, and the log does not say so`))
    await broker.stop()
  }
  return count.outcome
}

async function restarts(rig: Rig, { times, random }: Effort) {
  const broker = await rig.mosquitto(
    `allow_anonymous true\npersistence true\npersistence_location ${rig.folder}/\nautosave_interval 1`,
  )
  const { house } = await open(rig, broker.url)
  const ax = first(house)
  const heard = await rig.listener(broker.url)
  const count = new Count()
  const before = ax.writes.filter(({ accepted }) => accepted).length
  const sent: string[] = []
  for (let round = 0; round < 6 * times; round++) {
    for (let i = 0; i < 5; i++) {
      const transaction = `${round}-${i}`
      sent.push(transaction)
      await heard.publish(`${ax.serial}/set`, JSON.stringify({ brightness: (round + i) % 9, transaction }))
    }
    await pause(random() * 300)
    await broker.stop()
    await broker.start()
    await eventually('the listener is back', () => heard.client.connected)
    await heard.client.subscribeAsync('#', { qos: 1 })
    await pause(1_500)
  }
  await pause(3_000)
  const results = heard.all(`${ax.serial}/result`).flatMap((text) => /"transaction":"([\d-]+)"/.exec(text)?.[1] ?? [])
  for (const transaction of sent) {
    const answers = results.filter((result) => result === transaction).length
    // One that came to the listener while it was away is not lost by the bridge.
    count.take(unless(answers <= 1, `command ${transaction} has ${answers} results`))
  }
  const writes = ax.writes.filter(({ accepted }) => accepted).length - before
  count.take(unless(writes <= sent.length, `${writes} writes for ${sent.length} commands`))
  return count.outcome
}

async function silent(rig: Rig) {
  const one = await rig.mosquitto()
  const two = await rig.mosquitto()
  const sockets = new Set<Socket>()
  let frozen = false
  const server = createServer((client) => {
    const up = connectTcp(one.port, '127.0.0.1')
    for (const [from, to] of [
      [client, up],
      [up, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => undefined)
      from.on('data', (chunk) => frozen || to.write(chunk))
      from.on('close', () => to.destroy())
    }
  })
  const port = await listen(server)
  rig.after(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const house = await rig.house({ thermostats: [{ model: 'ax' }] })
  const bridge = await rig.bridge(house, { mqtt: { url: [`mqtt://127.0.0.1:${port}`, two.url] } })
  await bridge.start()
  await bridge.online(first(house).serial)
  const heard = await rig.listener(two.url)
  frozen = true
  const began = performance.now()
  await eventually('the other broker', () => heard.latest('bridge/state') === 'online', 60_000).catch(() => undefined)
  const seconds = Math.round((performance.now() - began) / 1000)
  const count = new Count()
  count.take(unless(seconds <= 20, `a broker that fell silent was left after ${seconds} s`))
  return count.outcome
}

async function late(rig: Rig) {
  const broker = await rig.mosquitto()
  const { house, bridge } = await open(rig, broker.url, { command_expiry: '3s' })
  const ax = first(house)
  const heard = await rig.listener(broker.url)
  await heard.command(ax.serial, { brightness: 1 })
  await bridge.stop()
  await heard.publish(`${ax.serial}/set`, JSON.stringify({ brightness: 8, transaction: 'late' }))
  await pause(6_000)
  await bridge.start()
  await bridge.online(ax.serial)
  await pause(3_000)
  const count = new Count()
  count.take(
    unless(ax.parameter(23) === '1', 'a command that had waited longer than mqtt.command_expiry was carried out'),
  )
  return count.outcome
}

const fault = (id: string, what: string, run: Fault['run']): Fault => ({ id, what, run, ...NO_MOSQUITTO })

export const BROKERS: readonly Fault[] = [
  fault(
    'small-packets',
    'Mosquitto with max_packet_size 20000: every command is answered, no reconnects, documents come or the log says why not',
    smallPackets,
  ),
  fault(
    'closes',
    'a broker that closes the connection after a packet of more than 20 kB, without a word: recognised, then as above',
    closes,
  ),
  fault('rights', 'access lists without a right that the bridge needs: the log names it', rights),
  fault(
    'restarts',
    'Mosquitto restarting while commands are under way: no command has two results or two writes',
    restarts,
  ),
  fault('silent', 'a broker that falls silent without closing: the next address is used within 20 s', silent),
  fault(
    'late',
    'a command that waited longer than mqtt.command_expiry while the bridge was away: not carried out',
    late,
  ),
]
