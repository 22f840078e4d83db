/** A recording of any device gives the same state as the device itself. */
import t, { type Test } from 'tap'
import { record } from '../../../src/commands/record/index.ts'
import type { VirtualUnit } from '../../../src/simulator/index.ts'
import { SLOPPY_SERVERS } from '../../../src/simulator/index.ts'
import type { Quirks } from '../../../src/simulator/quirks.ts'
import { startRegistry } from '../../devices/rig.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { fixtureIn, list, object } from '../../support/fixtures.ts'
import { replay } from '../../support/replayed.ts'
import { SERIAL, startRelay, startThermostat } from '../../support/simulator.ts'
import { prepared, type Recorded, recorded } from './rig.ts'

const KINDS = ['ax', 'sx', 'rx', 'bx', 'az', 'old', 'oz', 'ms', 'd2w', 'nobody-knows'] as const
type Kind = (typeof KINDS)[number]

interface Case {
  readonly kind: Kind
  readonly quirks?: Partial<Quirks>
  /** More of a thermostat than the factory gives it. */
  readonly variant?: {
    readonly telemetryTime?: boolean
    readonly airSensor?: boolean
    readonly wholeDocument?: boolean
  }
}

function start(t: Test, { kind, quirks = {}, variant = {} }: Case, clock: FakeClock): Promise<VirtualUnit> {
  if (kind === 'ms' || kind === 'd2w') return startRelay(t, kind, { clock, quirks })
  return startThermostat(t, { clock, model: kind, quirks, ...variant })
}

/** All that the bridge shows of what answers there. */
async function shown(t: Test, unit: { readonly host: string; readonly port: number }, hw: string | null) {
  const rig = startRegistry(t, unit, { clock: new FakeClock(), hw })
  // A device that answers half is shown by what it answers.
  const error = await rig.errorOf(rig.registry.refresh(SERIAL))
  const { model, name, state, schedule } = rig.view()
  return { model, name, state, schedule, failed: error?.details?.reason }
}

/** Each cmd, and whether it was answered. */
const answered = ({ fixture }: Recorded) =>
  list(fixture.exchanges).map((exchange) => [object(object(exchange).request).cmd, 'response' in object(exchange)])

async function sameAsRecorded(t: Test, wanted: Case): Promise<Recorded> {
  const unit = await start(t, wanted, new FakeClock())
  const made = await recorded(t, unit, { beacon: () => unit.beacon() })
  t.same(unit.writes, [], 'nothing was written')
  const copy = await replay(t, made.fixture, SERIAL)
  t.equal(copy.hw, unit.hw)
  const [theirs, ours] = [await shown(t, unit, unit.hw), await shown(t, copy, copy.hw)]
  t.strictSame(ours, theirs)
  t.ok(
    Object.values(theirs.state).some((value) => typeof value === 'number'),
    'the state is one',
  )
  const text = JSON.stringify(made.fixture)
  t.notMatch(text, new RegExp(SERIAL.slice(0, 12), 'i'), 'without its serial')
  return made
}

for (const kind of KINDS) {
  t.test(`a recorded ${kind} is the same as the device`, async (t) => {
    const made = await sameAsRecorded(t, { kind })
    t.match(made.fixture.source, /^recorded by thermo2mqtt \d/)
    t.match(made.call.terminal.errs.at(-1), /^Recorded in .*recording\.json: \d answers, 1 broadcast\./)
  })
}

const VARIANTS: Readonly<Record<string, Case>> = {
  'firmware that does not tell the time': {
    kind: 'ax',
    variant: { telemetryTime: false },
    quirks: { answersTime: false },
  },
  'with an air sensor': { kind: 'ax', variant: { airSensor: true } },
  'with all that its document says': { kind: 'az', variant: { wholeDocument: true } },
  'deaf to parameters': { kind: 'sx', quirks: { deafTo: [1] } },
  'deaf to schedule and clock': { kind: 'oz', quirks: { deafTo: [2, 3, 10] } },
  'a sensor that reads open': { kind: 'oz', quirks: { brokenSensor: 'open' } },
  'closes every connection': { kind: 'az', quirks: { closeConnections: true } },
}

for (const [name, wanted] of Object.entries(VARIANTS)) {
  t.test(`a recording is the same as the device: ${name}`, async (t) => {
    await sameAsRecorded(t, wanted)
  })
}

t.test('what a device does not answer is told, and the rest is recorded', async (t) => {
  const made = await sameAsRecorded(t, { kind: 'sx', quirks: { deafTo: [1, 3] } })
  t.same(answered(made), [
    [1, false],
    [4, true],
    [2, true],
    [10, true],
    [3, false],
  ])
  t.match(list(made.fixture.exchanges)[0], { request: { cmd: 1 }, failure: 'EMPTY' })
  t.match(made.call.terminal.errs.join('\n'), /Not recorded: the answer to \{"cmd":1\}\. The answer .* is empty/)
})

t.test('web servers that are sloppy with HTTP', async (t) => {
  const clock = new FakeClock()
  const unit = await start(t, { kind: 'oz' }, clock)
  const plain = await recorded(t, unit, { beacon: () => unit.beacon() })
  for (const sloppy of SLOPPY_SERVERS) {
    unit.quirks.sloppy = sloppy
    const made = await recorded(t, unit, { beacon: () => unit.beacon() })
    if (JSON.stringify(made.fixture) !== JSON.stringify(plain.fixture)) t.fail(sloppy)
  }
  t.ok(SLOPPY_SERVERS.length > 20)
})

t.test('a busy device is asked again', async (t) => {
  const clock = new FakeClock()
  const unit = await start(t, { kind: 'oz' }, clock)
  const plain = await recorded(t, unit, { beacon: () => unit.beacon() })
  unit.quirks.busyNext = 2
  const made = await recorded(t, unit, { beacon: () => unit.beacon() })
  t.strictSame(made.fixture, plain.fixture)
  t.equal(unit.quirks.busyNext, 0)
})

t.test('a slow device gets the time that it needs', async (t) => {
  const clock = new FakeClock()
  const unit = await start(
    t,
    { kind: 'ms', quirks: { latency: 19_000, injectReplies: [{ on: 4, reply: 'slow' }], slowInterval: 50 } },
    clock,
  )
  const { given, path } = await prepared(t, unit, { clock, timeout: '10s' })
  t.equal(await clock.until(record(given), 20), 0)
  const fixture = fixtureIn(path)
  t.same(
    answered({ fixture, path, call: given }),
    [1, 4, 2, 10, 3].map((cmd) => [cmd, true]),
  )
  t.match(given.terminal.errs.join('\n'), /No broadcast of the device was heard\. So the recording does not say/)
  const copy = await replay(t, fixture, SERIAL)
  unit.quirks.latency = 0
  const [ours, theirs] = [await shown(t, copy, 'ms'), await shown(t, unit, 'ms')]
  // Its clock went on while it was recorded.
  t.strictSame({ ...ours.state, clock_offset: null }, { ...theirs.state, clock_offset: null })
})
