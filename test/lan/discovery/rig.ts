/** A discovery that listens, and somebody who sends to it. */
import { createSocket, type Socket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { Discovery, type DiscoveryEvents, type DiscoveryOptions } from '../../../src/lan/discovery/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import type { Teardown } from '../../support/simulator.ts'
import { type Line, testLogger } from '../support.ts'

export const fixture: { datagrams: string[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/beacons.json', import.meta.url), 'utf8'),
)

export const beacon = (serial: string) => JSON.stringify({ sn: serial, hw: 'oz', connection: 'cloudCon', wifi: '-60' })

interface Ear {
  readonly discovery: Discovery
  readonly port: number
  readonly clock: FakeClock
  readonly found: DiscoveryEvents['found'][]
  readonly alive: DiscoveryEvents['alive'][]
  readonly lines: Line[]
}

export async function listen(
  t: Teardown,
  options: Partial<DiscoveryOptions> & { readonly clock?: FakeClock } = {},
): Promise<Ear> {
  const { clock = new FakeClock() } = options
  const lines: Line[] = []
  const discovery = new Discovery({
    host: '127.0.0.1',
    port: 0,
    devicePort: 1,
    timeout: 2000,
    clock,
    random: () => 0.5,
    logger: testLogger(lines),
    ...options,
  })
  const { port } = await discovery.start()
  t.teardown(() => discovery.stop())
  const ear: Ear = { discovery, port, clock, found: [], alive: [], lines }
  discovery.on('found', (event) => ear.found.push(event))
  discovery.on('alive', (event) => ear.alive.push(event))
  return ear
}

/** Somebody on the LAN, with an address of their own. */
export async function somebody(
  t: Teardown,
  host = '127.0.0.1',
): Promise<(port: number, datagram: string | Buffer) => Promise<void>> {
  const socket: Socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, host, resolve))
  t.teardown(() => new Promise<void>((resolve) => socket.close(() => resolve())))
  return (port, datagram) =>
    new Promise((resolve, reject) => {
      socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()))
    })
}

/** Lets time and sockets go on until it is so. */
export async function until(clock: FakeClock, so: () => boolean, step = 1): Promise<void> {
  for (let i = 0; i < 3000 && !so(); i++) await clock.advance(step)
  if (!so()) throw new Error('it never came to be so')
}

export const dropped = (ear: Ear) => Object.values(ear.discovery.stats()).reduce((sum, count) => sum + count, 0)
