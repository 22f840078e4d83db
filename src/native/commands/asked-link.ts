import type { ScheduleKind } from '../../catalog/index.ts'
import { BridgeError } from '../../core/errors.ts'
import type { DeviceAddress, DeviceLink } from '../../devices/link/link.ts'
import { Nowhere } from '../../devices/link/nowhere.ts'
import type { DeviceTime, ParameterList, Telemetry } from '../../protocol/replies.ts'
import type { Week } from '../../protocol/schedule.ts'
import type { Answers } from './answers.ts'

export interface AskedLinkOptions {
  readonly lan: DeviceLink
  readonly answers: Answers
  /** Whether the device has an API that can be reached over MQTT now. */
  readonly canAsk: () => boolean
}

/**
 * The link to a device over the LAN or, if the LAN does not reach it, over the topics of its API. Polls use the topics only
 * while the device has no address, since polling shows whether it answers at an address.
 */
export class AskedLink implements DeviceLink {
  readonly #options: AskedLinkOptions
  readonly #lan: DeviceLink

  readonly note: DeviceLink['note']
  readonly write: DeviceLink['write']
  readonly writeDay: DeviceLink['writeDay']
  readonly restart: DeviceLink['restart']
  readonly blink: DeviceLink['blink']
  readonly stop: DeviceLink['stop']

  constructor(options: AskedLinkOptions) {
    const { lan } = options
    this.#options = options
    this.#lan = lan
    this.note = (parameters) => lan.note(parameters)
    this.write = (prepare) => lan.write(prepare)
    this.writeDay = (...day) => lan.writeDay(...day)
    this.restart = () => lan.restart()
    this.blink = () => lan.blink()
    this.stop = () => lan.stop()
  }

  get address(): DeviceAddress {
    return this.#lan.address
  }

  get clockOffset(): number | null {
    return this.#lan.clockOffset ?? this.#options.answers.clockOffset
  }

  setAddress(address: DeviceAddress): void {
    this.#lan.setAddress(address)
  }

  readTelemetry(): Promise<Telemetry> {
    return this.#polled(this.#lan.readTelemetry(), (answers) => answers.telemetry())
  }

  readParameters(): Promise<ParameterList> {
    return this.#polled(this.#lan.readParameters(), (answers) => answers.parameters())
  }

  readTime(): Promise<DeviceTime> {
    return this.#polled(this.#lan.readTime(), (answers) => answers.time())
  }

  readWeek(kind: ScheduleKind): Promise<Week> {
    return this.#either(this.#lan.readWeek(kind), (answers) => answers.week(kind))
  }

  resetParameters(): Promise<ParameterList> {
    return this.#either(this.#lan.resetParameters(), (answers) => answers.resetParameters())
  }

  resetSchedule(): Promise<unknown> {
    return this.#either(this.#lan.resetSchedule(), (answers) => answers.resetSchedule())
  }

  setTime(time: number, zone?: number): Promise<void> {
    return this.#either(this.#lan.setTime(time, zone), (answers) => answers.setTime(time, zone))
  }

  #polled<T>(overLan: Promise<T>, ask: (answers: Answers) => Promise<T>): Promise<T> {
    return this.#lan instanceof Nowhere ? this.#either(overLan, ask) : overLan
  }

  async #either<T>(overLan: Promise<T>, ask: (answers: Answers) => Promise<T>): Promise<T> {
    try {
      return await overLan
    } catch (error) {
      const away = error instanceof BridgeError && error.code === 'DEVICE_UNREACHABLE'
      if (!away || !this.#options.canAsk()) throw error
      return ask(this.#options.answers)
    }
  }
}
