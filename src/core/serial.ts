/**
 * Serials come from beacons, clouds, topics and URLs. Only this alphabet may reach a topic, a path or the store. Real
 * ones are 30 hexadecimal digits (28 on some MS); the limit leaves room for other models. At least one digit is
 * required, so that no word is a serial: `bridge` is the bridge's own topic, and `__proto__` and `constructor` are in
 * every object.
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
 * The normal form of a serial from people, lists, settings or devices: without surrounding blanks, and with hexadecimal
 * digits in capitals, as devices write them. Other serials keep their letters. Undefined for an impossible serial.
 */
export function readSerial(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const serial = value.trim()
  if (!SERIAL.test(serial)) return undefined
  return HEXADECIMAL.test(serial) ? serial.toUpperCase() : serial
}

/** The normal form of a given serial; an impossible serial stays unchanged, so that an answer can name it. */
export const spelled = (given: string): string => readSerial(given) ?? given
