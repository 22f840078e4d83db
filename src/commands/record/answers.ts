import { BridgeError, type ErrorCode } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/json.ts'
import { isSerial } from '../../core/serial.ts'
import { badReply, ExchangeError, otherDevice, show } from '../../lan/exchange/errors.ts'
import { HttpClient } from '../../lan/exchange/http.ts'
import { Exchanger, type Reply } from '../../lan/exchange/index.ts'
import { Lines } from '../../lan/exchange/lines.ts'
import type { Address } from '../../lan/types.ts'
import { serialOf } from '../../protocol/replies.ts'
import type { Tools } from '../console/tools.ts'

/** One question, and what came of it. */
export interface Exchange {
  readonly request: { readonly cmd: number }
  /** As the device sent it; undefined if it failed. */
  readonly response?: JsonObject
  /** `EMPTY`: it answered with nothing, as some devices do to what they don't know. */
  readonly failure?: ErrorCode | 'EMPTY'
  /** What that means, for people. */
  readonly why?: string
}

/** Parameters, telemetry, schedules by floor and by air, clock. None of these changes anything. */
const QUESTIONS = [1, 4, 2, 10, 3] as const

/** In every answer of a device with data. */
const TELLING = ['sn', 'par', 'telemetry', 'tt', 'ttAir', 'deviceId'] as const

/** How the two answers without data look on the wire. */
const WORDS = { block: { success: 'block' }, success: { success: 'true' } } as const

/**
 * Asks everything, one after the other.
 * @returns the serial number as the device writes it; undefined if it tells none, as a D2W
 * @throws BridgeError if nothing answers there, or something that is no such device
 */
export async function answersAt(
  address: Address,
  { settings, clock, random }: Tools,
  signal: AbortSignal,
): Promise<{ serial: string | undefined; exchanges: readonly Exchange[] }> {
  const { timeout, min_spacing: minSpacing } = settings.device
  const client = new HttpClient({ clock, timeout, keepAlive: false, signal })
  const lines = new Lines(clock)
  const options = { address, client, clock, lines, timeout, minSpacing, random, signal, patience: 2 * timeout }
  const exchanger = new Exchanger({ ...options, serial: undefined })
  const exchanges: Exchange[] = []
  try {
    for (const cmd of QUESTIONS) {
      const exchange = await ask(exchanger, cmd)
      if (signal.aborted)
        throw new BridgeError('INTERNAL', 'Nothing was recorded: you ended it before the device had answered.')
      // Whoever does not even take a connection is not asked five times.
      if (exchange.failure === 'DEVICE_UNREACHABLE' && exchanges.length === 0) throw nothingThere(address, exchange.why)
      exchanges.push(exchange)
    }
  } finally {
    client.close()
  }
  if (!exchanges.some(({ response }) => isTelling(response))) throw noDevice(address, exchanges[0]?.why)
  const serial = exchanges.map(({ response }) => response && serialOf(response)).find(isSerial)
  return { serial, exchanges: exchanges.map((exchange) => ofOne(exchange, serial, address)) }
}

async function ask(exchanger: Exchanger, cmd: number): Promise<Exchange> {
  const request = { cmd }
  try {
    return { request, response: dataOf(await exchanger.request({ body: () => JSON.stringify(request) })) }
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    const empty = error instanceof ExchangeError && error.empty
    return { request, failure: empty ? 'EMPTY' : error.code, why: error.message }
  }
}

const dataOf = (reply: Reply): JsonObject => (typeof reply === 'string' ? WORDS[reply] : reply)

const isTelling = (response: unknown): boolean => isObject(response) && TELLING.some((key) => key in response)

/** An answer under another serial number is of another device, which nobody wanted to record. */
function ofOne(exchange: Exchange, serial: string | undefined, address: Address): Exchange {
  const found = exchange.response && serialOf(exchange.response)
  if (serial === undefined || found === undefined || found === serial) return exchange
  const { request } = exchange
  if (!isSerial(found)) return left(request, badReply(address, 'contains an impossible serial'))
  return left(request, otherDevice(address, serial, found))
}

const left = (request: Exchange['request'], { code, message }: BridgeError): Exchange => ({
  request,
  failure: code,
  why: message,
})

function nothingThere(address: Address, why = ''): BridgeError {
  return new BridgeError('DEVICE_UNREACHABLE', `Nothing was recorded. ${why} ${whatToCheck(address)}`)
}

function noDevice(address: Address, why = 'Its answers contain nothing that such a device sends.'): BridgeError {
  return new BridgeError(
    'DEVICE_BAD_REPLY',
    `Nothing was recorded: ${show(address)} gives no answer of a Terneo or Welrok device. ${why} ${whatToCheck(address)}`,
  )
}

const whatToCheck = ({ host }: Address): string =>
  `Check that ${host} is the address of the device (thermo2mqtt discover lists them, and so does the router), and that this machine is in its network.`
