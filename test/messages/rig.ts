/** Messages with services on this machine, and a store in memory. */
import http, { type IncomingHttpHeaders } from 'node:http'
import type { Server } from 'node:net'
import type { Test } from 'tap'
import { EventBus } from '../../src/core/events.ts'
import type { BridgeEvent, DeviceEvents } from '../../src/devices/ports.ts'
import { type MessageSettings, Messages } from '../../src/messages/index.ts'
import { type Channel, type ChannelName, type Message, NotSent } from '../../src/messages/types.ts'
import { logBook } from '../store/support.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { listening } from '../support/listening.ts'
import { unusedPort } from '../support/unused-port.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A service that notes what it gets. */
export async function service(t: Test, answer: { status: number; headers?: Record<string, string>; body?: string }) {
  const received: Received[] = []
  const server = http.createServer(async (request, response) => {
    let body = ''
    for await (const piece of request.setEncoding('utf8')) body += piece
    received.push({ path: request.url ?? '', headers: request.headers, body })
    response.writeHead(answer.status, answer.headers).end(answer.body ?? '{}')
  })
  const port = await listening(t, server, await unusedPort())
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answer,
    ...outage(server, port),
  }
}

/** The end of a service, and its return at the same port, which nobody may be given meanwhile: see `unusedPort`. */
export const outage = (server: Server, port: number) => ({
  close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  open: () => new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve)),
})

export class FakeChannel implements Channel {
  readonly name: ChannelName
  readonly to?: string
  readonly sent: Message[] = []
  /** Why it takes nothing now. */
  problem: NotSent | undefined
  /** What it never takes. */
  hates = /(?!)/
  tried = 0

  constructor(name: ChannelName = 'ntfy', to?: string) {
    this.name = name
    if (to !== undefined) this.to = to
  }

  readonly send = async (message: Message): Promise<void> => {
    this.tried += 1
    if (this.problem) throw this.problem
    if (this.hates.test(message.text)) throw new NotSent('It is too long.', { final: true })
    this.sent.push(message)
  }

  get texts(): string[] {
    return this.sent.map(({ text }) => text)
  }
}

export const down = (retryAfter?: number) => new NotSent("It can't be reached (ENOTFOUND).", { retryAfter })

export const SETTINGS: MessageSettings = {
  about: ['findings', 'faults', 'offline', 'locks', 'accounts', 'storage'],
  ...{ quiet_from: null, quiet_to: null, repeat: null, resolved: true },
}

interface RigOptions {
  readonly settings?: Partial<MessageSettings>
  readonly channels?: readonly Channel[]
  readonly memory?: Map<string, string>
  readonly clock?: FakeClock
}

export function rig(t: Test, options: RigOptions = {}) {
  const { clock = new FakeClock(), memory = new Map<string, string>() } = options
  const channel = new FakeChannel()
  const log = logBook()
  const failures: unknown[] = []
  const events = new EventBus<DeviceEvents>((error) => failures.push(error))
  const messages = new Messages({
    ...{ clock, events, logger: log.logger, site: '', channels: options.channels ?? [channel] },
    settings: { ...SETTINGS, ...options.settings },
    memory: { get: (name) => memory.get(name), set: (name, value) => void memory.set(name, value) },
  })
  messages.start()
  t.teardown(() => messages.stop())
  const happen = async (event: BridgeEvent) => {
    events.emit('event', event)
    await clock.advance(0)
  }
  return { channel, clock, failures, happen, log, memory, messages }
}

export const began = (kind = 'not_warming', serial = 'A'): BridgeEvent => ({
  type: 'finding_began',
  serial,
  message: `Bathroom: ${kind} began.`,
  details: { finding: kind },
})

export const ended = (kind = 'not_warming', serial = 'A'): BridgeEvent => ({
  type: 'finding_ended',
  serial,
  message: `Bathroom: ${kind} is over.`,
  details: { finding: kind },
})
