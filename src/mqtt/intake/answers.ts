/** Sends answers to commands and requests: to their usual topic, and to the sender's response topic (MQTT 5). */
import type { IPublishPacket } from 'mqtt'
import { asBridgeError, type BridgeError } from '../../core/errors.ts'
import { isObject, parseJson } from '../../core/json.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { maskSecrets, type SecretValues } from '../../core/logging/secrets.ts'
import { type Drops, shown } from '../drops.ts'
import type { Outbox } from '../publish/outbox.ts'
import { isAnswerTopic, type Topics } from '../topics.ts'

/** The response topic of a message, in addition to the usual one. */
export interface AnswerTo {
  readonly topic: string
  readonly correlation: Buffer | undefined
}

/** The longest transaction, in characters, that a shortened answer repeats. */
const LONGEST_TRANSACTION = 256

export interface AnswersOptions {
  readonly topics: Topics
  readonly outbox: Outbox
  readonly drops: Drops
  readonly secrets: SecretValues
  readonly logger: Logger
}

export class Answers {
  readonly #options: AnswersOptions

  constructor(options: AnswersOptions) {
    this.#options = options
  }

  /** For MQTT 5 messages with a response topic. Topics of the bridge itself are refused: an answer is not a command. */
  wantedBy(packet: IPublishPacket): AnswerTo | undefined {
    const topic = packet.properties?.responseTopic
    if (topic === undefined) return undefined
    if (isAnswerTopic(topic) && !this.#options.topics.owns(topic)) {
      return { topic, correlation: packet.properties?.correlationData }
    }
    const message = 'A command asks for its answer on an unusable topic; it is answered only on the usual one.'
    this.#options.drops.count('bad_answer_topic', { topic: shown(topic) }, message)
    return undefined
  }

  /** Publishes `text`; `onSent` runs when the broker has it. */
  send(topic: string, text: string, extra: AnswerTo | undefined, onSent?: () => void): void {
    const { outbox } = this.#options
    const short = () => shortened(text)
    if (extra) outbox.send({ topic: extra.topic, payload: text, short, correlation: extra.correlation })
    outbox.send({ topic, payload: text, short, onSent })
  }

  /** `text` without known secrets, for answers that repeat what others wrote. */
  scrub(text: string): string {
    return this.#options.secrets.scrub(text)
  }

  /** The public body of a failure; faults in the program and of devices are logged. */
  failure(thrown: unknown, fields: object): unknown {
    const error = asBridgeError(thrown)
    this.#log(error, thrown, fields)
    return maskSecrets(error.body())
  }

  #log(error: BridgeError, thrown: unknown, fields: object): void {
    const { logger } = this.#options
    const line = { ...fields, code: error.code }
    const message = `A command failed: ${error.message}`
    if (error.level === 'error') logger.error({ ...line, err: thrown }, message)
    else if (error.level === 'warn') logger.warn(line, message)
    else logger.debug(line, message)
  }
}

/** The short form of an answer, for a broker that does not accept the long one. */
function shortened(text: string): string {
  const answer = parseJson(text)
  if (!isObject(answer)) return text
  const { ok, error, transaction } = answer
  const short = isObject(error) ? { ok, error: { code: error.code, message: error.message } } : { ok }
  const small = JSON.stringify(transaction ?? null).length <= LONGEST_TRANSACTION
  return JSON.stringify({ ...short, command: null, ...(small ? { transaction } : {}) })
}

/**
 * An answer as JSON. If it can't be serialised (commands come from anybody and may be nested too deeply), it is reduced
 * to its result, because there must be an answer.
 */
export function toJson(answer: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(answer)
  } catch {
    const { ok, error } = answer
    const { code, message } = isObject(error) ? error : {}
    return JSON.stringify({ ok, ...(isObject(error) ? { error: { code, message } } : {}), command: null })
  }
}
