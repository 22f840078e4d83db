/** What a thermostat answers and what it publishes: the later one holds, and the two never take turns. */
import fc from 'fast-check'
import t from 'tap'
import { modelWithId } from '../../src/catalog/index.ts'
import { BridgeError } from '../../src/core/errors.ts'
import { Readings } from '../../src/devices/facts/readings.ts'
import { indexRows } from '../../src/devices/facts/rows.ts'
import { HEARD_FOR } from '../../src/devices/reading/poller.ts'
import { type Published, SETTLING } from '../../src/devices/reading/second-source.ts'
import { Thermostat } from '../../src/devices/thermostat.ts'
import { parseParameters, parseTelemetry, type Telemetry } from '../../src/protocol/replies.ts'
import { FakeLink, parametersOf, silent, telemetryOf, withValues } from '../devices/support.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { answersOf } from './support.ts'

const POLL = 15_000
const HEARD_POLL = 60_000

function setUp(model = 'oz', located = true) {
  const clock = new FakeClock()
  const link = new FakeLink(located ? model : 'ax')
  const states: unknown[] = []
  const availability: boolean[] = []
  const looks: boolean[] = []
  const thermostat = new Thermostat(
    { serial: 'A1B2C3', hw: model, name: null, counterBase: null, learned: {}, features: [], sources: ['config'] },
    {
      clock,
      random: () => 0.5,
      logger: silent,
      pollInterval: POLL,
      heardInterval: HEARD_POLL,
      rows: indexRows,
      connect: () => link,
      keySource: () => null,
      energy: {
        ownFigure: undefined,
        committed: null,
        take: (readings) => looks.push(readings.value('load') === true),
        reset: () => Promise.resolve(),
      },
      onState: (changed) => states.push(changed.view().state.floor_temperature),
      onAvailability: (changed) => availability.push(changed.online),
      onIdentity: () => undefined,
    },
  )
  if (located) thermostat.locate({ host: '127.0.0.1', port: 80 })
  const state = () => thermostat.view().state
  const say = (fields: Readonly<Record<string, string>>) =>
    thermostat.published({ kind: 'fields', fields: new Map(Object.entries(fields)) })
  t.teardown(() => thermostat.stop())
  return { clock, link, thermostat, states, availability, looks, state, say }
}

async function running(model?: string) {
  const all = setUp(model)
  await all.clock.advance(0)
  all.states.length = 0
  return all
}

const degrees = (value: number) => String(value * 16)

function telling(telemetry: Telemetry, fields: Readonly<Record<string, string | undefined>>): Telemetry {
  const changed = new Map(telemetry.fields)
  for (const [field, raw] of Object.entries(fields)) {
    if (raw === undefined) changed.delete(field)
    else changed.set(field, raw)
  }
  return { ...telemetry, fields: changed }
}

const unreachable = new BridgeError('DEVICE_UNREACHABLE', 'blocked')

t.test('a message is shown at once, and the next answer after it holds again', async (t) => {
  const { clock, link, state, say } = await running()
  link.calls.length = 0
  say({ 't.1': degrees(31.5), 'f.16': '1' })
  t.match(state(), { floor_temperature: 31.5, mode: 'off' })
  t.same(link.calls, [], 'nothing was asked')
  link.telemetry = telling(link.telemetry, { 't.1': degrees(29), 'f.16': '0' })
  await clock.advance(POLL)
  t.match(state(), { floor_temperature: 29 })
  t.not(state().mode, 'off')
})

t.test('an answer asked for before a message came does not undo it', async (t) => {
  const { clock, link, thermostat, state, say } = await running()
  const old = telling(link.telemetry, { 't.1': degrees(20), 'f.0': '0' })
  const answer = Promise.withResolvers<Telemetry>()
  link.readTelemetry = () => answer.promise
  void thermostat.refresh().catch(() => undefined)
  await clock.advance(10)
  say({ 't.1': degrees(25), 'f.0': '1' })
  answer.resolve(old)
  await clock.advance(10)
  t.match(state(), { floor_temperature: 25, load: true }, 'the message is the later one')
  t.equal(state().wifi_rssi, Number(old.fields.get('o.0')), 'what was not published is as answered')
  link.readTelemetry = async () => old
  await clock.advance(HEARD_POLL + 5_000)
  t.match(state(), { floor_temperature: 20, load: false }, 'what is asked afterwards holds')
})

