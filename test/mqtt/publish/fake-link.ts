import type { AckedMessage } from '../../../src/mqtt/client/sender.ts'

/** A link that a test plugs in and out; what is acknowledged, and when, is its choice. */
export class FakeLink {
  connected = false
  writable = true
  readonly sent: (readonly [topic: string, payload: string])[] = []
  readonly acked: AckedMessage[] = []
  largestPacket = Number.POSITIVE_INFINITY
  #blocked: (() => void)[] = []

  get ready(): boolean {
    return this.connected
  }

  publishAcked(message: AckedMessage): void {
    const payload = typeof message.payload === 'string' ? message.payload : message.payload()
    if (payload === undefined) return
    this.sent.push([message.topic, payload])
    this.acked.push(message)
  }

  whenWritable(go: () => void): void {
    if (this.writable) go()
    else this.#blocked.push(go)
  }

  drain(): void {
    this.writable = true
    for (const go of this.#blocked.splice(0)) go()
  }

  ack(): void {
    this.acked.shift()?.onAck()
  }

  take(): (readonly [string, string])[] {
    return this.sent.splice(0)
  }
}

/** One whose broker takes nothing for now. */
export class SlowLink extends FakeLink {
  readonly waiting: AckedMessage[] = []

  override publishAcked(message: AckedMessage): void {
    this.waiting.push(message)
  }

  release(): void {
    for (const message of this.waiting.splice(0)) super.publishAcked(message)
  }
}
