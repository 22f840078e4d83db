import { createSocket } from 'node:dgram'
import { join } from 'node:path'
import type { Test } from 'tap'
import { record } from '../../../src/commands/record/index.ts'
import { ownUdpPort } from '../../../src/commands/running/ports.ts'
import type { Clock } from '../../../src/core/clock.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import { fixtureIn } from '../../support/fixtures.ts'
import { type Call, call, QUICK, temporaryFolder } from '../support.ts'

export interface Recorded {
  readonly fixture: JsonObject
  readonly path: string
  readonly call: Call
}

interface Options {
  /** What is broadcast again and again while it records, from 127.0.0.1. */
  readonly beacon?: () => string | Buffer
  readonly clock?: Clock
  readonly seconds?: number
  /** How long the device may take, as a setting; by default longer than any machine takes. */
  readonly timeout?: string
}

/** Records what is at an address of this machine. */
export async function recorded(
  t: Test,
  unit: { readonly host: string; readonly port: number },
  options: Options = {},
): Promise<Recorded> {
  const { given, path } = await prepared(t, unit, options)
  await record(given)
  return { fixture: fixtureIn(path), path, call: given }
}

/** The call, not yet made. */
export async function prepared(
  t: Test,
  { host, port }: { readonly host: string; readonly port: number },
  { beacon, clock, seconds = 1, timeout = '60s' }: Options,
): Promise<{ given: Call; path: string }> {
  const udp = await ownUdpPort('127.0.0.1', 0)
  const path = join(temporaryFolder(t), 'recording.json')
  const env = {
    ...QUICK,
    T2M_DEVICE_TIMEOUT: timeout,
    T2M_DISCOVERY_HOST: '127.0.0.1',
    T2M_DISCOVERY_PORT: String(udp),
    T2M_DATA_DIR: temporaryFolder(t),
  }
  // Where there is a beacon, it is waited for, however slow the machine is.
  const wait = beacon ? 3600 : seconds
  const options = { host: `${host}:${port}`, file: path, seconds: String(wait) }
  if (beacon) broadcast(t, udp, beacon)
  return { given: call({ env, options, ...(clock ? { clock } : {}) }), path }
}

function broadcast(t: Test, port: number, text: () => string | Buffer): void {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  const timer = setInterval(() => socket.send(text(), port, '127.0.0.1'), 5)
  t.teardown(() => {
    clearInterval(timer)
    socket.close()
  })
}
