import t from 'tap'
import { asBridgeError, BridgeError, ERRORS, type ErrorCode } from '../../src/core/errors.ts'

/** The codes that people and programs depend on: status, and whether trying again makes sense. */
const TABLE: Readonly<Record<ErrorCode, readonly [status: number, retry: boolean]>> = {
  BAD_REQUEST: [400, false],
  UNKNOWN_DEVICE: [404, false],
  UNKNOWN_KEY: [400, false],
  READ_ONLY: [400, false],
  OUT_OF_RANGE: [400, false],
  DEVICE_UNREACHABLE: [502, true],
  DEVICE_TIMEOUT: [504, true],
  DEVICE_BUSY: [503, true],
  DEVICE_BAD_REPLY: [502, true],
  DEVICE_WEDGED: [502, false],
  LAN_LOCKED: [409, false],
  LOCKED_BOTH: [409, false],
  KEY_MISSING: [409, false],
  KEY_REJECTED: [409, false],
  ADDRESS_UNPROVEN: [409, true],
  NOT_APPLIED: [409, false],
  OUTCOME_UNKNOWN: [504, true],
  CLOUD_UNREACHABLE: [502, true],
  CLOUD_AUTH: [409, false],
  CLOUD_CODE_NEEDED: [409, false],
  CLOUD_RATE_LIMITED: [503, true],
  UNAUTHORIZED: [401, false],
  FORBIDDEN: [403, false],
  RATE_LIMITED: [429, true],
  INTERNAL: [500, false],
}

t.test('every code, with its status, whether to retry and its level', async (t) => {
  t.same(Object.keys(ERRORS).sort(), Object.keys(TABLE).sort())
  for (const code of Object.keys(TABLE) as ErrorCode[]) {
    const error = new BridgeError(code, 'why')
    t.strictSame([error.status, error.retryable], TABLE[code], code)
    t.ok(['debug', 'info', 'warn', 'error'].includes(error.level), code)
    if (error.status === 400 || error.status === 404) t.equal(error.level, 'info', `${code} is the client's doing`)
  }
  t.equal(new BridgeError('INTERNAL', '').level, 'error')
})

t.test('an error shows its code, message and details, and keeps its cause to itself', async (t) => {
  const cause = new Error('deep inside')
  const error = new BridgeError('NOT_APPLIED', 'why', { details: { key: 'mode' }, cause })
  t.ok(error instanceof Error)
  t.equal(error.name, 'BridgeError')
  t.equal(error.cause, cause)
  t.strictSame(error.body(), { code: 'NOT_APPLIED', message: 'why', details: { key: 'mode' } })
  const plain = new BridgeError('NOT_APPLIED', 'why')
  t.strictSame(plain.body(), { code: 'NOT_APPLIED', message: 'why' })
  t.equal('cause' in plain, false)
})

t.test('anything thrown becomes a BridgeError', async (t) => {
  const own = new BridgeError('DEVICE_BUSY', 'busy')
  t.equal(asBridgeError(own), own)
  for (const thrown of [new TypeError('x is secret'), 'text', undefined, null, 7]) {
    const error = asBridgeError(thrown)
    t.equal(error.code, 'INTERNAL')
    t.notMatch(error.message, /secret/)
    t.equal(error.cause, thrown === undefined ? undefined : thrown)
  }
})
