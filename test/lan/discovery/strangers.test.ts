/** An address that changed hands: what a command comes to where somebody else is by now. */
import { createServer, type RequestListener } from 'node:http'
import t from 'tap'
import { answersAs, identify } from '../../../src/lan/discovery/identify.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startRelay, startThermostat, type Teardown } from '../../support/simulator.ts'
import { defaults, errorOf, passing, setpoint, startRig } from '../support.ts'

/** Something with a web page, such as a router. */
async function page(t: Teardown, answer: RequestListener): Promise<{ host: string; port: number }> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  })
  const address = server.address()
  return { host: '127.0.0.1', port: typeof address === 'object' && address ? address.port : 0 }
}

t.test('another thermostat answers: the code says so, whatever it makes of the command', async (t) => {
  const outcomes: Record<string, unknown> = {}
  for (const refusal of ['block', 'block-with-sn', 'silent'] as const) {
    for (const lock of ['none', 'lan'] as const) {
      const { clock, device } = await startRig(t, { lock })
      await passing(clock, device.readTelemetry())
      const other = await startThermostat(t, { clock, serial: 'OTHER00001', lock, quirks: { refusal } })
      device.setAddress(other)
      const error = await errorOf(
        clock,
        device.write(() => setpoint(231)),
      )
      outcomes[`${refusal} ${lock}`] = [error?.code, error?.details?.reason]
    }
  }
  const told = ['DEVICE_BAD_REPLY', 'other_device']
  t.same(outcomes, Object.fromEntries(Object.keys(outcomes).map((name) => [name, told])))
})

t.test('so does a relay of another dialect, and a page', async (t) => {
  const { clock, device } = await startRig(t, { lock: 'none', device: { dialect: () => 'list' } })
  await passing(clock, device.readTelemetry())
  const change = () => device.write(() => setpoint(231))
  device.setAddress(await startRelay(t, 'd2w', { clock }))
  t.match(await errorOf(clock, change()), { code: 'DEVICE_BAD_REPLY', details: { reason: 'other_kind' } })
  const html: RequestListener = (_request, response) => response.end('<html><body>Router</body></html>')
  device.setAddress(await page(t, html))
  t.match(await errorOf(clock, change()), { code: 'DEVICE_BAD_REPLY', details: { reason: 'no_thermostat' } })
  for (const status of [302, 401, 404]) {
    device.setAddress(await page(t, (_request, response) => response.writeHead(status).end('no')))
    const error = await errorOf(clock, change())
    t.match(error, { code: 'DEVICE_BAD_REPLY', details: { reason: 'no_thermostat' } }, String(status))
  }
})

t.test('what is unknown stays unknown: the answer was lost, and then somebody else was there', async (t) => {
  const { clock, device, unit } = await startRig(t, { lock: 'none' })
  await passing(clock, device.readTelemetry())
  unit.quirks.dropWrites.push('applied')
  unit.quirks.injectReplies = Array.from({ length: 9 }, () => ({ on: 1, reply: 'wrong-sn' as const }))
  const error = await errorOf(
    clock,
    device.write(() => setpoint(231)),
  )
  t.equal(error?.code, 'OUTCOME_UNKNOWN')
})

t.test('where the last answer was not its own, it is asked before it is commanded', async (t) => {
  const { clock, device, unit } = await startRig(t, { lock: 'none' })
  unit.quirks.injectReplies = ['wrong-sn']
  await errorOf(clock, device.readTelemetry())
  const other = await startThermostat(t, { clock, serial: 'OTHER00001' })
  await unit.unplug()
  const { host, port } = unit
  await other.moveTo(host, port)
  t.match(
    await errorOf(
      clock,
      device.write(() => setpoint(231)),
    ),
    { code: 'DEVICE_BAD_REPLY', details: { reason: 'other_device' } },
  )
  t.same(other.writes, [], 'nothing was written there')
})

t.test('half a device is known by the serial of its telemetry, and stays at home', async (t) => {
  const clock = new FakeClock()
  const unit = await startThermostat(t, { clock, quirks: { deafTo: [1] } })
  const options = { ...defaults(clock), minSpacing: 500 }
  const found = await passing(clock, identify(unit, options))
  t.same([found.serial, found.parameters.size], [SERIAL, 0])
  t.equal(await passing(clock, answersAs(SERIAL, unit, { ...options, mayBeNameless: false })), true)
  t.equal(await passing(clock, answersAs('OTHER00001', unit, { ...options, mayBeNameless: false })), false)
  unit.quirks.deafTo = [1, 4]
  t.match(await errorOf(clock, identify(unit, options)), { code: 'DEVICE_WEDGED' })
  t.equal(await passing(clock, answersAs(SERIAL, unit, { ...options, mayBeNameless: false })), true)
})
