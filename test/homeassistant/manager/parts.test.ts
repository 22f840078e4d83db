import t from 'tap'
import { parseJson } from '../../../src/core/json.ts'
import { split } from '../../../src/homeassistant/document/split.ts'
import { contractErrors } from '../../support/contracts/ha-contract.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { FakeHomeAssistant } from './fake-home-assistant.ts'
import { componentsOf, DEVICE, setup } from './rig.ts'

const part = (number: number) => DEVICE.replace('/config', `_part${number}/config`)

/** A house of one device, and Home Assistant, which hears everything. */
function house(limit: number) {
  const rig = setup()
  const home = new FakeHomeAssistant()
  let heard = 0
  rig.mqtt.limit = limit
  const listen = () => {
    for (const { topic, payload } of rig.mqtt.sent.slice(heard)) {
      if (topic.startsWith('homeassistant/')) home.receive(topic, payload, rig.clock.monotonic())
    }
    heard = rig.mqtt.sent.length
  }
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await rig.clock.advance(1_000)
      listen()
    }
  }
  const kept = () => [...rig.mqtt.kept].filter(([topic, payload]) => topic.includes(EXAMPLE_SERIAL) && payload !== '')
  return { ...rig, home, pass, kept }
}

async function started(limit: number) {
  const all = house(limit)
  all.devices.add()
  all.homeAssistant.start()
  all.mqtt.connect()
  await all.pass(70)
  return all
}

const whole = async () => (await started(Number.POSITIVE_INFINITY)).home.entities

t.test('a document that is too large goes out in several, of which Home Assistant makes the same', async (t) => {
  const { home, kept } = await started(8_000)
  const documents = kept()
  t.ok(documents.length > 3)
  t.strictSame(home.entities, await whole())
  t.strictSame(home.faults, [])
  for (const [topic, payload] of documents) {
    t.ok(Buffer.byteLength(payload) <= 8_000, topic)
    t.strictSame(contractErrors(parseJson(payload)), [], topic)
  }
  const identifiers = documents.map(([, payload]) => JSON.stringify(parseJson(payload), ['device', 'identifiers']))
  t.equal(new Set(identifiers).size, 1, 'one device')
})

t.test(
  'the limit comes and goes, with reconnects and restarts: no entity is lost, known twice, or left behind',
  async (t) => {
    const expected = await whole()
    for (const limits of [
      [Number.POSITIVE_INFINITY, 8_000],
      [8_000, Number.POSITIVE_INFINITY],
      [8_000, 20_000, 7_000],
      [Number.POSITIVE_INFINITY, 8_000, Number.POSITIVE_INFINITY],
    ]) {
      for (const restart of [false, true]) {
        const name = `${limits} ${restart ? 'restarted' : 'reconnected'}`
        let restarts = 0
        let now = await started(limits[0] ?? 0)
        for (const limit of limits.slice(1)) {
          if (restart) {
            now.homeAssistant.stop()
            const next = house(limit)
            for (const [topic, payload] of now.mqtt.kept) if (payload !== '') next.mqtt.kept.set(topic, payload)
            now = { ...next, home: now.home, pass: passing(next, now.home, ++restarts * 1e9) }
            now.devices.add()
            now.homeAssistant.start()
          } else {
            now.mqtt.disconnect()
            now.mqtt.limit = limit
          }
          now.mqtt.connect()
          await now.pass(90)
        }
        t.strictSame(now.home.faults, [], name)
        t.strictSame(now.home.entities, expected, name)
        const told = now.kept().flatMap(([, payload]) => Object.keys(componentsOf(payload)))
        t.equal(told.length, new Set(told).size, `${name}: nothing stands in two documents`)
        const last = limits.at(-1) ?? 0
        if (last === Number.POSITIVE_INFINITY) t.equal(now.kept().length, 1, `${name}: one document`)
      }
    }
  },
)

/** Time passes for a bridge that was started anew, while Home Assistant went on. */
function passing({ mqtt, clock }: ReturnType<typeof house>, home: FakeHomeAssistant, since: number) {
  let heard = 0
  return async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await clock.advance(1_000)
      for (const { topic, payload } of mqtt.sent.slice(heard)) {
        if (topic.startsWith('homeassistant/')) home.receive(topic, payload, clock.monotonic() + since)
      }
      heard = mqtt.sent.length
    }
  }
}

t.test('what goes is taken back in its part, and a part with nothing left is cleared', async (t) => {
  const { mqtt, devices, home, pass, kept } = await started(8_000)
  const { features } = exampleView()
  const going = Object.keys(componentsOf(mqtt.kept.get(part(3)))).filter((key) => features.has(key))
  t.ok(going.length > 3)
  devices.update(EXAMPLE_SERIAL, { features: new Set([...features].filter((key) => !going.includes(key))) })
  await pass(60)
  for (const key of going) t.ok(home.faults.includes(`forgot ${EXAMPLE_SERIAL}_${key}`), key)
  t.notOk(home.faults.some((fault) => !fault.startsWith('forgot')))
  devices.remove(EXAMPLE_SERIAL)
  await pass(10)
  t.strictSame(kept(), [], 'all of them go with the device')
  t.equal(mqtt.kept.get(part(2)), '')
})

t.test('an entity that is too large by itself is left out, and named once', async (t) => {
  const { home, lines } = await started(1_700)
  t.ok(home.entities.length > 20)
  t.notOk(home.entities.includes(`${EXAMPLE_SERIAL}_climate`))
  const said = lines.filter((line) => line.includes('entities are missing'))
  t.equal(said.length, 1)
  t.match(said[0], /climate/)
})

t.test('split: parts are as full as they may be, without gaps', async (t) => {
  const document = (keys: readonly string[]) => ({
    device: { identifiers: ['x'], name: 'x' },
    origin: { name: 'x', sw_version: '1' },
    components: Object.fromEntries(
      keys.map((key) => [key, { platform: 'sensor', unique_id: key, text: 'x'.repeat(300) } as const]),
    ),
  })
  const keys = Array.from({ length: 20 }, (_, i) => `k${i}`)
  const parts = (toldIn: (key: string) => number | undefined) =>
    split(document(keys), 2_400, toldIn).parts.map(({ components }) => Object.keys(components).length)
  t.strictSame(
    parts(() => undefined),
    [5, 5, 5, 5],
  )
  t.strictSame(parts(() => 2).at(-1), 5)
  t.strictSame(
    parts((key) => (key === 'k7' ? 6 : undefined)),
    [5, 5, 5, 5],
    'no gap before one that was told of far behind',
  )
  const { parts: sticky } = split(document(keys), 2_400, (key) => (key === 'k0' ? 3 : undefined))
  t.ok(sticky[3] && 'k0' in sticky[3].components, 'what was told of stays')
})
