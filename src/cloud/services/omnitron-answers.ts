import { isObject } from '../../core/json.ts'

/** The contents of a refusal, in any of the service's formats. */
export interface Complaint {
  /** Fields of the request that it complains about. */
  readonly fields: readonly string[]
  /** The service's own error code; undefined if there is none. */
  readonly code: string | undefined
  /** The service's own words in parentheses, ready for use in a sentence; empty if there are none. */
  readonly words: string
}

/** A larger difference is not due to a slow answer: it is a whole step of the codes. */
const CLOCK_TOLERANCE_S = 30
const LONGEST_WORDS = 200

/**
 * Reads an error body: lists of texts by field, `non_field_errors`, or `detail`, each with `code` beside.
 * @param secrets values of the request that the answer may repeat and nobody may see.
 */
export function complaintOf(body: unknown, secrets: readonly string[]): Complaint {
  if (!isObject(body)) return { fields: [], code: undefined, words: '' }
  const { code, detail, non_field_errors: general, ...rest } = body
  const fields = Object.entries(rest).filter(([name, value]) => /^\w{1,40}$/.test(name) && Array.isArray(value))
  const texts = [
    ...textsOf(detail),
    ...textsOf(general),
    ...fields.flatMap(([name, value]) => textsOf(value).map((text) => `${name}: ${text}`)),
  ]
  const said = texts.join(' ').replaceAll(/[\p{Cc}\s]+/gu, ' ')
  const repeats = secrets.some((secret) => secret !== '' && said.includes(secret))
  const words = repeats || said === '' ? '' : ` (“${said.slice(0, LONGEST_WORDS)}”)`
  return {
    fields: fields.map(([name]) => name),
    code: typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? code : undefined,
    words,
  }
}

function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((text): text is string => typeof text === 'string')
}

/**
 * A sentence saying that the host's clock is wrong; undefined if it agrees with the service's.
 * @param server the service's clock, Unix ms; undefined if it did not say.
 * @param now the host's.
 */
export function clockComplaint(host: string, server: number | undefined, now: number): string | undefined {
  if (server === undefined) return undefined
  const seconds = Math.round((now - server) / 1000)
  if (Math.abs(seconds) <= CLOCK_TOLERANCE_S) return undefined
  const side = seconds > 0 ? 'ahead of' : 'behind'
  return `The clock of this machine is wrong: it is ${amount(Math.abs(seconds))} ${side} that of ${host}, so the codes made here are for another time. Correct the clock.`
}

function amount(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const
  let left = seconds
  const parts: string[] = []
  for (const [size, unit] of units) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.slice(0, 2).join(' ')
}