t.test('the decimal that messages lack changes nothing, whether they round or cut off', async (t) => {
  const { clock, link, states, state, say } = await running()
  link.telemetry = telling(link.telemetry, { 't.1': '361' })
  await clock.advance(POLL)
  t.equal(state().floor_temperature, 22.56)
  states.length = 0
  for (let minute = 0; minute < 5; minute++) {
    say({ 't.1': degrees(22.6) })
    say({ 't.1': degrees(22.5) })
    await clock.advance(HEARD_POLL)
  }
  t.same(states, [], 'nothing took turns')
  say({ 't.1': degrees(22.7) })
  t.equal(state().floor_temperature, 22.7)
})

t.test('no temperature makes an answer and a message of it take turns', async (t) => {
  const raw = fc.integer({ min: -40 * 16, max: 110 * 16 })
  const asPublished = fc.constantFrom(
    (value: number) => value.toFixed(1),
    (value: number) => String(Math.sign(value) * (Math.round(Math.abs(value) * 10) / 10)),
    (value: number) => String(Math.trunc(value * 10) / 10),
  )
  const order = fc.array(fc.boolean(), { minLength: 2, maxLength: 8 })
  const readings = new Readings(indexRows(modelWithId('oz')))
  let at = 0
  fc.assert(
    fc.property(raw, asPublished, order, (raw, write, order) => {
      const fields = new Map([['t.1', String(raw)]])
      const seen = new Set<unknown>()
      readings.applyTelemetry({ fields, time: undefined, setpointStep: undefined }, { at: ++at })
      for (const answered of [true, ...order]) {
        if (answered) readings.applyTelemetry({ fields, time: undefined, setpointStep: undefined }, { at: ++at })
        else readings.publishField('t.1', String(Number(write(raw / 16)) * 16), ++at)
        seen.add(readings.value('floor_temperature'))
      }
      return seen.size === 1
    }),
  )
  // A step of a tenth is none of that.
  for (const step of [24.3, 24.4, 24.5, 24.4]) {
    readings.publishField('t.5', String(step * 16), ++at)
    t.equal(readings.value('setpoint_in_force'), step)
  }
})

t.test('what was published before a command was confirmed does not undo it', async (t) => {
  const { clock, link, thermostat, state, say } = await running()
  const done = thermostat.set({ mode: 'off' })
  say({ 'f.16': '0' })
  link.telemetry = telling(link.telemetry, { 'f.16': '1' })
  await done
  t.equal(state().mode, 'off')
  const list = withValues(parametersOf('oz'), { 125: '0', 23: '1' })
  say({ 'f.16': '0', 't.5': degrees(5), 't.1': degrees(24) })
  thermostat.published({ kind: 'parameters', list })
  thermostat.published({ kind: 'parameter', id: 23, raw: '1' })
  t.match(state(), { mode: 'off', floor_temperature: 24 }, 'only what is measured is taken so soon')
  t.not(state().brightness, 1)
  await clock.advance(SETTLING)
  say({ 'f.16': '0' })
  t.not(state().mode, 'off', 'later it is somebody at the device')
})

t.test('what a unit that is off leaves out of its answers does not come back by messages', async (t) => {
  const { clock, link, states, state, say } = await running()
  link.telemetry = telling(link.telemetry, { 't.1': undefined })
  await clock.advance(POLL)
  t.equal(state().floor_temperature, null)
  states.length = 0
  for (let minute = 0; minute < 4; minute++) {
    say({ 't.1': degrees(21) })
    await clock.advance(HEARD_POLL)
  }
  t.same(states, [])
  link.telemetry = telling(link.telemetry, { 't.1': degrees(21) })
  await clock.advance(HEARD_POLL + POLL)
  say({ 't.1': degrees(22) })
  t.equal(state().floor_temperature, 22)
})

t.test('while a unit publishes it is read less often, and sooner when there is more to know', async (t) => {
  const { clock, link, say } = await running()
  const polls = () => link.calls.filter((call) => call === 'telemetry').length
  const publishing = async (minutes: number, fields = (_minute: number) => ({ 't.1': degrees(22) })) => {
    const before = polls()
    for (let minute = 0; minute < minutes; minute++) {
      say(fields(minute))
      await clock.advance(60_000)
    }
    return polls() - before
  }
  await publishing(1)
  const quiet = await publishing(10)
  t.ok(quiet >= 9 && quiet <= 10, `${quiet} polls in ten minutes, full ones still come`)
  const before = polls()
  say({ 'f.16': '1' })
  await clock.advance(POLL)
  t.equal(polls(), before + 1, 'a change that others follow is looked into at the usual pace')
  await clock.advance(HEARD_FOR + HEARD_POLL)
  const after = polls()
  await clock.advance(10 * POLL)
  t.equal(polls() - after, 10, 'as often as ever once it has fallen silent')
})

