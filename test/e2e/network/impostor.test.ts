/** Somebody in the LAN who plays a thermostat, to be given codes that unlock it. */
import { createSocket } from 'node:dgram'
import t from 'tap'
import { Impostor, type Trick } from '../../../src/simulator/index.ts'
import { accountsOf, type Bridge, devicesOf, eventually, startBridge, startHouse, unit } from '../../support/e2e.ts'
import type { Teardown } from '../../support/simulator.ts'
import { unusedPort } from '../../support/unused-port.ts'

/** Milliseconds. A minute, and beacons every twenty seconds, would be three seconds of a test each time. */
const QUIET = 20_000

interface Scene {
  readonly port: number
  readonly house: Awaited<ReturnType<typeof startHouse>>
  readonly ax: ReturnType<typeof unit>
}

/** A locked thermostat at its address. */
async function scene(t: Teardown, host: string): Promise<Scene> {
  const port = await unusedPort(host)
  const house = await startHouse(t, { thermostats: [{ model: 'ax', host, port }] })
  return { port, house, ax: unit(house) }
}

async function bridgeFor(t: Teardown, { port, house }: Scene, dataDir?: string, quiet = QUIET): Promise<Bridge> {
  return startBridge(t, {
    devicePort: port,
    quiet,
    ...(dataDir === undefined ? {} : { dataDir }),
    settings: { cloud: { accounts: accountsOf(house) }, discovery: { enabled: true } },
  })
}

function beaconing({ ax }: Scene, bridge: Bridge): void {
  ax.startBeacons({ host: '127.0.0.1', port: bridge.addresses.beacons ?? 0 }, QUIET / 4)
}

/** Sends one beacon in the name of the victim each time. */
async function beaconsFrom(t: Teardown, host: string, ax: Scene['ax'], bridge: Bridge): Promise<() => void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, host, resolve))
  t.teardown(() => {
    socket.close()
  })
  return () => socket.send(ax.beacon(), bridge.addresses.beacons ?? 0, '127.0.0.1')
}

interface Attack {
  readonly impostor: Impostor
  /** Sends one beacon in the name of the victim, from the address of the impostor. */
  shout(): void
}

async function attackOn(t: Teardown, { ax, port }: Scene, host: string, bridge: Bridge, trick: Trick): Promise<Attack> {
  const impostor = new Impostor({ host, port, victim: ax, trick })
  await impostor.start()
  t.teardown(() => impostor.stop())
  return { impostor, shout: await beaconsFrom(t, host, ax, bridge) }
}

t.test('a beacon from elsewhere moves nobody while the thermostat answers, and nobody gets a code', async (t) => {
  const place = await scene(t, '127.23.101.1')
  const { ax, port } = place
  const bridge = await bridgeFor(t, place)
  beaconing(place, bridge)
  await bridge.online(ax.serial)
  const stranger = await beaconsFrom(t, '127.23.101.70', ax, bridge)
  const refused = bridge.mqtt.command(ax.serial, { target_temperature: 24 })
  let over = false
  void refused.finally(() => {
    over = true
  })
  // Whether somebody answers there or not.
  await eventually('it is refused', () => stranger() ?? over)
  t.match(await refused, {
    ok: false,
    error: { code: 'ADDRESS_UNPROVEN', message: /a beacon of it came from 127\.23\.101\.70 too/ },
  })
  const { impostor, shout } = await attackOn(t, place, '127.23.101.66', bridge, 'use')
  shout()
  const told = await bridge.mqtt.state(ax.serial, (state) => state.address_conflict === true)
  t.match(told, { problem: true, lock: 'lan', lock_alarm: false })
  t.match(await bridge.mqtt.command(ax.serial, { target_temperature: 24 }), {
    ok: false,
    error: { code: 'ADDRESS_UNPROVEN' },
  })
  t.match(bridge.mqtt.events('fault_began'), [
    {
      serial: ax.serial,
      message: /It is at 127\.23\.101\.66\./,
      details: { fault: 'address_conflict', host: '127.23.101.66' },
    },
  ])
  t.match(await bridge.device(ax.serial), {
    address: { host: ax.host, port },
    health: { second_address: '127.23.101.66' },
  })
  t.same(bridge.mqtt.events('address_changed'), [])
  t.same([impostor.caught, ax.writes], [[], []])
  await bridge.stop()
  await impostor.stop()

  await t.test('once it has proven itself, its commands go on beside an impostor', async (t) => {
    const second = await bridgeFor(t, place, bridge.dataDir)
    t.match(await second.mqtt.command(ax.serial, { target_temperature: 24 }), { ok: true })
    t.equal(ax.parameter(5), '24')
    const { impostor, shout } = await attackOn(t, place, '127.23.101.67', second, 'use')
    const from = second.mqtt.mark
    shout()
    await second.mqtt.state(ax.serial, (state) => state.address_conflict === true, from)
    t.match(await second.mqtt.command(ax.serial, { target_temperature: 25 }), { ok: true })
    t.same([ax.parameter(5), impostor.caught, ax.parameter(114)], ['25', [], '1'])
    const warned = second.log.filter((line) => line.includes('answers with the serial number'))
    t.equal(warned.length, 1, 'logged once')
    await second.stop()
  })

  await t.test('that is remembered: after a restart it is signed for at once', async (t) => {
    const third = await bridgeFor(t, place, bridge.dataDir, 24 * 3_600_000)
    const { impostor, shout } = await attackOn(t, place, '127.23.101.69', third, 'use')
    shout()
    t.match(await third.mqtt.command(ax.serial, { target_temperature: 26 }), { ok: true })
    t.same([ax.parameter(5), impostor.caught], ['26', []])
  })
})

