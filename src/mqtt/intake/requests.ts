/** Requests to the bridge itself over MQTT: `bridge/request/<action>`, answered on `bridge/response/<action>`. */

import type { IPublishPacket } from 'mqtt'
import { overMqtt } from '../../core/actor.ts'
import type { Clock } from '../../core/clock.ts'
import { BridgeError } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import type { Logger } from '../../core/logging/logger.ts'
import { maskSecrets, type SecretValues } from '../../core/logging/secrets.ts'
import { spelled } from '../../core/serial.ts'
import type { Accounts, Bridge, Devices } from '../../devices/ports.ts'
import { scheduleFile } from '../../devices/schedule/file.ts'
import { applySchedules } from '../../devices/schedule/house.ts'
import type { Topics } from '../topics.ts'
import { type Answers, type AnswerTo, toJson } from './answers.ts'
import type { Freshness } from './freshness.ts'
import { LARGEST_COMMAND, readOptionalObject, readTransaction, requireAcceptable } from './payload.ts'
import { RequestLimit } from './request-limit.ts'

/** How long a restart waits for its answer to arrive, in milliseconds. */
const LAST_WORD = 1_000

export interface RequestsOptions {
  readonly topics: Topics
  readonly accounts: Accounts
  readonly devices: Devices
  readonly bridge: Bridge
  readonly answers: Answers
  readonly secrets: SecretValues
  readonly clock: Clock
  readonly logger: Logger
  readonly freshness: Pick<Freshness, 'check'>
  /** Resolves when all data so far is on the disk; without it, that is assumed at once. */
  readonly durable?: (() => Promise<void>) | undefined
}

/** How many devices' schedules fit into one answer: brokers limit the size of a packet. */
const SCHEDULES_AT_ONCE = 4

/** The schedules of the next few devices, as in an export; `next` is the value to continue after, null at the end. */
function schedulesAfter(devices: Devices, after: string | undefined): unknown {
  const serials = devices.serials()
  const last = after === undefined ? -1 : serials.indexOf(after)
  if (after !== undefined && last === -1) {
    throw new BridgeError('UNKNOWN_DEVICE', 'The device in "after" is no longer known. Start again without it.')
  }
  const some = serials.slice(last + 1, last + 1 + SCHEDULES_AT_ONCE)
  const views = some.flatMap((serial) => devices.get(serial) ?? [])
  const end = last + 1 + some.length >= serials.length
  return { ...scheduleFile(views), next: end ? null : some.at(-1) }
}

/** With `serial`, puts a device into a room; with `name`, renames the room. */
function changeRoom(devices: Devices, body: JsonObject): unknown {
  const { house } = devices
  if (body.serial === undefined) return house.renameRoom(body.room, body.name)
  const serial = serialIn(body)
  house.setRoom(serial, body.room)
  return { serial, room: devices.get(serial)?.room ?? null }
}

/** `afterwards` collects what to do once the answer has been sent. */
type Action = (body: JsonObject, afterwards: (() => void)[]) => Promise<unknown>

/** People may write a serial differently from devices. */
const serialIn = (body: JsonObject): string => spelled(text(body, 'serial'))

export class Requests {
  readonly #options: RequestsOptions
  readonly #actions: ReadonlyMap<string, Action>
  readonly #limit: RequestLimit

