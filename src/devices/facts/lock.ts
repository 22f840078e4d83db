/**
 * Watches the lock of one device. The bridge never changes it, so somebody else has changed a different lock: at the device
 * itself, or with a code intercepted on the network.
 */
import type { Profile } from './profile.ts'
import type { Readings } from './readings.ts'

/** What is remembered for each lock, by its bits: 1 for the cloud, 2 for the LAN. */
const CODES: Readonly<Record<string, number>> = { none: 0, cloud: 1, lan: 2, both: 3 }

/** Under this name it is remembered how the lock is meant to be. */
const EXPECTED = 'lock'

interface Known {
  readonly profile: Pick<Profile, 'learned' | 'learn'>
  readonly readings: Pick<Readings, 'values'>
}

const shownBy = ({ readings }: Known): number | undefined => CODES[String(readings.values.get('lock'))]

/** Whether it is not as it was meant to be; null while the device has not shown any. */
export function lockAlarm(known: Known): boolean | null {
  const expected = known.profile.learned[EXPECTED]
  const shown = shownBy(known)
  return expected === undefined || shown === undefined ? null : expected !== shown
}

/** The device was read: the first lock that it shows is the one that is meant. */
export function lookAtLock(known: Known): void {
  if (known.profile.learned[EXPECTED] === undefined) acceptLock(known)
}

/** Somebody says that the lock is meant to be as it is. */
export function acceptLock(known: Known): void {
  const shown = shownBy(known)
  if (shown !== undefined) known.profile.learn(EXPECTED, shown)
}
