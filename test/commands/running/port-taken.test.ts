/** Another program, such as Mosquitto, has the port of the embedded broker. The page must be there all the same, to ask. */
import { createServer } from 'node:net'
import t from 'tap'
import { eventually } from '../../support/e2e.ts'
import { listening } from '../../support/listening.ts'
import { unusedPort } from '../../support/unused-port.ts'
import { temporaryFolder } from '../support.ts'
import { type Alive, bridge } from './alive.ts'

const checkOf = async ({ url }: Alive) => Object(await (await fetch(`${url}/readyz`)).json()).checks.mqtt

t.test('the bridge starts and says so, keeps other changes, and has its broker at another port', async (t) => {
  const port = await listening(t, createServer())
  const dataDir = temporaryFolder(t)
  // As the page would have set it, since what the environment fixes the page can't change.
  const first = await bridge(t, dataDir)
  await first.anew('PATCH', '/settings', { 'mqtt.embedded.port': await unusedPort() })
  await first.stop()
  const alive = await bridge(t, dataDir, { T2M_MQTT_EMBEDDED_PORT: String(port) })
  t.match(await checkOf(alive), { ok: false, code: 'mqtt_port_taken', detail: /mqtt\.url.*mqtt\.embedded\.port/ })
  t.equal(await alive.anew('PATCH', '/settings', { locale: 'uk' }), 200)
  t.match((await alive.ask('GET', '/settings')).body, { failed: null }, 'a change of anything else is kept')
  t.match(await checkOf(alive), { code: 'mqtt_port_taken' })
  await alive.stop()
  const free = await bridge(t, dataDir)
  await eventually('its broker is there', async () => (await checkOf(free)).ok === true)
})
