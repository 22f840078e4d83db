/** A key ring with the account that it gets its keys from. */
import type { Test } from 'tap'
import { Keyring } from '../../../src/cloud/account/keyring.ts'
import type { KeyRing } from '../../../src/devices/ports.ts'
import { startCloud } from '../../support/simulator.ts'
import { type Bridge, bridge } from '../support.ts'

export const OTHER = 'BBBBBBBBBBBBBBBB'

export function keyring({ clouds, store, clock, log }: Bridge, configured: [string, string][] = []): Keyring & KeyRing {
  const { logger, secrets } = log
  return new Keyring({ configured: new Map(configured), keys: store.keys, source: clouds, clock, logger, secrets })
}

export async function start(t: Test, configured: [string, string][] = []) {
  const cloud = await startCloud(t)
  const all = bridge(t, cloud.url)
  await all.clouds.sync()
  return { cloud, ...all, ring: keyring(all, configured) }
}
