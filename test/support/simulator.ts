import {
  type BearerAccount,
  type BearerQuirks,
  type CloudOptions,
  type OmnitronAccount,
  type OmnitronQuirks,
  type RelayOptions,
  seededRandom,
  type ThermostatOptions,
  type TxtyAccount,
  type TxtyQuirks,
  VirtualBearer,
  VirtualCloud,
  VirtualOmnitron,
  VirtualRelay,
  VirtualThermostat,
  VirtualTxty,
} from '../../src/simulator/index.ts'
import { FakeClock } from './fake-clock.ts'
import { unusedPort } from './unused-port.ts'

/** Serial and key that the vendors' documents use as their example. */
export const SERIAL = '404CCAAAD4E8A89860609800000149'
export const KEY = 'AAD4EXAJX4E8A8XT'
export const EMAIL = 'user@email.com'
export const PASSWORD = 'myPassword'

/** Whatever runs something when a test ends: a tap test. */
export interface Teardown {
  teardown(fn: () => void | Promise<void>): void
  passing?(): boolean
}

/**
 * Starts a thermostat on 127.0.0.1 that is stopped when the test ends: an OZ with the example serial and key on a clock
 * that stands still, unless `options` say otherwise. While it is unplugged nobody else is given its port.
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
    port: await unusedPort(options.host),
    ...options,
  })
  await thermostat.start()
  t.teardown(() => thermostat.stop())
  return thermostat
}

/** Starts a relay on 127.0.0.1 that is stopped when the test ends, with the example serial and key. */
export async function startRelay(
  t: Teardown,
  model: 'ms' | 'd2w',
  options: Partial<RelayOptions> = {},
): Promise<VirtualRelay> {
  const relay = new VirtualRelay({
    serial: SERIAL,
    key: KEY,
    clock: new FakeClock(),
    random: seededRandom(1),
    port: await unusedPort(options.host),
    ...options,
    model,
  })
  await relay.start()
  t.teardown(() => relay.stop())
  return relay
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

/** The example account at a virtual service: user name, and the example thermostat. */
const SERVICE_ACCOUNT = {
  user: EMAIL,
  password: PASSWORD,
  devices: [{ serial: SERIAL, name: 'az', key: KEY }],
}

interface Started {
  start(): Promise<unknown>
  stop(): Promise<void>
}

async function started<Service extends Started>(t: Teardown, service: Service): Promise<Service> {
  await service.start()
  t.teardown(() => service.stop())
  return service
}

/** Starts a bearer service with the example account. */
export function startBearer(
  t: Teardown,
  { clock = new FakeClock(), ...options }: Partial<BearerAccount & BearerQuirks> & { clock?: FakeClock } = {},
): Promise<VirtualBearer> {
  const accounts = [{ ...SERVICE_ACCOUNT, ...options }]
  return started(t, new VirtualBearer({ clock, random: seededRandom(3), accounts, quirks: options }))
}

/** Starts an Omnitron service with the example account. */
export function startOmnitron(
  t: Teardown,
  { clock = new FakeClock(), ...options }: Partial<OmnitronAccount & OmnitronQuirks> & { clock?: FakeClock } = {},
): Promise<VirtualOmnitron> {
  const accounts = [{ ...SERVICE_ACCOUNT, ...options }]
  return started(t, new VirtualOmnitron({ clock, random: seededRandom(4), accounts, quirks: options }))
}

/** Starts a Txty service with the example account. */
export function startTxty(
  t: Teardown,
  { clock = new FakeClock(), ...options }: Partial<TxtyAccount & TxtyQuirks> & { clock?: FakeClock } = {},
): Promise<VirtualTxty> {
  const accounts = [{ ...SERVICE_ACCOUNT, ...options }]
  return started(t, new VirtualTxty({ clock, random: seededRandom(5), accounts, quirks: options }))
}
