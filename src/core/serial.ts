/**
 * Serials come from beacons, clouds, topics and URLs: only this alphabet ever reaches a topic, a path or the store.
 * Real ones are 30 hexadecimal digits (28 on some MS); the limit leaves room for other models.
 */
const SERIAL = /^[A-Za-z0-9_-]{4,64}$/

export function isSerial(value: unknown): value is string {
  return typeof value === 'string' && SERIAL.test(value)
}
