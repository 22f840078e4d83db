/** What a unit publishes and accepts over MQTT itself, once its owner has set a broker on its page (vendors' "MQTT"). */
import { connect } from 'mqtt'
import type { Clock, Timer } from '../../core/clock.ts'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'
import type { Network, Outcome } from '../device/index.ts'
import { ID, type WireRow } from '../device/parameters.ts'

/** A connection to a broker. */
export interface Speaker {
  subscribe(filter: string): unknown
  publish(topic: string, payload: string, options?: { readonly retain: boolean }): unknown
  endAsync(force: boolean): Promise<void>
}

/** What an owner sets on the page of a unit. */
export interface NativeSettings {
  /** `Host` and `Port`, as `mqtt://127.0.0.1:1883`. */
  readonly url: string
  readonly user?: string
  readonly password?: string
  /** `Publish prefix`. */
  readonly publishPrefix: string
  /** `Subscribe path`; default: the same. */
  readonly subscribePath?: string
  /** `Client ID`; default: the serial number. */
  readonly clientId?: string
  /** Firmware before 2.5 has no `get` and `set` in its topics. Default `levels`. */
  readonly form?: 'levels' | 'bare'
  /** Whether what it publishes is retained; no document says. Default false. */
  readonly retain?: boolean
  /** Names of topics on which this unit takes no command, whatever its document says; can be changed at any time. */
  readonly ignores?: ReadonlySet<string>
  /** In place of a connection to `url`, for tests whose clock stands still. */
  readonly dial?: (hear: (topic: string, payload: string) => void) => Speaker
  /** Milliseconds between two publications, give or take a twelfth; default a minute. */
  readonly interval?: number
}

/** The inside of a unit, as far as this needs it. */
interface Inside {
  readonly serial: string
  readonly model: { readonly hw: string; readonly vendor: 'terneo' | 'welrok'; readonly airSensor?: boolean }
  handle(body: unknown, from: Network): Outcome
  parameterList(): WireRow[]
}

export interface NativeOptions extends NativeSettings {
  readonly clock: Clock
  readonly random: () => number
  readonly device: Inside
}

const MINUTE = 60_000
const SIXTEENTHS = 16
const INT16 = 3
const BRIGHTNESS = 23

const TERNEO = ['floorTemp', 'airTemp', 'protTemp', 'setTemp', 'powerOff', 'load'] as const
const OLD = ['floorTemp', 'protTemp', 'setTemp', 'powerOff', 'load', 'bright'] as const
const AZ = [...OLD, 'parameters', 'schedule'] as const
const OZ = [...AZ, 'airTemp', 'typeCtrl', 'maxFlrTmp', 'minFlrTmp'] as const
const RELAY = ['parameters', 'telemetry'] as const

function namesOf({ hw, vendor, airSensor }: Inside['model']): readonly string[] {
  if (vendor === 'terneo') return TERNEO
  const name = hw.toLowerCase()
  if (name === 'ms' || name === 'd2w') return RELAY
  return name === 'az' ? AZ : airSensor ? OZ : OLD
}

/** Publishes once a minute, and some seconds after each command, until it is stopped. */
export class Native {
  readonly #options: NativeOptions
  readonly #client: Speaker
  readonly #names: readonly string[]
  #timer: Timer | undefined

  constructor(options: NativeOptions) {
    this.#options = options
    this.#names = namesOf(options.device.model)
    const hear = (topic: string, payload: string) => this.#take(topic, payload)
    this.#client = options.dial?.(hear) ?? this.#connect(hear)
    if (options.dial) this.#begin()
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    await this.#client.endAsync(true)
  }

  /** Publishes now, and again in about a minute. */
  publish(): void {
    const { form, publishPrefix, retain = false } = this.#options
    const base = `${publishPrefix}/${this.#clientId}${form === 'bare' ? '' : '/get'}`
    this.#wait((this.#options.interval ?? MINUTE) * (1 + (this.#options.random() - 0.5) / 6))
    const values = this.#values()
    for (const name of this.#names) {
      const payload = values.get(name)
      if (payload !== undefined) this.#client.publish(`${base}/${name}`, payload, { retain })
    }
  }

  #connect(hear: (topic: string, payload: string) => void): Speaker {
    const { url, user, password } = this.#options
    const client = connect(url, {
      protocolVersion: 4,
      clientId: this.#clientId,
      ...(user === undefined ? {} : { username: user }),
      ...(password === undefined ? {} : { password }),
    })
    // It tries again by itself, as units do.
    client.on('error', () => undefined)
    client.on('connect', () => this.#begin())
    client.on('message', (topic, payload) => hear(topic, payload.toString()))
    return client
  }

