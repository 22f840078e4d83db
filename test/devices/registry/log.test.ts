/** The log of a device: who asked for what, and what came of it. */
import t from 'tap'
import type { Actor } from '../../../src/core/actor.ts'
import { BridgeError } from '../../../src/core/errors.ts'
import type { BridgeEvent } from '../../../src/devices/ports.ts'
import { online, SERIAL } from './rig.ts'

const OLENA: Actor = { via: 'user', name: 'Olena' }
const HASS: Actor = { via: 'home_assistant' }

async function logged() {
  const parts = await online()
  const log: BridgeEvent[] = []
  parts.registry.events.on('logged', (event) => log.push(event))
  return { ...parts, log }
}

t.test('what was carried out, with what it was before; nobody else is told', async (t) => {
  const { registry, log, events } = await logged()
  const before = events.length
  await registry.set(SERIAL, { target_temperature: 24.3 }, OLENA)
  await registry.action(SERIAL, 'blink', HASS)
  const days = { floor: { monday: [{ time: '06:00', temperature: 24 }] } }
  await registry.setSchedule(SERIAL, days, { via: 'token', name: 'planner' })
  await registry.setSchedule(SERIAL, days, OLENA, { dryRun: true })
  t.match(log, [
    {
      type: 'command',
      serial: SERIAL,
      message: /^Olena set target_temperature from [\d.]+ to 24 \(asked for 24\.3\)\.$/,
      details: { by: OLENA, what: 'set', values: { target_temperature: { to: 24, asked: 24.3 } } },
    },
    { message: 'Home Assistant asked for blink.', details: { by: HASS, what: 'action', about: ['blink'] } },
    { message: 'API token “planner” changed the schedule (floor.monday).' },
  ])
  t.equal(log.length, 3, 'a dry run is none')
  t.equal(events.length, before)
  await registry.stop()
})

t.test('what failed, with what was asked; too many of them are kept, but not told', async (t) => {
  const { registry, log, events, link } = await logged()
  link.error = new BridgeError('LAN_LOCKED', 'The device is locked for all networks.')
  const failed = () => events.filter(({ type }) => type === 'command_failed')
  await t.rejects(registry.set(SERIAL, { preset: 'boost', boost_minutes: 60 }, HASS))
  t.match(failed(), [
    {
      details: {
        by: HASS,
        what: 'set',
        reason: 'The device is locked for all networks.',
        values: { preset: { asked: 'boost' }, boost_minutes: { asked: 60 } },
      },
    },
  ])
  for (let i = 0; i < 29; i++) await t.rejects(registry.set(SERIAL, { mode: 'heat' }, HASS))
  t.equal(failed().length, 10, 'told')
  t.equal(log.filter(({ type }) => type === 'command_failed').length, 20, 'kept only')
  registry.refused(SERIAL, ['mode'], new BridgeError('BAD_REQUEST', 'A retained command.'), { via: 'mqtt' })
  t.match(log.at(-1), { details: { by: { via: 'mqtt' }, what: 'set', about: ['mode'] } })
  const never = new BridgeError('BAD_REQUEST', 'Too late.')
  for (const about of ['schedule', 'blink']) registry.refused(SERIAL, [about], never, { via: 'mqtt' })
  t.match(log.slice(-2), [{ details: { what: 'schedule' } }, { details: { what: 'action' } }])
  await registry.stop()
})

t.test('of two commands in one write, the one that the other has replaced', async (t) => {
  const { registry, link, log } = await logged()
  let answer = () => {}
  link.gate = new Promise((resolve) => {
    answer = resolve
  })
  const commands = [
    registry.set(SERIAL, { target_temperature: 22 }, OLENA),
    registry.set(SERIAL, { target_temperature: 26 }, HASS),
  ]
  answer()
  await Promise.all(commands)
  t.match(
    log.map(({ message }) => message),
    [
      'Olena set target_temperature to 22, which a later command has replaced.',
      /^Home Assistant set target_temperature from [\d.]+ to 26\.$/,
    ],
  )
  await registry.stop()
})

t.test('hostile keys and values are bounded, and nothing is repeated that can be no value', async (t) => {
  const { registry, events } = await logged()
  const long = '💥'.repeat(300)
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key_${i}`, long]))
  await t.rejects(registry.set(SERIAL, { ...many, '<script>': 1 }, { via: 'mqtt' }))
  await t.rejects(registry.set(SERIAL, { mode: { deep: [long] }, preset: 'boost' }, { via: 'mqtt' }))
  const [wide, deep] = events.filter(({ type }) => type === 'command_failed')
  t.equal(Object.keys(Object(wide?.details?.values)).length, 16)
  t.notMatch(JSON.stringify(wide?.details?.values), /💥|script/)
  t.strictSame(deep?.details?.values, { mode: {}, preset: { asked: 'boost' } })
  await registry.stop()
})

t.test('a device that is forgotten while a command runs has no log any more', async (t) => {
  const { registry, link, log, events } = await logged()
  let answer = () => {}
  link.gate = new Promise((resolve) => {
    answer = resolve
  })
  const commands = [
    registry.set(SERIAL, { target_temperature: 22 }, OLENA),
    registry.action(SERIAL, 'reset_schedule', OLENA),
  ]
  await registry.forget(SERIAL)
  link.error = new BridgeError('DEVICE_TIMEOUT', 'It is silent.')
  answer()
  await Promise.allSettled(commands)
  t.strictSame(log, [])
  t.strictSame(
    events.filter(({ type }) => type === 'command_failed'),
    [],
  )
})

t.test('the mode of the house names who asked for it, and the bridge when its time is over', async (t) => {
  const { registry, clock, log, events } = await logged()
  const until = new Date(clock.now() + 3_600_000).toISOString()
  await registry.house.set({ mode: 'frost_protection', until }, OLENA)
  t.match(log, [
    {
      message: /^Olena \(mode of the house: frost protection\) set /,
      details: { by: { ...OLENA, house: 'frost_protection' } },
    },
  ])
  t.match(
    events.find(({ type }) => type === 'house_mode'),
    { details: { by: OLENA } },
  )
  log.length = 0
  await clock.advance(3_700_000)
  t.match(log.at(-1), { details: { by: { via: 'bridge', house: 'normal' } } })
  await registry.stop()
})
