import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t from 'tap'
import { FakeClock } from '../../support/fake-clock.ts'
import { SERIAL, startThermostat, type Teardown } from '../../support/simulator.ts'
import { ask } from '../support.ts'

async function listenUdp(t: Teardown) {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => void socket.close())
  return socket
}

t.test('moves to another port and to another address', async (t) => {
  const thermostat = await startThermostat(t)
  const first = thermostat.port
  await thermostat.moveTo(undefined, 0)
  t.not(thermostat.port, first)
  t.equal((await ask(thermostat, { cmd: 4 })).sn, SERIAL)
  const { port } = thermostat
  await thermostat.moveTo('127.0.0.2')
  t.same([thermostat.host, thermostat.port], ['127.0.0.2', port])
  t.equal((await ask(thermostat, { cmd: 4 })).sn, SERIAL)
  await t.rejects(ask({ ...thermostat, host: '127.0.0.1', port } as typeof thermostat, { cmd: 4 }))
})

t.test('unplugged it is gone, plugged in it is back where it was', async (t) => {
  const thermostat = await startThermostat(t)
  const { port } = thermostat
  await thermostat.unplug()
  await t.rejects(ask(thermostat, { cmd: 4 }), { code: 'ECONNREFUSED' })
  await thermostat.plugIn()
  t.equal(thermostat.port, port)
  t.equal((await ask(thermostat, { cmd: 4 })).sn, SERIAL)
  t.same(await thermostat.start(), { host: '127.0.0.1', port }, 'twice does no harm')
})

t.test('a restart can keep it away for a while', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { clock })
  await thermostat.restart(3000)
  await t.rejects(ask(thermostat, { cmd: 4 }), { code: 'ECONNREFUSED' })
  await clock.advance(3000)
  t.same(await thermostat.plugIn(), { host: '127.0.0.1', port: thermostat.port }, 'whichever comes first')
  t.equal((await ask(thermostat, { cmd: 4 }))['o.1'], '3')
})

t.test('stopped while it is away it does not come back', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { clock })
  await thermostat.restart(3000)
  await thermostat.stop()
  t.equal(clock.waiting, 0)
})

t.test('beacons go out by UDP from its own address, the new one after a move', async (t) => {
  const clock = new FakeClock()
  const socket = await listenUdp(t)
  const thermostat = await startThermostat(t, { clock, host: '127.23.250.1' })
  const { port } = socket.address()
  const stop = thermostat.startBeacons({ host: '127.0.0.1', port }, 1000)
  const [datagram, sender] = await once(socket, 'message')
  t.equal(JSON.parse(datagram).sn, SERIAL)
  t.equal(sender.address, '127.23.250.1')
  await thermostat.moveTo('127.23.250.2')
  const second = once(socket, 'message')
  await clock.advance(1500)
  t.equal((await second)[1].address, '127.23.250.2')
  stop()
  t.equal(clock.waiting, 0, 'stopped')
})

t.test('unplugged it does not broadcast', async (t) => {
  const clock = new FakeClock()
  const thermostat = await startThermostat(t, { clock })
  const beacons: string[] = []
  thermostat.startBeacons((datagram) => beacons.push(datagram), 1000)
  t.equal(beacons.length, 1, 'one at once')
  await thermostat.unplug()
  await clock.advance(10_000)
  t.equal(beacons.length, 1)
  await thermostat.plugIn()
  await clock.advance(10_000)
  t.ok(beacons.length > 6)
  await thermostat.stop()
  t.equal(clock.waiting, 0)
})

t.test('an address that takes no beacons is told of', async (t) => {
  const thermostat = await startThermostat(t)
  const errors: Error[] = []
  const told = new Promise<void>((resolve) => {
    thermostat.startBeacons({ host: '::1', port: 9 }, 1000, (error) => {
      errors.push(error)
      resolve()
    })
  })
  await told
  t.match(errors[0], { code: 'EINVAL' })
})
