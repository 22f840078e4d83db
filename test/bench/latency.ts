/** (a) From a command on MQTT to the signed request at the device; (a2) to the result that tells of it. */
import { connect } from 'node:net'
import { MqttClient } from 'mqtt'
import { isObject, parseJson } from '../../src/core/json.ts'
import { type Bench, pause } from './bench.ts'
import { type Figure, median } from './figures.ts'
import { instant, numberIn } from './rpc.ts'

/** Rounds not counted, in which code gets compiled, and rounds that are. */
const WARMUP = 100
const ROUNDS = 400
/**
 * ms before each command, of the bridge and of the floor alike: the bridge reads the telemetry meanwhile and lets the device be.
 * Commands come seldom, and a process that has just done the same is twice as fast.
 */
const REST = 50

const NAME = 'latency'

export async function latency(bench: Bench): Promise<Figure[]> {
  const { house, bare, broker } = bench
  const [device, open] = await bench.open(2, 1)
  if (!device || !open) throw new Error('the house is empty')
  await house.call('watch')
  const { port } = await house.call('bare', { text: '{"success":"true"}' })
  // Polls would be in the way of commands. What is read after a command would be in the way of its result without a pause.
  const bridge = await bench.startBridge({
    name: NAME,
    url: broker.url,
    devices: [device],
    poll: '1h',
    spacing: '20ms',
  })
  const client = await connectTo(broker.url)
  const results = await listen(client, `${NAME}/${device.serial}/result`)
  const bareResults = await listen(client, 'bare/result')
  await bare.call('connect', { url: broker.url, topic: 'bare/hop' })
  const { serial, port: openPort } = open
  await bare.call('carryOut', { serial, port: openPort, topic: 'bare/set', result: 'bare/result' })

  const command = async (value: number): Promise<{ command: number; result: number }> => {
    const arrival = house.note()
    const result = results()
    const start = instant()
    client.publish(`${NAME}/${device.serial}/set`, JSON.stringify({ target_temperature: value }))
    const note = await arrival
    const told = await result
    if (note.accepted !== true) throw new Error('the command was refused')
    return { command: numberIn(note, 'at') - start, result: told - start }
  }
  const bareCommand = async (value: number): Promise<number> => {
    const result = bareResults()
    const start = instant()
    client.publish('bare/set', JSON.stringify({ target_temperature: value }))
    return (await result) - start
  }
  const hop = async (value: number): Promise<number> => {
    const arrival = bare.note()
    const start = instant()
    client.publish('bare/hop', JSON.stringify({ target_temperature: value }))
    return numberIn(await arrival, 'at') - start
  }
  const body = JSON.stringify({ sn: device.serial, time: '634929122', auth: '672201707', par: [[5, 1, '20']] })
  const exchange = async () => numberIn(await bare.call('exchange', { port, body }), 'ms')

  const times: Record<'command' | 'result' | 'hop' | 'exchange' | 'warm' | 'bare', number>[] = []
  for (let round = 0; round < WARMUP + ROUNDS; round++) {
    const value = 20 + (round % 10)
    await pause(REST)
    const told = await command(value)
    await pause(REST)
    const floor = { hop: await hop(value), exchange: await exchange(), warm: await bareCommand(value) }
    await pause(REST)
    const bare = await bareCommand(value + 0.5)
    if (round >= WARMUP) times.push({ ...told, ...floor, bare })
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
    {
      part: 'a2',
      what: `MQTT command → result, median of ${ROUNDS}`,
      unit: 'ms',
      value: median(times.map(({ result }) => result)),
      floor: median(times.map(({ bare }) => bare)),
      of: 'ratio',
      atMost: 1.5,
    },
    {
      part: 'a2',
      what: 'the same; floor right after it has done the same',
      unit: 'ms',
      value: median(times.map(({ result }) => result)),
      floor: median(times.map(({ warm }) => warm)),
    },
  ]
}

/** With Nagle's algorithm a message soon after another would wait for the acknowledgement of that, up to 40 ms. */
async function connectTo(url: string): Promise<MqttClient> {
  const { hostname: host, port } = new URL(url)
  const stream = () => connect({ host, port: Number(port), noDelay: true })
  const client = new MqttClient(stream, { protocolId: 'MQTT', protocolVersion: 5, clean: true })
  await new Promise<void>((resolve) => client.once('connect', () => resolve()))
  return client
}

/** Subscribes; each call of what it returns waits for the next result, which must be a good one, and tells when it came. */
async function listen(client: MqttClient, topic: string): Promise<() => Promise<number>> {
  let waiting: PromiseWithResolvers<number> | undefined
  client.on('message', (heard, payload) => {
    if (heard !== topic) return
    const at = instant()
    const result = parseJson(payload.toString())
    if (isObject(result) && result.ok === true) waiting?.resolve(at)
    else waiting?.reject(new Error(`no good result on ${topic}: ${payload}`))
  })
  await client.subscribeAsync(topic)
  return () => {
    waiting = Promise.withResolvers()
    return waiting.promise
  }
}
