/** Commands from MQTT: checked, passed to the devices, and each answered with exactly one result. */
import type { IPublishPacket } from 'mqtt'
import type { Actor } from '../../core/actor.ts'
import { overMqtt } from '../../core/actor.ts'
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'
import { maskSecrets } from '../../core/logging/secrets.ts'
import { keysIn } from '../../devices/news/command-events.ts'
import { ACTIONS, type CommandResult, type DeviceAction, type Devices } from '../../devices/ports.ts'
import { type Drops, shown } from '../drops.ts'
import type { RetainedCache } from '../publish/retained.ts'
import type { Incoming, Topics } from '../topics.ts'
import { type Answers, type AnswerTo, toJson } from './answers.ts'
import type { Freshness } from './freshness.ts'
import {
  LARGEST_COMMAND,
  readAction,
  readCommand,
  readObject,
  readTransaction,
  readValue,
  readVia,
  requireAcceptable,
} from './payload.ts'
import type { Requests } from './requests.ts'

/** The most commands waiting for devices at one time; more are refused. */
const MOST_AT_ONCE = 1_000

/** The contents of a payload: what to do, and what the result repeats. */
interface Command {
  readonly echo: JsonObject
  readonly transaction: unknown
  readonly run: () => Promise<Outcome | undefined>
}

/** How a successful command differed from the request. */
type Outcome = Pick<CommandResult, 'rounded'> & Partial<Pick<CommandResult, 'superseded'>>

const MQTT = overMqtt(undefined)

type DeviceTopic = Exclude<Incoming, { kind: 'request' }>

export interface IntakeOptions {
  readonly topics: Topics
  readonly devices: Devices
  readonly requests: Requests
  readonly retained: Pick<RetainedCache, 'repeat'>
  readonly answers: Answers
  readonly drops: Drops
  readonly freshness: Pick<Freshness, 'isRepeat' | 'check'>
}

export class Intake {
  readonly #options: IntakeOptions
  #running = 0

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Commands passed to devices and not yet answered. */
  get running(): number {
    return this.#running
  }

  /** Handles a message on a topic under the base topic. Never throws. */
  handle(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const { topics, drops, answers, requests } = this.#options
    const incoming = topics.parse(topic)
    if (!incoming) {
      drops.count('unknown_topic', { topic: shown(topic) }, 'A message was dropped: no device can have its topic.')
      return
    }
    if (this.#options.freshness.isRepeat(topic, payload, packet)) {
      drops.note('repeated')
      return
    }
    const extra = answers.wantedBy(packet)
    if (incoming.kind === 'request') requests.handle(incoming.action, payload, packet, extra)
    else this.#command(incoming, payload, packet, extra)
  }

