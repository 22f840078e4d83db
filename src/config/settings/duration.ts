import { Refusal } from '../errors.ts'

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
type Unit = keyof typeof UNITS

/** The pattern of a duration in a file, for the JSON Schema that editors use. */
export const DURATION_PATTERN = '^[0-9]{1,16} ?(ms|s|m|h|d)?$'

const isUnit = (text: string): text is Unit => Object.hasOwn(UNITS, text)

/**
 * Milliseconds of `500ms`, `15s`, `5m`, `6h`, `1d`, or of a whole number of milliseconds, also as text.
 * Throws `Refusal` for anything else.
 */
export function parseDuration(raw: unknown): number {
  const ms = typeof raw === 'string' ? fromText(raw) : raw
  if (typeof ms !== 'number' || !Number.isSafeInteger(ms) || ms < 0) throw new Refusal('is not a duration')
  return ms
}

function fromText(raw: string): number | undefined {
  const match = /^(\d{1,16}) ?([a-z]{1,2})?$/.exec(raw.trim())
  const unit = match?.[2] ?? 'ms'
  return match && isUnit(unit) ? Number(match[1]) * UNITS[unit] : undefined
}

/** The shortest exact form that `parseDuration` reads: 21600000 is `6h`, 1500 is `1500ms`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms > 0 && ms % UNITS[unit] === 0) return `${ms / UNITS[unit]}${unit}`
  }
  return ms === 0 ? '0s' : `${ms}ms`
}
