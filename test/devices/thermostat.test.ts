import t from 'tap'
import { BridgeError } from '../../src/core/errors.ts'
import { indexRows } from '../../src/devices/readings.ts'
import { Thermostat } from '../../src/devices/thermostat.ts'
import { EPOCH_2000 } from '../../src/protocol/epoch.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeLink, silent, withValues } from './support.ts'

const SERIAL = '058016000543464839373520000159'
const address = { host: '127.0.0.1', port: 80 }

function setUp(name: string, identity: Partial<ConstructorParameters<typeof Thermostat>[0]> = {}) {
  const clock = new FakeClock()
  const link = new FakeLink(name)
  const seen = { states: 0, identities: 0, availability: [] as boolean[] }
  let counterBase = (_: '2000' | 'unix') => {}
  const thermostat = new Thermostat(
    {
      serial: SERIAL,
      hw: name,
      name: null,
      counterBase: null,
      learned: {},
      features: [],
      sources: ['beacon'],
      ...identity,
    },
    {
      clock,
      random: () => 0.5,
      logger: silent,
      pollInterval: 15_000,
      rows: indexRows,
      connect: (_address, owner) => {
        counterBase = (base) => owner.onCounterBase(base)
        return link
      },
      keySource: () => null,
      onState: () => seen.states++,
      onAvailability: (changed) => seen.availability.push(changed.online),
      onIdentity: () => seen.identities++,
    },
  )
  return { clock, link, seen, thermostat, learnBase: (base: '2000' | 'unix') => counterBase(base) }
}

async function online(name: string, identity = {}) {
  const all = setUp(name, identity)
  all.thermostat.locate(address)
  await all.clock.advance(0)
  return all
}

t.test('before it is found there is a view, and commands say what is missing', async (t) => {
  const { thermostat } = setUp('ax')
  t.match(thermostat.view(), { name: 'Terneo AX 058016000543', model: 'ax', address: null, online: false })
  t.equal(thermostat.view().state.mode, null)
  await t.rejects(thermostat.set({ mode: 'off' }), { code: 'DEVICE_UNREACHABLE', message: /address/ })
  await t.rejects(thermostat.refresh(), { code: 'DEVICE_UNREACHABLE' })
  await t.rejects(thermostat.action('blink'), { code: 'DEVICE_UNREACHABLE' })
  thermostat.heard()
  await thermostat.stop()
})

t.test(
  'reads parameters and telemetry, then telemetry alone until a minute is over or something changed',
  async (t) => {
    const { clock, link, seen, thermostat } = await online('ax')
    t.same(link.calls.splice(0, 3), ['parameters', 'telemetry', 'time'], 'its telemetry does not say the time')
    t.match(thermostat.view(), {
      online: true,
      health: { failures: 0, error: null, lastSeen: clock.now(), clockOffset: 0 },
    })
    t.equal(thermostat.view().state.mode, 'heat')
    t.same(seen.availability, [true])
    t.equal(seen.states, 1)
    await clock.advance(31_000)
    t.same(link.calls, ['telemetry', 'telemetry'])
    t.equal(seen.states, 1, 'nothing changed, nothing is told')
    link.telemetry = { ...link.telemetry, fields: new Map([...link.telemetry.fields, ['t.1', '432']]) }
    await clock.advance(15_000)
    t.equal(seen.states, 2)
    t.same(link.calls.slice(2), ['telemetry'], 'a temperature is no reason to read the parameters')
    link.telemetry = { ...link.telemetry, fields: new Map([...link.telemetry.fields, ['t.5', '320']]) }
    await clock.advance(15_000)
    t.same(link.calls.slice(3).sort(), ['parameters', 'telemetry'], 'a setpoint is')
    await thermostat.stop()
    t.ok(link.stopped)
  },
)

t.test('a command is written, read back, and followed by the telemetry', async (t) => {
  const { link, thermostat } = await online('ax')
  link.calls.length = 0
  const result = await thermostat.set({ target_temperature: 24 })
  t.same(link.written, [[{ id: 5, type: 1, raws: ['24'] }]])
  t.same(link.calls, ['write', 'telemetry'])
  t.same(result.rounded, {})
  t.equal(result.state.manual_floor_setpoint, 24)
  await thermostat.stop()
})

