/** A broker that does not let the bridge announce its devices: what says so. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Mosquitto, NO_MOSQUITTO } from '../../mqtt/support.ts'
import { devicesOf, eventually, startBridge, startHouse, tempFolder, unit } from '../../support/e2e.ts'
import { unusedPort } from '../../support/unused-port.ts'

t.test(
  'readiness, by which the page tells it, and bridge/info name what the broker forbids',
  NO_MOSQUITTO,
  async (t) => {
    const folder = await tempFolder(t)
    const acl = join(folder, 'acl')
    writeFileSync(acl, 'topic readwrite thermo2mqtt/#\n')
    const config = `allow_anonymous true\nacl_file ${acl}`
    const broker = await new Mosquitto(folder, await unusedPort(), config).start()
    t.teardown(() => broker.stop())
    const house = await startHouse(t, { thermostats: 1 })
    const devices = devicesOf(house).map((device) => ({ ...device, totp_key: unit(house).key }))
    const bridge = await startBridge(t, { settings: { devices, mqtt: { url: [broker.url] } } })
    await bridge.online(unit(house).serial)
    const checks = async () => Object((await bridge.rest('GET', '/readyz')).body.checks)
    await eventually('said', async () => (await checks()).mqtt.code === 'mqtt_no_write')
    t.match(await checks(), { mqtt: { ok: false, detail: /right/ }, bridges: { ok: true } })
    const info = await bridge.mqtt.next('bridge/info', (text) => text.includes('mqtt_no_write'))
    t.match(info, /homeassistant\/device\/#/)
  },
)
