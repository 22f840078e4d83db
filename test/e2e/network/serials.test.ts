/** One device, however its serial is written: by people in settings and commands, by lists, by the device itself. */
import t from 'tap'
import { isObject } from '../../../src/core/json.ts'
import { readSerial } from '../../../src/core/serial.ts'
import { accountsOf, startBridge, startHouse, unit } from '../../support/e2e.ts'

const UPPER = '404CCAAAD4E8A89860609800000149'
const LOWER = UPPER.toLowerCase()

t.test('the one spelling', async (t) => {
  for (const serial of [UPPER, LOWER, ` ${LOWER}\n`, '\t404ccAAAD4E8A89860609800000149 '])
    t.equal(readSerial(serial), UPPER)
  t.equal(readSerial('device-1'), 'device-1', 'no hexadecimal digits: nobody knows that case does not count')
  for (const bad of ['', '  ', 'bridge', '../1', 'a b1', 7, null]) t.equal(readSerial(bad), undefined)
})

for (const own of [UPPER, LOWER]) {
  t.test(`a device that calls itself ${own}`, async (t) => {
    const house = await startHouse(t, { thermostats: [{ model: 'az', serial: own }] })
    const az = unit(house)
    // The list has it in capitals with a blank, the settings the other way round.
    const key = az.key
    for (const cloud of house.clouds) {
      cloud.setDevices(`house@${cloud.vendor}.example`, [
        { id: 1, sn: ` ${UPPER}`, name: 'Bathroom', type: 'az', totp_key: key },
      ])
    }
    const bridge = await startBridge(t, {
      settings: {
        cloud: { accounts: accountsOf(house) },
        devices: [{ serial: `${LOWER} `, host: az.host, port: az.port }],
      },
    })
    await bridge.online(UPPER)
    const { devices } = (await bridge.rest('GET', '/api/v1/devices')).body
    t.match(Array.isArray(devices) && devices.map((one: unknown) => isObject(one) && one.serial), [UPPER])
    t.equal(Array.isArray(devices) && devices.length, 1, 'one device')
    t.match(await bridge.mqtt.command(UPPER, { brightness: 3 }), { ok: true })
    t.equal(az.parameter(23), '3', 'it is called as it calls itself')
    const from = bridge.mqtt.mark
    await bridge.mqtt.publish(`${LOWER}/set`, '{"brightness":4}')
    t.match(await bridge.mqtt.result(UPPER, () => true, from), { ok: true })
    t.equal(az.parameter(23), '4')
    t.match(await bridge.rest('GET', `/api/v1/devices/${LOWER}`), { status: 200, body: { serial: UPPER } })
    t.match(await bridge.mqtt.request('rename', { serial: LOWER, name: 'Hall' }), { ok: true })
    t.match(await bridge.device(UPPER), { name: 'Hall' })
  })
}