t.test('a confirmed setpoint shows even when the telemetry fails just then', async (t) => {
  const { link, thermostat } = await online('ax')
  const read = link.readTelemetry
  link.readTelemetry = () => Promise.reject(new BridgeError('DEVICE_TIMEOUT', 'gone'))
  const { state } = await thermostat.set({ target_temperature: 24 })
  t.equal(state.target_temperature, 24)
  link.readTelemetry = read
  await thermostat.stop()
})

t.test('commands that wait become one write, the last value wins, each gets its result', async (t) => {
  const { link, thermostat } = await online('ax')
  let open = () => {}
  link.gate = new Promise((resolve) => {
    open = resolve
  })
  const results = [
    thermostat.set({ mode: 'heat', brightness: 1 }),
    thermostat.set({ target_temperature: 21 }),
    thermostat.set({ target_temperature: 22, child_lock: true }),
  ]
  open()
  const [first, second, third] = await Promise.all(results)
  t.equal(link.written.length, 1)
  t.same(Object.fromEntries(link.written[0]?.map(({ id, raws }) => [id, raws[0]]) ?? []), {
    125: '0',
    2: '1',
    23: '1',
    5: '22',
    124: '1',
  })
  t.same(first?.superseded, [])
  t.same(second?.superseded, ['target_temperature'])
  t.same(third?.superseded, [])
  await thermostat.stop()
})

t.test('a command that the device did not take fails alone', async (t) => {
  const { link, thermostat } = await online('ax')
  let open = () => {}
  link.gate = new Promise((resolve) => {
    open = resolve
  })
  link.stubborn = [23]
  const bright = thermostat.set({ brightness: 1 })
  const warm = thermostat.set({ target_temperature: 22 })
  open()
  await t.rejects(bright, { code: 'NOT_APPLIED', message: /brightness/ })
  t.match(await warm, { state: { manual_floor_setpoint: 22, brightness: 6 } })
  await thermostat.stop()
})

t.test('a write that fails fails every command in it, and the next one is tried afresh', async (t) => {
  const { link, thermostat } = await online('ax')
  link.error = new BridgeError('KEY_REJECTED', 'no')
  await t.rejects(Promise.all([thermostat.set({ brightness: 1 }), thermostat.set({ brightness: 2 })]), {
    code: 'KEY_REJECTED',
  })
  link.error = null
  t.match(await thermostat.set({ brightness: 3 }), { state: { brightness: 3 } })
  link.gate = Promise.reject(new BridgeError('DEVICE_UNREACHABLE', 'stopped'))
  await t.rejects(thermostat.set({ brightness: 4 }), { code: 'DEVICE_UNREACHABLE' }, 'also one that never got its turn')
  link.gate = Promise.resolve()
  t.match(await thermostat.set({ brightness: 5 }), { state: { brightness: 5 } })
  await thermostat.stop()
})

t.test('a bad command fails at once, without a request', async (t) => {
  const { link, thermostat } = await online('ax')
  link.calls.length = 0
  await t.rejects(thermostat.set({ target_temperature: 99 }), { code: 'OUT_OF_RANGE' })
  await t.rejects(thermostat.set({ colour: 1 }), { code: 'UNKNOWN_KEY' })
  t.same(link.calls, [])
  await thermostat.stop()
})

t.test('what became wrong while it waited fails then', async (t) => {
  const { link, thermostat } = await online('ax')
  let open = () => {}
  link.gate = new Promise((resolve) => {
    open = resolve
  })
  const limit = thermostat.set({ floor_setpoint_max: 20 })
  const warm = thermostat.set({ target_temperature: 30 })
  open()
  await limit
  await t.rejects(warm, { code: 'OUT_OF_RANGE', message: /5 to 20/ })
  await thermostat.stop()
})

t.test('what a command before it makes possible is not refused', async (t) => {
  const { link, thermostat } = await online('ax')
  await t.rejects(thermostat.set({ target_temperature: 48 }), { code: 'OUT_OF_RANGE' })
  const limit = thermostat.set({ floor_setpoint_max: 50 })
  const warm = thermostat.set({ target_temperature: 48 })
  await limit
  t.match(await warm, { state: { manual_floor_setpoint: 48 } })
  t.equal(link.written.length, 1)
  await thermostat.stop()
})

t.test('a command to a device that was never read reads it first', async (t) => {
  const { clock, link, thermostat } = setUp('ax')
  link.error = new BridgeError('DEVICE_TIMEOUT', 'silent')
  thermostat.locate(address)
  await clock.advance(0)
  await t.rejects(thermostat.set({ brightness: 1 }), { code: 'DEVICE_TIMEOUT' })
  link.error = null
  t.match(await thermostat.set({ brightness: 1 }), { state: { brightness: 1 } })
  await thermostat.stop()
})

