/**
 * The one error class of the bridge. `code` is stable: MQTT results, REST answers and logs carry it, so nobody has to
 * match texts. The message says what happened, what it means and what to do, and never contains a secret.
 */

/** How severe a failure is for the log. */
export type ErrorLevel = 'debug' | 'info' | 'warn' | 'error'

interface ErrorKind {
  /** HTTP status of the REST answer. */
  readonly status: number
  /** Whether the same request can succeed later without any change. */
  readonly retry: boolean
  readonly level: ErrorLevel
}

const kind = (status: number, retry: boolean, level: ErrorLevel): ErrorKind => ({ status, retry, level })

/** Every code, with its HTTP status, whether a retry makes sense, and its log level. */
export const ERRORS = {
  BAD_REQUEST: kind(400, false, 'info'),
  UNKNOWN_DEVICE: kind(404, false, 'info'),
  UNKNOWN_KEY: kind(400, false, 'info'),
  READ_ONLY: kind(400, false, 'info'),
  OUT_OF_RANGE: kind(400, false, 'info'),
  DEVICE_UNREACHABLE: kind(502, true, 'warn'),
  DEVICE_TIMEOUT: kind(504, true, 'warn'),
  DEVICE_BUSY: kind(503, true, 'warn'),
  DEVICE_BAD_REPLY: kind(502, true, 'warn'),
  DEVICE_WEDGED: kind(502, false, 'error'),
  LAN_LOCKED: kind(409, false, 'warn'),
  LOCKED_BOTH: kind(409, false, 'warn'),
  KEY_MISSING: kind(409, false, 'warn'),
  KEY_REJECTED: kind(409, false, 'warn'),
  ADDRESS_UNPROVEN: kind(409, true, 'warn'),
  NOT_APPLIED: kind(409, false, 'warn'),
  OUTCOME_UNKNOWN: kind(504, true, 'warn'),
  CLOUD_UNREACHABLE: kind(502, true, 'warn'),
  CLOUD_AUTH: kind(409, false, 'error'),
  CLOUD_CODE_NEEDED: kind(409, false, 'warn'),
  CLOUD_RATE_LIMITED: kind(503, true, 'warn'),
  UNAUTHORIZED: kind(401, false, 'info'),
  FORBIDDEN: kind(403, false, 'info'),
  RATE_LIMITED: kind(429, true, 'info'),
  INTERNAL: kind(500, false, 'error'),
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERRORS, value)

/** What MQTT and REST show of an error. */
export interface ErrorBody {
  readonly code: ErrorCode
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
}

export class BridgeError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>> | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'BridgeError'
    this.code = code
    this.details = options.details
  }

  get status(): number {
    return ERRORS[this.code].status
  }

  get retryable(): boolean {
    return ERRORS[this.code].retry
  }

  get level(): ErrorLevel {
    return ERRORS[this.code].level
  }

  body(): ErrorBody {
    return { code: this.code, message: this.message, ...(this.details ? { details: this.details } : {}) }
  }
}

/** Turns anything thrown into a `BridgeError`; anything else is a fault in the program and becomes `INTERNAL`. */
export function asBridgeError(thrown: unknown): BridgeError {
  if (thrown instanceof BridgeError) return thrown
  return new BridgeError('INTERNAL', 'Something went wrong inside the bridge. Its log has the details.', {
    cause: thrown,
  })
}
