import t from 'tap'
import { MODELS } from '../../../src/catalog/index.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import { createLogger } from '../../../src/core/logging/logger.ts'
import { SecretValues } from '../../../src/core/logging/secrets.ts'
import { actionsOf } from '../../../src/devices/commands/actions.ts'
import { Energy, type StoredEnergy } from '../../../src/devices/energy/energy.ts'
import { Registry } from '../../../src/devices/registry/registry.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeLink, featuresOf, parametersOf, readingsOf, silent, stateOf, withValues } from '../support.ts'

const INTERVAL = 15_000

function setUp(options: { kept?: Map<string, StoredEnergy>; figures?: [string, number][] } = {}) {
  const clock = new FakeClock()
  const lines: { level: string; msg: string }[] = []
  const kept = options.kept ?? new Map<string, StoredEnergy>()
  const saves: string[][] = []
  const disk = { error: null as BridgeError | null }
  const energy = new Energy({
    clock,
    logger: createLogger({
      level: 'trace',
      secrets: new SecretValues(),
      write: (line) => lines.push(JSON.parse(line)),
    }),
    memory: {
      load: () => [...kept.values()],
      save: (...records) => {
        if (disk.error) throw disk.error
        saves.push(records.map(({ serial }) => serial))
        for (const record of records) kept.set(record.serial, record)
      },
    },
    pollInterval: INTERVAL,
    figures: new Map(options.figures),
  })
  energy.start()
  return { clock, energy, kept, saves, disk, lines }
}

/** The published AX, whose load of 2 kW is on. */
const heating = readingsOf('ax')

t.test('what is shown is on disk already; all devices are written together, once a minute', async (t) => {
  const { clock, energy, kept, saves } = setUp()
  const devices = ['device-1', 'device-2'].map((serial) => energy.of(serial))
  const [first] = devices
  t.equal(first?.committed, null)
  let changes = 0
  let shown = -1
  for (let i = 0; i < 4 * 10; i++) {
    for (const device of devices) device.take(heating, undefined)
    const now = first?.committed?.wattHours ?? -1
    t.ok(now >= shown)
    t.equal(now, kept.get('device-1')?.wattHours)
    if (now !== shown) changes++
    shown = now
    await clock.advance(INTERVAL)
  }
  t.ok(saves.length <= 12 && saves.length >= 9, `${saves.length} commits in ten minutes`)
  t.ok(changes <= 11)
  t.same(saves.at(-1), ['device-1', 'device-2'])
  await clock.advance(60_000)
  const quiet = saves.length
  await clock.advance(600_000)
  t.equal(saves.length, quiet, 'nothing to write, nothing written')
  energy.stop()
  t.equal(saves.length, quiet)
  for (const device of devices) device.take(heating, undefined)
  t.equal(clock.waiting, 0, 'stopped, nothing is counted')
})

t.test('stopped, it goes on where it was; after a crash, where it was shown', async (t) => {
  const kept = new Map<string, StoredEnergy>()
  const before = setUp({ kept })
  const device = before.energy.of('device-1')
  const minute = async () => {
    for (let i = 0; i < 4; i++) {
      device.take(heating, undefined)
      await before.clock.advance(INTERVAL)
    }
  }
  await minute()
  await minute()
  const shown = device.committed?.wattHours ?? 0
  t.ok(shown > 0)
  const crashed = setUp({ kept: new Map(kept) }).energy.of('device-1')
  t.equal(crashed.committed?.wattHours, shown)
  crashed.take(heating, undefined)
  t.equal(crashed.committed?.wattHours, shown, 'the time in between is nobody’s')
  device.take(heating, undefined)
  before.energy.stop()
  t.ok((setUp({ kept }).energy.of('device-1').committed?.wattHours ?? 0) > shown)
  t.equal(before.clock.waiting, 0)
})

t.test('a disk that takes nothing: what is shown stands still, said once; later all of it is there', async (t) => {
  const { clock, energy, kept, disk, lines } = setUp()
  const device = energy.of('device-1')
  device.take(heating, undefined)
  disk.error = new BridgeError('INTERNAL', 'The disk is full.')
  for (let i = 0; i < 40; i++) {
    await clock.advance(INTERVAL)
    device.take(heating, undefined)
  }
  t.equal(device.committed?.wattHours, 0)
  await t.rejects(device.reset(), { code: 'INTERNAL' })
  t.equal(lines.filter(({ level }) => level === 'error').length, 1)
  t.match(lines[0]?.msg, /disk is full/)
  disk.error = null
  await clock.advance(60_000)
  t.equal(Math.round(device.committed?.wattHours ?? 0), 333, 'ten minutes of 2 kW')
  t.same(device.committed?.wattHours, kept.get('device-1')?.wattHours)
  t.equal(lines.filter(({ level }) => level === 'info').length, 1)
  energy.stop()
})

