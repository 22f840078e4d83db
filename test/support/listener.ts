import { connect, type IClientPublishOptions, type MqttClient } from 'mqtt'
import { isObject, type JsonObject, parseJson } from '../../src/core/json.ts'
import { PATIENCE } from './eventually.ts'

export interface Message {
  readonly topic: string
  readonly text: string
  readonly retained: boolean
}

interface Waiting {
  readonly look: () => Message | undefined
  readonly found: (message: Message) => void
}

/** An ordinary MQTT client that hears everything, for tests to wait for messages and to send commands. */
export class Listener {
  /** Everything heard, in its order. */
  readonly messages: Message[] = []
  readonly client: MqttClient
  readonly #base: string
  readonly #waiting = new Set<Waiting>()
  #transactions = 0

  private constructor(client: MqttClient, base: string) {
    this.client = client
    this.#base = base
    client.on('error', () => undefined)
    client.on('message', (topic, payload, { retain }) => {
      this.messages.push({ topic, text: payload.toString(), retained: retain })
      for (const waiting of this.#waiting) this.#look(waiting)
    })
  }

  /** Connects and subscribes to everything; what is retained comes as the first messages. */
  static async open(url: string, base = 'thermo2mqtt', username?: string): Promise<Listener> {
    const user = username === undefined ? {} : { username, password: 'any' }
    const client = connect(url, { protocolVersion: 4, reconnectPeriod: 20, ...user })
    const listener = new Listener(client, base)
    await new Promise<void>((resolve) => client.once('connect', () => resolve()))
    await client.subscribeAsync('#', { qos: 1 })
    return listener
  }

  async close(): Promise<void> {
    await this.client.endAsync(true)
  }

  /** How much was heard until now: what `next` is to begin after. */
  get mark(): number {
    return this.messages.length
  }

  /**
   * What was said last on a topic below the base topic; undefined when nothing was. What a broker kept can come after
   * what was said meanwhile, and is older all the same.
   */
  latest(topic: string): string | undefined {
    const heard = this.messages.filter((message) => message.topic === this.#full(topic))
    return (heard.findLast(({ retained }) => !retained) ?? heard.at(-1))?.text
  }

  latestState(serial: string): JsonObject {
    return objectIn(this.latest(`${serial}/state`) ?? '')
  }

  /** Every text heard on a topic below the base topic since `from`. */
  all(topic: string, from = 0): string[] {
    return this.messages.slice(from).flatMap((message) => (message.topic === this.#full(topic) ? [message.text] : []))
  }

  /** The first message on a topic below the base topic since `from` that fits, be it yet to come. */
  async next(topic: string, fits: (text: string) => boolean = () => true, from = 0): Promise<string> {
    const full = this.#full(topic)
    const { text } = await this.#wait(full, (message) => message.topic === full && fits(message.text), from)
    return text
  }

  /** The first state of a device that fits. */
  async state(serial: string, fits: (state: JsonObject) => boolean, from = 0): Promise<JsonObject> {
    return objectIn(await this.next(`${serial}/state`, (text) => fits(objectIn(text)), from))
  }

  /** The first event of a type, about a device or an account when one is named. */
  async event(type: string, subject?: string, from = 0): Promise<JsonObject> {
    const fits = (text: string) => {
      const event = objectIn(text)
      return event.type === type && (subject === undefined || event.serial === subject || event.account === subject)
    }
    return objectIn(await this.next('bridge/event', fits, from))
  }

  events(type: string, from = 0): JsonObject[] {
    return this.all('bridge/event', from)
      .map(objectIn)
      .filter((event) => event.type === type)
  }

  async publish(topic: string, payload: string | Buffer, options: IClientPublishOptions = {}): Promise<void> {
    await this.client.publishAsync(this.#full(topic), payload, { qos: 1, ...options })
  }

  /** Sends a command and resolves with its result. */
  async command(serial: string, command: JsonObject): Promise<JsonObject> {
    const transaction = `t${++this.#transactions}`
    const from = this.mark
    await this.publish(`${serial}/set`, JSON.stringify({ ...command, transaction }))
    return this.result(serial, (result) => result.transaction === transaction, from)
  }

  /** The first result for a device that fits. */
  async result(serial: string, fits: (result: JsonObject) => boolean = () => true, from = 0): Promise<JsonObject> {
    return objectIn(await this.next(`${serial}/result`, (text) => fits(objectIn(text)), from))
  }

  /** Asks the bridge for something and resolves with its answer. */
  async request(action: string, body: JsonObject = {}): Promise<JsonObject> {
    const transaction = `r${++this.#transactions}`
    await this.publish(`bridge/request/${action}`, JSON.stringify({ ...body, transaction }))
    const fits = (text: string) => objectIn(text).transaction === transaction
    return objectIn(await this.next(`bridge/response/${action}`, fits))
  }

  /** A topic that begins with `/` is one outside of the base topic. */
  #full(topic: string): string {
    return topic.startsWith('/') ? topic.slice(1) : `${this.#base}/${topic}`
  }

  #wait(what: string, fits: (message: Message) => boolean, from: number): Promise<Message> {
    return new Promise((resolve, reject) => {
      let seen = from
      const look = () => {
        const index = this.messages.slice(seen).findIndex(fits)
        const found = index === -1 ? undefined : this.messages[seen + index]
        seen = this.messages.length
        return found
      }
      const late = setTimeout(() => {
        this.#waiting.delete(waiting)
        const last = this.messages.findLast(({ topic }) => topic === what)?.text ?? 'nothing at all'
        reject(new Error(`No fitting message came on ${what}; the last was ${last.slice(0, 2000)}`))
      }, PATIENCE)
      const waiting: Waiting = {
        look,
        found: (message) => {
          clearTimeout(late)
          resolve(message)
        },
      }
      this.#waiting.add(waiting)
      this.#look(waiting)
    })
  }

  #look(waiting: Waiting): void {
    const message = waiting.look()
    if (!message) return
    this.#waiting.delete(waiting)
    waiting.found(message)
  }
}

/** The object that a text holds; an empty one when it holds none. */
export function objectIn(text: string): JsonObject {
  const parsed = parseJson(text)
  return isObject(parsed) ? parsed : {}
}
