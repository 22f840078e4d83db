import type { HeldKey, KeySink, KeyStore } from '../../cloud/account/keyring.ts'
import type { SessionStore } from '../../cloud/account/memory.ts'
import type { CloudsOptions } from '../../cloud/cloud.ts'
import type { Clock } from '../../core/clock.ts'

interface Entry extends HeldKey {
  readonly serial: string
}

/** Replaces a missing store: holds keys from the accounts while the command runs. */
export class Memory {
  readonly keys: KeySink & KeyStore & { all(): readonly Entry[] }
  readonly sessions: SessionStore = { get: () => undefined, put: () => undefined }
  readonly values: CloudsOptions['store']['values'] = {
    getSecret: () => undefined,
    setSecret: () => undefined,
    delete: () => undefined,
  }

  constructor(clock: Clock) {
    const held: Entry[] = []
    this.keys = {
      put: (source, keys) => {
        for (const { serial, key } of keys) {
          held.push({ serial, source, key, firstSeen: clock.now(), lastAccepted: null })
        }
        return []
      },
      of: (serial) => held.filter((entry) => entry.serial === serial),
      all: () => held,
      accepted: () => undefined,
    }
  }
}
