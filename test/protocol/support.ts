import fc from 'fast-check'
import type { Test } from 'tap'
import { BridgeError, type ErrorCode } from '../../src/core/errors.ts'

/** Keys that hostile JSON can use against code that trusts objects, beside those that the parsers read. */
const KEYS = [
  ...[
    'par',
    'telemetry',
    'deviceId',
    'ts',
    'u',
    'tt',
    'ttAir',
    'sn',
    'hw',
    'wifi',
    'cloud',
    'connection',
    'time',
    'tzone',
    'setPointStep',
    'success',
    'status',
  ],
  ...[
    't.1',
    'm.1',
    'f.16',
    'o.0',
    'par.26',
    '0',
    '1',
    '6',
    'toString',
    'valueOf',
    '__proto__',
    'constructor',
    'length',
  ],
]

/** Any JSON text: values of every kind nested in each other, under keys that the parsers look at. */
export const hostileJson: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false', '"true"', '"block"', '"timeout"', '1e400', '-0', '1e999', '"536112000"'),
    fc.integer().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.string().map((text) => JSON.stringify(text)),
    fc.array(tie('value'), { maxLength: 5 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(fc.oneof(fc.constantFrom(...KEYS), fc.string()), tie('value')), { maxLength: 6 })
      .map((pairs) => `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
  ),
})).value

/** Asserts that `run` throws a BridgeError with `code`, whose message holds each of `words`. */
export function refuses(t: Test, run: () => unknown, code: ErrorCode, ...words: string[]): void {
  try {
    const value = run()
    t.fail(`nothing was refused: ${JSON.stringify(value)}`)
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error
    t.equal(error.code, code, error.message)
    for (const word of words) t.ok(error.message.includes(word), `"${error.message}" says ${word}`)
  }
}

/** What `run` returns, or undefined when it throws a BridgeError; anything else thrown fails the property. */
export function orBridgeError<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof BridgeError) return undefined
    throw error
  }
}
