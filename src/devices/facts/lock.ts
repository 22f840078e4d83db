/**
 * Watches the lock of one device. The bridge never changes the lock, so a different lock means that somebody else changed it:
 * at the device itself, or with a code intercepted on the network.
 */
import type { Profile } from './profile.ts'
import type { Readings } from './readings.ts'

/** The number kept for each lock, by its bits: 1 for the cloud, 2 for the LAN. */
const CODES: Readonly<Record<string, number>> = { none: 0, cloud: 1, lan: 2, both: 3 }

/** The name under which the profile keeps the lock that is meant to be. */
const EXPECTED = 'lock'

interface Known {
  readonly profile: Pick<Profile, 'learned' | 'learn'>
  readonly readings: Pick<Readings, 'values'>
}

const shownBy = ({ readings }: Known): number | undefined => CODES[String(readings.values.get('lock'))]

/** Whether the lock is not as it is meant to be; null while the device has not shown a lock. */
export function lockAlarm(known: Known): boolean | null {
  const expected = known.profile.learned[EXPECTED]
  const shown = shownBy(known)
  return expected === undefined || shown === undefined ? null : expected !== shown
}

/** Looks at the lock after a reading: the first lock that a device shows is the one that is meant to be. */
export function lookAtLock(known: Known): void {
  if (known.profile.learned[EXPECTED] === undefined) acceptLock(known)
}

/** Accepts the present lock as the one that is meant to be. */
export function acceptLock(known: Known): void {
  const shown = shownBy(known)
  if (shown !== undefined) known.profile.learn(EXPECTED, shown)
}