t.test('reset: on disk at once, counting from there', async (t) => {
  const { clock, energy, kept } = setUp()
  const device = energy.of('device-1')
  for (let i = 0; i < 10; i++) {
    device.take(heating, undefined)
    await clock.advance(INTERVAL)
  }
  t.ok((device.committed?.wattHours ?? 0) > 0)
  await device.reset()
  t.match(kept.get('device-1'), { wattHours: 0, errorWattHours: 0, onSeconds: 0 })
  t.equal(device.committed?.wattHours, 0)
  await clock.advance(INTERVAL)
  device.take(heating, undefined)
  energy.stop()
  t.equal(Math.round(device.committed?.onSeconds ?? 0), 15)
})

t.test('one that was forgotten writes nothing more; if it comes back it begins anew', async (t) => {
  const { clock, energy, kept } = setUp()
  const device = energy.of('device-1')
  device.take(heating, undefined)
  await clock.advance(INTERVAL)
  energy.forget('device-1')
  energy.forget('device-1')
  kept.clear()
  device.take(heating, undefined)
  energy.stop()
  t.equal(kept.size, 0)
  t.equal(energy.of('device-1').committed, null)
})

t.test('without a store it counts all the same', async (t) => {
  const clock = new FakeClock()
  const logger = createLogger({ level: 'silent', secrets: new SecretValues(), write: () => {} })
  const energy = new Energy({ clock, logger, pollInterval: INTERVAL, figures: new Map() })
  energy.start()
  const device = energy.of('device-1')
  device.take(heating, undefined)
  await clock.advance(INTERVAL)
  device.take(heating, undefined)
  energy.stop()
  t.equal(Math.round((device.committed?.wattHours ?? 0) * 1000), 8333)
  await device.reset()
  t.equal(device.committed?.wattHours, 0)
})

t.test('reset as an action: of every kind of device, and of one that is not there', async (t) => {
  const clock = new FakeClock()
  const kept: StoredEnergy[] = [{ serial: 'device-1', wattHours: 5000, errorWattHours: 1, onSeconds: 3600 }]
  const registry = new Registry({
    clock,
    random: () => 0.5,
    logger: silent,
    memory: { load: () => [], save: () => {}, forget: () => {} },
    energy: { load: () => [...kept], save: (...records) => kept.push(...records) },
    keys: { get: () => undefined, refresh: async () => false },
    configured: [{ serial: 'device-1', host: null, port: 80, name: null, power: 700 }],
    pollInterval: INTERVAL,
    onLocated: () => {},
    connect: () => new FakeLink('ax'),
  })
  registry.start()
  t.match(registry.get('device-1')?.state, { energy: 5, heating_time: 1, power: null })
  let states = 0
  registry.events.on('state', () => states++)
  await registry.action('device-1', 'reset_energy')
  t.match(registry.get('device-1'), { health: { lastSeen: null }, state: { energy: 0, heating_time: 0 } })
  t.match(kept.at(-1), { serial: 'device-1', wattHours: 0 })
  t.equal(states, 1)
  await registry.stop()
  for (const model of MODELS) t.ok(actionsOf(model).includes('reset_energy'), model.id)
})

t.test('the words of the state', async (t) => {
  const used = { wattHours: 1234.5678, errorWattHours: 7.5, onSeconds: 4444 }
  const bridge = (ownFigure: number | undefined, committed: typeof used | null) => ({
    energy: { ownFigure, committed },
  })
  t.match(stateOf(heating, bridge(undefined, used)), {
    power: 2000,
    energy: 1.235,
    energy_error: 0.008,
    heating_time: 1.234,
  })
  t.match(stateOf(heating, bridge(1300, used)), { power: 1300, rated_power: 2000 }, 'the own figure wins')
  t.match(stateOf(heating, bridge(1300, null)), { energy: null, heating_time: null })
  const untold = readingsOf('ax')
  untold.applyParameters(withValues(parametersOf('ax'), { 17: '0' }))
  const none = { wattHours: 0, errorWattHours: 0, onSeconds: 36 }
  t.match(
    stateOf(untold, bridge(undefined, none)),
    { power: null, energy: null, energy_error: null, heating_time: 0.01 },
    'a load that nobody has told the power of',
  )
  t.match(stateOf(untold, bridge(undefined, used)), { energy: 1.235 }, 'what was counted before stays')
  t.match(stateOf(untold, bridge(500, none)), { power: 500, energy: 0 })
  const has = (own: number | undefined, committed: typeof used | null) =>
    ['power', 'energy', 'energy_error', 'heating_time', 'on_time'].filter((key) =>
      featuresOf(heating, bridge(own, committed)).has(key),
    )
  t.same(has(undefined, used), ['power', 'energy', 'energy_error', 'heating_time'])
  t.same(
    has(undefined, null),
    ['power', 'energy', 'energy_error', 'heating_time'],
    'also before the first is committed',
  )
})
