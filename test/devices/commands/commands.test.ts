import t from 'tap'
import { BridgeError } from '../../../src/core/errors.ts'
import { address, online, setUp } from '../thermostat-rig.ts'

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
