import { createSocket } from 'node:dgram'
import t from 'tap'
import { eventually, startBridge, startHouse, unit } from '../../support/e2e.ts'
import { unusedPort } from '../../support/unused-port.ts'

const OTHER = 'F00D4E8A89860609800000149'

t.test('who is heard and can not be confirmed is told in the log, over MQTT and by REST, once', async (t) => {
  const host = '127.23.100.40'
  const port = await unusedPort(host)
  const house = await startHouse(t, { thermostats: [{ model: 'ax', host, port }] })
  const bridge = await startBridge(t, { devicePort: port, settings: { discovery: { enabled: true } } })
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, host, resolve))
  t.teardown(() => new Promise<void>((resolve) => socket.close(() => resolve())))
  const say = () =>
    socket.send(unit(house).beacon().replace(unit(house).serial, OTHER), bridge.addresses.beacons ?? 0, '127.0.0.1')
  say()
  const told = { message: /is heard from 127\.23\.100\.40.*another thermostat answers.*network_mode: host/ }
  t.match(await bridge.mqtt.event('device_unconfirmed', OTHER), { ...told, details: { host, reason: 'other_device' } })
  const { body } = await bridge.rest('GET', '/api/v1/info')
  t.match(body.discovery, { unconfirmed: [{ serial: OTHER, host, hw: 'ax', reason: 'other_device', ...told }] })
  say()
  await eventually('it is heard again', async () => {
    const { text } = await bridge.rest('GET', '/metrics')
    return text.includes('thermo2mqtt_beacons_dropped_total{reason="unconfirmed"} 2')
  })
  t.equal(bridge.log.filter((line) => line.includes(`${OTHER} is heard from`)).length, 1, 'logged once')
  t.equal(bridge.mqtt.events('device_unconfirmed').length, 1)
})
