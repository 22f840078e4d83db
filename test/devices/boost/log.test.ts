/** What the log says of a boost that the bridge times, and of what somebody does at the device meanwhile. */
import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import type { BridgeEvent } from '../../../src/devices/ports.ts'
import { SERIAL, type Teardown } from '../../support/simulator.ts'
import { BOOST, boostRig, MINUTE } from './rig.ts'

async function logged(t: Teardown) {
  const rig = await boostRig(t)
  await rig.set({ mode: 'heat', target_temperature: 22 })
  const log: BridgeEvent[] = []
  rig.registry().events.on('logged', (event) => log.push(event))
  const said = () => log.splice(0).map(({ message }) => message)
  return { ...rig, log, said }
}

const AT_DEVICE = 'Somebody at the device or its vendor’s app set'

t.test('the end of a boost is the bridge’s own, and no boost is anybody’s change at the device', async (t) => {
  const { set, pass, said } = await logged(t)
  await set(BOOST)
  t.match(said(), [/^The bridge set preset from none to boost, boost_minutes from 60 to 30, timer_setpoint to 35\.$/])
  await pass(29 * MINUTE)
  t.strictSame(said(), [], 'nothing is told of a poll')
  await pass(2 * MINUTE)
  t.strictSame(said(), ['The bridge (at the end of a boost) set manual_floor_setpoint from 35 to 22.'])
  await pass(60 * MINUTE)
  t.strictSame(said(), [])
})

t.test('an end that fails is told once, and when it works at last', async (t) => {
  const { set, pass, said, link, log } = await logged(t)
  await set(BOOST)
  said()
  const { write } = link
  link.write = async (prepare) => {
    await prepare()
    throw new BridgeError('LAN_LOCKED', 'It is locked.')
  }
  await pass(60 * MINUTE)
  t.equal(log.length, 1)
  t.match(log.splice(0), [{ type: 'command_failed', details: { by: { why: 'boost_ends' }, reason: 'It is locked.' } }])
  link.write = write
  await pass(10 * MINUTE)
  t.strictSame(said(), ['The bridge (at the end of a boost) set manual_floor_setpoint from 35 to 22.'])
})

t.test('somebody at the device', async (t) => {
  const { pass, said, wall, set, state } = await logged(t)
  await pass(MINUTE)
  wall(5, 26)
  await pass(2 * MINUTE)
  t.strictSame(said(), [`${AT_DEVICE} manual_floor_setpoint from 22 to 26.`])
  wall(5, 23)
  wall(23, 3)
  await pass(2 * MINUTE)
  t.match(said(), [/ manual_floor_setpoint from 26 to 23, brightness from \d to 3\.$/])
  await set({ mode: 'auto' })
  said()
  await pass(MINUTE)
  wall(29, 31)
  await pass(2 * MINUTE)
  t.equal(state().operating_mode, 'temporary')
  t.strictSame(said(), [`${AT_DEVICE} temporary_setpoint to 31.`])
  await pass(6 * 60 * MINUTE)
  t.equal(state().operating_mode, 'schedule')
  t.strictSame(said(), [], 'the next period is nobody’s change')
})

t.test('a command whose outcome nobody knows is no change at the device when it shows later', async (t) => {
  for (const when of ['before', 'after'] as const) {
    const { pass, said, link, registry, parameter } = await logged(t)
    link.fail = { when, error: new BridgeError('OUTCOME_UNKNOWN', 'Lost.') }
    const command = registry().set(SERIAL, { target_temperature: 28 })
    const lost = t.rejects(command).then(() => {
      link.unplugged = true
    })
    await Promise.all([lost, pass(10 * MINUTE)])
    link.unplugged = false
    await pass(10 * MINUTE)
    t.equal(Number(parameter(5)), when === 'before' ? 22 : 28)
    t.strictSame(said(), [], when)
  }
})

t.test('a device that another bridge was changing while this one was away', async (t) => {
  const { start, stop, wall, pass, registry } = await logged(t)
  await stop()
  wall(5, 27)
  await start()
  const log: BridgeEvent[] = []
  registry().events.on('logged', (event) => log.push(event))
  await pass(3 * MINUTE)
  t.strictSame(log, [], 'nobody knows what it held before')
})
