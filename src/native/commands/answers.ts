/** Requests and orders to a device over the topics of its API, as its documents describe them. */
import type { ScheduleKind } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'
import type { LinkOwner } from '../../devices/link/link.ts'
import { EPOCH_2000 } from '../../protocol/epoch.ts'
import {
  type DeviceTime,
  type ParameterList,
  parseDeviceTime,
  parseParameters,
  parseTelemetry,
  type Telemetry,
} from '../../protocol/replies.ts'
import { parseWeek, type Week } from '../../protocol/schedule.ts'
import { Api, type ApiOptions } from '../api.ts'
import type { Answered } from '../messages.ts'
import { locked, outcomeUnknown } from './errors.ts'

export interface AnswersOptions extends ApiOptions {
  readonly owner: Pick<LinkOwner, 'serial' | 'model'>
}

/** Each rejects with `DEVICE_TIMEOUT` if the device does not answer. */
export class Answers {
  readonly #options: AnswersOptions
  readonly #api: Api
  #ahead: number | null = null

  constructor(options: AnswersOptions) {
    this.#options = options
    this.#api = new Api(options)
  }

  /** Seconds by which the device's clock is ahead of the host's wall clock in UTC; null while not reported here. */
  get clockOffset(): number | null {
    return this.#ahead
  }

  /** The device published an answer. */
  hear(answer: Answered): void {
    this.#api.hear(answer)
  }

  async telemetry(): Promise<Telemetry> {
    const telemetry = await this.#read(4, parseTelemetry)
    if (telemetry.time !== undefined) this.#note(telemetry.time)
    return telemetry
  }

  parameters(): Promise<ParameterList> {
    return this.#read(1, parseParameters)
  }

  async time(): Promise<DeviceTime> {
    const time = await this.#read(3, parseDeviceTime)
    this.#note(time.time)
    return time
  }

  /**
   * The topic `get/schedule` has only the floor schedule (`{"cmd":2}`); the air schedule must be requested (Welrok OZ,
   * "Schedule").
   */
  week(kind: ScheduleKind): Promise<Week> {
    return kind === 'air'
      ? this.#read(10, (reply) => parseWeek(reply, 'ttAir'))
      : this.#read(2, (reply) => parseWeek(reply, 'tt'))
  }

  /** @throws BridgeError of `#order` */
  async resetParameters(): Promise<ParameterList> {
    const answer = await this.#order({ cmd: 5, sn: this.#options.owner.serial }, 'par')
    return typeof answer === 'object' ? parseParameters(answer) : this.parameters()
  }

  /** @throws BridgeError of `#order` */
  async resetSchedule(): Promise<void> {
    await this.#order({ cmd: 6, sn: this.#options.owner.serial }, 'tt')
  }

  /**
   * @param time seconds since 2000 @param zone hours east of UTC
   * @throws BridgeError of `#order`
   */
  async setTime(time: number, zone: number | undefined): Promise<void> {
    const body = {
      sn: this.#options.owner.serial,
      time: String(time),
      ...(zone === undefined ? {} : { tzone: String(zone) }),
    }
    await this.#order(body, 'time')
  }

  /** An unreadable answer does not belong to this request: another client may have asked. */
  #read<T>(cmd: number, parse: (reply: Exclude<Answered, string>) => T): Promise<T> {
    return this.#api.ask(JSON.stringify({ cmd }), (answer) => {
      if (typeof answer === 'string') return undefined
      try {
        return parse(answer)
      } catch (error) {
        if (error instanceof BridgeError) return undefined
        throw error
      }
    })
  }

  /**
   * @param key a field of the full answer
   * @throws BridgeError `LAN_LOCKED` if the device refuses, `OUTCOME_UNKNOWN` if it does not answer
   */
  async #order(body: object, key: string): Promise<Answered> {
    const answer = await this.#api
      .ask(JSON.stringify(body), (answer) => {
        if (typeof answer === 'object') return key in answer ? answer : undefined
        return answer === 'busy' ? undefined : answer
      })
      .catch((error: unknown) => {
        throw error instanceof BridgeError && error.details?.asked === true ? outcomeUnknown(error) : error
      })
    if (answer === 'block') throw locked(this.#options.owner.model)
    return answer
  }

  #note(time: number): void {
    this.#ahead = Math.round(time + EPOCH_2000 - this.#options.clock.now() / 1000)
  }
}
