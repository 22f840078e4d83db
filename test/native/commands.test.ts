/** Commands over MQTT: where they go, and what shows that they were done. */
import t from 'tap'
import { modelWithId } from '../../src/catalog/index.ts'
import { BridgeError } from '../../src/core/errors.ts'
import type { LinkOutcome, PlannedChange } from '../../src/devices/link/link.ts'
import { settled as clearance } from '../../src/lan/clearance.ts'
import { commandsFor, type Situation } from '../../src/native/commands/index.ts'
import { type Heard, NativeLink } from '../../src/native/commands/link.ts'
import { FakeLink, silent, withValues } from '../devices/support.ts'
import { FakePort } from '../homeassistant/manager/fake-port.ts'
import { FakeClock } from '../support/fake-clock.ts'

const SERIAL = 'A1B2C3D4'

function setUp(model: string, form: Heard['form'] = 'levels') {
  const clock = new FakeClock()
  const lan = new FakeLink(model === 'old' ? 'az' : model)
  const mqtt = new FakePort()
  mqtt.connected = true
  const control = { heard: { base: 'home/bath', form, publishes: new Set() } as Heard | undefined }
  const link = new NativeLink({
    lan,
    owner: {
      serial: SERIAL,
      counterBase: null,
      dialect: null,
      model: modelWithId(model),
      clearance: clearance(true),
      onCounterBase: () => undefined,
    },
    mqtt,
    clock,
    logger: silent,
    heard: () => control.heard,
    topicOf: ({ base, form }, name) => `${base}/${form === 'levels' ? 'set/' : ''}${name}`,
  })
  const sent = () => mqtt.sent.map(({ topic, payload }) => `${topic} ${payload}`)
  /** Lets time pass until the write is settled. */
  const settled = async (written: Promise<LinkOutcome>) => {
    let over = false
    const outcome = written
      .then(
        (outcome) => ({ outcome, code: undefined }),
        (error: unknown) => ({ outcome: undefined, code: error instanceof BridgeError ? error.code : String(error) }),
      )
      .finally(() => {
        over = true
      })
    let waited = 0
    while (!over) {
      await clock.advance(500)
      waited += 500
    }
    return { ...(await outcome), waited }
  }
  const write = (...changes: PlannedChange[]) => settled(link.write(() => changes))
  return { clock, lan, mqtt, control, link, sent, settled, write }
}

const brightness: PlannedChange = { id: 23, type: 2, raws: ['4'] }
const off: PlannedChange = { id: 125, type: 7, raws: ['1'] }
const unreachable = new BridgeError('DEVICE_UNREACHABLE', 'blocked')

/** The device does it, and shows it in its answers. */
const done = (lan: FakeLink, values: Readonly<Record<number, string>>) => {
  lan.parameters = withValues(lan.parameters, values)
}

t.test('what a model takes on which topic, by its document', async (t) => {
  const rows = {
    mode: ['2', 2, '1'],
    floor: ['5', 1, '24'],
    temporary: ['29', 1, '25'],
    off: ['125', 7, '1'],
    hysteresis: ['19', 2, '5'],
    tenths: ['5', 3, '245'],
    schedule: ['2', 2, '0'],
  } as const
  type Name = keyof typeof rows
  const said = (model: string, names: readonly Name[], more: Partial<Situation> = {}) => {
    const list = names.map((name) => ({ id: Number(rows[name][0]), type: rows[name][1], raw: rows[name][2] }))
    const parameters = new Map([[3, { type: 2, value: '0' } as const]])
    const situation = {
      serial: SERIAL,
      model: modelWithId(model),
      form: 'levels',
      publishes: new Set<string>(),
      parameters,
      operatingMode: '3',
      ...more,
    } as const
    return commandsFor(list, situation)?.map(({ name, payload }) => `${name} ${payload}`) ?? null
  }
  t.strictSame(said('ax', ['off']), ['powerOff 1'])
  t.strictSame(
    said('ax', ['floor', 'mode', 'off']),
    ['mode 1', 'powerOff 1', 'setTemp 24'],
    'the mode decides what the setpoint is for',
  )
  t.strictSame(said('sx', ['tenths']), ['setTemp 24.5'])
  t.strictSame(said('old', ['temporary'], { operatingMode: '5' }), ['setTemp 25'])
  t.strictSame(said('ax', ['temporary', 'schedule']), ['mode 0', 'setTemp 25'])
  const by_lan: readonly (readonly [readonly Name[], Partial<Situation>])[] = [
    [['hysteresis'], {}],
    [['off', 'hysteresis'], {}],
    [['temporary'], {}],
    [['floor'], { operatingMode: '0' }],
    [['floor'], { operatingMode: '4' }],
    [['floor'], { operatingMode: undefined }],
    [['floor'], { parameters: null }],
    [['floor'], { parameters: new Map([[3, { type: 2, value: '1' }]]) }],
  ]
  t.strictSame(
    by_lan.map(([names, more]) => said('ax', names, more)),
    by_lan.map(() => null),
    'no topic of it does exactly that',
  )
  t.strictSame(said('unknown', ['off']), ['powerOff 1'])
  t.strictSame(said('oz', ['off', 'hysteresis']), [`parameters {"sn":"${SERIAL}","par":[[125,7,"1"],[19,2,"5"]]}`])
  t.strictSame(said('d2w', ['off']), [`parameters {"deviceId":0,"sn":"${SERIAL}","par":{"125":true}}`])
  t.strictSame(said('ms', ['off'], { form: 'bare' }), null)
  t.strictSame(said('ax', ['off'], { form: 'bare' }), ['powerOff 1'])
})

