/** What the doctor is called with. */
import type { Test } from 'tap'
import { doctor } from '../../../src/commands/doctor/index.ts'
import type { VirtualHouse } from '../../../src/simulator/index.ts'
import { open } from '../../store/support.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { type Call, QUICK, temporaryFolder } from '../support.ts'

export const KEY = '0123456789ABCDEF'

interface Case {
  readonly env: Readonly<Record<string, string>>
  readonly dataDir: string
}

/** Everything on ports that nobody has. */
export async function quiet(t: Test): Promise<Case> {
  const dataDir = temporaryFolder(t)
  const env = {
    ...QUICK,
    T2M_DATA_DIR: dataDir,
    T2M_API_PORT: String(await unusedPort()),
    T2M_MQTT_EMBEDDED_PORT: String(await unusedPort()),
    T2M_DISCOVERY_HOST: '127.0.0.1',
    T2M_DISCOVERY_PORT: '0',
  }
  return { env, dataDir }
}

export async function diagnose(given: Call): Promise<{ code: number; text: string }> {
  return { code: await doctor(given), text: given.terminal.text }
}

/** Puts the thermostats of a house into the store, as the bridge does when it has met them. */
export function meet(t: Test, dataDir: string, house: VirtualHouse, keyed: readonly string[]) {
  const { store } = open(t, dataDir, {})
  store.keys.put(
    'home',
    house.units.filter(({ serial }) => keyed.includes(serial)).map(({ serial, key }) => ({ serial, key })),
  )
  store.devices.save(
    ...house.units.map(({ serial, name, host, port }) => ({
      serial,
      hw: null,
      name,
      host,
      port,
      proven: { host, port },
      counterBase: null,
      learned: {},
      features: [],
      sources: ['beacon'],
    })),
  )
  return store
}
