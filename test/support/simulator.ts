import {
  type CloudOptions,
  seededRandom,
  type ThermostatOptions,
  VirtualCloud,
  VirtualThermostat,
} from '../../src/simulator/index.ts'
import { FakeClock } from './fake-clock.ts'

/** Serial and key that the vendors' documents use as their example. */
export const SERIAL = '404CCAAAD4E8A89860609800000149'
export const KEY = 'AAD4EXAJX4E8A8XT'
export const EMAIL = 'user@email.com'
export const PASSWORD = 'myPassword'

/** Whatever runs something when a test ends: a tap test. */
export interface Teardown {
  teardown(fn: () => void | Promise<void>): void
}

/**
 * Starts a thermostat on 127.0.0.1 that is stopped when the test ends: an OZ with the example serial and key on a clock
 * that stands still, unless `options` say otherwise.
 */
export async function startThermostat(
  t: Teardown,
  options: Partial<ThermostatOptions> = {},
): Promise<VirtualThermostat> {
  const thermostat = new VirtualThermostat({
    serial: SERIAL,
    model: 'oz',
    key: KEY,
    clock: new FakeClock(),
    random: seededRandom(1),
    ...options,
  })
  await thermostat.start()
  t.teardown(() => thermostat.stop())
  return thermostat
}

/** Starts a cloud that lists the example thermostat for the example account. */
export async function startCloud(t: Teardown, options: Partial<CloudOptions> = {}): Promise<VirtualCloud> {
  const cloud = new VirtualCloud({
    vendor: 'welrok',
    clock: new FakeClock(),
    random: seededRandom(2),
    accounts: [{ email: EMAIL, password: PASSWORD, devices: [{ id: 1, sn: SERIAL, name: 'az', totp_key: KEY }] }],
    ...options,
  })
  await cloud.start()
  t.teardown(() => cloud.stop())
  return cloud
}