t.test('confirmed by what the device answers', async (t) => {
  const { lan, sent, write } = setUp('ax')
  done(lan, { 23: '4' })
  const { outcome } = await write(brightness)
  t.strictSame(sent(), ['home/bath/set/bright 4'])
  t.strictSame(outcome?.notApplied, [])
  t.equal(outcome?.used.get(23), '4')
  t.strictSame(lan.calls, ['parameters'], 'asked once, and nothing written')
})

t.test('confirmed by what it publishes, sooner and without the LAN', async (t) => {
  const ax = setUp('ax')
  const { fields } = ax.lan.telemetry
  ax.lan.telemetry = { ...ax.lan.telemetry, fields: new Map([...fields, ['m.1', '3']]) }
  ax.lan.parameters = withValues(ax.lan.parameters, { 3: '0' })
  await ax.link.readTelemetry()
  await ax.link.readParameters()
  ax.lan.error = unreachable
  const written = ax.settled(ax.link.write(() => [off, { id: 5, type: 1, raws: ['24'] }]))
  await ax.clock.advance(1_000)
  t.strictSame(ax.sent(), ['home/bath/set/powerOff 1', 'home/bath/set/setTemp 24'])
  ax.link.take({ kind: 'fields', fields: new Map([['f.16', '1']]) })
  ax.link.take({ kind: 'fields', fields: new Map([['t.5', String(24 * 16)]]) })
  t.match(await written, { outcome: { notApplied: [] }, code: undefined, waited: 1_000 })
  const oz = setUp('oz')
  oz.lan.error = unreachable
  const whole = oz.settled(oz.link.write(() => [off, brightness]))
  await oz.clock.advance(0)
  oz.link.take({ kind: 'parameters', list: withValues(oz.lan.parameters, { 23: '4', 125: '1' }) })
  t.match(await whole, { outcome: { notApplied: [] } })
})

t.test('NOT_APPLIED only when the device says so long enough after', async (t) => {
  const answered = setUp('ax')
  answered.lan.stubborn = [23]
  const refused = await answered.write(brightness)
  t.strictSame(refused.outcome?.notApplied, [23])
  t.equal(refused.waited, 10_000)
  t.strictSame(answered.lan.calls, ['parameters', 'parameters', 'parameters', 'write'])
  const { lan, link, clock, settled } = setUp('ax')
  lan.error = unreachable
  const told = settled(link.write(() => [off]))
  await clock.advance(4_000)
  link.take({ kind: 'fields', fields: new Map([['f.16', '0']]) })
  t.match(await told, { outcome: { notApplied: [125] } }, 'published 3 to 5 s after, as documented')
})

t.test('what had no effect goes over the LAN, where it is signed, and only that', async (t) => {
  const { lan, link, clock, settled } = setUp('oz')
  const written = settled(link.write(() => [brightness, off]))
  await clock.advance(0)
  done(lan, { 125: '1' })
  const { outcome } = await written
  t.strictSame(outcome?.notApplied, [])
  t.strictSame(lan.written, [[brightness]])
  t.strictSame([...(outcome?.used ?? [])].sort(), [
    [125, '1'],
    [23, '4'],
  ])
  t.equal(outcome?.parameters.get(125)?.value, '1')
})

