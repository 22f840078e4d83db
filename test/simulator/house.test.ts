import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import t from 'tap'
import { seededRandom, VirtualHouse, VirtualThermostat } from '../../src/simulator/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { ask, exchange, signed } from './support.ts'

const PORT = 18_023

t.test('the same seed gives the same house', async (t) => {
  const build = (seed: number) => {
    const house = new VirtualHouse({ clock: new FakeClock(), seed, thermostats: 12, addressing: 'ports' })
    return house.describe().thermostats
  }
  t.same(build(7), build(7))
  t.notSame(build(7), build(8))
  const serials = new Set(build(7).map(({ serial }) => serial))
  t.equal(serials.size, 12)
  for (const { serial, key, name, lock } of build(7)) {
    t.match(serial, /^[0-9A-F]{30}$/)
    t.match(key, /^[A-Z0-9]{16}$/)
    t.match(name, /^[A-Z][a-z]+/)
    t.equal(lock, 'lan')
  }
  t.equal(build(7)[9]?.name, 'Bathroom 2')
})

t.test('its clouds list its thermostats with the keys that they take', async (t) => {
  const clock = new FakeClock()
  const house = new VirtualHouse({ clock, thermostats: 10, addressing: 'ports', pageSize: 3 })
  const { clouds, thermostats } = await house.start()
  t.teardown(() => house.stop())
  t.same(
    clouds.map(({ provider }) => provider),
    ['terneo', 'welrok'],
  )
  const keys = new Map<string, string>()
  for (const { url, email, password } of clouds) {
    const { text } = await exchange(`${url}/api/login/`, { body: JSON.stringify({ email, password }) })
    const headers = { authorization: `Token ${JSON.parse(text).access_token}` }
    let next = `${url}/api/device/`
    while (next) {
      const page = JSON.parse((await exchange(next, { method: 'GET', headers })).text)
      for (const { sn, totp_key } of page.results) keys.set(sn, totp_key)
      next = page.next
    }
  }
  t.equal(keys.size, 10)
  for (const { serial, key } of thermostats) {
    t.equal(keys.get(serial), key)
    const thermostat = house.thermostat(serial)
    if (!thermostat) return t.fail('unknown to the house')
    await ask(thermostat, signed(thermostat, { par: [[23, 2, '3']] }))
    t.equal(thermostat.parameter(23), '3')
  }
})

t.test('binding again changes the key on both sides', async (t) => {
  const house = new VirtualHouse({ clock: new FakeClock(), thermostats: 1, addressing: 'ports' })
  const [thermostat] = house.describe().thermostats
  const key = house.rebind(thermostat?.serial ?? '')
  t.not(key, thermostat?.key)
  t.equal(house.describe().thermostats[0]?.key, key)
  t.equal(house.rebind('nobody'), undefined)
})

t.test('each on its address, from which its beacons come', async (t) => {
  const clock = new FakeClock()
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const heard = new Map<string, string>()
  const all = new Promise<void>((resolve) => {
    socket.on('message', (datagram, sender) => {
      heard.set(JSON.parse(datagram.toString()).sn, sender.address)
      if (heard.size === 3) resolve()
    })
  })
  const beaconPort = socket.address().port
  const house = new VirtualHouse({ clock, thermostats: 3, port: PORT, beaconPort, beaconInterval: 1000 })
  const { thermostats } = await house.start()
  t.teardown(() => house.stop())
  t.same(
    thermostats.map(({ host, port }) => `${host}:${port}`),
    [1, 2, 3].map((last) => `127.23.1.${last}:${PORT}`),
  )
  await all
  for (const { serial, host } of thermostats) t.equal(heard.get(serial), host)
})

t.test('where the address is taken or missing, a port of 127.0.0.1 serves', async (t) => {
  const clock = new FakeClock()
  const guest = new VirtualThermostat({
    serial: 'A'.repeat(30),
    model: 'ax',
    key: 'K'.repeat(16),
    clock,
    random: seededRandom(1),
    host: '127.23.1.1',
    port: PORT + 1,
  })
  await guest.start()
  t.teardown(() => guest.stop())
  const house = new VirtualHouse({
    clock,
    thermostats: [{ model: 'ax' }, { model: 'sx', host: '192.0.2.1' }],
    port: PORT + 1,
  })
  const { thermostats } = await house.start()
  t.teardown(() => house.stop())
  for (const { host, port } of thermostats) {
    t.equal(host, '127.0.0.1')
    t.not(port, PORT + 1)
  }
  const second = new VirtualHouse({ clock, thermostats: [{ model: 'ax', host: '127.0.0.1', port: guestPort() }] })
  t.teardown(() => second.stop())
  await t.rejects(second.start(), { code: 'EADDRINUSE' })
  function guestPort() {
    return thermostats[0]?.port ?? 0
  }
})

t.test('what is said of a thermostat wins over the seed', async (t) => {
  const house = new VirtualHouse({
    clock: new FakeClock(),
    thermostats: [{ model: 'oz', name: 'Cellar', lock: 'both', serial: 'CELLAR', quirks: { busyNext: 1 } }],
    addressing: 'ports',
  })
  t.match(house.describe().thermostats, [{ serial: 'CELLAR', name: 'Cellar', lock: 'both', model: 'oz' }])
  t.match(house.thermostat('CELLAR')?.quirks, { busyNext: 1, minSpacing: 200 })
})

t.test('random numbers are spread and repeat', async (t) => {
  const one = seededRandom(42)
  const other = seededRandom(42)
  const numbers = Array.from({ length: 1000 }, one)
  t.same(numbers, Array.from({ length: 1000 }, other))
  t.ok(numbers.every((number) => number >= 0 && number < 1))
  const mean = numbers.reduce((sum, number) => sum + number, 0) / 1000
  t.ok(mean > 0.45 && mean < 0.55)
})