t.test('flapping fields do not make it poll faster than usual', async (t) => {
  const { clock, link, say } = await running()
  link.calls.length = 0
  for (let second = 0; second < 120; second++) {
    say({ 'f.16': String(second % 2) })
    await clock.advance(1_000)
  }
  t.ok(link.calls.filter((call) => call === 'telemetry').length <= 8)
})

t.test('one whose LAN is blocked stays online while it publishes, and no longer', async (t) => {
  const { clock, link, thermostat, availability, state, say } = await running()
  link.error = unreachable
  for (let minute = 0; minute < 20; minute++) {
    say({ 't.1': degrees(20 + minute) })
    await clock.advance(60_000)
  }
  t.same(availability, [true])
  t.equal(state().floor_temperature, 39)
  t.match(thermostat.view().health, { error: { code: 'DEVICE_UNREACHABLE' } }, 'why commands would fail is still told')
  t.ok((thermostat.view().health.lastSeen ?? 0) >= clock.now() - 61_000)
  await clock.advance(HEARD_FOR)
  t.same(availability, [true, false], 'told at once, not at the next of its rare polls')
  say({ 't.1': degrees(20) })
  t.same(availability, [true, false, true], 'a message ends the wait')
  link.error = null
  link.calls.length = 0
  await clock.advance(HEARD_FOR + POLL)
  t.same(availability, [true, false, true])
  t.ok(link.calls.includes('telemetry'))
})

t.test('one that is offline is asked as soon as it publishes', async (t) => {
  const { clock, link, availability, say } = await running()
  link.error = unreachable
  await clock.advance(40 * POLL)
  t.same(availability, [true, false])
  link.error = null
  link.calls.length = 0
  say({ 't.1': degrees(20) })
  await clock.advance(0)
  t.ok(link.calls.includes('telemetry'))
})

t.test('one without an address is shown by its messages alone, and offline when they cease', async (t) => {
  const { clock, availability, state, say } = setUp('ax', false)
  say({ 't.1': degrees(20.5), 't.5': degrees(24), 'f.0': '1', 'f.16': '0' })
  t.match(state(), { floor_temperature: 20.5, target_temperature: 24, load: true })
  t.same(availability, [true])
  await clock.advance(HEARD_FOR)
  t.same(availability, [true, false])
})

t.test('every message that tells the load is a look at it for the energy', async (t) => {
  const { looks, say } = await running()
  looks.length = 0
  say({ 'f.0': '1' })
  say({ 't.1': degrees(20) })
  say({ 'f.0': '0' })
  t.same(looks, [true, false])
})

t.test('relays publish their answers whole; what is of another kind is refused', async (t) => {
  const { parameters: list, telemetry: flat } = answersOf('ms')
  const { parameters: object, telemetry: nested } = answersOf('d2w')
  const ms = setUp('ms', false)
  ms.thermostat.published({ kind: 'parameters', list: withValues(parseParameters(list), { 125: '1' }) })
  ms.thermostat.published({ kind: 'telemetry', telemetry: telling(parseTelemetry(flat), { 'f.10': '1' }) })
  t.match(ms.state(), { relay: true, load: true, lock: 'none' })
  const d2w = setUp('d2w', false)
  d2w.thermostat.published({ kind: 'parameters', list: parseParameters(object) })
  d2w.thermostat.published({ kind: 'telemetry', telemetry: parseTelemetry(nested) })
  t.match(d2w.state(), { voltage: 218, load: true })
  const strange: readonly (readonly [typeof ms, Published])[] = [
    [ms, { kind: 'parameters', list: parametersOf('ax') }],
    [ms, { kind: 'telemetry', telemetry: telemetryOf('ax') }],
    [await running('ax'), { kind: 'telemetry', telemetry: parseTelemetry(flat) }],
    [d2w, { kind: 'parameters', list: parseParameters(list) }],
  ]
  for (const [unit, message] of strange)
    t.throws(() => unit.thermostat.published(message), { code: 'DEVICE_BAD_REPLY' })
})
