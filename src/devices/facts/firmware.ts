/** Under this name it is remembered whether a device tells no clock: 1 for none, 0 for one that has told it since. */
export const TELLS_NO_CLOCK = 'tells_no_clock'

/**
 * What a device shows of its firmware, of which none tells the version: before 2.4 it neither sends `time` nor answers
 * `{"cmd":3}` with it (Terneo, "Introduction" and "Commands"); null when it shows nothing.
 */
export function firmwareBySilence(learned: Readonly<Record<string, number>>): string | null {
  return learned[TELLS_NO_CLOCK] === 1 ? 'before 2.4' : null
}
