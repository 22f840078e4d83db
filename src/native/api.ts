/**
 * A device's local API over its topics: requests on `set/api` are answered on `get/api` (Welrok AZ, OZ, MS, D2W, "MQTT", in
 * both languages). An answer does not identify its request, so there is one request at a time, and the first matching answer
 * is accepted.
 */
import { type Clock, sleep } from '../core/clock.ts'
import { BridgeError } from '../core/errors.ts'
import type { Answered } from './messages.ts'

/** Milliseconds for an answer. No document says how long it takes; everything else is published 3 to 5 s after a command. */
const PATIENCE = 8_000

/** Milliseconds for which a device that did not answer is not asked again, so that commands do not wait for it. */
const SILENT = 10 * 60_000

/** Reads an answer; undefined if it is not the expected one. */
export type Fits<T> = (answer: Answered) => T | undefined

export interface ApiOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly publish: (body: string) => void
}

export class Api {
  readonly #options: ApiOptions
  /** The end of the previous request. */
  #turn: Promise<unknown> = Promise.resolve()
  #listener: ((answer: Answered) => void) | undefined
  #silentUntil = Number.NEGATIVE_INFINITY

  constructor(options: ApiOptions) {
    this.#options = options
  }

  /** The device published an answer to any client. */
  hear(answer: Answered): void {
    this.#listener?.(answer)
  }

  /** @throws BridgeError `DEVICE_TIMEOUT` if no answer matches, or none did recently; `asked` in its details says which */
  ask<T>(body: string, fits: Fits<T>): Promise<T> {
    const answer = this.#turn.then(() => this.#ask(body, fits))
    this.#turn = answer.catch(() => undefined)
    return answer
  }

  async #ask<T>(body: string, fits: Fits<T>): Promise<T> {
    const { clock, signal, publish } = this.#options
    if (signal.aborted || clock.monotonic() < this.#silentUntil) throw silent(false)
    const { promise, resolve } = Promise.withResolvers<{ readonly answer: T }>()
    const over = new AbortController()
    this.#listener = (heard) => {
      const answer = fits(heard)
      if (answer !== undefined) resolve({ answer })
    }
    publish(body)
    const told = await Promise.race([promise, sleep(clock, PATIENCE, AbortSignal.any([over.signal, signal]))])
    over.abort()
    this.#listener = undefined
    if (told) return told.answer
    if (!signal.aborted) this.#silentUntil = clock.monotonic() + SILENT
    throw silent(true)
  }
}

function silent(asked: boolean): BridgeError {
  return new BridgeError(
    'DEVICE_TIMEOUT',
    `The device does not answer requests over MQTT (topic set/api, answers on get/api). Check that its “Subscribe path” matches the topic that the bridge publishes to (native_mqtt.command_topic). The bridge asks again within ${SILENT / 60_000} minutes.`,
    { details: { asked } },
  )
}
