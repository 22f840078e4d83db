/** Strangers on the LAN. They run beside the bridge in one process, since a real one asks devices on port 80 only. */
import { createSocket } from 'node:dgram'
import { isObject } from '../../src/core/json.ts'
import { Impostor } from '../../src/simulator/index.ts'
import { accountsOf, eventually, startBridge } from '../support/e2e.ts'
import { unusedPort } from '../support/unused-port.ts'
import { Count, type Effort, type Fault, unless } from './fault.ts'
import { first, type Rig } from './rig.ts'

const DEVICE = '127.23.120.1'
const STRANGER = '127.23.120.66'

async function run(rig: Rig, { times }: Effort) {
  const port = await unusedPort(DEVICE)
  const house = await rig.house({
    thermostats: [{ model: 'ax', host: DEVICE, port, lock: 'lan', quirks: { minSpacing: 0 } }],
  })
  const ax = first(house)
  const bridge = await startBridge(rig.teardown, {
    devicePort: port,
    settings: { cloud: { accounts: accountsOf(house) }, discovery: { enabled: true } },
  })
  const beacons = bridge.addresses.beacons ?? 0
  ax.startBeacons({ host: '127.0.0.1', port: beacons }, 2_000)
  await bridge.online(ax.serial)
  // A thermostat that was never commanded gets no command while two answer as it.
  const settling = await bridge.mqtt.command(ax.serial, { brightness: 0 })
  const impostor = new Impostor({ host: STRANGER, port, victim: ax, trick: 'use' })
  await impostor.start()
  rig.after(() => impostor.stop())
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, STRANGER, resolve))
  rig.after(async () => socket.close())
  const count = new Count()
  count.take(unless(settling.ok === true, 'the first command did not reach the thermostat'))
  for (let round = 0; round < 5 * times; round++) {
    for (let beacon = 0; beacon < 50; beacon++) socket.send(ax.beacon(), beacons, '127.0.0.1')
    await bridge.mqtt.command(ax.serial, { brightness: round % 9 })
    const address = (await bridge.device(ax.serial)).address
    count.take(
      unless(impostor.caught.length === 0, 'a signed command went to the stranger'),
      unless(ax.parameter(114) === '1', 'the LAN lock of the thermostat is off'),
      unless(isObject(address) && address.host === DEVICE, 'the bridge has moved to the stranger'),
    )
  }
  await eventually('a command reaches the thermostat', () => ax.parameter(23) === String((5 * times - 1) % 9)).catch(
    () => count.lost.push('commands no longer reach the thermostat'),
  )
  return count.outcome
}

export const neighbour: Fault = {
  id: 'stranger',
  what: 'another host sends beacons of a thermostat, answers for it, and uses the codes of commands for a body of its own: it gets no code, the lock stays, commands reach the thermostat',
  run,
}
