/** The embedded broker by itself, and a client that speaks byte by byte. */
import { connect as connectTcp, type Socket } from 'node:net'
import { type Clock, SystemClock } from '../../../src/core/clock.ts'
import { EmbeddedBroker } from '../../../src/mqtt/broker/index.ts'
import type { Limits } from '../../../src/mqtt/broker/limits.ts'
import type { EmbeddedOptions } from '../../../src/mqtt/broker/settings.ts'
import { Drops } from '../../../src/mqtt/drops.ts'
import type { Teardown } from '../../support/simulator.ts'
import { MemoryLogger } from '../support.ts'

export function makeBroker(
  settings: Partial<EmbeddedOptions> = {},
  limits: Partial<Limits> = {},
  clock: Clock = new SystemClock(),
) {
  const logger = new MemoryLogger()
  const drops = new Drops(logger)
  const broker = new EmbeddedBroker({
    settings: { host: '127.0.0.1', port: 0, ...settings },
    drops,
    clock,
    logger,
    limits,
  })
  return { broker, drops, logger }
}

export async function startBroker(t: Teardown, ...made: Parameters<typeof makeBroker>) {
  const all = makeBroker(...made)
  await all.broker.start()
  t.teardown(() => all.broker.stop())
  return all
}

/** A CONNECT of MQTT 5 with clean start and nothing else. */
export function connect5(id: string, version = 5): Buffer {
  const name = Buffer.from(id)
  const body = [0, 4, ...Buffer.from('MQTT'), version, 0x02, 0, 60, 0, 0, name.length, ...name]
  return Buffer.from([0x10, body.length, ...body])
}

/** A connection from `from`, one of this machine's own addresses; what is received is kept, and no error is thrown. */
export async function dial(t: Teardown, port: number, from = '127.0.0.1'): Promise<{ socket: Socket; got: Buffer[] }> {
  const socket = connectTcp({ port, host: '127.0.0.1', localAddress: from })
  const got: Buffer[] = []
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => got.push(chunk))
  t.teardown(() => void socket.destroy())
  await new Promise((resolve) => socket.once('connect', resolve))
  return { socket, got }
}