t.test('the model follows what the parameters show', async (t) => {
  const { thermostat } = await online('oz', { hw: null })
  t.equal(thermostat.view().model, 'oz', 'tenths without a word of the hardware')
  t.equal(thermostat.view().state.manual_air_setpoint, 23)
  await thermostat.stop()
  const sx = await online('sx', { hw: null })
  t.equal(sx.thermostat.view().model, 'unknown')
  t.equal(sx.thermostat.view().state.target_temperature, 30)
  sx.thermostat.identify({ hw: 'SX' })
  t.equal(sx.thermostat.view().model, 'sx')
  await sx.clock.advance(15_000)
  t.equal(sx.thermostat.view().state.warning_temperature_max, 45)
  await sx.thermostat.stop()
})

t.test('learns which code means manual, and the counter base', async (t) => {
  const { link, seen, thermostat, learnBase } = await online('ax')
  t.same(thermostat.identity.learned, { program: 1, setpoint_wire: 1 })
  link.parameters = withValues(link.parameters, { 2: '3' })
  await thermostat.refresh()
  t.same(thermostat.identity.learned, { program: 3, setpoint_wire: 1 })
  const before = seen.identities
  learnBase('unix')
  t.equal(thermostat.identity.counterBase, 'unix')
  t.equal(thermostat.view().health.counterBase, 'unix')
  t.ok(seen.identities > before)
  await thermostat.stop()
})

t.test('boost lasts as long as was set, which is kept', async (t) => {
  const { clock, link, thermostat } = await online('oz')
  t.ok(link.calls.includes('time'), 'the zone of its clock is asked for')
  t.match(await thermostat.set({ boost_minutes: 30 }), { state: { boost_minutes: 30 } })
  t.equal(link.written.length, 0, 'the device knows nothing of it')
  t.equal(thermostat.identity.learned.boost_minutes, 30)
  await thermostat.set({ preset: 'boost' })
  t.same(link.written[0]?.[0]?.raws, [String(Math.round(clock.now() / 1000) - EPOCH_2000 + 1800)])
  await thermostat.stop()
})

t.test('actions', async (t) => {
  const { clock, link, thermostat } = await online('ax')
  link.calls.length = 0
  for (const action of ['restart', 'blink', 'reset_parameters', 'reset_schedule', 'sync_clock'] as const)
    await thermostat.action(action)
  const own = link.calls.filter((call) => call !== 'parameters' && call !== 'telemetry')
  t.same(own, [
    'restart',
    'blink',
    'reset_parameters',
    'reset_schedule',
    `set_time ${Math.round(clock.now() / 1000) - EPOCH_2000}`,
  ])
  link.clockOffset = null
  await t.rejects(thermostat.action('sync_clock'), { code: 'DEVICE_UNREACHABLE' })
  t.equal(thermostat.view().health.clockOffset, null)
  await thermostat.stop()
})

t.test('a beacon ends the wait of one that is offline', async (t) => {
  const { clock, link, seen, thermostat } = await online('ax')
  link.error = new BridgeError('DEVICE_UNREACHABLE', 'unplugged')
  await clock.advance(60_000)
  t.match(thermostat.view(), { online: false, health: { error: { code: 'DEVICE_UNREACHABLE' } } })
  link.error = null
  thermostat.heard()
  await clock.advance(0)
  t.equal(thermostat.online, true)
  t.same(seen.availability, [true, false, true])
  await thermostat.stop()
})

t.test('features that were seen before a restart are there from the start', async (t) => {
  const { thermostat } = setUp('ax', { features: ['floor_temperature'] })
  t.ok(thermostat.view().features.has('floor_temperature'))
})

t.test('the model that was seen before a restart is the model from the start', async (t) => {
  t.equal(setUp('oz', { hw: null, learned: { setpoint_wire: 3 } }).thermostat.view().model, 'oz')
  t.equal(setUp('sx', { hw: 'oz', learned: { setpoint_wire: 1 } }).thermostat.view().model, 'old')
})

t.test('moving keeps the link', async (t) => {
  const { link, thermostat } = await online('ax')
  thermostat.locate({ host: '127.0.0.2', port: 80 })
  t.same(link.address, { host: '127.0.0.2', port: 80 })
  await thermostat.stop()
})
