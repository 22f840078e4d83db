import type { JsonValue } from '../../core/json.ts'
import type { Profile } from './profile.ts'

/** What is remembered for each lock, by its bits: 1 for the cloud, 2 for the LAN. */
const CODES: Readonly<Record<string, number>> = { none: 0, cloud: 1, lan: 2, both: 3 }

/** Under this name it is remembered how the lock is meant to be. */
const EXPECTED = 'lock'

/**
 * Watches the lock of one device. The bridge never changes it, so a lock that is another than before was changed by somebody:
 * at the device itself, or by a code that was taken from the network.
 */
export class LockWatch {
  readonly #profile: Pick<Profile, 'learned' | 'learn'>
  readonly #shown: () => JsonValue | undefined

  /** @param shown the lock that the device shows */
  constructor(profile: Pick<Profile, 'learned' | 'learn'>, shown: () => JsonValue | undefined) {
    this.#profile = profile
    this.#shown = shown
  }

  /** Whether it is not as it was meant to be; null while the device has not shown any. */
  get alarm(): boolean | null {
    const expected = this.#profile.learned[EXPECTED]
    const shown = CODES[String(this.#shown())]
    return expected === undefined || shown === undefined ? null : expected !== shown
  }

  /** The device was read: the first lock that it shows is the one that is meant. */
  look(): void {
    if (this.#profile.learned[EXPECTED] === undefined) this.accept()
  }

  /** Somebody says that the lock is meant to be as it is. */
  accept(): void {
    const shown = CODES[String(this.#shown())]
    if (shown !== undefined) this.#profile.learn(EXPECTED, shown)
  }
}
