/** The intake of messages, with a fake bridge behind it and what it sends kept. */
import type { IPublishPacket } from 'mqtt'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { Drops } from '../../../src/mqtt/drops.ts'
import { Answers } from '../../../src/mqtt/intake/answers.ts'
import { Freshness } from '../../../src/mqtt/intake/freshness.ts'
import { Intake } from '../../../src/mqtt/intake/index.ts'
import { Requests } from '../../../src/mqtt/intake/requests.ts'
import { Outbox } from '../../../src/mqtt/publish/outbox.ts'
import { Topics } from '../../../src/mqtt/topics.ts'
import { FakeAccounts } from '../../support/fake-accounts.ts'
import { EXAMPLE_SERIAL, exampleView, FakeBridge, FakeDevices } from '../../support/fake-bridge.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { MemoryLogger } from '../support.ts'

export const settle = () => new Promise((resolve) => setImmediate(resolve))
export const OTHER = '0000000000000000000000000000FF'

interface Sent {
  readonly topic: string
  readonly body: Record<string, unknown>
  readonly correlation: Buffer | undefined
}

export function setUp({ durable }: { readonly durable?: () => Promise<void> } = {}) {
  const devices = new FakeDevices()
  devices.add(exampleView())
  const accounts = new FakeAccounts()
  const bridge = new FakeBridge(devices, accounts)
  const logger = new MemoryLogger()
  const secrets = new SecretValues()
  const drops = new Drops(logger)
  const topics = new Topics('t')
  const clock = new FakeClock()
  const sent: Sent[] = []
  const repeated: string[] = []
  /** Says that the broker has what was sent. */
  const acks: (() => void)[] = []
  const outbox = new Outbox({
    drops,
    expiry: 600,
    link: {
      ready: true,
      largestPacket: Number.POSITIVE_INFINITY,
      publishAcked: ({ topic, payload, correlation, onAck }) => {
        sent.push({ topic, body: JSON.parse(String(payload)), correlation })
        acks.push(onAck)
      },
    },
  })
  const freshness = new Freshness({
    ...{ clock, expiry: 600_000, ping: () => undefined },
    lastConnected: { get: () => undefined, set: () => undefined },
  })
  const answers = new Answers({ topics, outbox, drops, secrets, logger })
  const about = { topics, accounts, devices, bridge, clock }
  const requests = new Requests({ ...about, answers, secrets, logger, freshness, durable })
  const retained = { repeat: (topic: string) => repeated.push(topic) }
  const intake = new Intake({ topics, devices, requests, retained, answers, drops, freshness })
  /** Gives the intake a message, and has the broker take the answers. */
  const give = async (topic: string, payload: string | Buffer, packet: Partial<IPublishPacket> = {}) => {
    const whole: IPublishPacket = { cmd: 'publish', topic, payload, qos: 1, dup: false, retain: false, ...packet }
    intake.handle(topic, Buffer.from(payload), whole)
    await settle()
    await settle()
    for (const ack of acks.splice(0)) ack()
    return sent.splice(0)
  }
  return { give, devices, accounts, bridge, logger, secrets, drops, intake, repeated, topics, clock, sent }
}

export const device = (rest: string, serial = EXAMPLE_SERIAL) => `t/${serial}/${rest}`

export function packetOf(): IPublishPacket {
  return { cmd: 'publish', topic: '', payload: '', qos: 1, dup: false, retain: false }
}
