/** (a) From a command on MQTT to the signed request at the device. */
import { connect } from 'node:net'
import { MqttClient } from 'mqtt'
import { isObject, parseJson } from '../../src/core/json.ts'
import { type Bench, pause } from './bench.ts'
import { type Figure, median } from './figures.ts'
import { instant, numberIn } from './rpc.ts'

/** Rounds not counted, in which code gets compiled, and rounds that are. */
const WARMUP = 100
const ROUNDS = 400

const NAME = 'latency'

export async function latency(bench: Bench): Promise<Figure[]> {
  const { house, bare, broker } = bench
  const devices = await bench.open(1)
  const [device] = devices
  if (!device) throw new Error('the house is empty')
  await house.call('watch')
  const { port } = await house.call('bare', { text: '{"success":"true"}' })
  // Spacing is a wait that settings ask for, and polls would be in the way of commands: neither is measured.
  const bridge = await bench.startBridge({ name: NAME, url: broker.url, devices, poll: '1h' })
  const client = await open(broker.url)
  const results = await listen(client, `${NAME}/${device.serial}/result`)
  await bare.call('connect', { url: broker.url, topic: 'bare/hop' })

  const command = async (value: number): Promise<number> => {
    const arrival = house.note()
    const result = results()
    const start = instant()
    client.publish(`${NAME}/${device.serial}/set`, JSON.stringify({ target_temperature: value }))
    const note = await arrival
    if (!(await result) || note.accepted !== true) throw new Error('the command was refused')
    return numberIn(note, 'at') - start
  }
  const hop = async (value: number): Promise<number> => {
    const arrival = bare.note()
    const start = instant()
    client.publish('bare/hop', JSON.stringify({ target_temperature: value }))
    return numberIn(await arrival, 'at') - start
  }
  const body = JSON.stringify({ sn: device.serial, time: '634929122', auth: '672201707', par: [[5, 1, '20']] })
  const exchange = async () => numberIn(await bare.call('exchange', { port, body }), 'ms')

  const times: { command: number; hop: number; exchange: number }[] = []
  for (let round = 0; round < WARMUP + ROUNDS; round++) {
    const value = 20 + (round % 10)
    const time = { command: await command(value), hop: await hop(value), exchange: await exchange() }
    if (round >= WARMUP) times.push(time)
    await pause(2)
  }
  await client.endAsync()
  await bridge.stop()
  const floor = median(times.map(({ hop }) => hop)) + median(times.map(({ exchange }) => exchange))
  return [
    {
      part: 'a',
      what: `MQTT command → signed request at the device, median of ${ROUNDS}`,
      unit: 'ms',
      value: median(times.map(({ command }) => command)),
      floor,
      of: 'ratio',
      atMost: 1.5,
    },
  ]
}

/** With Nagle's algorithm a message soon after another would wait for the acknowledgement of that, up to 40 ms. */
async function open(url: string): Promise<MqttClient> {
  const { hostname: host, port } = new URL(url)
  const stream = () => connect({ host, port: Number(port), noDelay: true })
  const client = new MqttClient(stream, { protocolId: 'MQTT', protocolVersion: 5, clean: true })
  await new Promise<void>((resolve) => client.once('connect', () => resolve()))
  return client
}

/** Subscribes; each call of what it returns waits for the next result, whether it is a good one. */
async function listen(client: MqttClient, topic: string): Promise<() => Promise<boolean>> {
  let waiting: ((ok: boolean) => void) | undefined
  client.on('message', (_topic, payload) => {
    const result = parseJson(payload.toString())
    waiting?.(isObject(result) && result.ok === true)
  })
  await client.subscribeAsync(topic)
  return () =>
    new Promise((resolve) => {
      waiting = resolve
    })
}
