/** What Home Assistant hears in which order, and when a device is deleted there. */
import t from 'tap'
import { isObject, parseJson } from '../../../src/core/json.ts'
import { render } from '../../support/contracts/ha-template.ts'
import { EXAMPLE_SERIAL, exampleView } from '../../support/fake-bridge.ts'
import { componentsOf, DEVICE, running, setup } from './rig.ts'

t.test(
  'a document that allows a mode goes out before the state that uses it, and the state again after it',
  async (t) => {
    const { mqtt, devices, clock, topics } = await running()
    const state = topics.state(EXAMPLE_SERIAL)
    // As the publisher, which listens after Home Assistant's part.
    devices.events.on('state', (view) => mqtt.retain(state, JSON.stringify(view.state)))
    devices.update(EXAMPLE_SERIAL, { state: { cooling: true, mode: 'cool' } })
    const order = () => mqtt.sent.map(({ how, topic }) => `${how} ${topic === DEVICE ? 'document' : 'state'}`)
    t.same(order(), ['retain document', 'retain state'])
    t.match(componentsOf(mqtt.kept.get(DEVICE)).climate, { modes: ['off', 'cool', 'auto'] })
    await clock.advance(10_000)
    t.same(order().slice(2), ['repeat state'])
  },
)

/** What Home Assistant reads out of each state by the document that it had by then: the mode, and whether that allows it. */
function modesSeen(sent: readonly { readonly topic: string; readonly payload: string }[], state: string) {
  let climate: Record<string, unknown> = {}
  return sent.flatMap(({ topic, payload }) => {
    if (topic === DEVICE) climate = { ...Object(componentsOf(payload).climate) }
    const value_json = parseJson(payload)
    if (topic !== state || !isObject(value_json)) return []
    const { mode_state_template: template, modes } = climate
    const mode = render(String(template), { value_json })
    return [{ mode, allowed: mode === 'None' || (Array.isArray(modes) && modes.includes(mode)) }]
  })
}

t.test('right after a document, too, no mode is shown that it does not allow', async (t) => {
  const { mqtt, devices, clock, topics } = await running()
  const state = topics.state(EXAMPLE_SERIAL)
  devices.events.on('state', (view) => mqtt.retain(state, JSON.stringify(view.state)))
  devices.update(EXAMPLE_SERIAL, { name: 'Kitchen' })
  await clock.advance(1_500)
  t.equal(mqtt.on(DEVICE).length, 1, 'a document, and none may follow for five seconds')
  devices.update(EXAMPLE_SERIAL, { state: { cooling: true, mode: 'cool' } })
  await clock.advance(10_000)
  t.equal(mqtt.on(DEVICE).length, 2)
  const seen = modesSeen(mqtt.sent, state)
  t.same(
    seen.filter(({ allowed }) => !allowed),
    [],
  )
  t.match([seen[0], seen.at(-1)], [{ mode: 'None' }, { mode: 'cool' }])
})

t.test('one document for a start, of what the device has shown by then', async (t) => {
  const { mqtt, devices, clock, homeAssistant } = setup()
  const { health, features } = exampleView()
  const remembered = new Set([...features].filter((key) => key !== 'energy'))
  const before = { lastSeen: null, failures: 0 }
  devices.add(exampleView('ax', { online: false, features: remembered, health: { ...health, ...before } }))
  homeAssistant.start()
  mqtt.connect()
  await clock.advance(5_000)
  t.equal(mqtt.on(DEVICE).length, 0, 'not before it was read')
  devices.update(EXAMPLE_SERIAL, { features, health, state: { cooling: true } })
  devices.update(EXAMPLE_SERIAL, { online: true })
  await clock.advance(120_000)
  t.equal(mqtt.on(DEVICE).length, 1)
  t.match(componentsOf(mqtt.on(DEVICE)[0]?.payload), { energy: {}, climate: { modes: ['off', 'cool', 'auto'] } })
})

t.test('a device that does not answer has its document all the same, once that is certain', async (t) => {
  const { mqtt, devices, clock, homeAssistant } = setup()
  const { health } = exampleView()
  const silent = (failures: number) => ({ ...health, lastSeen: null, failures })
  devices.add(exampleView('ax', { online: false, health: silent(2) }))
  homeAssistant.start()
  mqtt.connect()
  await clock.advance(5_000)
  t.equal(mqtt.on(DEVICE).length, 0)
  const view = devices.update(EXAMPLE_SERIAL, { health: silent(3) })
  devices.events.emit('availability', view)
  await clock.advance(5_000)
  t.equal(mqtt.on(DEVICE).length, 1)
})

t.test('a device that somebody deletes in Home Assistant', async (t) => {
  const cases = [
    [{ online: false, sources: ['beacon'] }, undefined],
    [{ online: true, sources: ['beacon'] }, /was deleted in Home Assistant; it returns, because it answers\./],
    [{ online: false, sources: ['beacon', 'account:home'] }, /it returns, because account home lists it\./],
    [{ online: false, sources: ['config'] }, /it returns, because the settings name it\./],
  ] as const
  for (const [change, reason] of cases) {
    const { mqtt, devices, clock, lines } = await running()
    devices.update(EXAMPLE_SERIAL, change)
    await clock.advance(20_000)
    mqtt.sent.length = 0
    mqtt.receive(DEVICE, '')
    await clock.advance(20_000)
    if (reason) {
      t.same(
        mqtt.on(DEVICE).map(({ how }) => how),
        ['repeat'],
        String(reason),
      )
      t.match(lines.join('\n'), reason)
    } else {
      t.equal(devices.get(EXAMPLE_SERIAL), undefined, 'gone from everywhere, it is forgotten')
      t.same(
        mqtt.on(DEVICE).map(({ how }) => how),
        ['clear'],
      )
      t.match(lines.join('\n'), /it is forgotten, because it is offline and no account lists it/)
    }
  }
})
