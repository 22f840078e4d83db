/**
 * Serials come from beacons, clouds, topics and URLs: only this alphabet ever reaches a topic, a path or the store.
 * Real ones are 30 hexadecimal digits (28 on some MS); the limit leaves room for other models. One digit at least, so that
 * no word is a serial: `bridge` would be the bridge's own topic, `__proto__` and `constructor` are in every object.
 */
const SERIAL = /^(?=.*\d)[A-Za-z0-9_-]{4,64}$/

/** The same for schemas. */
export const SERIAL_PATTERN = SERIAL.source

export function isSerial(value: unknown): value is string {
  return typeof value === 'string' && SERIAL.test(value)
}

/** Serials of real devices: hexadecimal digits. */
const HEXADECIMAL = /^[0-9A-Fa-f]+$/

/**
 * The one spelling of a serial, for what comes from people, lists, settings and the devices themselves: without blanks around
 * it, and with its hexadecimal digits as devices write them, in capitals. One of another alphabet keeps its letters.
 * undefined for what can be no serial.
 */
export function readSerial(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const serial = value.trim()
  if (!SERIAL.test(serial)) return undefined
  return HEXADECIMAL.test(serial) ? serial.toUpperCase() : serial
}

/** A serial as somebody gave it, in its one spelling; what can be no serial stays as it is, to be named in the answer. */
export const spelled = (given: string): string => readSerial(given) ?? given
