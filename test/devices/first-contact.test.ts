/** What happens from the first beacon of a device on: discovery, registry and the device's link as `app.ts` joins them. */
import t from 'tap'
import { Registry } from '../../src/devices/registry.ts'
import { Discovery } from '../../src/lan/discovery.ts'
import { answersAs } from '../../src/lan/identify.ts'
import { LanDevice } from '../../src/lan/lan-device.ts'
import { Lines } from '../../src/lan/lines.ts'
import type { VirtualThermostat } from '../../src/simulator/index.ts'
import { somebody, until } from '../lan/discovery-rig.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { KEY, SERIAL, startThermostat, type Teardown } from '../support/simulator.ts'
import { silent } from './support.ts'

const SPACING = { timeout: 5000, minSpacing: 500 }

async function startBridge(t: Teardown, unit: VirtualThermostat, clock: FakeClock) {
  const lines = new Lines(clock)
  const parts = { ...SPACING, clock, lines, random: () => 0.5, logger: silent }
  const held = { key: KEY, source: 'home', since: 0 }
  const keys = { get: () => held, refresh: async () => false }
  const discovery = new Discovery({ ...parts, host: '127.0.0.1', port: 0, devicePort: unit.port })
  const registry = new Registry({
    ...parts,
    keys,
    memory: { load: () => [], save: () => {}, forget: () => {} },
    configured: [],
    pollInterval: 15_000,
    quiet: 0,
    ask: (serial, address) => answersAs(serial, address, { ...parts, mayBeNameless: false }),
    onLocated: (serial, address) => discovery.know(serial, address),
    connect: (address, owner) =>
      new LanDevice({ ...parts, ...owner, keys, address, keepAlive: false, dialect: () => owner.dialect }),
  })
  const { port } = await discovery.start()
  discovery.on('found', ({ serial, address, hw, identity }) => registry.found(serial, address, hw, identity))
  t.teardown(async () => {
    await discovery.stop()
    await registry.stop()
  })
  return { registry, discovery, port }
}

t.test('the question who it is and the first reading keep their distance, and nothing is asked twice', async (t) => {
  const clock = new FakeClock()
  // Owners leave 0.5 to 1 s between requests; hurried, a device answers that it is busy.
  const unit = await startThermostat(t, { clock, quirks: { minSpacing: 400 } })
  const { registry, port } = await startBridge(t, unit, clock)
  const send = await somebody(t)
  await send(port, unit.beacon())
  await until(clock, () => registry.get(SERIAL)?.online === true)
  t.same(
    unit.requests.filter(({ reason }) => reason !== ''),
    [],
    'it never had to say that it is busy',
  )
  t.same(
    unit.requests.slice(0, 2).map(({ body }) => body),
    [{ cmd: 1 }, { cmd: 4 }],
  )
  t.equal(unit.requests.filter(({ body }) => JSON.stringify(body) === '{"cmd":1}').length, 1)
  t.equal(registry.get(SERIAL)?.state.brightness, 10, 'from the answer to the question who it is')
})
