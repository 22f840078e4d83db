/** Topics with a placeholder for the serial number: `terneo/{serial}`. */
import { readSerial } from './serial.ts'

const SERIAL_PLACE = '{serial}'

const LEVEL = '[A-Za-z0-9_.-]+'
const PLACE = '[A-Za-z0-9_.-]*\\{serial\\}[A-Za-z0-9_.-]*'

/** The form of a `TopicPattern`: topic levels, one of which contains `{serial}` once. */
export const TOPIC_PATTERN = new RegExp(`^(?=.{1,128}$)(${LEVEL}/)*${PLACE}(/${LEVEL})*$`)

/** Levels of a device's topics below its pattern: `get/floorTemp`. */
const LEVELS_BELOW = 2

/** A topic with a placeholder for the serial, or without one for a single device. */
export class TopicPattern {
  readonly text: string
  readonly #levels: readonly string[]

  constructor(text: string) {
    this.text = text
    this.#levels = text.split('/')
  }

  /** The filter to subscribe to. */
  get filter(): string {
    return this.#levels.map((level) => (level.includes(SERIAL_PLACE) ? '+' : level)).join('/')
  }

  /** How many levels it has. */
  get length(): number {
    return this.#levels.length
  }

  /**
   * The serial in the first levels of a topic; undefined if they do not match, empty if they match and there is no
   * placeholder.
   */
  serialIn(levels: readonly string[]): string | undefined {
    if (levels.length < this.#levels.length) return undefined
    let serial = ''
    for (const [index, wanted] of this.#levels.entries()) {
      const found = serialAt(wanted, levels[index] ?? '')
      if (found === undefined) return undefined
      serial += found
    }
    return serial
  }

  /** The topic of one device. */
  topicOf(serial: string): string {
    return this.text.replace(SERIAL_PLACE, serial)
  }

  /** Whether a device with a matching serial could have topics at or below `topic`. */
  overlaps(topic: string): boolean {
    const levels = topic.split('/')
    if (levels.length > this.#levels.length + LEVELS_BELOW) return false
    return levels.every((level, index) => {
      const wanted = this.#levels[index]
      return wanted === undefined || serialAt(wanted, level) !== undefined
    })
  }
}

/** The serial in one level; empty if the level matches without a serial; undefined otherwise. */
function serialAt(wanted: string, level: string): string | undefined {
  if (!wanted.includes(SERIAL_PLACE)) return wanted === level ? '' : undefined
  const [before = '', after = ''] = wanted.split(SERIAL_PLACE)
  if (level.length <= before.length + after.length || !level.startsWith(before) || !level.endsWith(after))
    return undefined
  const serial = level.slice(before.length, level.length - after.length)
  return readSerial(serial)
}