  constructor(options: RequestsOptions) {
    this.#options = options
    this.#limit = new RequestLimit(options.clock)
    const { accounts, bridge, devices } = options
    this.#actions = new Map<string, Action>([
      ['sync', async (body) => ({ accounts: await accounts.sync(optionalText(body, 'account')) })],
      ['discover', () => bridge.discover()],
      ['account_code', async (body, afterwards) => ({ account: await this.#submitCode(body, afterwards) })],
      [
        'forget',
        async (body) => {
          const serial = serialIn(body)
          await devices.forget(serial)
          return { serial }
        },
      ],
      [
        'rename',
        async (body) => {
          const { serial, name } = await devices.rename(serialIn(body), body.name)
          return { serial, name }
        },
      ],
      ['house', async ({ via, ...body }) => await devices.house.set(body, overMqtt(via))],
      ['room', async (body) => changeRoom(devices, body)],
      ['schedules', async (body) => schedulesAfter(devices, optionalText(body, 'after'))],
      ['set_schedule', async (body) => await this.#setSchedule(body)],
      // The answer must be sent before the bridge stops: see #answer.
      ['restart', () => Promise.resolve({})],
    ])
  }

  /** `action` contains only safe characters, but may be unknown. Never throws. */
  handle(action: string, payload: Buffer, packet: IPublishPacket, extra: AnswerTo | undefined): void {
    const transaction = payload.length > LARGEST_COMMAND ? undefined : readTransaction(payload.toString())
    const afterwards: (() => void)[] = []
    this.#run(action, payload, packet, afterwards)
      .then((data) => this.#answer(action, { ok: true, data: maskSecrets(data), transaction }, extra))
      .catch((error: unknown) => {
        this.#answer(
          action,
          { ok: false, error: this.#options.answers.failure(error, { request: action }), transaction },
          extra,
        )
      })
      .finally(() => {
        for (const run of afterwards) run()
      })
  }

  async #run(action: string, payload: Buffer, packet: IPublishPacket, afterwards: (() => void)[]): Promise<unknown> {
    requireAcceptable(payload, packet.retain)
    const { body } = readOptionalObject(payload.toString())
    const run = this.#actions.get(action)
    if (!run) {
      const known = [...this.#actions.keys()].join(', ')
      throw new BridgeError('BAD_REQUEST', `The bridge has no request with that name. Its requests are ${known}.`)
    }
    this.#options.freshness.check(packet)
    this.#limit.take(action)
    const data = await run(body, afterwards)
    // Changes are on the disk before anybody is told that they were made.
    await this.#options.durable?.()
    return data
  }

  async #submitCode(body: JsonObject, afterwards: (() => void)[]): Promise<unknown> {
    const id = text(body, 'id')
    // Some programs send it as a number; they must then restore leading zeros themselves.
    const code = typeof body.code === 'number' ? String(body.code) : text(body, 'code')
    afterwards.push(this.#options.secrets.lend(code))
    return await this.#options.accounts.submitCode(id, code)
  }

  async #setSchedule(body: JsonObject): Promise<unknown> {
    const { devices } = this.#options
    const { schedule, dry_run: dryRun = false } = body
    if (!isObject(schedule)) throw new BridgeError('BAD_REQUEST', 'The request needs "schedule", an object.')
    if (typeof dryRun !== 'boolean') throw new BridgeError('BAD_REQUEST', '"dry_run" must be true or false.')
    const wanted = [{ serial: serialIn(body), command: schedule }]
    const [outcome] = await applySchedules(devices, wanted, overMqtt(undefined), dryRun)
    return outcome
  }

  #answer(
    action: string,
    answer: { readonly ok: boolean; readonly [field: string]: unknown },
    extra: AnswerTo | undefined,
  ) {
    const { answers, topics } = this.#options
    const leaving = action === 'restart' && answer.ok ? this.#restartOnce() : undefined
    answers.send(topics.response(action), answers.scrub(toJson(answer)), extra, leaving)
  }

  /** Restarts when called, or by itself if the answer takes too long to be delivered. */
  #restartOnce(): () => void {
    let done = false
    const restart = () => {
      if (done) return
      done = true
      timer.cancel()
      this.#restart()
    }
    const timer = this.#options.clock.timer(LAST_WORD, restart)
    return restart
  }

  #restart(): void {
    const { bridge, logger } = this.#options
    bridge.restart().catch((error: unknown) => {
      logger.error({ err: error }, 'The restart requested over MQTT failed; the bridge keeps running.')
    })
  }
}

function optionalText(body: JsonObject, field: string): string | undefined {
  return body[field] === undefined ? undefined : text(body, field)
}

function text(body: JsonObject, field: string): string {
  const value = body[field]
  if (typeof value === 'string' && value !== '' && value.length <= 256) return value
  throw new BridgeError('BAD_REQUEST', `The request needs "${field}", as text.`)
}
