/** The bridge's side of one device on the LAN: discovery, registry and the device's link as `app.ts` joins them. */
import type { BridgeEvent, StoredDevice } from '../../src/devices/ports.ts'
import { Registry } from '../../src/devices/registry/registry.ts'
import { answersAs } from '../../src/lan/discovery/identify.ts'
import { Discovery } from '../../src/lan/discovery/index.ts'
import { Lines } from '../../src/lan/exchange/lines.ts'
import { LanDevice } from '../../src/lan/lan-device.ts'
import type { VirtualThermostat } from '../../src/simulator/index.ts'
import type { FakeClock } from '../support/fake-clock.ts'
import { KEY, SERIAL, type Teardown } from '../support/simulator.ts'
import { silent } from './support.ts'

const SPACING = { timeout: 5000, minSpacing: 500 }

export async function startBridge(
  t: Teardown,
  unit: VirtualThermostat,
  clock: FakeClock,
  stored: readonly StoredDevice[] = [],
) {
  const lines = new Lines(clock)
  const parts = { ...SPACING, clock, lines, random: () => 0.5, logger: silent }
  const held = { key: KEY, source: 'home', since: 0 }
  const keys = { get: () => held, refresh: async () => false }
  const discovery = new Discovery({ ...parts, host: '127.0.0.1', port: 0, devicePort: unit.port })
  const registry = new Registry({
    ...parts,
    keys,
    memory: { load: () => [...stored], save: () => {}, forget: () => {} },
    configured: [],
    pollInterval: 15_000,
    quiet: 0,
    ask: (serial, address) => answersAs(serial, address, { ...parts, mayBeNameless: false }),
    onLocated: (serial, address) => discovery.know(serial, address),
    connect: (address, owner) =>
      new LanDevice({
        ...{ ...parts, ...owner, keys, address, keepAlive: false },
        dialect: () => owner.dialect,
        model: () => owner.model,
      }),
  })
  const events: BridgeEvent[] = []
  registry.events.on('event', (event) => events.push(event))
  const { port } = await discovery.start()
  discovery.on('found', ({ serial, address, hw, identity }) => registry.found(serial, address, hw, identity))
  registry.start()
  t.teardown(async () => {
    await discovery.stop()
    await registry.stop()
  })
  const view = () => {
    const found = registry.get(SERIAL)
    if (!found) throw new Error('it is not known')
    return found
  }
  return { registry, discovery, port, events, view }
}
