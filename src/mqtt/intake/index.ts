/** Commands from MQTT: checked, given to the devices, and each answered by exactly one result. */
import type { IPublishPacket } from 'mqtt'
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'
import { maskSecrets } from '../../core/logging/secrets.ts'
import { ACTIONS, type CommandResult, type DeviceAction, type Devices } from '../../devices/ports.ts'
import { keysIn } from '../../devices/registry/refusals.ts'
import type { RetainedCache } from '../publish/retained.ts'
import type { Incoming, Topics } from '../topics.ts'
import { type Answers, type AnswerTo, toJson } from './answers.ts'
import { type Drops, shown } from './drops.ts'
import type { Freshness } from './freshness.ts'
import {
  LARGEST_COMMAND,
  readAction,
  readCommand,
  readObject,
  readTransaction,
  readValue,
  requireAcceptable,
} from './payload.ts'
import type { Requests } from './requests.ts'

/** Commands that may wait for devices at one time; above this they are refused. */
const MOST_AT_ONCE = 1_000

/** What a payload turned out to be: what to do, and what of it the result repeats. */
interface Command {
  readonly echo: JsonObject
  readonly transaction: unknown
  readonly run: () => Promise<Outcome | undefined>
}

/** What a command that succeeded did otherwise than asked. */
type Outcome = Pick<CommandResult, 'rounded'> & Partial<Pick<CommandResult, 'superseded'>>

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

  /** Commands given to devices and not answered yet. */
  get running(): number {
    return this.#running
  }

  /** Takes a message on a topic under the base topic. Never throws. */
  handle(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const { topics, drops, answers, requests } = this.#options
    const incoming = topics.parse(topic)
    if (!incoming) {
      drops.count('unknown_topic', { topic: shown(topic) }, 'A message on a topic that no device can have was dropped.')
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
          'Too many commands wait for devices: send fewer, or wait for their results.',
        )
      }
    } catch (error) {
      const refused = commandOf(to, payload)
      if (to.kind !== 'get') this.#options.devices.refused(to.id, aboutOf(to, refused.echo), error)
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
        return { echo: body, transaction, run: () => devices.set(to.id, body) }
      }
      case 'set_key': {
        if (to.key === null) throw new BridgeError('UNKNOWN_KEY', 'The last word of the topic is no key of any device.')
        const body = { [to.key]: readValue(to.key, text) }
        return { echo: body, transaction: undefined, run: () => devices.set(to.id, body) }
      }
      case 'schedule_set': {
        const { body, transaction } = readObject(text)
        return { echo: body, transaction, run: () => devices.setSchedule(to.id, body) }
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
        if (!isAction(action)) {
          throw new BridgeError('BAD_REQUEST', `The payload is no action; the actions are ${ACTIONS.join(', ')}.`)
        }
        return {
          echo: { action },
          transaction,
          run: async () => {
            await devices.action(to.id, action)
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
    // What was set is a value of the device; a transaction is whatever the sender wrote.
    answers.send(topics.result(to.id), command.transaction === undefined ? text : answers.scrub(text), extra)
    // The sender may already show the value that it asked for.
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

  /** Sends again what is true of a device, for whoever shows what it asked for. */
  #repeat({ kind, id }: DeviceTopic): void {
    const { topics, retained } = this.#options
    retained.repeat(kind === 'schedule_set' ? topics.schedule(id) : topics.state(id))
  }
}

function isAction(value: unknown): value is DeviceAction {
  return ACTIONS.some((action) => action === value)
}

/** What a command that never came to its device was about. */
function aboutOf(to: DeviceTopic, echo: unknown): readonly string[] {
  if (to.kind === 'schedule_set') return ['schedule']
  if (to.kind !== 'action') return keysIn(echo)
  return isObject(echo) && isAction(echo.action) ? [echo.action] : []
}

/** As much of a refused command as can be told. */
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
