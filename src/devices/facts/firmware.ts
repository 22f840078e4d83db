/** The name under which the profile keeps whether a device tells no clock: 1 when it tells none, 0 once it has told it. */
export const TELLS_NO_CLOCK = 'tells_no_clock'

/**
 * The firmware that a device shows by its behaviour; no device tells its version. Before 2.4, a device neither sends `time`
 * nor answers `{"cmd":3}` with it (Terneo, "Introduction" and "Commands"). Null when the device shows nothing.
 */
export function firmwareBySilence(learned: Readonly<Record<string, number>>): string | null {
  return learned[TELLS_NO_CLOCK] === 1 ? 'before 2.4' : null
}
