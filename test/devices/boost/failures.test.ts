import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { BOOST, boostRig, HOUR, MINUTE } from './rig.ts'

t.test('a restart of the bridge in the middle, and one that comes too late', async (t) => {
  const { set, state, parameter, pass, start, stop, kept } = await boostRig(t)
  await set(BOOST)
  await stop()
  await pass(10 * MINUTE)
  await start()
  t.match(state(), { preset: 'boost', timer_remaining: 1200, target_temperature: 35 })
  await pass(20 * MINUTE)
  t.match(state(), { preset: 'none', target_temperature: 30 })
  await set(BOOST)
  await stop()
  await pass(3 * HOUR)
  t.equal(parameter(5), '35')
  await start()
  await pass(MINUTE)
  t.match([state().preset, parameter(5), kept.size], ['none', '30', 0])
})

t.test('a host that has lost its time makes no boost longer than it was to be', async (t) => {
  const { set, state, pass, start, stop, kept } = await boostRig(t)
  await set(BOOST)
  await stop()
  for (const [serial, boost] of kept) {
    kept.set(serial, { ...boost, started: boost.started + 24 * HOUR, ends: boost.ends + 24 * HOUR })
  }
  await start()
  t.equal(state().timer_remaining, 1800)
  await pass(31 * MINUTE)
  t.match(state(), { preset: 'none', target_temperature: 30 })
})

t.test('a crash after storing: before the write nothing happened, after it the boost goes on', async (t) => {
  for (const when of ['before', 'after'] as const) {
    const { set, state, parameter, pass, start, stop, link, kept } = await boostRig(t)
    link.fail = { when, error: new BridgeError('OUTCOME_UNKNOWN', 'The bridge has died.') }
    await t.rejects(set(BOOST), { code: 'OUTCOME_UNKNOWN' })
    t.equal(state().preset, 'none', 'not shown before the device has shown it')
    t.equal(kept.size, 1)
    await stop()
    await start()
    await pass(MINUTE)
    t.equal(state().preset, when === 'before' ? 'none' : 'boost')
    t.equal(kept.size, when === 'before' ? 0 : 1)
    await pass(30 * MINUTE)
    t.match([state().preset, parameter(5), kept.size], ['none', '30', 0], when)
    t.equal(link.writes, when === 'before' ? 0 : 2)
  }
})

t.test('without a crash, a write that was lost on its way is settled by looking', async (t) => {
  const { set, state, pass, link, kept } = await boostRig(t)
  link.fail = { when: 'before', error: new BridgeError('DEVICE_TIMEOUT', 'No answer.') }
  await t.rejects(set(BOOST), { code: 'DEVICE_TIMEOUT' })
  await pass(MINUTE)
  t.match([state().preset, kept.size], ['none', 0])
  await set(BOOST)
  const { timer_end } = state()
  link.fail = { when: 'before', error: new BridgeError('DEVICE_TIMEOUT', 'No answer.') }
  await t.rejects(set({ preset: 'boost', boost_minutes: 600, timer_setpoint: 40 }), { code: 'DEVICE_TIMEOUT' })
  t.match(state(), { preset: 'boost', timer_end, target_temperature: 35, timer_setpoint: 35 })
  await pass(MINUTE)
  t.equal(state().preset, 'boost', 'the one before goes on')
  await pass(31 * MINUTE)
  t.match(state(), { preset: 'none', target_temperature: 30 })
})

t.test('a command that fails before its turn takes nothing back of the boost before it', async (t) => {
  const { set, state, pass, link, kept, parameter } = await boostRig(t)
  const { write } = link
  const waiting = Promise.withResolvers<void>()
  link.write = async (prepare) => {
    link.write = () => Promise.reject(new BridgeError('DEVICE_UNREACHABLE', 'The bridge stops.'))
    const changes = await prepare()
    await waiting.promise
    return write(() => changes)
  }
  const boosted = set(BOOST)
  await t.rejects(set({ brightness: 5 }), { code: 'DEVICE_UNREACHABLE' })
  link.write = write
  t.equal(kept.size, 1, 'it is on its way')
  waiting.resolve()
  t.match((await boosted).state, { preset: 'boost', target_temperature: 35 })
  await pass(31 * MINUTE)
  t.match([state().preset, parameter(5), kept.size], ['none', '30', 0])
})

t.test('a device without power at the end is put back when it returns', async (t) => {
  const { set, state, parameter, pass, link } = await boostRig(t)
  await set(BOOST)
  link.unplugged = true
  await pass(2 * HOUR)
  link.unplugged = false
  t.equal(parameter(5), '35')
  await pass(6 * MINUTE)
  t.match([state().preset, parameter(5)], ['none', '30'])
})

t.test('nothing is sent when it cannot be stored', async (t) => {
  const { set, state, link, store, parameter } = await boostRig(t)
  store.broken = true
  await t.rejects(set(BOOST), { code: 'INTERNAL', message: 'The disk is full.' })
  t.same([link.writes, parameter(5), state().preset], [0, '30', 'none'])
  store.broken = false
  t.match((await set(BOOST)).state, { preset: 'boost' })
})

t.test(
  'a device that refuses to be put back is tried again, seldom, and one that ignores it not for ever',
  async (t) => {
    const { set, state, pass, link, parameter, kept } = await boostRig(t)
    await set(BOOST)
    const lock = new BridgeError('LAN_LOCKED', 'No key.')
    let asked = 0
    const { write } = link
    link.write = async (prepare) => {
      asked++
      await prepare()
      throw lock
    }
    await pass(41 * MINUTE)
    t.equal(state().preset, 'boost', 'as it is')
    t.equal(state().timer_remaining, 0)
    t.equal(asked, 3, 'every five minutes')
    link.write = write
    await pass(5 * MINUTE)
    t.match([state().preset, parameter(5)], ['none', '30'])
    await set(BOOST)
    link.write = async (prepare) => {
      asked++
      const ids = (await prepare()).map(({ id }) => id)
      const parameters = await link.readParameters()
      return { parameters, notApplied: ids, used: new Map() }
    }
    asked = 0
    await pass(HOUR)
    t.same([asked, kept.size], [3, 0])
  },
)
