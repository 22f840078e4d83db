/** Answers of the bridge, and what it means when there is none. */

/** An unsuccessful answer, or none at all: then `status` is 0. */
export class RequestError extends Error {
  readonly status: number
  readonly code: string
  /** The exact reason, if the code is not specific enough. */
  readonly reason: string | null

  constructor(status: number, code: string, message: string, reason: string | null = null) {
    super(message)
    this.name = 'RequestError'
    this.status = status
    this.code = code
    this.reason = reason
  }
}

/**
 * The body of a successful answer. It comes from the page's own server; the types are from its schemas. @throws RequestError
 */
export async function read<Answer>(response: Response): Promise<Answer> {
  const text = await response.text()
  const body = parse(text)
  if (response.ok) return body as Answer
  const error = field(body, 'error')
  const code = field(error, 'code')
  const message = field(error, 'message')
  const reason = field(field(error, 'details'), 'reason')
  throw new RequestError(
    response.status,
    typeof code === 'string' ? code : 'INTERNAL',
    typeof message === 'string' ? message : `HTTP ${response.status}`,
    typeof reason === 'string' ? reason : null,
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not from the bridge but from something in between: only the status is known.
    return undefined
  }
}

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
