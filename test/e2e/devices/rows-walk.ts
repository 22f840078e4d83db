/** One device on its walk through every way that leads to its rows: what it shows is compared, what is set is followed to the wire. */
import { type Datapoint, datapointsOf, MODELS, type Model, type ParameterRow } from '../../../src/catalog/index.ts'
import { isObject, type JsonObject } from '../../../src/core/json.ts'
import type { VirtualUnit } from '../../../src/simulator/index.ts'
import { contractErrors } from '../../support/contracts/ha-contract.ts'
import { HomieController, wrongPayload } from '../../support/contracts/homie-contract.ts'
import { WirenBoardController } from '../../support/contracts/wirenboard-contract.ts'
import { type Bridge, eventually } from '../../support/e2e.ts'
import { PATIENCE } from '../../support/eventually.ts'
import { objectIn } from '../../support/listener.ts'
import { entityErrors, haCommand, rawsOf } from './rows.ts'

export const CHANNELS = ['mqtt', 'rest', 'homie', 'wirenboard'] as const
export type Channel = (typeof CHANNELS)[number]

export const modelOf = (id: string): Model => {
  const model = MODELS.find((candidate) => candidate.id === id)
  if (!model) throw new Error(`no model ${id}`)
  return model
}

/** What is retained on every topic, and the two controllers that judge it. */
export class Broker {
  readonly homie = new HomieController()
  readonly wirenboard = new WirenBoardController({ late: true })
  readonly latest = new Map<string, string>()

  constructor(bridge: Bridge) {
    // A change that was under way when the listener came has parts that were retained, which arrive in any order.
    const seen = new Set<string>()
    for (const { topic, text, retained } of bridge.mqtt.messages) {
      const device = topic.split('/').slice(0, 3).join('/')
      if (!retained && topic === `${device}/$state` && text === 'init') seen.add(device)
      this.#hear(topic, text, retained, seen.has(device))
    }
    const { client } = bridge.mqtt
    client.on('message', (topic, payload, { retain }) => this.#hear(topic, payload.toString(), retain, true))
  }

  /** @param whole whether all that led to this message has been heard, in its order */
  #hear(topic: string, text: string, retained: boolean, whole: boolean): void {
    // What was retained when the listener came can come after what was said since, and is older all the same.
    if (retained && this.latest.has(topic)) return
    this.latest.set(topic, text)
    if (whole && !retained) this.homie.hear(topic, text)
    else this.homie.find(topic, text)
    this.wirenboard.hear(topic, text)
  }
}

/** One device on its walk. */
export class Walk {
  readonly failures: string[] = []
  readonly model: Model
  readonly unit: VirtualUnit
  readonly #bridge: Bridge
  readonly #broker: Broker
  readonly #rows: readonly Datapoint[]
  readonly #documents = new Map<string, { readonly text: string; readonly body: JsonObject }>()
  /** Keys that were set. */
  readonly #walked = new Set<string>()
  #transactions = 0
  #commands = 0

  constructor(id: string, unit: VirtualUnit, bridge: Bridge, broker: Broker) {
    this.model = modelOf(id)
    this.unit = unit
    this.#bridge = bridge
    this.#broker = broker
    // What a document of another model adds is no row of this unit.
    const lacks = new Set(
      this.model.parameters.filter((row) => unit.parameter(row.id) === undefined).map(({ key }) => key),
    )
    this.#rows = datapointsOf(this.model).filter(({ key }) => !lacks.has(key))
  }

  get serial(): string {
    return this.unit.serial
  }

  get state(): JsonObject {
    return this.#parsed(`thermo2mqtt/${this.serial}/state`)
  }