  #command(to: DeviceTopic, payload: Buffer, packet: IPublishPacket, extra: AnswerTo | undefined): void {
    let command: Command
    try {
      requireAcceptable(payload, packet.retain)
      command = this.#read(to, payload.toString())
      this.#options.freshness.check(packet, to.id)
      if (this.#running >= MOST_AT_ONCE) {
        throw new BridgeError(
          'RATE_LIMITED',
          'Too many commands are waiting for devices. Send fewer, or wait for their results.',
        )
      }
    } catch (error) {
      const refused = commandOf(to, payload)
      if (to.kind !== 'get') this.#options.devices.refused(to.id, aboutOf(to, refused.echo), error, senderOf(payload))
      this.#fail(to, error, refused, extra)
      return
    }
    this.#running++
    command
      .run()
      .then(
        (result) => this.#succeed(to, result, command, extra),
        (error: unknown) => this.#fail(to, error, command, extra),
      )
      .finally(() => {
        this.#running--
      })
  }

  #read(to: DeviceTopic, text: string): Command {
    const { devices } = this.#options
    switch (to.kind) {
      case 'set': {
        const { body, transaction } = readCommand(text)
        return { echo: body, transaction, run: () => devices.set(to.id, body, MQTT) }
      }
      case 'set_key': {
        if (to.key === null)
          throw new BridgeError('UNKNOWN_KEY', 'The last level of the topic is not a key of any device.')
        const body = { [to.key]: readValue(to.key, text) }
        const by = overMqtt(readVia(text))
        return { echo: body, transaction: undefined, run: () => devices.set(to.id, body, by) }
      }
      case 'schedule_set': {
        const { body, transaction } = readObject(text)
        return { echo: body, transaction, run: () => devices.setSchedule(to.id, body, MQTT) }
      }
      case 'get':
        return {
          echo: { get: true },
          transaction: readTransaction(text),
          run: async () => {
            await devices.refresh(to.id)
            return undefined
          },
        }
      case 'action': {
        const { action, transaction } = readAction(text)
        const by = overMqtt(readVia(text))
        if (!isAction(action)) {
          throw new BridgeError('BAD_REQUEST', `The payload is not an action. The actions are ${ACTIONS.join(', ')}.`)
        }
        return {
          echo: { action },
          transaction,
          run: async () => {
            await devices.action(to.id, action, by)
            return undefined
          },
        }
      }
    }
  }

  #succeed(to: DeviceTopic, result: Outcome | undefined, command: Command, extra: AnswerTo | undefined): void {
    const { rounded = {}, superseded = [] } = result ?? {}
    const altered = Object.keys(rounded).length > 0 || superseded.length > 0
    const { topics, answers } = this.#options
    const text = toJson({
      ok: true,
      command: maskSecrets(command.echo),
      transaction: command.transaction,
      ...(Object.keys(rounded).length > 0 ? { rounded } : {}),
      ...(superseded.length > 0 ? { superseded } : {}),
    })
    // The value belongs to the device; the transaction is whatever the sender wrote.
    answers.send(topics.result(to.id), command.transaction === undefined ? text : answers.scrub(text), extra)
    // The sender may already show the requested value.
    if (altered) this.#repeat(to)
  }

  #fail(
    to: DeviceTopic,
    thrown: unknown,
    command: Pick<Command, 'transaction'> & { echo: unknown },
    extra: AnswerTo | undefined,
  ) {
    const { topics, answers } = this.#options
    const error = answers.failure(thrown, { serial: to.id })
    const text = toJson({ ok: false, error, command: maskSecrets(command.echo), transaction: command.transaction })
    answers.send(topics.result(to.id), answers.scrub(text), extra)
    this.#repeat(to)
  }

  /** Sends the actual state of a device again, for clients that already show the requested value. */
  #repeat({ kind, id }: DeviceTopic): void {
    const { topics, retained } = this.#options
    retained.repeat(kind === 'schedule_set' ? topics.schedule(id) : topics.state(id))
  }
}

function isAction(value: unknown): value is DeviceAction {
  return ACTIONS.some((action) => action === value)
}

/** The subject of a command that never reached its device. */
function aboutOf(to: DeviceTopic, echo: unknown): readonly string[] {
  if (to.kind === 'schedule_set') return ['schedule']
  if (to.kind !== 'action') return keysIn(echo)
  return isObject(echo) && isAction(echo.action) ? [echo.action] : []
}

const senderOf = (payload: Buffer): Actor =>
  payload.length > LARGEST_COMMAND ? MQTT : overMqtt(readVia(payload.toString()))

/** As much of a refused command as can be read. */
function commandOf(to: DeviceTopic, payload: Buffer): { readonly echo: unknown; readonly transaction: unknown } {
  if (payload.length > LARGEST_COMMAND) return { echo: null, transaction: undefined }
  const text = payload.toString()
  switch (to.kind) {
    case 'set':
    case 'schedule_set': {
      const parsed = parseJson(text)
      if (!isObject(parsed)) return { echo: text, transaction: undefined }
      const { transaction, ...body } = parsed
      return { echo: body, transaction }
    }
    case 'set_key':
      return { echo: to.key === null ? null : { [to.key]: text }, transaction: undefined }
    case 'get':
      return { echo: { get: true }, transaction: readTransaction(text) }
    case 'action': {
      const { action, transaction } = readAction(text)
      return { echo: { action }, transaction }
    }
  }
}