t.test('a thermostat that has moved is found at once, and commanded once nobody else speaks for it', async (t) => {
  const place = await scene(t, '127.23.101.2')
  const { ax, port } = place
  const bridge = await bridgeFor(t, place)
  beaconing(place, bridge)
  await bridge.online(ax.serial)
  t.match(await bridge.mqtt.command(ax.serial, { mode: 'heat', target_temperature: 22 }), { ok: true })
  await ax.moveTo('127.23.101.3')
  await bridge.mqtt.event('address_changed', ax.serial)
  t.match(await bridge.mqtt.command(ax.serial, { target_temperature: 23 }), { ok: true })
  t.match(await bridge.device(ax.serial), { address: { host: '127.23.101.3', port }, online: true })
  const from = bridge.mqtt.mark

  await t.test('an impostor that comes while it is away is left when it is back, without a code', async (t) => {
    const { impostor, shout } = await attackOn(t, place, '127.23.101.68', bridge, 'use')
    await ax.unplug()
    // As real ones, beacons are repeated: one that comes while the last is still looked into counts for nothing.
    const again = setInterval(shout, 200)
    t.teardown(() => clearInterval(again))
    t.match(await bridge.mqtt.event('address_changed', ax.serial, from), { message: /to 127\.23\.101\.68/ })
    clearInterval(again)
    await eventually('it is read there', () => impostor.asked.length > 2)
    const command = bridge.mqtt.command(ax.serial, { target_temperature: 20 })
    await ax.plugIn()
    t.match(await command, { ok: true })
    t.equal(ax.parameter(5), '20', 'the thermostat got it')
    t.same([impostor.caught, ax.parameter(114)], [[], '1'])
    t.match(await bridge.device(ax.serial), { address: { host: '127.23.101.3' } })
  })
})

t.test('a lock that is not as it was is an alarm until it is as before, or accepted', async (t) => {
  const house = await startHouse(t, { thermostats: [{ model: 'ax' }] })
  const ax = unit(house)
  const settings = { cloud: { accounts: accountsOf(house) }, devices: devicesOf(house) }
  const first = await startBridge(t, { settings })
  await first.online(ax.serial)
  t.match(await first.mqtt.command(ax.serial, { mode: 'heat', target_temperature: 22 }), { ok: true })
  t.match(first.mqtt.latestState(ax.serial), { lock: 'lan', lock_alarm: false, problem: false })
  // As with a code that somebody has caught.
  ax.setLocally(114, 0)
  t.match(await first.mqtt.command(ax.serial, { target_temperature: 23 }), { ok: true })
  await first.mqtt.state(ax.serial, (state) => state.lock_alarm === true)
  const [changed] = first.mqtt.events('lock_changed')
  t.match(changed, { serial: ax.serial, details: { before: 'lan', lock: 'none' } })
  t.match(await first.mqtt.event('fault_began', ax.serial), { details: { fault: 'lock_alarm', kind: 'other' } })
  t.ok(first.log.some((line) => line.includes('"warn"') && line.includes('the bridge did not change it')))
  await first.stop()

  const second = await startBridge(t, { settings, dataDir: first.dataDir })
  await second.mqtt.state(ax.serial, (state) => state.lock_alarm === true)
  const warned = (line: string) => line.includes('the bridge did not change it')
  // An event may come before anybody listens here; the log has it all.
  t.same([second.mqtt.events('fault_began'), second.log.filter(warned)], [[], []], 'told once')
  let from = second.mqtt.mark
  ax.setLocally(114, 1)
  t.match(await second.mqtt.event('fault_ended', ax.serial, from), { details: { fault: 'lock_alarm' } })
  await second.stop()

  ax.setLocally(115, 1)
  const third = await startBridge(t, { settings, dataDir: first.dataDir })
  await third.mqtt.state(ax.serial, (state) => state.lock === 'both' && state.lock_alarm === true)
  t.equal(third.log.filter(warned).length, 1)
  from = third.mqtt.mark
  await third.mqtt.publish(`${ax.serial}/action`, 'accept_lock')
  t.match(await third.mqtt.event('fault_ended', ax.serial, from), { details: { fault: 'lock_alarm' } })
  t.match(await third.device(ax.serial), { state: { lock: 'both', lock_alarm: false } })
})