  get #components(): JsonObject {
    const { components } = this.#parsed(this.#config)
    return isObject(components) ? components : {}
  }

  /** The latest message on a topic, parsed once. */
  #parsed(topic: string): JsonObject {
    const text = this.#broker.latest.get(topic) ?? ''
    const known = this.#documents.get(topic)
    if (known?.text === text) return known.body
    const body = objectIn(text)
    this.#documents.set(topic, { text, body })
    return body
  }

  get #config(): string {
    return `homeassistant/device/thermo2mqtt_${this.serial}/config`
  }

  /** ms. Once something is wrong, the rest is only looked at, so that the test ends in time to tell. */
  get #patience(): number {
    return this.failures.length === 0 ? PATIENCE : 100
  }

  fail(what: string): void {
    this.failures.push(`${this.model.id}: ${what}`)
  }

  /** Reads the device, and waits for the result. */
  async read(): Promise<void> {
    const transaction = `w${++this.#transactions}`
    const from = this.#bridge.mqtt.mark
    await this.#bridge.mqtt.publish(`${this.serial}/get`, JSON.stringify({ transaction }))
    const result = await this.#bridge.mqtt.result(this.serial, (body) => body.transaction === transaction, from)
    if (result.ok !== true) this.fail(`get: ${JSON.stringify(result.error)}`)
  }

  /** Every row has shown itself, Home Assistant knows it, and what can be set was. */
  async learned(): Promise<void> {
    const missing = () => this.#rows.filter(({ key }) => !(key in this.#components || key in IN_CLIMATE))
    // Energy shows itself at a reading after it was stored, once a minute.
    const look = async () => {
      if (missing().length > 0) await this.read()
      return missing().length === 0
    }
    await eventually('an entity for each row', look, this.#patience).catch(() => undefined)
    for (const { key } of missing()) this.fail(`no entity for ${key}`)
    for (const { key, access } of this.#rows) {
      if (access === 'write' && !this.#walked.has(key)) this.fail(`${key} was never set`)
    }
    const document = objectIn(this.#broker.latest.get(this.#config) ?? '')
    for (const error of contractErrors(document, this.#config)) this.fail(`discovery: ${error}`)
  }

  /** Waits until every way shows `wanted`, and each row the same on all ways; what still differs then has failed. */
  async shows(what: string, wanted: ReadonlyMap<string, unknown>, { rest } = { rest: true }): Promise<void> {
    let errors: readonly string[] = []
    const look = () => {
      errors = this.#wrong(wanted)
      if (errors.length === 0) errors = this.#rows.flatMap((row) => this.#differing(row))
      return errors.length === 0
    }
    await eventually('all ways agree', look, this.#patience).catch(() => undefined)
    if (rest) for (const error of await this.#restErrors()) this.fail(`${what}: ${error}`)
    for (const error of errors) this.fail(`${what}: ${error}`)
  }

  /** Asked again when it differs, since the state may have changed in between. */
  async #restErrors(): Promise<readonly string[]> {
    let errors: readonly string[] = []
    const look = async () => {
      const { state } = await this.#bridge.device(this.serial)
      const rest = isObject(state) ? state : {}
      const differing = Object.entries(this.state).filter(
        ([key, value]) => JSON.stringify(rest[key]) !== JSON.stringify(value),
      )
      errors = differing.map(([key]) => `REST says ${key} is ${String(rest[key])}`)
      return errors.length === 0
    }
    await eventually('REST agrees', look, this.#patience).catch(() => undefined)
    return errors
  }

  #wrong(wanted: ReadonlyMap<string, unknown>): readonly string[] {
    return [...wanted].flatMap(([key, value]) => {
      const shown = this.state[key]
      return shown === value ? [] : [`${key} is ${String(shown)}, not ${String(value)}`]
    })
  }

  #differing(row: Datapoint): readonly string[] {
    const { state } = this
    const value = state[row.key]
    const stateTopic = `thermo2mqtt/${this.serial}/state`
    const errors = entityErrors(row, this.#components, state, stateTopic)
    const text = value === null ? undefined : String(value)
    const plain = typeof value === 'boolean' ? String(Number(value)) : text
    const property = this.#homieProperty(row.key)
    if (!property) return errors.map((error) => `${row.key}: ${error}`)
    // What is outside of its range is no payload of either convention.
    const outside = typeof value === 'number' && wrongPayload(String(value), property[1]) !== undefined
    const onHomie = this.#broker.latest.get(`${this.#homieDevice}/${property[0]}`) || undefined
    if (onHomie !== (outside ? undefined : text)) errors.push(`Homie says ${onHomie}, not ${text}`)
    const topic = this.#wirenBoardTopic(row.key)
    const onWirenBoard = this.#broker.latest.get(topic) || undefined
    if (this.#broker.latest.has(`${topic}/meta`) && onWirenBoard !== (outside ? undefined : plain)) {
      errors.push(`Wiren Board says ${onWirenBoard}, not ${plain}`)
    }
    return errors.map((error) => `${row.key}: ${error}`)
  }

  get #homieDevice(): string {
    return `homie/5/thermo2mqtt-${this.serial.toLowerCase()}`
  }

  #homieProperty(key: string) {
    const { properties } = this.#broker.homie.devices.get(this.#homieDevice.slice('homie/5/'.length)) ?? {}
    for (const node of ['state', 'settings', 'diagnostics']) {
      const name = `${node}/${key.replaceAll('_', '-')}`
      const property = properties?.get(name)
      if (property) return [name, property] as const
    }
    return undefined
  }

  #wirenBoardTopic(key: string): string {
    return `/devices/thermo2mqtt_${this.serial.toLowerCase()}/controls/${key}`
  }

  /** Sets these keys by one way, each by a message of its own where that way knows keys. */
  async set(channel: Channel, values: ReadonlyMap<string, unknown>): Promise<void> {
    for (const key of values.keys()) this.#walked.add(key)
    const { mqtt } = this.#bridge
    const send = (topic: string, payload: string) => mqtt.publish(`/${topic}`, payload)
    switch (channel) {
      case 'rest': {
        const { status, body } = await this.#bridge.patch(this.serial, Object.fromEntries(values))
        if (status !== 200)
          this.fail(`REST ${JSON.stringify(Object.fromEntries(values))}: ${JSON.stringify(body.error)}`)
        return
      }
      case 'mqtt': {
        const from = mqtt.mark
        for (const [key, value] of values) {
          const own = `/thermo2mqtt/${this.serial}/set/${key}`
          const { topic, payload } = haCommand({ key }, this.#components, value) ?? {
            topic: own,
            payload: String(value),
          }
          if (topic !== own) this.fail(`Home Assistant sets ${key} by ${topic}`)
          await mqtt.publish(topic, payload)
        }
        const results = () => mqtt.all(`${this.serial}/result`, from).map(objectIn)
        await eventually('a result for each', () => results().length >= values.size)
        for (const { ok, error, command } of results()) {
          if (ok !== true) this.fail(`MQTT ${JSON.stringify(command)}: ${JSON.stringify(error)}`)
        }
        return
      }
      case 'homie':
        for (const [key, value] of values) {
          await send(`${this.#homieDevice}/${this.#homieProperty(key)?.[0]}/set`, String(value))
        }
        return
      case 'wirenboard':
        for (const [key, value] of values) {
          await send(`${this.#wirenBoardTopic(key)}/on`, String(typeof value === 'boolean' ? Number(value) : value))
        }
    }
  }

  /** Sets rows by a way, and looks at all ways and at the wire whether it came to that. */
  async setsRows(channel: Channel, rows: readonly (readonly [ParameterRow, unknown])[]): Promise<void> {
    const values = new Map(rows.map(([row, value]) => [row.key, value]))
    await this.set(channel, values)
    await this.shows(`set by ${channel}`, values)
    for (const [row, value] of rows) {
      const raw = this.unit.parameter(row.id) ?? ''
      if (!rawsOf(this.unit, row, value).includes(raw))
        this.fail(`${row.key}: ${value} by ${channel} is ${raw} on the wire`)
    }
  }

  /** One command of several keys, by MQTT and REST in turn; `shown` is what follows from it. */
  async commands(command: JsonObject, shown: JsonObject = command): Promise<void> {
    for (const key of Object.keys(command)) this.#walked.add(key)
    const channel = this.#commands++ % 2 === 0 ? 'MQTT' : 'REST'
    const answer = await (channel === 'MQTT'
      ? this.#bridge.mqtt.command(this.serial, command)
      : this.#bridge
          .patch(this.serial, command)
          .then(({ status, body }) => ({ ok: status === 200, error: body.error })))
    if (answer.ok !== true) this.fail(`${channel} ${JSON.stringify(command)}: ${JSON.stringify(answer.error)}`)
    // What REST reads is compared in each round of rows, and at the end.
    await this.shows(JSON.stringify(command), new Map(Object.entries(shown)), { rest: false })
    for (const [key, value] of Object.entries(command)) {
      const row = this.model.parameters.find((candidate) => candidate.key === key)
      const raw = row && this.unit.parameter(row.id)
      if (row && !rawsOf(this.unit, row, value).includes(raw ?? ''))
        this.fail(`${key}: ${String(value)} is ${raw} on the wire`)
    }
  }
}

const IN_CLIMATE: Readonly<Record<string, true>> = { mode: true, preset: true, target_temperature: true }
