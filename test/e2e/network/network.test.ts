import { createSocket } from 'node:dgram'
import t from 'tap'
import { isObject } from '../../../src/core/json.ts'
import { accountsOf, devicesOf, eventually, startBridge, startHouse, unit } from '../../support/e2e.ts'
import { FastClock } from '../../support/fast-clock.ts'
import type { Teardown } from '../../support/simulator.ts'
import { unusedPort } from '../../support/unused-port.ts'

/** Sends datagrams from an address of one's choice. */
async function sender(t: Teardown, from: string, port: number): Promise<(datagram: string) => void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, from, resolve))
  t.teardown(() => new Promise<void>((resolve) => socket.close(() => resolve())))
  return (datagram) => socket.send(datagram, port, '127.0.0.1')
}

t.test('a device with a new address is found again by itself; false beacons change nothing', async (t) => {
  const port = await unusedPort('127.23.100.30')
  const house = await startHouse(t, {
    thermostats: [
      { model: 'ax', host: '127.23.100.30', port },
      { model: 'oz', host: '127.23.100.31', port },
    ],
  })
  const [ax, oz] = [unit(house, 0), unit(house, 1)]
  const bridge = await startBridge(t, {
    devicePort: port,
    settings: { cloud: { accounts: accountsOf(house) }, discovery: { enabled: true } },
  })
  const beacons = bridge.addresses.beacons ?? 0
  for (const { startBeacons } of [ax, oz].map((one) => ({ startBeacons: one.startBeacons.bind(one) }))) {
    startBeacons({ host: '127.0.0.1', port: beacons }, 2_000)
  }
  await bridge.online(ax.serial, oz.serial)
  t.match(await bridge.mqtt.event('device_found', ax.serial), { message: /127\.23\.100\.30/ })

  await t.test('moved', async (t) => {
    await ax.moveTo('127.23.100.32')
    t.match(await bridge.mqtt.event('address_changed', ax.serial), {
      message: /moved from 127\.23\.100\.30 to 127\.23\.100\.32/,
    })
    t.match(await bridge.mqtt.command(ax.serial, { mode: 'heat', target_temperature: 22 }), { ok: true })
    t.equal(ax.parameter(5), '22')
    t.match(await bridge.device(ax.serial), { address: { host: '127.23.100.32', port }, online: true })
  })

  await t.test('false beacons', async (t) => {
    const from = bridge.mqtt.mark
    const before = (await bridge.rest('GET', '/api/v1/devices')).body.devices
    const asOther = await sender(t, oz.host, beacons)
    const asNobody = await sender(t, '127.23.100.33', beacons)
    const beacon = (sn: string) => JSON.stringify({ sn, hw: 'ax', cloud: 'true', connection: 'cloudCon', wifi: '-50' })
    asOther(beacon('F00D4E8A89860609800000149'))
    await eventually('the unknown serial is asked for', () =>
      bridge.log.some((line) => line.includes('F00D4E8A898606')),
    )
    asNobody(beacon(ax.serial))
    const refusals = () => bridge.log.filter((line) => line.includes('could not be identified'))
    await eventually('nobody answers there', () => refusals().some((line) => line.includes('127.23.100.33')))
    asNobody('not JSON')
    asNobody(beacon('../../etc/1'))
    await eventually('they are counted, by reason', async () => {
      const { text } = await bridge.rest('GET', '/metrics')
      return ['not_json', 'bad_serial'].every((reason) =>
        text.includes(`thermo2mqtt_beacons_dropped_total{reason="${reason}"} 1`),
      )
    })
    t.same(bridge.mqtt.events('address_changed', from), [])
    t.same(bridge.mqtt.events('device_found', from), [])
    const where = (devices: unknown) =>
      Array.isArray(devices)
        ? devices.map((one: unknown) => isObject(one) && [one.serial, one.address, one.online])
        : []
    t.same(where((await bridge.rest('GET', '/api/v1/devices')).body.devices), where(before))
    t.match(await bridge.mqtt.command(ax.serial, { target_temperature: 23 }), { ok: true })
  })
})

t.test('a wedged device is told as such, and is back after a power cycle', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const ax = unit(house)
  const bridge = await startBridge(t, {
    settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) },
  })
  await bridge.online(ax.serial)
  const from = bridge.mqtt.mark
  Object.assign(ax.quirks, { wedgeAfter: 1, fast: 60_000 })
  await bridge.mqtt.next(`${ax.serial}/availability`, (text) => text === 'offline', from)
  t.match(await bridge.mqtt.event('device_offline', ax.serial, from), { message: /Switch its power off and on/ })
  t.match(await bridge.device(ax.serial), { online: false, health: { error: { code: 'DEVICE_WEDGED' } } })
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 1 }), { ok: false, error: { code: 'DEVICE_WEDGED' } })
  t.match(await bridge.patch(ax.serial, { brightness: 1 }), { status: 502, body: { error: { code: 'DEVICE_WEDGED' } } })
  ax.quirks.wedgeAfter = 0
  await ax.powerCycle()
  await bridge.mqtt.next(`${ax.serial}/availability`, (text) => text === 'online', from)
  t.match(await bridge.mqtt.command(ax.serial, { brightness: 1 }), { ok: true })
  t.match(await bridge.device(ax.serial), { online: true, health: { error: null } })
  const told = bridge.log.filter((line) => line.includes('does not answer'))
  t.equal(told.length, 1, 'logged once')
})

t.test('stops within five seconds though a device hangs, and says offline', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }, { model: 'oz' }] })
  const [ax, oz] = [unit(house, 0), unit(house, 1)]
  const clock = new FastClock(4)
  const bridge = await startBridge(t, {
    clock,
    // The longest that can be set.
    settings: { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house), device: { timeout: '60s' } },
  })
  await bridge.online(ax.serial, oz.serial)
  for (const { quirks } of [ax, oz]) quirks.injectReplies.push(...Array(20).fill('no-answer'))
  const command = bridge.mqtt.publish(`${ax.serial}/set`, '{"brightness":1}')
  const patch = bridge.patch(oz.serial, { brightness: 1 }).catch((error: unknown) => error)
  await command
  await eventually('a request hangs at each', () =>
    [ax, oz].every((one) => one.requests.at(-1)?.reason === 'injected reply'),
  )
  const begun = clock.monotonic()
  const state = bridge.mqtt.next('bridge/state', (text) => text === 'offline')
  await bridge.stop()
  t.ok(clock.monotonic() - begun < 5_000, `${Math.round(clock.monotonic() - begun)} ms`)
  t.equal(await state, 'offline')
  t.equal(bridge.mqtt.all(`${ax.serial}/result`).length, 1, 'the command has its result')
  t.ok(await patch)
})
