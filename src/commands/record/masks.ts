/**
 * Makes what a device sent fit for strangers. What is kept is listed, and everything else is replaced, because nobody
 * knows what a model will send that nobody here has seen.
 */
import { MODELS } from '../../catalog/index.ts'
import { isObject, type JsonObject, parseJson } from '../../core/json.ts'
import { isSerial, readSerial } from '../../core/serial.ts'

/** Replies have one or two levels. */
const DEEPEST = 6
/** The largest number whose meaning need not be known: an address or the id of an account is larger. */
const LARGEST_UNKNOWN = 65_535
/** The same where not even the name of the value is that of a measurement. */
const LARGEST_STRANGE = 999

const NUMBER = /^[-+]?\d{1,10}(\.\d{1,6})?$/
/** Such as `open`, `true`, `cloudCon`. */
const WORD = /^[A-Za-z]{1,12}$/
/** What a display shows: a temperature, a voltage, blanks, `error`. */
const DISPLAYED = /^[-+.\d A-Za-z]{0,8}$/
const HW = /^[A-Za-z0-9_-]{1,16}$/

/** A field of the telemetry, and its two parts where they are nested; `par` and a number are a parameter. */
const FIELD = /^[a-z]{1,4}\.\d{1,3}$/
const GROUP = /^[a-z]{1,4}$/
const INDEX = /^\d{1,5}$/
const NAME = /^[A-Za-z_]{1,24}$/

const isNumber = (text: string): boolean => NUMBER.test(text)
const isWordOrNumber = (text: string): boolean => NUMBER.test(text) || WORD.test(text)

/** Named values that are kept, and in which form. */
const KEPT: Readonly<Record<string, (text: string) => boolean>> = {
  cmd: isNumber,
  time: isNumber,
  tzone: isNumber,
  ts: isNumber,
  setPointStep: isNumber,
  setPointType: isNumber,
  wifi: isNumber,
  success: isWordOrNumber,
  status: isWordOrNumber,
  cloud: isWordOrNumber,
  connection: (text) => WORD.test(text),
  hw: (text) => HW.test(text),
  display: (text) => DISPLAYED.test(text),
}

/** Parameters that hold a time on some model, as numbers of nine digits. */
const TIMES: ReadonlySet<string> = new Set(
  MODELS.flatMap(({ parameters }) => parameters.flatMap(({ id, scale }) => (scale.as === 'time' ? [`${id}`] : []))),
)

/** How long a text was says enough to write a row for it. */
const gone = (text: string): string => `[${text.length} characters]`

export class Masks {
  readonly #serial: string | undefined

  /** @param serial of the device that was recorded; undefined if it never told one */
  constructor(serial: string | undefined) {
    this.#serial = serial && readSerial(serial)
  }

  /** A reply without anything personal. */
  answer(reply: unknown): unknown {
    return this.#value(reply, [])
  }

  /** The same for the text of a beacon. */
  beacon(text: string): string {
    return JSON.stringify(this.answer(parseJson(text)))
  }

  #value(value: unknown, path: readonly string[]): unknown {
    if (path.length > DEEPEST) return '[deeper]'
    if (Array.isArray(value)) return this.#list(value, path)
    if (isObject(value)) return this.#object(value, path)
    if (value === null || typeof value === 'boolean') return value
    const text = String(value)
    if (path.at(-1) === 'sn') return this.#standIn(text)
    return isPlain(text, path) ? value : gone(text)
  }

  #object(object: JsonObject, path: readonly string[]): Record<string, unknown> {
    const entries = Object.entries(object)
    return Object.fromEntries(
      entries.map(([key, value]) => [isTellingKey(key) ? key : `${gone(key)} key`, this.#value(value, [...path, key])]),
    )
  }

  #list(list: readonly unknown[], path: readonly string[]): unknown[] {
    const [id, type, value] = list
    if (path.at(-1) === 'par' || !path.includes('par') || list.length !== 3) {
      return list.map((item) => this.#value(item, [...path, '[]']))
    }
    return [
      ...[id, type].map((item) => this.#value(item, ['par', '[]'])),
      this.#value(value, ['par', `${typeof id === 'number' ? id : ''}`]),
    ]
  }

  /** As long, and as valid, as the true one. */
  #standIn(text: string): string {
    if (!isSerial(text)) return gone(text)
    const own = this.#serial === undefined || readSerial(text) === this.#serial
    return (own ? '0123456789ABCDEF' : 'F').repeat(Math.ceil(text.length / (own ? 16 : 1))).slice(0, text.length)
  }
}

const isTellingKey = (key: string): boolean => [FIELD, INDEX, NAME].some((form) => form.test(key))

/** Whether a value can be kept, by where it is: the names that lead to it, `[]` for a list. */
function isPlain(text: string, path: readonly string[]): boolean {
  const name = path.at(-1) ?? ''
  const above = path.at(-2) ?? ''
  const kept = Object.hasOwn(KEPT, name) ? KEPT[name] : undefined
  if (kept) return kept(text)
  if (above === 'par' && TIMES.has(name)) return isNumber(text)
  // A broken sensor can read `open`.
  if (name.startsWith('t.') || (above === 't' && INDEX.test(name))) return isWordOrNumber(text)
  const measured = FIELD.test(name) || (GROUP.test(above) && INDEX.test(name))
  // Lists of numbers are a schedule, or the ids and types of parameters.
  const most = measured || name === '[]' ? LARGEST_UNKNOWN : LARGEST_STRANGE
  return isNumber(text) && Math.abs(Number(text)) <= most
}
