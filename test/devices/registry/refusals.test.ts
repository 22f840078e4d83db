/** Commands that are not carried out: shown in the state of the device, told as an event, gone with the next that is. */
import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { online, SERIAL } from './rig.ts'

async function watched() {
  const parts = await online()
  const { registry, events } = parts
  const states: unknown[] = []
  registry.events.on('state', ({ state }) => states.push(state.last_error))
  const refusals = () => events.filter(({ type }) => type === 'command_failed')
  return { ...parts, states, refusals, shown: () => registry.get(SERIAL)?.state.last_error }
}

t.test('by the bridge, at once, with the reason; until a command is carried out', async (t) => {
  const { registry, clock, states, refusals, shown } = await watched()
  t.equal(shown(), null)
  await t.rejects(registry.set(SERIAL, { target_temperature: 90 }), { code: 'OUT_OF_RANGE' })
  const error = { code: 'OUT_OF_RANGE', message: /can't be 90: allowed is 5 to 45/, about: ['target_temperature'] }
  t.match(shown(), { ...error, at: new Date(clock.now()).toISOString() })
  t.equal(states.length, 1, 'told at once')
  t.match(refusals(), [
    {
      serial: SERIAL,
      message: /^A command to .* \(target_temperature\) was not carried out: .* can't be 90/,
      details: { code: 'OUT_OF_RANGE', about: ['target_temperature'], reason: error.message },
    },
  ])
  await clock.advance(1)
  await t.rejects(registry.set(SERIAL, { target_temperature: 90 }))
  t.equal(states.length, 2, 'the same once more is another moment, so whoever shows it is told anew')
  await registry.set(SERIAL, { target_temperature: 24 })
  t.equal(shown(), null)
  t.equal(states.at(-1), null)
  await registry.stop()
})

t.test('a command that was rounded to what was there shows a state all the same', async (t) => {
  const { registry, clock, link } = await watched()
  // As the command leaves it.
  link.telemetry = { ...link.telemetry, fields: new Map([...link.telemetry.fields, ['t.5', String(24 * 16)]]) }
  const rounded = () => registry.get(SERIAL)?.state.last_rounded
  await registry.set(SERIAL, { target_temperature: 24 })
  t.equal(rounded(), null)
  const states: unknown[] = []
  registry.events.on('state', ({ state }) => states.push(state.last_rounded))
  await registry.set(SERIAL, { target_temperature: 24.3 })
  t.same(rounded(), {
    at: new Date(clock.now()).toISOString(),
    rounded: { target_temperature: { asked: 24.3, set: 24 } },
  })
  t.equal(states.length, 1, 'told at once')
  await clock.advance(1)
  await registry.set(SERIAL, { target_temperature: 24.3 })
  t.equal(states.length, 2, 'the same once more, too')
  await t.rejects(registry.set(SERIAL, { target_temperature: 90 }))
  t.equal(rounded(), null, 'that was not the last command')
  await registry.stop()
})

t.test('by the device, of an action, of a schedule, and of what never came so far', async (t) => {
  const { registry, link, shown } = await watched()
  link.stubborn = [5]
  await t.rejects(registry.set(SERIAL, { target_temperature: 24 }), { code: 'NOT_APPLIED' })
  t.match(shown(), { code: 'NOT_APPLIED', about: ['target_temperature'] })
  link.error = new BridgeError('DEVICE_TIMEOUT', 'It is silent; the key is hunter2.')
  await t.rejects(registry.action(SERIAL, 'blink'))
  t.match(shown(), { code: 'DEVICE_TIMEOUT', message: 'It is silent; the key is ********.', about: ['blink'] })
  link.error = null
  await t.rejects(registry.setSchedule(SERIAL, { cellar: {} }))
  t.match(shown(), { about: ['schedule'] })
  registry.refused(SERIAL, ['mode'], new BridgeError('BAD_REQUEST', 'A retained command is refused.'))
  t.match(shown(), { code: 'BAD_REQUEST', about: ['mode'] })
  await registry.action(SERIAL, 'blink')
  t.equal(shown(), null)
  registry.refused('unknown', ['mode'], new Error('nobody'))
  await registry.stop()
})

t.test('what a command may hold stays within bounds', async (t) => {
  const { registry, shown } = await watched()
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key_${i}`, 1]))
  await t.rejects(registry.set(SERIAL, { 'Not a key <b>': 1, ...many }))
  const about = Array.from({ length: 16 }, (_, i) => `key_${i}`)
  t.match(shown(), { about })
  registry.refused(SERIAL, [], new BridgeError('BAD_REQUEST', 'x'.repeat(10_000)))
  t.match(shown(), { message: /^x{500}$/ })
  for (const command of [null, [], 'text', 5]) await t.rejects(registry.set(SERIAL, command))
  t.match(shown(), { code: 'BAD_REQUEST', about: [] })
  await registry.stop()
})

t.test(
  'an automation that goes wrong all the time is shown, and told of ten times and then every six seconds',
  async (t) => {
    const { registry, clock, refusals, shown } = await watched()
    for (let second = 0; second < 60; second++) {
      await t.rejects(registry.set(SERIAL, { target_temperature: 90 }))
      await clock.advance(1_000)
    }
    const count = refusals().length
    t.ok(count >= 19 && count <= 20, `${count} of 60`)
    t.match(shown(), { at: new Date(clock.now() - 1_000).toISOString() }, 'the last is shown all the same')
    await registry.forget(SERIAL)
    await registry.stop()
  },
)