  #begin(): void {
    this.#client.subscribe(`${this.#commandBase}/#`)
    this.publish()
  }

  get #clientId(): string {
    return this.#options.clientId ?? this.#options.device.serial
  }

  get #commandBase(): string {
    const { form, publishPrefix, subscribePath = publishPrefix } = this.#options
    return `${subscribePath}/${this.#clientId}${form === 'bare' ? '' : '/set'}`
  }

  #wait(ms: number): void {
    this.#timer?.cancel()
    this.#timer = this.#options.clock.timer(ms, () => this.publish())
  }

  #values(): ReadonlyMap<string, string> {
    const telemetry = this.#ask(4)
    const degrees = (field: string) => {
      const raw = telemetry[field]
      if (raw === undefined) return undefined
      return raw === 'open' ? raw : (Number(raw) / SIXTEENTHS).toFixed(1)
    }
    const word = (field: string) => (telemetry[field] === undefined ? undefined : String(telemetry[field]))
    const parameter = (id: number) => this.#row(id)?.[2]
    const values: Readonly<Record<string, string | undefined>> = {
      floorTemp: degrees('t.1'),
      airTemp: degrees('t.2'),
      protTemp: degrees('t.0'),
      setTemp: degrees('t.5'),
      powerOff: word('f.16') ?? parameter(ID.off),
      load: word('f.0'),
      typeCtrl: word('m.0'),
      bright: parameter(BRIGHTNESS),
      maxFlrTmp: tenths(parameter(ID.floorMax)),
      minFlrTmp: tenths(parameter(ID.floorMin)),
      parameters: JSON.stringify(this.#ask(1)),
      telemetry: JSON.stringify(telemetry),
      ...(this.#names.includes('schedule') ? { schedule: JSON.stringify(this.#ask(2)) } : {}),
    }
    return new Map(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  }

  #ask(cmd: number): JsonObject {
    const { reply } = this.#options.device.handle({ cmd }, 'mqtt')
    return isObject(reply) ? reply : {}
  }

  #row(id: number): WireRow | undefined {
    return this.#options.device.parameterList().find(([own]) => own === id)
  }

  #take(topic: string, payload: string): void {
    const { device, random, publishPrefix, form } = this.#options
    const name = topic.slice(this.#commandBase.length + 1)
    // Without the levels, what it publishes comes back to it when both prefixes are the same.
    const own = form === 'bare' && this.#commandBase === `${publishPrefix}/${this.#clientId}`
    if (own && !this.#isNews(name, payload)) return
    if (this.#options.ignores?.has(name)) return
    if (name === 'api' && this.#names.includes('parameters')) {
      const { reply } = device.handle(parseJson(payload), 'lan')
      this.#client.publish(`${publishPrefix}/${this.#clientId}/get/api`, JSON.stringify(reply))
    } else {
      const body = name in WHOLE ? this.#wholeOf(name, payload) : this.#bodyOf(name, payload)
      if (body !== undefined) device.handle(body, 'mqtt')
    }
    this.#wait(3_000 + 2_000 * random())
  }

  #isNews(name: string, payload: string): boolean {
    return this.#bodyOf(name, payload) !== undefined && Number(this.#values().get(name)) !== Number(payload)
  }

  /** A write as the local API has it, of what the topic is for. */
  #wholeOf(name: string, payload: string): JsonObject | undefined {
    const body = this.#names.includes(name) ? parseJson(payload) : undefined
    return isObject(body) && (WHOLE[name] ?? []).some((key) => key in body) ? body : undefined
  }

  /** The same as a write of parameters; undefined when it is not a command. */
  #bodyOf(name: string, payload: string): JsonObject | undefined {
    const id = name === 'setTemp' ? this.#setpoint() : COMMANDS[name]
    const row = id === undefined ? undefined : this.#row(id)
    if (!row || !/^-?\d{1,3}(\.\d)?$/.test(payload)) return undefined
    const value = row[1] === INT16 ? Math.round(Number(payload) * 10) : Number(payload)
    return { sn: this.#options.device.serial, par: [[row[0], row[1], String(value)]] }
  }

  /** The setpoint of the mode in force. */
  #setpoint(): number | undefined {
    const telemetry = this.#ask(4)
    if (['0', '5'].includes(String(telemetry['m.1']))) return ID.temporary
    if (telemetry['m.1'] !== '3') return undefined
    return telemetry['m.0'] === '0' ? ID.manualFloor : ID.manualAir
  }
}

const tenths = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : Number(value).toFixed(1)

/** What a write on these topics holds ("Parameters", "Schedule"). */
const WHOLE: Readonly<Record<string, readonly string[]>> = { parameters: ['par'], schedule: ['tt', 'ttAir'] }

const COMMANDS: Readonly<Record<string, number>> = {
  bright: BRIGHTNESS,
  powerOff: ID.off,
  mode: ID.mode,
  typeCtrl: ID.controlType,
  maxFlrTmp: ID.floorMax,
  minFlrTmp: ID.floorMin,
}
