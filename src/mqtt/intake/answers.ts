/** Where answers to commands and requests go: to their own topic, and to the one that the sender asked for (MQTT 5). */
import type { IPublishPacket } from 'mqtt'
import { asBridgeError, type BridgeError } from '../../core/errors.ts'
import { isObject, parseJson } from '../../core/json.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { maskSecrets, type SecretValues } from '../../core/logging/secrets.ts'
import type { Outbox } from '../publish/outbox.ts'
import { isAnswerTopic, type Topics } from '../topics.ts'
import { type Drops, shown } from './drops.ts'

/** The topic that the sender of a message wants an answer on, besides the usual one. */
export interface AnswerTo {
  readonly topic: string
  readonly correlation: Buffer | undefined
}

/** Repeated in an answer that has to be short, in characters. */
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

  /** Of MQTT 5 messages that name a response topic. Topics of the bridge itself are refused: an answer is no command. */
  wantedBy(packet: IPublishPacket): AnswerTo | undefined {
    const topic = packet.properties?.responseTopic
    if (topic === undefined) return undefined
    if (isAnswerTopic(topic) && !this.#options.topics.owns(topic)) {
      return { topic, correlation: packet.properties?.correlationData }
    }
    const message =
      'A command asks for its answer on a topic that cannot be used; it is answered on the usual one only.'
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

  /** `text` without any secret known by its value; for answers that repeat what others wrote. */
  scrub(text: string): string {
    return this.#options.secrets.scrub(text)
  }

  /** The body of a failure as it may leave the bridge; what is a bug of ours, or a failing device, is logged. */
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

/** What an answer says at least, for a broker that does not take all of it. */
function shortened(text: string): string {
  const answer = parseJson(text)
  if (!isObject(answer)) return text
  const { ok, error, transaction } = answer
  const short = isObject(error) ? { ok, error: { code: error.code, message: error.message } } : { ok }
  const small = JSON.stringify(transaction ?? null).length <= LONGEST_TRANSACTION
  return JSON.stringify({ ...short, command: null, ...(small ? { transaction } : {}) })
}

/**
 * An answer as JSON. One that cannot be written (commands come from anybody, and may be nested too deeply) is cut down to
 * what says how it went, because there has to be an answer.
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