t.test('why the LAN refuses it is told, and that it can not be reached is no reason', async (t) => {
  const whyOf = async (error: BridgeError) => {
    const { lan, write } = setUp('oz')
    lan.write = () => Promise.reject(error)
    const { outcome, code } = await write(brightness)
    return [code, outcome?.notApplied, outcome?.why?.code]
  }
  const refused = ['KEY_REJECTED', 'KEY_MISSING', 'LAN_LOCKED', 'OUTCOME_UNKNOWN', 'ADDRESS_UNPROVEN'] as const
  for (const code of refused) t.strictSame(await whyOf(new BridgeError(code, 'no')), [undefined, [23], code])
  const away = ['DEVICE_UNREACHABLE', 'DEVICE_TIMEOUT', 'DEVICE_BUSY', 'DEVICE_WEDGED'] as const
  for (const code of away) t.strictSame(await whyOf(new BridgeError(code, 'no')), [undefined, [23], undefined], code)
})

t.test('OUTCOME_UNKNOWN when nothing is heard afterwards', async (t) => {
  const { lan, link, clock, settled } = setUp('ax')
  lan.error = unreachable
  t.match(await settled(link.write(() => [brightness])), { code: 'OUTCOME_UNKNOWN' })
  const early = settled(link.write(() => [off]))
  await clock.advance(1_000)
  link.take({ kind: 'fields', fields: new Map([['f.16', '0']]) })
  t.match(await early, { code: 'OUTCOME_UNKNOWN' }, 'what it held before says nothing')
})

t.test('another code for the same label is tried when the first is not taken', async (t) => {
  const { lan, mqtt, sent, link, settled } = setUp('ax')
  lan.parameters = withValues(lan.parameters, { 2: '0' })
  const { publish } = mqtt
  mqtt.publish = (topic, payload) => {
    publish.call(mqtt, topic, payload)
    if (payload === '3') done(lan, { 2: '3' })
  }
  const { outcome } = await settled(link.write(() => [{ id: 2, type: 2, raws: ['1', '3'] }]))
  t.strictSame(sent(), ['home/bath/set/mode 1', 'home/bath/set/mode 3'])
  t.equal(outcome?.used.get(2), '3')
})

t.test(
  'the LAN is the way for a device that has not published, without a broker, and for what has no topic',
  async (t) => {
    const silentOne = setUp('ax')
    silentOne.control.heard = undefined
    await silentOne.write(brightness)
    const brokerless = setUp('ax')
    brokerless.mqtt.connected = false
    await brokerless.write(brightness)
    const special = setUp('ax')
    await special.write({ id: 19, type: 2, raws: ['5'] })
    for (const { lan, sent } of [silentOne, brokerless, special]) {
      t.equal(lan.written.length, 1)
      t.strictSame(sent(), [])
    }
    const { lan, link } = setUp('ax')
    await Promise.all([
      link.readTime(),
      link.readWeek('floor'),
      link.restart(),
      link.blink(),
      link.setTime(1),
      link.resetParameters(),
      link.resetSchedule(),
    ])
    t.equal(lan.calls.length + lan.weekReads.length, 7)
  },
)

t.test('locked for all networks is told at once; one write waits for the other; stop ends the wait', async (t) => {
  const locked = setUp('oz')
  locked.lan.parameters = withValues(locked.lan.parameters, { 114: '1', 115: '1' })
  await locked.link.readParameters()
  t.match(await locked.write(brightness), { code: 'LOCKED_BOTH' })
  t.strictSame(locked.sent(), [])
  const { lan, link, clock, sent, settled } = setUp('ax')
  const first = settled(link.write(() => [brightness]))
  const second = settled(link.write(() => [off]))
  await clock.advance(0)
  t.strictSame(sent(), ['home/bath/set/bright 4'])
  done(lan, { 23: '4', 125: '1' })
  t.match(await Promise.all([first, second]), [{ outcome: { notApplied: [] } }, { outcome: { notApplied: [] } }])
  const last = settled(link.write(() => [{ ...brightness, raws: ['9'] }]))
  await clock.advance(0)
  await link.stop()
  t.match(await last, { code: 'OUTCOME_UNKNOWN' })
  t.equal(lan.stopped, true)
})
