/**
 * What devices publish: one value per topic, or an unchanged answer of their local API (Terneo, "MQTT"; Welrok AZ, OZ, Old,
 * MS, D2W, "MQTT"). Everything published passes through here once.
 */
import { BridgeError } from '../core/errors.ts'
import { isObject, type JsonObject, parseJson } from '../core/json.ts'
import { OPEN } from '../devices/facts/sensors.ts'
import type { Published } from '../devices/reading/second-source.ts'
import { parseParameters, parseReply, parseTelemetry, type Refusal, serialOf } from '../protocol/replies.ts'
import { parseWeek } from '../protocol/schedule.ts'

/** Why a message is unusable. */
export type BadMessage = 'bad_value' | 'too_long' | 'other_device'

/** The most bytes of a bare value: `-12.5` and some blanks. */
const LONGEST_VALUE = 16
/** The most bytes of an answer of the API: the longest in the documents has 3 KiB. */
const LONGEST_ANSWER = 16 * 1024

/** The answer to a request of the local API. */
export type Answered = JsonObject | Refusal

/** An answer to some client, not news. */
export interface Answer {
  readonly kind: 'answer'
  readonly answer: Answered
}

type Read = (payload: Buffer, serial: string) => Published | Answer | BadMessage

/** The documents say "xx.x" in °C; whole degrees and a sign are accepted too. */
const DEGREES = /^-?\d{1,3}(\.\d{1,2})?$/
/** The °C values of a broken sensor. */
const BROKEN: ReadonlySet<number> = new Set([-128, 1024])
const WHOLE = /^\d{1,3}$/

/** ±127 mean that the load is always on or off; no measurement comes near them. */
const MOST_DEGREES = 127

const SIXTEENTHS = 16

function bare(payload: Buffer, pattern: RegExp, most: number): number | BadMessage {
  if (payload.length > LONGEST_VALUE) return 'too_long'
  const text = payload.toString('latin1').trim()
  const value = Number(text)
  return pattern.test(text) && Math.abs(value) <= most ? value : 'bad_value'
}

const field = (name: string, raw: number): Published => ({ kind: 'fields', fields: new Map([[name, String(raw)]]) })

const degrees =
  (name: string): Read =>
  (payload) => {
    const value = bare(payload, DEGREES, MOST_DEGREES)
    return typeof value === 'number' ? field(name, value * SIXTEENTHS) : value
  }

/** A sensor: °C, or `open` for one that is broken (owners' captures; no document has it). */
const sensor =
  (name: string): Read =>
  (payload) => {
    if (payload.length > LONGEST_VALUE) return 'too_long'
    const text = payload.toString('latin1').trim()
    if (text === OPEN || BROKEN.has(Number(text))) return { kind: 'fields', fields: new Map([[name, OPEN]]) }
    return degrees(name)(payload, '')
  }

const word =
  (name: string, most: number): Read =>
  (payload) => {
    const value = bare(payload, WHOLE, most)
    return typeof value === 'number' ? field(name, value) : value
  }

const parameter =
  (id: number, pattern: RegExp, most: number): Read =>
  (payload) => {
    const value = bare(payload, pattern, most)
    return typeof value === 'number' ? { kind: 'parameter', id, raw: String(value) } : value
  }

function answer(read: (reply: JsonObject) => Published): Read {
  return (payload, serial) => {
    if (payload.length > LONGEST_ANSWER) return 'too_long'
    const reply = parseJson(payload.toString())
    if (!isObject(reply)) return 'bad_value'
    // A D2W does not identify itself.
    if ((serialOf(reply) ?? serial) !== serial) return 'other_device'
    try {
      return read(reply)
    } catch (error) {
      // The error's own text mentions an answer, but nothing was asked.
      if (error instanceof BridgeError) return 'bad_value'
      throw error
    }
  }
}

const api: Read = (payload, serial) => {
  if (payload.length > LONGEST_ANSWER) return 'too_long'
  const answer = parseReply(payload.toString())
  if (answer === 'empty' || answer === 'not_json') return 'bad_value'
  if (typeof answer === 'object' && (serialOf(answer) ?? serial) !== serial) return 'other_device'
  return { kind: 'answer', answer }
}

/** By the last level of the topic. */
const READERS: Readonly<Record<string, Read>> = {
  floorTemp: sensor('t.1'),
  airTemp: sensor('t.2'),
  protTemp: sensor('t.0'),
  setTemp: degrees('t.5'),
  powerOff: word('f.16', 1),
  load: word('f.0', 1),
  typeCtrl: word('m.0', 2),
  bright: parameter(23, WHOLE, 10),
  maxFlrTmp: parameter(15, DEGREES, MOST_DEGREES),
  minFlrTmp: parameter(14, DEGREES, MOST_DEGREES),
  parameters: answer((reply) => ({ kind: 'parameters', list: parseParameters(reply) })),
  telemetry: answer((reply) => ({ kind: 'telemetry', telemetry: parseTelemetry(reply) })),
  schedule: answer((reply) =>
    'ttAir' in reply
      ? { kind: 'week', schedule: 'air', week: parseWeek(reply, 'ttAir') }
      : { kind: 'week', schedule: 'floor', week: parseWeek(reply, 'tt') },
  ),
  api,
}

/** Whether devices publish anything useful under this name. */
export const isName = (name: string): boolean => Object.hasOwn(READERS, name)

/** @param name one for which `isName` holds */
export function readMessage(name: string, payload: Buffer, serial: string): Published | Answer | BadMessage {
  return (isName(name) ? READERS[name] : undefined)?.(payload, serial) ?? 'bad_value'
}
